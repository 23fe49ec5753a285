//! Repository chores: `cargo xtask --help`.

// Chores talk to whoever runs them.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod components;
mod guests;
mod seed_parity;
mod tidy;
mod tokenizers;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about, bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build the components that are committed: the example tool, and the one of the plugin tests
    Components,
    /// Build the interpreters that are committed: Python and JavaScript, as packed wasm
    Guests {
        /// Build this one alone
        #[arg(long)]
        only: Option<guests::Guest>,
        /// Build, and compare with what is committed instead of writing it
        #[arg(long)]
        check: bool,
    },
    /// Check the habits of this repository that neither the compiler nor clippy knows
    Tidy,
    /// Compare greedy decoding of the seed with llama.cpp's on the same file
    SeedParity {
        /// llama.cpp's `llama-simple`, built
        llama_simple: PathBuf,
        /// The model
        #[arg(long, default_value = "models/seed/seed.gguf")]
        model: PathBuf,
    },
    /// Compare tokenizers with llama.cpp's vocabularies and the ids it ships for them
    Tokenizers {
        /// The unpacked source distribution of llama.cpp or llama-cpp-python
        dir: PathBuf,
        /// Show every text that is encoded differently
        #[arg(long)]
        verbose: bool,
    },
}

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the workspace")?;
    match Arguments::parse().chore {
        Chore::Components => components::run(root),
        Chore::Guests { only, check } => guests::run(root, only, check),
        Chore::Tidy => tidy::run(root),
        Chore::SeedParity { llama_simple, model } => seed_parity::run(&llama_simple, &root.join(model)),
        Chore::Tokenizers { dir, verbose } => tokenizers::run(&dir, verbose),
    }
}
