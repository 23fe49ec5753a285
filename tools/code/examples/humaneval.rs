//! Runs the canonical solutions of HumanEval with their tests through `run_python`: how many of them pass, and why the
//! others do not.
//!
//! ```text
//! cargo run --release -p toolwright-code --example humaneval -- HumanEval.jsonl
//! ```
//!
//! The file is <https://github.com/openai/human-eval>'s, unpacked: a problem on each line.

#![allow(clippy::print_stdout, reason = "a program that reports")]

use std::{fs, path::Path, process::ExitCode, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::json;
use toolwright_code::{CodeConfig, CodeTool, Silent};
use toolwright_protocol::CallId;
use toolwright_sandbox::{Sandbox, SandboxConfig};
use toolwright_tool::{CallContext, Tool as _, ToolError, ToolOutput};

#[derive(Deserialize)]
struct Problem {
    task_id: String,
    prompt: String,
    entry_point: String,
    canonical_solution: String,
    test: String,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let path = std::env::args().nth(1).context("usage: humaneval HumanEval.jsonl")?;
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let problems: Vec<Problem> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp/compiled");
    let sandbox = Sandbox::new(SandboxConfig { cache, max_concurrent: 1 })?;
    let tool = CodeTool::python(sandbox, CodeConfig::default(), Arc::new(Silent));
    tool.prepare().await?;

    let (started, mut passed) = (Instant::now(), 0);
    for (number, problem) in (1..).zip(&problems) {
        let folder = tempfile::tempdir()?;
        let arguments = json!({
            "code": format!("{}{}", problem.prompt, problem.canonical_solution),
            "tests": format!("{}\n\ncheck({})\n", problem.test, problem.entry_point),
        });
        let output = match tool.call(&arguments, &CallContext::new(CallId(number), folder.path())).await {
            Ok(output) => output,
            Err(ToolError::Respond(text)) => ToolOutput::text(text).as_error(),
            Err(ToolError::Fatal(reason)) => anyhow::bail!(reason),
        };
        let verdict = output.data.as_ref().map(|data| &data["tests"]);
        let all =
            verdict.is_some_and(|verdict| verdict["total"].as_u64() > Some(0) && verdict["passed"] == verdict["total"]);
        if all && !output.is_error {
            passed += 1;
        } else {
            println!("{}:\n{}\n", problem.task_id, output.text);
        }
    }
    println!("{passed} of {} pass, in {:.1?}", problems.len(), started.elapsed());
    Ok(if passed == problems.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
