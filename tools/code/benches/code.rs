//! A small program through the tools, warm, beside a Python of the host's. `examples/speed.rs` prints the ratios.
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use toolwright_code::{CodeConfig, CodeTool, Silent};
use toolwright_protocol::CallId;
use toolwright_sandbox::{Sandbox, SandboxConfig};
use toolwright_tool::{CallContext, Tool as _};

fn main() {
    divan::main();
}

/// Calls the tool again and again, in one workspace.
fn warm(bencher: divan::Bencher<'_, '_>, make: fn(Sandbox, CodeConfig, Arc<Silent>) -> CodeTool, arguments: &Value) {
    let runtime = Runtime::new().unwrap();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let sandbox = Sandbox::new(SandboxConfig { cache, max_concurrent: 2 }).unwrap();
    let (tool, folder) = (make(sandbox, CodeConfig::default(), Arc::new(Silent)), tempfile::tempdir().unwrap());
    let context = CallContext::new(CallId(1), folder.path());
    let call = || runtime.block_on(tool.call(arguments, &context)).unwrap();
    assert!(!call().is_error);
    bencher.bench(call);
}

fn python(sandbox: Sandbox, config: CodeConfig, progress: Arc<Silent>) -> CodeTool {
    CodeTool::python(sandbox, config, progress)
}

fn javascript(sandbox: Sandbox, config: CodeConfig, progress: Arc<Silent>) -> CodeTool {
    CodeTool::javascript(sandbox, config, progress)
}

#[divan::bench]
fn python_prints(bencher: divan::Bencher<'_, '_>) {
    warm(bencher, python, &json!({ "code": "print(1)" }));
}

#[divan::bench]
fn python_is_tested(bencher: divan::Bencher<'_, '_>) {
    warm(bencher, python, &json!({ "code": "def f(n):\n    return n * 2", "tests": "assert f(2) == 4" }));
}

#[divan::bench]
fn javascript_prints(bencher: divan::Bencher<'_, '_>) {
    warm(bencher, javascript, &json!({ "code": "console.log(1)" }));
}

#[divan::bench]
fn javascript_is_tested(bencher: divan::Bencher<'_, '_>) {
    warm(bencher, javascript, &json!({ "code": "const f = (n) => n * 2", "tests": "assert(f(2) === 4)" }));
}

/// The same without any wall; nothing is measured where there is no `python3`.
#[divan::bench]
fn host_python_prints(bencher: divan::Bencher<'_, '_>) {
    let run = || Command::new("python3").args(["-I", "-c", "print(1)"]).stdout(Stdio::null()).status();
    if run().is_ok_and(|status| status.success()) {
        bencher.bench(run);
    }
}
