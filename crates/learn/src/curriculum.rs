//! What is taught, and how much of each.

use std::path::Path;

use crate::{
    Entry, Mixture, RealTools, read_folder,
    sources::{
        Chats, Checks, Code, Dates, Foreign, Inlines, Lookups, Plans, Readings, Relations, Source, Sums, Written, gsm,
    },
};
use anyhow::{Result, ensure};

/// The wordings of a folder, and the problems of GSM8K if its file is given: those that are held out, or the others.
///
/// # Errors
/// When a file cannot be read; names the line.
pub fn entries(folder: &Path, gsm8k: Option<&Path>, held_out: bool) -> Result<Vec<Entry>> {
    let mut entries = read_folder(folder)?;
    if let Some(path) = gsm8k {
        entries.extend(gsm::read(path)?.into_iter().map(Entry::Gsm));
    }
    entries.retain(|entry| entry.is_held_out() == held_out);
    Ok(entries)
}

/// Each kind with its share of the episodes; of `only` these kinds, if any are named.
///
/// # Errors
/// On a kind that there is not.
pub fn mixture(entries: &[Entry], only: &[String], tools: &RealTools) -> Result<Mixture> {
    let all = || entries.iter().cloned();
    let of = |wanted: fn(&Entry) -> bool| entries.iter().filter(move |entry| wanted(entry)).cloned();
    let word = |steps: std::ops::RangeInclusive<usize>| {
        let fits = move |entry: &&Entry| matches!(entry, Entry::Word(problem) if steps.contains(&problem.steps.len()));
        entries.iter().filter(fits).cloned()
    };
    let gsm = entries.iter().filter_map(|entry| match entry {
        Entry::Gsm(problem) => Some(Entry::Word(problem.clone())),
        _ => None,
    });
    let shares: Vec<(f64, Box<dyn Source>)> = vec![
        (0.13, Box::new(Written::new("calc", of(|entry| matches!(entry, Entry::Calc(_)))))),
        (0.04, Box::new(Sums)),
        (0.13, Box::new(Written::new("word_1", word(1..=1)))),
        (0.15, Box::new(Written::new("word_2", word(2..=2)))),
        (0.09, Box::new(Written::new("word_3", word(3..=9)))),
        (0.12, Box::new(Written::new("gsm8k", gsm))),
        (0.05, Box::new(Written::new("direct", of(|entry| matches!(entry, Entry::Direct(_)))))),
        (0.03, Box::new(Dates::new(all()))),
        (0.08, Box::new(Relations::new(all()))),
        (0.035, Box::new(Readings::new(all()))),
        (0.015, Box::new(Lookups::new(all(), &|query| tools.search(query)))),
        (0.03, Box::new(Code::new(all(), &|arguments| tools.python(arguments)))),
        (0.05, Box::new(Foreign::new(all()))),
        (0.015, Box::new(Chats::new(all()))),
        (0.01, Box::new(Inlines::new(all()))),
        (0.01, Box::new(Plans::new(all()))),
        (0.01, Box::new(Checks::new(all()))),
    ];
    let known: Vec<&str> = shares.iter().map(|(_, source)| source.name()).collect();
    for name in only {
        ensure!(known.contains(&name.as_str()), "there is no source {name}; there are {}", known.join(", "));
    }
    let wanted = |source: &dyn Source| only.is_empty() || only.iter().any(|name| name == source.name());
    let shares = shares.into_iter().filter(|(_, source)| wanted(source.as_ref())).collect();
    Ok(Mixture::new(shares, tools.offered()))
}
