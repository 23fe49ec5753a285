//! Programs through the real tools: one binary, so that the interpreters are compiled once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test may stop at the first error")]

mod cases;
mod concurrent;
mod errors;
mod hostile;
mod sessions;
mod verdicts;

use std::{path::Path, sync::OnceLock};

use serde_json::{Value, json};
use toolwright_code::{CodeConfig, CodeTool, Silent};
use toolwright_protocol::CallId;
use toolwright_sandbox::{Sandbox, SandboxConfig};
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

/// How many guests run at the same time.
const PLACES: usize = 4;

/// One sandbox for all tests, with a cache that stays until the next time.
fn sandbox() -> Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let make = || {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        Sandbox::new(SandboxConfig { cache, max_concurrent: PLACES }).unwrap()
    };
    SANDBOX.get_or_init(make).clone()
}

fn python(config: CodeConfig) -> CodeTool {
    CodeTool::python(sandbox(), config, std::sync::Arc::new(Silent))
}

fn javascript(config: CodeConfig) -> CodeTool {
    CodeTool::javascript(sandbox(), config, std::sync::Arc::new(Silent))
}

/// A call in a folder; what is told to the model as an error of the call is an output too.
async fn call(tool: &CodeTool, number: u32, folder: &Path, arguments: Value) -> ToolOutput {
    match tool.call(&arguments, &CallContext::new(CallId(number), folder)).await {
        Ok(output) => output,
        Err(ToolError::Respond(text)) => ToolOutput::text(text).as_error(),
        Err(ToolError::Fatal(reason)) => panic!("{reason}"),
    }
}

/// A program by itself, in a folder of its own.
async fn run(tool: &CodeTool, code: &str) -> ToolOutput {
    let folder = tempfile::tempdir().unwrap();
    call(tool, 1, folder.path(), json!({ "code": code })).await
}

/// The data beside an output's text.
fn data(output: &ToolOutput) -> &Value {
    output.data.as_ref().unwrap_or(&Value::Null)
}
