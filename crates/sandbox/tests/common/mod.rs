//! Small guests in WebAssembly text, and what runs them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]
#![allow(dead_code, reason = "each test file uses some of it")]

pub mod component;

use std::{path::Path, sync::OnceLock};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use toolwright_sandbox::{Invocation, Limits, Mount, Outcome, Policy, Program, Sandbox, SandboxConfig, Silent};

/// The imports that the guests use, and a memory of one page, or more.
pub const PRELUDE: &str = r#"
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $fd_set_flags (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $fd_set_size (param i32 i64) (result i32)))
    (import "wasi_snapshot_preview1" "fd_allocate" (func $fd_allocate (param i32 i64 i64) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_link" (func $link (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_rename" (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "toolwright" "report" (func $report (param i32 i32)))
"#;

/// Functions over the imports: `$say` writes bytes to a descriptor, `$open` opens a path of the folder with the flags of
/// `path_open` and all rights and gives the descriptor, or minus the error; `$sleep` sleeps so many nanoseconds.
pub const HELPERS: &str = r#"
    (func $say (param $fd i32) (param $at i32) (param $length i32) (result i32)
        (i32.store (i32.const 1000) (local.get $at))
        (i32.store (i32.const 1004) (local.get $length))
        (call $fd_write (local.get $fd) (i32.const 1000) (i32.const 1) (i32.const 1008)))
    (func $open (param $at i32) (param $length i32) (param $flags i32) (result i32)
        (local $error i32)
        (local.set $error (call $path_open (i32.const 3) (i32.const 1) (local.get $at) (local.get $length)
            (local.get $flags) (i64.const 0x1fffffff) (i64.const 0x1fffffff) (i32.const 0) (i32.const 1012)))
        (if (result i32) (local.get $error)
            (then (i32.sub (i32.const 0) (local.get $error)))
            (else (i32.load (i32.const 1012)))))
    (func $sleep (param $length i64) (result i32)
        (i64.store (i32.const 1104) (i64.const 7))
        (i32.store8 (i32.const 1112) (i32.const 0))
        (i32.store (i32.const 1120) (i32.const 1))
        (i64.store (i32.const 1128) (local.get $length))
        (i64.store (i32.const 1136) (i64.const 0))
        (i32.store16 (i32.const 1144) (i32.const 0))
        (call $poll (i32.const 1104) (i32.const 1200) (i32.const 1) (i32.const 1300)))
"#;

/// A program whose `_start` has this body. `more` goes to the level of the module; memory above 2000 is free for it.
pub fn guest(more: &str, body: &str) -> Vec<u8> {
    let memory = if more.contains("(memory") { "" } else { r#"(memory (export "memory") 2)"# };
    wat::parse_str(format!(r#"(module {PRELUDE} {memory} {HELPERS} {more} (func (export "_start") {body}))"#)).unwrap()
}

/// A sandbox with a cache of its own, which goes with the value.
pub struct Host {
    pub sandbox: Sandbox,
    pub folder: TempDir,
}

impl Host {
    pub fn new(max_concurrent: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let cache = folder.path().join("cache");
        let sandbox = Sandbox::new(SandboxConfig { cache, max_concurrent }).unwrap();
        Self { sandbox, folder }
    }

    pub async fn program(&self, wasm: Vec<u8>) -> Program {
        let hash = blake3::hash(&wasm).to_hex().to_string();
        self.sandbox.program(&hash, move || Ok(wasm), &Silent).await.unwrap()
    }

    /// A folder to give to guests.
    pub fn work(&self) -> std::path::PathBuf {
        self.folder.path().join("work")
    }

    pub fn policy(&self) -> Policy {
        Policy { folder: Some(mount(&self.work())), ..Policy::default() }
    }

    /// Compiles a guest and runs it once.
    pub async fn run(&self, more: &str, body: &str, limits: &Limits) -> Outcome {
        let program = self.program(guest(more, body)).await;
        run(&program, limits, &self.policy()).await
    }
}

pub fn mount(host: &Path) -> Mount {
    Mount { host: host.to_owned(), guest: "/work".to_owned(), writable: true }
}

pub async fn run(program: &Program, limits: &Limits, policy: &Policy) -> Outcome {
    program.run(&Invocation::default(), limits, policy, &CancellationToken::new()).await.unwrap()
}

/// Limits of time that a debug build on a busy machine keeps, where the test is about another limit.
pub fn limits() -> Limits {
    Limits { wall: std::time::Duration::from_secs(60), cpu: std::time::Duration::from_secs(60), ..Limits::default() }
}

/// Shared by the tests of one file that need no cache of their own.
pub fn shared() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::new(8))
}
