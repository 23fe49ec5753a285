//! The terminal program. Flags become a request, notices become text; what a run does is decided in the runtime.

mod args;
mod ask;
mod eval;
mod exit;
mod index;
mod memory;
mod model;
mod permissions;
mod places;
mod plugins;
mod progress;
mod runs;
mod secrets;
mod style;
mod terminal;
mod toolbox;
mod tools;
mod trace;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Result;
use args::{Cli, Command, ModelCommand};
use clap::Parser as _;
use exit::Exit;
use places::Places;

use crate::style::{BAD, harmless, paint};

/// Wrong input, found behind clap: exit code 2.
#[derive(Debug)]
struct Usage(String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn main() -> ExitCode {
    // The prebuilt kernels use these without asking; without them the first product would be an illegal instruction.
    #[cfg(target_arch = "x86_64")]
    if !(is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c")) {
        complain("this processor lacks AVX2, FMA or F16C; build it here with RUSTFLAGS=\"-C target-cpu=native\"");
        return Exit::Failed.into();
    }
    let cli = Cli::parse();
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) if is_broken_pipe(&error) => Exit::Ok.into(),
        Err(error) => {
            complain(&explain(&error));
            let exit = if error.is::<Usage>() {
                Exit::Usage
            } else if error.is::<model::Unusable>() {
                Exit::Model
            } else {
                Exit::Failed
            };
            exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<Exit> {
    let places = Places::resolve(cli.data_dir, cli.cache_dir)?;
    let data_dir = &places.data;
    let out = &mut anstream::stdout();
    match cli.command {
        Command::Ask(args) => return asynchronous()?.block_on(ask::ask(args, &places)),
        Command::Tools(args) => return asynchronous()?.block_on(tools::command(args, &places, out)),
        Command::Index(command) => return asynchronous()?.block_on(index::command(command, &places, out)),
        Command::Eval(args) => return eval::eval(args, &places, out),
        Command::Memory(command) => memory::command(command, data_dir, out)?,
        Command::Permissions { command } => permissions::command(command, data_dir, out)?,
        Command::Model(ModelCommand::Info { path, json }) => model::info(path.as_deref(), json, data_dir, out)?,
        Command::Runs(args) => runs::list(&args, data_dir, out)?,
        Command::Show(args) => runs::show(&args, data_dir, out)?,
    }
    Ok(Exit::Ok)
}

fn asynchronous() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// The error and its causes, each once: many messages end with that of their cause.
fn explain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

fn complain(message: &str) {
    // Nothing can be done where even standard error is closed.
    writeln!(anstream::stderr(), "{} {}", paint(BAD, "toolwright:"), harmless(message)).ok();
}

/// `toolwright runs | head` is not an error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let error = anyhow::Error::new(io::Error::other("no such file")).context("cannot read x: no such file");
        assert_eq!(explain(&error), "cannot read x: no such file");
        assert_eq!(explain(&anyhow::anyhow!("disk full").context("cannot write")), "cannot write: disk full");
    }
}
