//! What is taught, and how much of each.

use std::path::Path;

use crate::{
    Entry, Mixture, RealTools, read_folder,
    sources::{
        Chats, Checks, Code, Dates, Foreign, Inlines, Lookups, Plans, Readings, Relations, Source, Sums, Written, gsm,
    },
};
use anyhow::{Result, ensure};

/// Makes a source.
type Make<'a> = &'a dyn Fn() -> Box<dyn Source>;

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
    let gsm = || {
        entries.iter().filter_map(|entry| match entry {
            Entry::Gsm(problem) => Some(Entry::Word(problem.clone())),
            _ => None,
        })
    };
    // Made only where they are wanted: some run every program of their wordings first.
    let kinds: [(f64, &str, Make<'_>); 17] = [
        (0.13, "calc", &|| Box::new(Written::new("calc", of(|entry| matches!(entry, Entry::Calc(_)))))),
        (0.04, "sums", &|| Box::new(Sums)),
        (0.13, "word_1", &|| Box::new(Written::new("word_1", word(1..=1)))),
        (0.15, "word_2", &|| Box::new(Written::new("word_2", word(2..=2)))),
        (0.09, "word_3", &|| Box::new(Written::new("word_3", word(3..=9)))),
        (0.12, "gsm8k", &|| Box::new(Written::new("gsm8k", gsm()))),
        (0.05, "direct", &|| Box::new(Written::new("direct", of(|entry| matches!(entry, Entry::Direct(_)))))),
        (0.03, "dates", &|| Box::new(Dates::new(all()))),
        (0.08, "relations", &|| Box::new(Relations::new(all()))),
        (0.035, "reading", &|| Box::new(Readings::new(all()))),
        (0.015, "lookups", &|| Box::new(Lookups::new(all(), &|query| tools.search(query)))),
        (0.03, "code", &|| Box::new(Code::new(all(), &|arguments| tools.python(arguments)))),
        (0.05, "foreign", &|| Box::new(Foreign::new(all()))),
        (0.015, "chats", &|| Box::new(Chats::new(all()))),
        (0.01, "inline", &|| Box::new(Inlines::new(all()))),
        (0.01, "plans", &|| Box::new(Plans::new(all()))),
        (0.01, "checks", &|| Box::new(Checks::new(all()))),
    ];
    let known = kinds.map(|(_, name, _)| name);
    for name in only {
        ensure!(known.contains(&name.as_str()), "there is no source {name}; there are {}", known.join(", "));
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one == name);
    let shares =
        kinds.into_iter().filter(|(_, name, _)| wanted(name)).map(|(share, _, make)| (share, make())).collect();
    Ok(Mixture::new(shares, tools.offered()))
}
