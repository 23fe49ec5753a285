//! `toolwright eval`: questions with known answers, asked through the runtime.

use std::{fs, io::Write};

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;
use toolwright_eval::{Case, Category, Judge, Report, Setting, Suite};
use toolwright_runtime::Runtime;

use crate::{
    Usage,
    args::EvalArgs,
    asynchronous,
    exit::Exit,
    model,
    places::Places,
    style::{BOLD, DIM, harmless, paint},
    toolbox,
};

/// Failures that are listed, if nothing is said.
const SHOWN: usize = 10;

/// Runs a suite and prints its scores.
///
/// # Errors
/// When the suite or the model cannot be read, and where a run cannot start.
pub fn eval(args: EvalArgs, places: &Places, out: &mut dyn Write) -> Result<Exit> {
    let suite: Suite = args.suite.parse().map_err(|error| Usage(format!("{error}")))?;
    // Runs of a measurement are no runs of the user's: they are not kept.
    let scratch = tempfile::tempdir().context("there is no folder for what the suite needs")?;
    let setting = Setting {
        path: args.path.clone(),
        limit: args.limit,
        seed: args.seed,
        cache: places.cache.clone(),
        scratch: scratch.path().to_owned(),
    };
    let cases = suite.cases(&setting).map_err(|error| Usage(error.to_string()))?;
    let model = model::load(args.model.model.as_deref(), &places.data)?;
    let name = model.name.clone();
    let measured = Places { data: scratch.path().to_owned(), ..places.clone() };
    let toolbox = toolbox::open(&measured)?;
    let usual = toolbox::choose(&toolbox, None, &model)?;
    let python = toolbox::named(&toolbox, &["run_python"])?.get("run_python").cloned();
    let mut judge = Judge::new(Runtime::open(model, scratch.path())?, usual);
    if let Some(python) = python {
        judge = judge.with_python(python);
    }
    if args.no_tools {
        judge = judge.without_tools();
    }
    if args.no_constraint {
        judge = judge.unconstrained();
    }
    let (report, stopped) = asynchronous()?.block_on(ask_all(&judge, &cases))?;
    let tools = if args.no_tools { "without tools" } else { "with tools" };
    writeln!(out, "{} {}", paint(BOLD, suite.name()), paint(DIM, format!("{}, {tools}", harmless(&name))))?;
    print_scores(&report, out)?;
    print_failures(&report, args.failures.unwrap_or(SHOWN), out)?;
    if let Some(path) = &args.json {
        let text =
            serde_json::json!({ "suite": suite.name(), "model": name, "tools": !args.no_tools, "report": report });
        fs::write(path, format!("{text:#}\n")).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if stopped { Exit::Cancelled } else { Exit::Ok })
}

/// Asks one after another, as a user would. Ctrl-C ends with what there is.
async fn ask_all(judge: &Judge, cases: &[Case]) -> Result<(Report, bool)> {
    let bar = ProgressBar::new(cases.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {eta} {wide_msg}") {
        bar.set_style(style);
    }
    let cancel = CancellationToken::new();
    let watcher = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            watcher.cancel();
        }
    });
    let mut report = Report::default();
    for case in cases {
        let verdict = judge.ask(case, &cancel).await?;
        if cancel.is_cancelled() {
            break;
        }
        report.add(case, verdict);
        bar.inc(1);
        bar.set_message(format!("{:.1} % right", report.total.share * 100.0));
    }
    bar.finish_and_clear();
    Ok((report, cancel.is_cancelled()))
}

fn print_scores(report: &Report, out: &mut dyn Write) -> Result<()> {
    let width = report.categories.keys().map(String::len).max().unwrap_or(0).max(5);
    if report.categories.len() > 1 {
        for (name, category) in &report.categories {
            writeln!(out, "  {name:width$}  {}", score(category))?;
        }
    }
    writeln!(out, "  {:width$}  {}", "all", paint(BOLD, score(&report.total)))?;
    Ok(())
}

fn score(category: &Category) -> String {
    let Category { cases, right, share, interval: (low, high) } = category;
    let percent = |share: f64| share * 100.0;
    format!("{:5.1} %  {right} of {cases}  (95 %: {:.1} to {:.1})", percent(*share), percent(*low), percent(*high))
}

fn print_failures(report: &Report, most: usize, out: &mut dyn Write) -> Result<()> {
    let failures: Vec<_> = report.failures().collect();
    for line in failures.iter().take(most) {
        writeln!(out, "\n{} {}", paint(BOLD, harmless(&line.id)), paint(DIM, harmless(&line.reason)))?;
        for (what, text) in [("asked", &line.question), ("right", &line.expected), ("said", &line.answer)] {
            writeln!(out, "  {what:6} {}", harmless(text).replace('\n', "\n         "))?;
        }
        for call in &line.calls {
            writeln!(out, "  {:6} {}", "called", harmless(call))?;
        }
    }
    if failures.len() > most && most > 0 {
        let rest = failures.len() - most;
        writeln!(
            out,
            "\n{}",
            paint(DIM, format!("and {rest} more: --failures {}, or all with --json FILE", failures.len()))
        )?;
    }
    Ok(())
}
