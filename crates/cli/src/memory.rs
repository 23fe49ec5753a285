//! `toolwright memory`: what the tool `remember` has kept.

use std::{io::BufRead as _, io::IsTerminal as _, io::Write, path::Path};

use anyhow::{Result, bail};
use toolwright_memory::Memory;

use crate::{
    Usage,
    args::MemoryCommand,
    style::{BOLD, DIM, harmless, paint},
};

/// `toolwright memory …`.
///
/// # Errors
/// When the memory cannot be opened or changed.
pub fn command(command: MemoryCommand, data_dir: &Path, out: &mut dyn Write) -> Result<()> {
    let memory = Memory::open(data_dir)?;
    match command {
        MemoryCommand::List { json } => {
            let facts = memory.list()?;
            if json {
                return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&facts)?)?);
            }
            if facts.is_empty() {
                writeln!(out, "nothing is remembered; a run does that with the tool `remember`")?;
            }
            for fact in facts {
                let note = format!("{} {}", fact.topic.unwrap_or_default(), fact.created);
                writeln!(
                    out,
                    "{} {} {}",
                    paint(BOLD, fact.id),
                    harmless(&fact.text),
                    paint(DIM, harmless(note.trim()))
                )?;
            }
        }
        MemoryCommand::Forget { id } => match memory.forget(id)? {
            Some(fact) => writeln!(out, "forgotten: {}", harmless(&fact.text))?,
            None => bail!(Usage(format!("there is no fact {id}; see: toolwright memory list"))),
        },
        MemoryCommand::Clear { yes } => {
            if !yes && !confirmed()? {
                bail!(Usage("nothing was forgotten; say --yes to forget all without being asked".into()));
            }
            writeln!(out, "forgot {} facts", memory.clear()?)?;
        }
    }
    Ok(())
}

fn confirmed() -> Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Ok(false);
    }
    write!(anstream::stderr(), "Forget everything? [y/N] ")?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
