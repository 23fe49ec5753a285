//! What a warm call costs: a program, a tool as a component, and, to compare, a process of the host.
//!
//! `cargo bench -p toolwright-sandbox`

#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first error")]

use std::{path::Path, process::Command};

use divan::Bencher;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use toolwright_sandbox::{
    Exit, Grants, Invocation, Limits, Mount, Policy, Sandbox, SandboxConfig, Silent, ToolComponent,
};

fn main() {
    divan::main();
}

struct Host {
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
    sandbox: Sandbox,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        Self {
            runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
            sandbox: Sandbox::new(SandboxConfig { cache, max_concurrent: 8 }).unwrap(),
            folder,
        }
    }

    fn mount(&self, writable: bool) -> Mount {
        std::fs::create_dir_all(self.folder.path().join("work")).unwrap();
        Mount { host: self.folder.path().join("work"), guest: "/work".into(), writable }
    }

    /// The example of `examples/tools`, which is written in Rust with its standard library.
    fn word_count(&self) -> ToolComponent {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools/word_count/word_count.wasm");
        self.runtime.block_on(self.sandbox.component(&std::fs::read(path).unwrap())).unwrap()
    }
}

/// A call of the example tool: a fresh instance, JSON in, text out.
#[divan::bench(args = [1, 1000])]
fn component_call(bencher: Bencher, words: usize) {
    let host = Host::new();
    let tool = host.word_count();
    let grants = Grants { folders: vec![host.mount(false)], ..Grants::default() };
    let arguments = format!(r#"{{"text":"{}"}}"#, "word ".repeat(words).trim_end());
    let (limits, cancel) = (Limits::default(), CancellationToken::new());
    bencher.bench_local(|| {
        let outcome = host.runtime.block_on(tool.call(&arguments, &limits, &grants, &cancel)).unwrap();
        assert_eq!(outcome.result.as_deref(), Ok(format!("{words} words").as_str()));
    });
}

/// A run of a program that says three bytes and ends, with and without a folder.
#[divan::bench(args = [false, true])]
fn program_run(bencher: Bencher, folder: bool) {
    let host = Host::new();
    let wasm = wat::parse_str(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 2)
            (data (i32.const 8) "ok\n") (data (i32.const 0) "\08\00\00\00\03\00\00\00")
            (func (export "_start")
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
    )
    .unwrap();
    let hash = blake3::hash(&wasm).to_hex().to_string();
    let program = host.runtime.block_on(host.sandbox.program(&hash, move || Ok(wasm), &Silent)).unwrap();
    let policy = Policy { folder: folder.then(|| host.mount(true)), ..Policy::default() };
    let (invocation, limits, cancel) = (Invocation::default(), Limits::default(), CancellationToken::new());
    bencher.bench_local(|| {
        let outcome = host.runtime.block_on(program.run(&invocation, &limits, &policy, &cancel)).unwrap();
        assert_eq!((outcome.exit, outcome.stdout.as_slice()), (Exit::Code(0), b"ok\n".as_slice()));
    });
}

/// A guest that was compiled before, in a new sandbox: what the first call of a process waits for.
#[divan::bench(sample_count = 20)]
fn first_call_of_a_compiled_component(bencher: Bencher) {
    let host = Host::new();
    host.word_count();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tools/word_count/word_count.wasm");
    let bytes = std::fs::read(path).unwrap();
    bencher.bench_local(|| {
        let cache = host.folder.path().join("cache");
        let sandbox = Sandbox::new(SandboxConfig { cache, max_concurrent: 8 }).unwrap();
        host.runtime.block_on(async {
            let tool = sandbox.component(&bytes).await.unwrap();
            let outcome = tool
                .call(r#"{"text":"one"}"#, &Limits::default(), &Grants::default(), &CancellationToken::new())
                .await
                .unwrap();
            assert_eq!(outcome.result.as_deref(), Ok("1 words"));
        });
    });
}

/// `python3 -c` on the host, with no wall at all; left out where there is none.
#[divan::bench(sample_count = 20)]
fn python_on_the_host(bencher: Bencher) {
    let run = || Command::new("python3").args(["-I", "-c", "print(1)"]).output();
    if run().is_ok() {
        bencher.bench_local(|| assert_eq!(run().unwrap().stdout, b"1\n"));
    }
}
