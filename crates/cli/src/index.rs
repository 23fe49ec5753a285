//! `toolwright index`: the user's documents, for the tool `search`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use indicatif::ProgressBar;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use toolwright_search::{AddReport, Index, Progress, SearchError};
use toolwright_tool::Tool as _;
use toolwright_toolbox::Toolbox;

use crate::{
    args::IndexCommand,
    exit::Exit,
    places::Places,
    progress,
    style::{BAD, BOLD, DIM, harmless, paint},
    toolbox,
};

/// Skipped files that are named; of the rest there is a count.
const NAMED: usize = 20;

/// Files done, as a bar over their bytes.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn found(&self, files: u64, bytes: u64) {
        self.0.set_length(bytes);
        self.0.set_message(format!("{files} files"));
    }

    fn done(&self, files: u64, bytes: u64, path: &Path) {
        self.0.set_position(bytes);
        self.0.set_message(format!("{files} {}", harmless(&path.display().to_string())));
    }
}

/// `toolwright index …`. Ctrl-C stops between two files; what was done stays.
///
/// # Errors
/// When the index cannot be opened or written.
pub async fn command(command: IndexCommand, places: &Places, out: &mut (dyn Write + Send)) -> Result<Exit> {
    if let IndexCommand::Search { query, limit, json } = command {
        return search(&query, limit, json, places, out).await;
    }
    let toolbox = toolbox::open(places)?;
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.cancel();
        }
    });
    // Reading and indexing keeps processors busy; the signal must be heard meanwhile.
    let worked = tokio::task::spawn_blocking(move || work(command, &toolbox, &cancel)).await?;
    let (text, exit) = worked?;
    out.write_all(text.as_bytes())?;
    Ok(exit)
}

/// Does what needs no search, and says what there is to print.
fn work(command: IndexCommand, toolbox: &Toolbox, cancel: &CancellationToken) -> Result<(String, Exit)> {
    let bar = Bar(progress::bytes_bar(0));
    let folder = toolbox.index_folder();
    let opened = || -> Result<Index, SearchError> {
        let (index, notice) = Index::open_or_rebuild(&folder, &bar, cancel)?;
        if let Some(notice) = notice {
            bar.0.suspend(|| writeln!(anstream::stderr(), "{} {}", paint(BAD, "note:"), harmless(&notice)).ok());
        }
        Ok(index)
    };
    let printed = match command {
        IndexCommand::Add { paths } => {
            let index = opened()?;
            let report = index.add(&paths, &bar, cancel)?;
            added(index, &report, toolbox, &bar, cancel)?
        }
        IndexCommand::Rebuild => {
            let (index, report) = Index::rebuild(&folder, &bar, cancel)?;
            added(index, &report, toolbox, &bar, cancel)?
        }
        IndexCommand::Remove { paths } => {
            let removed = opened()?.remove(&paths)?;
            (format!("{removed} files removed\n"), Exit::Ok)
        }
        IndexCommand::List { json } => (list(&opened()?, json)?, Exit::Ok),
        IndexCommand::Search { .. } => (String::new(), Exit::Ok),
    };
    bar.0.finish_and_clear();
    Ok(printed)
}

/// Makes the vectors of what was added, where an embedding model is configured, and says what was done.
fn added(
    index: Index,
    report: &AddReport,
    toolbox: &Toolbox,
    bar: &Bar,
    cancel: &CancellationToken,
) -> Result<(String, Exit)> {
    let passages = index.len()?;
    let tell = |done, total| {
        bar.0.set_length(total);
        bar.0.set_position(done);
        bar.0.set_message("vectors");
    };
    let vectors = if report.cancelled { 0 } else { toolbox.library(index)?.embed(&tell, cancel)? };
    let mut text = summary(report, passages);
    if vectors > 0 {
        text.push_str(&format!("{vectors} vectors made\n"));
    }
    Ok((text, exit(report)))
}

/// Nothing added of all that was named is a failure; a file left out of many is none.
fn exit(report: &AddReport) -> Exit {
    let nothing = report.added + report.unchanged + report.updated + report.removed == 0;
    match report {
        AddReport { cancelled: true, .. } => Exit::Cancelled,
        AddReport { skipped, .. } if nothing && !skipped.is_empty() => Exit::Failed,
        _ => Exit::Ok,
    }
}

fn summary(report: &AddReport, passages: u64) -> String {
    let mut text = format!("{}; {passages} in all\n", report.summary());
    for (path, why) in report.skipped.iter().take(NAMED) {
        let path = harmless(&path.display().to_string());
        text.push_str(&format!("{} {path}: {}\n", paint(DIM, "skipped"), harmless(why)));
    }
    if report.skipped.len() > NAMED {
        text.push_str(&format!("{}\n", paint(DIM, format!("and {} more", report.skipped.len() - NAMED))));
    }
    text
}

fn list(index: &Index, as_json: bool) -> Result<String> {
    let files = index.list()?;
    if as_json {
        let rows: Vec<_> = files
            .iter()
            .map(|file| json!({ "source": file.source, "title": file.title, "passages": file.passages, "bytes": file.size }))
            .collect();
        return Ok(serde_json::to_string_pretty(&rows)? + "\n");
    }
    if files.is_empty() {
        return Ok("the index is empty; add documents with: toolwright index add PATH…\n".into());
    }
    let lines = files.iter().map(|file| format!("{:>7} {}\n", file.passages, harmless(&file.source)));
    Ok(lines.collect())
}

/// As the tool does it, and as a model would read it.
async fn search(
    query: &str,
    limit: usize,
    as_json: bool,
    places: &Places,
    out: &mut (dyn Write + Send),
) -> Result<Exit> {
    let tool = Arc::new(toolbox::open(places)?.search()?);
    let context = toolwright_tool::CallContext::new(toolwright_protocol::CallId(1), &PathBuf::from("nowhere"));
    let output = tool.call(&json!({ "query": query, "limit": limit }), &context).await?;
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(&output.data)?)?;
    } else {
        for line in harmless(output.text.trim_end()).lines() {
            let heading = line.starts_with('[');
            writeln!(out, "{}", if heading { paint(BOLD, line) } else { line.to_owned() })?;
        }
    }
    Ok(Exit::Ok)
}
