//! `cargo run --release -p toolwright-learn -- …`: writes the curriculum for the trainer, or shows some of it.

// A program that talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use indicatif::ProgressBar;
use toolwright_engine::Tokenizer;
use toolwright_learn::{
    Episode, Mixture, Names, RealTools, Writer, curriculum,
    shards::{self, Shard},
};
use toolwright_runtime::Voice;

#[derive(Parser)]
#[command(about, bin_name = "cargo run --release -p toolwright-learn --")]
struct Arguments {
    /// The wordings
    #[arg(long, default_value = "crates/learn/data/phrasings", global = true)]
    phrasings: PathBuf,
    /// GSM8K's train.jsonl, for its problems with their numbers redrawn
    #[arg(long, global = true)]
    gsm8k: Option<PathBuf>,
    /// The tokenizer of the model that is to be trained
    #[arg(long, default_value = "models/seed/tokenizer.json", global = true)]
    tokenizer: PathBuf,
    /// Its chat template
    #[arg(long, default_value = "models/seed/chat_template.jinja", global = true)]
    template: PathBuf,
    /// Where compiled guests are kept
    #[arg(long, default_value = "target/tmp/toolwright-cache", global = true)]
    cache: PathBuf,
    /// Of everything that is drawn
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    /// Only these kinds of episodes
    #[arg(long, global = true)]
    only: Vec<String>,
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
        /// Number of the first
        #[arg(long, default_value_t = 0)]
        from: usize,
    },
    /// Print episodes; what is learnt stands between « and »
    Show {
        /// How many
        #[arg(long, default_value_t = 5)]
        count: u64,
    },
    /// Write the texts of episodes, one JSON string a line, for training a tokenizer
    Texts {
        /// The file
        out: PathBuf,
        /// How many
        #[arg(long, default_value_t = 40_000)]
        count: u64,
    },
    /// Write episodes as JSON lines, for measuring: the source, the tools, the turns
    Episodes {
        /// The file
        out: PathBuf,
        /// How many
        #[arg(long, default_value_t = 1000)]
        count: u64,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let tokenizer = fs::read(&arguments.tokenizer).with_context(|| arguments.tokenizer.display().to_string())?;
    let template = fs::read_to_string(&arguments.template).with_context(|| arguments.template.display().to_string())?;
    let voice = Voice::new(Tokenizer::from_tokenizer_json(&tokenizer)?, Some(&template))?.terse();
    let names = if arguments.held_out { Names::HeldOut } else { Names::Trained };
    let tools = RealTools::open(&arguments.cache)?;
    let entries = curriculum::entries(&arguments.phrasings, arguments.gsm8k.as_deref(), arguments.held_out)?;
    eprintln!("{} wordings", entries.len());
    let mixture = curriculum::mixture(&entries, &arguments.only, &tools)?;
    let made = Maker { mixture, seed: arguments.seed, names };
    let writer = Writer::new(&voice);
    match arguments.command {
        Command::Show { count } => show(&made, &writer, &voice, count),
        Command::Shards { out, count, tokens, from } => write_shards(&made, &writer, &out, from..from + count, tokens),
        Command::Texts { out, count } => {
            let mut file = BufWriter::new(fs::File::create(&out)?);
            for index in 0..count {
                let sample = writer.write(&made.episode(index)?)?;
                let bytes: Vec<u8> =
                    sample.tokens.iter().flat_map(|token| voice.tokenizer.token_bytes(*token).to_vec()).collect();
                serde_json::to_writer(&mut file, &String::from_utf8_lossy(&bytes))?;
                writeln!(file)?;
            }
            Ok(file.flush()?)
        }
        Command::Episodes { out, count } => {
            let mut file = BufWriter::new(fs::File::create(&out)?);
            for index in 0..count {
                serde_json::to_writer(&mut file, &made.episode(index)?)?;
                writeln!(file)?;
            }
            Ok(file.flush()?)
        }
    }
}

/// Makes the episodes of one seed.
struct Maker {
    mixture: Mixture,
    seed: u64,
    names: Names,
}

impl Maker {
    fn episode(&self, index: u64) -> Result<Episode> {
        self.mixture.episode(self.seed, index, self.names).context("no source makes episodes")
    }
}

fn show(made: &Maker, writer: &Writer<'_>, voice: &Voice, count: u64) -> Result<()> {
    for index in 0..count {
        let episode = made.episode(index)?;
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
    Ok(())
}

fn write_shards(
    made: &Maker,
    writer: &Writer<'_>,
    out: &std::path::Path,
    numbers: std::ops::Range<usize>,
    tokens: usize,
) -> Result<()> {
    ensure!(tokens > 0, "--tokens must be more than 0");
    let bar = ProgressBar::new((numbers.len() * tokens) as u64);
    let mut sources: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (done, number) in numbers.enumerate() {
        if !shards::exists(out, number) {
            let mut shard = Shard::default();
            // Each shard has a range of episodes of its own.
            let mut index = (number as u64) << 32;
            while shard.len() < tokens {
                let episode = made.episode(index)?;
                let sample = writer.write(&episode)?;
                let (episodes, written) = sources.entry(episode.source).or_default();
                *episodes += 1;
                *written += sample.tokens.len();
                shard.add(&sample)?;
                index += 1;
                bar.set_position((done * tokens + shard.len()) as u64);
            }
            shard.write(out, number)?;
        }
        bar.set_position(((done + 1) * tokens) as u64);
    }
    bar.finish_and_clear();
    println!("{:>9} {:>12}  source", "episodes", "tokens");
    for (source, (episodes, tokens)) in sources {
        println!("{episodes:>9} {tokens:>12}  {source}");
    }
    Ok(())
}
