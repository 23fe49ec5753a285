//! `toolwright runs` and `toolwright show`: what the journal knows.

use std::{io::Write, path::Path};

use anyhow::Result;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;
use toolwright_journal::{Journal, RunId, RunSummary};
use toolwright_protocol::{Event, RunStatus};

use crate::{
    args::{RunsArgs, ShowArgs},
    style::{BAD, BOLD, DIM, RESULT, harmless, paint},
    trace,
};

/// Lists runs, newest first.
///
/// # Errors
/// When the journal cannot be read or the output cannot be written.
pub fn list(args: &RunsArgs, data_dir: &Path, out: &mut dyn Write) -> Result<()> {
    let runs = Journal::open(data_dir)?.runs(args.limit)?;
    if args.json {
        let rows: Vec<_> = runs.iter().map(as_json).collect();
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?);
    }
    if runs.is_empty() {
        writeln!(out, "no runs yet in {}; start one with: toolwright ask \"…\"", data_dir.display())?;
    }
    for run in &runs {
        let state = match &run.status {
            Some(RunStatus::Done) => paint(RESULT, "done     "),
            Some(RunStatus::BudgetSpent { .. }) => paint(BAD, "budget   "),
            Some(RunStatus::Cancelled) => paint(BAD, "cancelled"),
            Some(RunStatus::Failed { .. }) => paint(BAD, "failed   "),
            None => paint(BAD, "cut off  "),
        };
        let question = one_line(run.question.as_deref().unwrap_or("(no question)"), 44);
        let answer = one_line(run.answer.as_deref().unwrap_or(""), 44);
        let id = paint(BOLD, run.id);
        writeln!(out, "{id}  {}  {state}  {question:<44}  {}", clock(run.started_ms), paint(DIM, answer))?;
    }
    Ok(())
}

/// Shows one run, event by event.
///
/// # Errors
/// When there is no such run, or the journal cannot be read or the output cannot be written.
pub fn show(args: &ShowArgs, data_dir: &Path, out: &mut dyn Write) -> Result<()> {
    let journal = Journal::open(data_dir)?;
    let id = find(&journal, &args.id)?;
    let records = journal.records(&id)?;
    if args.json {
        for record in records {
            // Spliced into the object by hand, so that the event's own text stays byte for byte.
            let (sequence, at_ms, event) = (record.sequence, record.at_ms, record.body);
            writeln!(out, "{{\"sequence\":{sequence},\"at_ms\":{at_ms},\"event\":{event}}}")?;
        }
        return Ok(());
    }
    writeln!(out, "{} {}  {}", paint(DIM, "run   "), paint(BOLD, id), clock(journal.run(&id)?.started_ms))?;
    let mut ended = false;
    for record in records {
        let Ok(event) = record.event() else {
            writeln!(out, "{} an event that only a newer version can read", paint(DIM, record.kind))?;
            continue;
        };
        ended |= matches!(event, Event::RunEnded { .. });
        if let Event::RunStarted { config } = &event {
            let hash = config.model_hash.get(..12).unwrap_or(&config.model_hash);
            let tools: Vec<_> = config.tools.iter().map(|tool| tool.name.as_str()).collect();
            let tools = if tools.is_empty() { "none".to_owned() } else { tools.join(", ") };
            let sampling = format!("temperature {}, seed {}", config.temperature, config.seed);
            let text = format!("{} (blake3 {hash}…); tools: {tools}; {sampling}", harmless(&config.model));
            writeln!(out, "{} {}", paint(DIM, "with  "), paint(DIM, text))?;
        }
        if let Some(lines) = trace::lines(&event) {
            writeln!(out, "{lines}")?;
        }
    }
    if !ended {
        writeln!(out, "{} the run was cut off here, or is still at work", paint(BAD, "…     "))?;
    }
    Ok(())
}

fn find(journal: &Journal, id: &str) -> Result<RunId> {
    if id == "last"
        && let Some(newest) = journal.runs(1)?.into_iter().next()
    {
        return Ok(newest.id);
    }
    Ok(journal.find(id)?)
}

fn as_json(run: &RunSummary) -> serde_json::Value {
    json!({
        "run": run.id,
        "started_ms": run.started_ms,
        "question": run.question,
        "status": run.status,
        "answer": run.answer,
        "calls": run.calls,
        "usage": run.usage,
    })
}

fn clock(at_ms: i64) -> String {
    match Timestamp::from_millisecond(at_ms) {
        Ok(at) => at.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "(no date)".to_owned(),
    }
}

fn one_line(text: &str, width: usize) -> String {
    let text = harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width - 1).chain(['…']).collect()
}
