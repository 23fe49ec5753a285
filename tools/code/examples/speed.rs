//! How long a small program takes: in a process that has run one before, and in a new one; and how that compares with a
//! `python3` of the host's, which is measured in the same minutes, since machines differ.
//!
//! ```text
//! cargo run --release -p toolwright-code --example speed
//! ```

#![allow(clippy::print_stdout, reason = "a program that reports")]

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use toolwright_code::{CodeConfig, CodeTool, Silent};
use toolwright_protocol::CallId;
use toolwright_sandbox::{Sandbox, SandboxConfig};
use toolwright_tool::{CallContext, Tool as _};

/// Runs of each, of which the median counts.
const RUNS: usize = 51;
const LANGUAGES: [(&str, &str); 2] = [("python", "print(1)"), ("javascript", "console.log(1)")];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp/compiled");
    let sandbox = Sandbox::new(SandboxConfig { cache, max_concurrent: 1 })?;
    let make = |language: &str| match language {
        "python" => CodeTool::python(sandbox.clone(), CodeConfig::default(), Arc::new(Silent)),
        _ => CodeTool::javascript(sandbox.clone(), CodeConfig::default(), Arc::new(Silent)),
    };
    // A new process, which the first one measures.
    if let Some(language) = std::env::args().nth(1) {
        let (_, code) = LANGUAGES.into_iter().find(|(name, _)| *name == language).context("no such language")?;
        return run(&make(&language), code).await;
    }

    let itself = std::env::current_exe()?;
    let mut rows = Vec::new();
    for (language, code) in LANGUAGES {
        let tool = make(language);
        tool.prepare().await?;
        let mut warm = Vec::new();
        for _ in 0..RUNS {
            let started = Instant::now();
            run(&tool, code).await?;
            warm.push(started.elapsed());
        }
        rows.push((format!("{language}, warm"), median(warm)));
        rows.push((format!("{language}, new process"), processes(Command::new(&itself).arg(language))?));
    }
    let host = processes(Command::new("python3").args(["-I", "-c", "print(1)"])).ok();
    if let Some(host) = host {
        rows.push(("python3 -I -c of the host".to_owned(), host));
    }
    println!("print(1)                         median  of the host's python3");
    for (name, median) in rows {
        let ratio = host.map_or_else(String::new, |host| format!("{:.3}", median.as_secs_f64() / host.as_secs_f64()));
        println!("{name:<28} {:>7.2} ms  {ratio}", median.as_secs_f64() * 1e3);
    }
    Ok(())
}

/// One call in a workspace of its own.
async fn run(tool: &CodeTool, code: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let output = tool.call(&json!({ "code": code }), &CallContext::new(CallId(1), folder.path())).await?;
    ensure!(output.text == "1", "it printed {:?}", output.text);
    Ok(())
}

/// From the start of the process to its end.
fn processes(command: &mut Command) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let started = Instant::now();
        ensure!(command.stdout(Stdio::null()).status()?.success(), "{command:?} failed");
        times.push(started.elapsed());
    }
    Ok(median(times))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
