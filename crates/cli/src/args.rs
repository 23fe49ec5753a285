//! The command line as typed: raw values only. What they mean is decided in the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

mod eval;
mod tools;

pub use eval::EvalArgs;
pub use tools::{IndexCommand, MemoryCommand, PermissionsCommand, ReachArgs, ToolsArgs, ToolsCommand, TryArgs};

/// A local agent runtime: a model in this process that calls sandboxed tools.
#[derive(Debug, Parser)]
#[command(name = "toolwright", version, about, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 answered · 1 the run failed · 2 wrong usage or input · 3 a budget was spent \
                        before the answer · 4 the model file cannot be used · 130 stopped with Ctrl-C")]
pub struct Cli {
    /// Where runs are kept [default: the user's data directory]
    #[arg(long, global = true, value_name = "DIR", env = "TOOLWRIGHT_DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// Where compiled interpreters are kept [default: the user's cache directory, or in --data-dir]
    #[arg(long, global = true, value_name = "DIR", env = "TOOLWRIGHT_CACHE_DIR", hide_short_help = true)]
    pub cache_dir: Option<PathBuf>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer a question, calling tools on the way
    #[command(visible_alias = "a")]
    Ask(AskArgs),
    /// Look at model files
    #[command(subcommand)]
    Model(ModelCommand),
    /// The tools: list them, try one by hand, add those of others
    Tools(ToolsArgs),
    /// Your documents, for the tool `search`
    #[command(subcommand)]
    Index(IndexCommand),
    /// What the tool `remember` has kept
    #[command(subcommand)]
    Memory(MemoryCommand),
    /// What calls may do without asking
    Permissions {
        #[command(subcommand)]
        command: Option<PermissionsCommand>,
    },
    /// Measure a model on questions with known answers
    Eval(EvalArgs),
    /// List past runs, newest first
    Runs(RunsArgs),
    /// Show what happened in a run
    Show(ShowArgs),
}

#[derive(Debug, Args)]
pub struct AskArgs {
    /// The question; `-` or nothing reads it from standard input
    pub question: Option<String>,

    #[command(flatten)]
    pub model: ModelArgs,

    /// System text above the conversation [default: the model's profile decides]
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,

    /// Tools to offer, comma-separated; `all` or `none` [default: what the model was trained on, or the common ones]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub tools: Option<Vec<String>>,

    #[command(flatten)]
    pub reach: ReachArgs,

    /// Show thoughts, calls and results as they happen (on standard error)
    #[arg(long)]
    pub trace: bool,

    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub sampling: SamplingArgs,

    #[command(flatten)]
    pub limits: LimitArgs,
}

#[derive(Debug, Args)]
pub struct ModelArgs {
    /// A GGUF file, or a folder with config.json, tokenizer.json and safetensors [default: the embedded seed model]
    #[arg(long, value_name = "PATH", env = "TOOLWRIGHT_MODEL")]
    pub model: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sampling")]
pub struct SamplingArgs {
    /// 0 always takes the likeliest token
    #[arg(long, default_value_t = 0.0, value_parser = non_negative, allow_negative_numbers = true)]
    pub temperature: f32,

    /// Seed of the random draws
    #[arg(long, default_value_t = 0)]
    pub seed: u64,

    /// Draw from the K likeliest tokens only; 0 is no limit
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub top_k: usize,

    /// Draw from the likeliest tokens that together have probability P; 1 is no limit
    #[arg(long, value_name = "P", default_value_t = 1.0, value_parser = share)]
    pub top_p: f32,

    /// Drop tokens less likely than P times the likeliest; 0 is no limit
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    pub min_p: f32,

    /// Make tokens seen lately less likely; 1 is off
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = positive, allow_negative_numbers = true)]
    pub repetition_penalty: f32,

    /// Let calls be malformed instead of masking the logits by the tools' schemas
    #[arg(long)]
    pub no_constraint: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Tokens that may be sampled
    #[arg(long, value_name = "N", default_value_t = 1024)]
    pub max_tokens: u64,

    /// Calls that may be made
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub max_calls: u32,

    /// Seconds that the run may take [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    pub max_time: Option<f32>,

    /// Seconds that one call may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = positive)]
    pub call_deadline: f32,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// What a model file holds, and whether this program can run it
    Info {
        /// A GGUF file or a safetensors folder [default: the embedded seed model]
        path: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct RunsArgs {
    /// How many
    #[arg(short = 'n', long, default_value_t = 20)]
    pub limit: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A run's id, or enough of its beginning; `last` is the newest
    pub id: String,
    /// Print every event as one JSON object a line
    #[arg(long)]
    pub json: bool,
}

fn number(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value.is_finite() { Ok(value) } else { Err(format!("`{text}` is not finite")) }
}

fn non_negative(text: &str) -> Result<f32, String> {
    number(text).and_then(|value| if value >= 0.0 { Ok(value) } else { Err("must not be negative".into()) })
}

fn positive(text: &str) -> Result<f32, String> {
    number(text).and_then(positive_value)
}

fn share(text: &str) -> Result<f32, String> {
    probability(text).and_then(positive_value)
}

fn positive_value(value: f32) -> Result<f32, String> {
    if value > 0.0 { Ok(value) } else { Err("must be above 0".into()) }
}

fn probability(text: &str) -> Result<f32, String> {
    number(text)
        .and_then(|value| if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("must be within 0..1".into()) })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
