//! `cargo run --release -p toolwright-learn -- …`: writes the curriculum for the trainer, or shows some of it.

// A program that talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use indicatif::ProgressBar;
use toolwright_engine::Tokenizer;
use toolwright_learn::{
    Entry, Mixture, Names, Writer, read_folder,
    shards::{self, Shard},
    sources::{Dates, Offered, Relations, Source, Written},
};
use toolwright_runtime::Voice;
use toolwright_tool::Tool as _;

#[derive(Parser)]
#[command(about, bin_name = "cargo run --release -p toolwright-learn --")]
struct Arguments {
    /// The wordings
    #[arg(long, default_value = "crates/learn/data/phrasings", global = true)]
    phrasings: PathBuf,
    /// The tokenizer of the model that is to be trained
    #[arg(long, default_value = "models/seed/tokenizer.json", global = true)]
    tokenizer: PathBuf,
    /// Its chat template
    #[arg(long, default_value = "models/seed/chat_template.jinja", global = true)]
    template: PathBuf,
    /// Of everything that is drawn
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    /// The wordings and names that are kept for measuring, instead of those for training
    #[arg(long, global = true)]
    held_out: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write shards; those that are there already stay, so a set that was cut short goes on
    Shards {
        /// The folder
        out: PathBuf,
        /// How many
        #[arg(long, default_value_t = 10)]
        count: usize,
        /// Tokens of each
        #[arg(long, default_value_t = 1_000_000)]
        tokens: usize,
    },
    /// Print episodes; what is learnt stands between « and »
    Show {
        /// How many
        #[arg(long, default_value_t = 5)]
        count: u64,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let tokenizer = fs::read(&arguments.tokenizer).with_context(|| arguments.tokenizer.display().to_string())?;
    let template = fs::read_to_string(&arguments.template).with_context(|| arguments.template.display().to_string())?;
    let voice = Voice::new(Tokenizer::from_tokenizer_json(&tokenizer)?, Some(&template))?;
    let entries = read_folder(&arguments.phrasings)?;
    let entries: Vec<Entry> = entries.into_iter().filter(|entry| entry.is_held_out() == arguments.held_out).collect();
    eprintln!("{} wordings", entries.len());
    let mixture = mixture(&entries)?;
    let names = if arguments.held_out { Names::HeldOut } else { Names::Trained };
    let writer = Writer::new(&voice);
    match arguments.command {
        Command::Show { count } => {
            for index in 0..count {
                let episode = mixture.episode(arguments.seed, index, names).context("no source makes episodes")?;
                let sample = writer.write(&episode)?;
                let mut learned = false;
                println!("--- {} ({} tokens)", episode.source, sample.tokens.len());
                for (token, flag) in sample.tokens.iter().zip(&sample.learned) {
                    if *flag != learned {
                        print!("{}", if *flag { "«" } else { "»" });
                        learned = *flag;
                    }
                    print!("{}", String::from_utf8_lossy(voice.tokenizer.token_bytes(*token)));
                }
                println!("{}", if learned { "»" } else { "" });
            }
        }
        Command::Shards { out, count, tokens } => {
            ensure!(tokens > 0, "--tokens must be more than 0");
            let bar = ProgressBar::new((count * tokens) as u64);
            let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
            for number in 0..count {
                if !shards::exists(&out, number) {
                    let mut shard = Shard::default();
                    // Each shard has a range of episodes of its own.
                    let mut index = (number as u64) << 32;
                    while shard.len() < tokens {
                        let episode =
                            mixture.episode(arguments.seed, index, names).context("no source makes episodes")?;
                        let sample = writer.write(&episode)?;
                        *sources.entry(episode.source).or_default() += sample.tokens.len();
                        shard.add(&sample)?;
                        index += 1;
                        bar.set_position((number * tokens + shard.len()) as u64);
                    }
                    shard.write(&out, number)?;
                }
                bar.set_position(((number + 1) * tokens) as u64);
            }
            bar.finish_and_clear();
            for (source, tokens) in sources {
                println!("{tokens:>12} {source}");
            }
        }
    }
    Ok(())
}

/// What the wordings give, each kind with its share.
fn mixture(entries: &[Entry]) -> Result<Mixture> {
    let of = |wanted: fn(&Entry) -> bool| entries.iter().filter(move |entry| wanted(entry)).cloned();
    let word = |steps: std::ops::RangeInclusive<usize>| {
        entries
            .iter()
            .filter(move |entry| matches!(entry, Entry::Word(problem) if steps.contains(&problem.steps.len())))
    };
    let shares: Vec<(f64, Box<dyn Source>)> = vec![
        (0.22, Box::new(Written::new("calc", of(|entry| matches!(entry, Entry::Calc(_)))))),
        (0.16, Box::new(Written::new("word_1", word(1..=1).cloned()))),
        (0.20, Box::new(Written::new("word_2", word(2..=2).cloned()))),
        (0.14, Box::new(Written::new("word_3", word(3..=9).cloned()))),
        (0.08, Box::new(Written::new("direct", of(|entry| matches!(entry, Entry::Direct(_)))))),
        (0.05, Box::new(Dates::new(entries.iter().cloned()))),
        (0.15, Box::new(Relations::new(entries.iter().cloned()))),
    ];
    let calculator = toolwright_calculator::Calculator::new().spec().clone();
    let datetime = toolwright_datetime::Datetime::new(toolwright_datetime::Clock::default()).spec().clone();
    let search =
        toolwright_search::SearchTool::with_web(true, std::path::Path::new("nowhere"), None, None).spec().clone();
    Ok(Mixture::new(shares, Offered::new(vec![calculator, search, datetime])))
}
