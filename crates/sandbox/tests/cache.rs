//! The cache of compiled guests: what is whole is used, what is damaged or foreign is compiled again.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::{guest, limits, run};
use tempfile::TempDir;
use toolwright_sandbox::{Exit, Policy, Progress, Sandbox, SandboxConfig, SandboxError};

#[derive(Default)]
struct Count(AtomicUsize, AtomicUsize);

impl Progress for Count {
    fn compiling(&self, _what: &str) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn compiled(&self, _what: &str, _took: Duration) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

fn sandbox(cache: &Path) -> Sandbox {
    Sandbox::new(SandboxConfig { cache: cache.to_owned(), max_concurrent: 2 }).unwrap()
}

/// Gets a program that ends with 7 from a new sandbox, runs it, and gives how often it was compiled.
async fn compilations(cache: &Path) -> usize {
    let wasm = guest("", "(call $exit (i32.const 7))");
    let hash = blake3::hash(&wasm).to_hex().to_string();
    let count = Count::default();
    let program = sandbox(cache).program(&hash, move || Ok(wasm), &count).await.unwrap();
    assert_eq!(run(&program, &limits(), &Policy::default()).await.exit, Exit::Code(7));
    assert_eq!(count.0.load(Ordering::Relaxed), count.1.load(Ordering::Relaxed));
    count.0.into_inner()
}

fn entries(cache: &Path, extension: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

#[tokio::test]
async fn a_guest_is_compiled_once() {
    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("a/b");
    assert_eq!(compilations(&cache).await, 1);
    assert_eq!(compilations(&cache).await, 0);
    // The bytes are not even asked for.
    let hash = blake3::hash(&guest("", "(call $exit (i32.const 7))")).to_hex().to_string();
    let unneeded = || Err(SandboxError::Guest("it was asked for".to_owned()));
    assert!(sandbox(&cache).program(&hash, unneeded, &Count::default()).await.is_ok());
}

#[tokio::test]
async fn a_damaged_entry_is_compiled_again() {
    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("cache");
    assert_eq!(compilations(&cache).await, 1);
    let (code, hash) = (entries(&cache, "cwasm").remove(0), entries(&cache, "b3").remove(0));
    let whole = fs::read(&code).unwrap();
    let mut damaged: Vec<Box<dyn Fn()>> = Vec::new();
    for at in [0, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let (code, mut bytes) = (code.clone(), whole.clone());
        bytes[at] ^= 0x40;
        damaged.push(Box::new(move || {
            // Files that are mapped are replaced, never written to, here as in the cache.
            fs::remove_file(&code).unwrap();
            fs::write(&code, &bytes).unwrap();
        }));
    }
    for length in [0, 1, whole.len() / 2] {
        let (code, bytes) = (code.clone(), whole[..length].to_vec());
        damaged.push(Box::new(move || {
            fs::remove_file(&code).unwrap();
            fs::write(&code, &bytes).unwrap();
        }));
    }
    damaged.push(Box::new({
        let hash = hash.clone();
        move || fs::write(&hash, "0".repeat(64)).unwrap()
    }));
    damaged.push(Box::new(move || fs::remove_file(&hash).unwrap()));
    damaged.push(Box::new({
        let code = code.clone();
        move || fs::remove_file(&code).unwrap()
    }));
    for (number, damage) in damaged.iter().enumerate() {
        damage();
        assert_eq!(compilations(&cache).await, 1, "damage {number}");
        assert_eq!(compilations(&cache).await, 0, "damage {number}");
    }
}

#[tokio::test]
async fn an_entry_of_another_version_is_replaced() {
    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("cache");
    assert_eq!(compilations(&cache).await, 1);
    let code = entries(&cache, "cwasm").remove(0);
    let name = code.file_stem().unwrap().to_str().unwrap().to_owned();
    let (family, settings) = name.rsplit_once('-').unwrap();
    // What another wasmtime left: another name of the same family, and content that this one refuses, even under its own
    // name and with the right hash.
    fs::rename(&code, cache.join(format!("{family}-{}.cwasm", "0".repeat(settings.len())))).unwrap();
    let foreign = b"\x7fELF of another version".repeat(100);
    fs::write(&code, &foreign).unwrap();
    fs::write(cache.join(format!("{name}.b3")), blake3::hash(&foreign).to_hex().as_str()).unwrap();
    assert_eq!(compilations(&cache).await, 1);
    assert_eq!(entries(&cache, "cwasm"), [code]);
    assert_eq!(compilations(&cache).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_compile_one_guest_once() {
    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("cache");
    let reads = Arc::new(AtomicUsize::new(0));
    let wasm = guest("", "");
    let hash = blake3::hash(&wasm).to_hex().to_string();
    let started: Vec<_> = (0..8)
        .map(|_| {
            // Each with a sandbox of its own, as processes have.
            let (sandbox, reads, wasm, hash) = (sandbox(&cache), Arc::clone(&reads), wasm.clone(), hash.clone());
            tokio::spawn(async move {
                let read = move || {
                    reads.fetch_add(1, Ordering::Relaxed);
                    Ok(wasm)
                };
                sandbox.program(&hash, read, &Count::default()).await.map(|_| ())
            })
        })
        .collect();
    for one in started {
        one.await.unwrap().unwrap();
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[cfg(unix)]
#[test]
fn a_cache_that_others_may_write_to_is_refused() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("cache");
    drop(sandbox(&cache));
    assert_eq!(fs::metadata(&cache).unwrap().mode() & 0o777, 0o700);
    for mode in [0o777, 0o770, 0o702] {
        fs::set_permissions(&cache, fs::Permissions::from_mode(mode)).unwrap();
        let refused = Sandbox::new(SandboxConfig { cache: cache.clone(), max_concurrent: 1 });
        assert!(matches!(refused, Err(SandboxError::CacheNotPrivate(_))), "{mode:o}");
    }
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(Sandbox::new(SandboxConfig { cache: file, max_concurrent: 1 }).is_err());
}
