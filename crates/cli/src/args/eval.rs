use std::path::PathBuf;

use clap::Args;

use super::ModelArgs;

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// seed, svamp, asdiv, mawps, gsm8k, bfcl, xquad or humaneval
    pub suite: String,

    /// The file or folder that the suite comes in; for `seed`, the folder of the wordings
    pub path: PathBuf,

    #[command(flatten)]
    pub model: ModelArgs,

    /// Offer no tools: what the model knows by itself
    #[arg(long)]
    pub no_tools: bool,

    /// Do not hold calls to the tools' schemas while they are written
    #[arg(long)]
    pub no_constraint: bool,

    /// Ask at most so many; of each category, in the suite `seed` [default: all; 100 of each in `seed`]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,

    /// Of the numbers and names that the suite `seed` draws
    #[arg(long, value_name = "N", default_value_t = 20_261_125)]
    pub seed: u64,

    /// List so many of the answers that were not right [default: 10]
    #[arg(long, value_name = "N")]
    pub failures: Option<usize>,

    /// Write everything to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}
