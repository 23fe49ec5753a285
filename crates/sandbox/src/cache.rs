//! Compiled guests on the disk, so that each is compiled once on a machine.
//!
//! A compiled guest is native code: whoever can write one can run code as this user. So the folder belongs to the user
//! alone, each entry has the hash of its content beside it, and what does not match is compiled again.

use std::{
    fs::{self, File},
    hash::{Hash, Hasher},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use wasmtime::{Engine, Module, component::Component};

use crate::error::{SandboxError, one_line};

/// Entries that nobody used for so long go when another is written.
const UNUSED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What is compiled and cached: a module or a component.
pub(crate) trait Artefact: Sized + Send + 'static {
    /// Its mark in names of entries.
    const KIND: &'static str;

    fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>>;

    /// Maps a compiled file.
    ///
    /// # Safety
    ///
    /// The file is what `compile` gave, and it is never written to again.
    #[allow(unsafe_code)]
    unsafe fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Self>;
}

impl Artefact for Module {
    const KIND: &'static str = "module";

    fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
        engine.precompile_module(wasm)
    }

    #[allow(unsafe_code)]
    unsafe fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
        // SAFETY: the caller's promise is what wasmtime asks for.
        unsafe { Self::deserialize_file(engine, path) }
    }
}

impl Artefact for Component {
    const KIND: &'static str = "component";

    fn compile(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
        engine.precompile_component(wasm)
    }

    #[allow(unsafe_code)]
    unsafe fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
        // SAFETY: the caller's promise is what wasmtime asks for.
        unsafe { Self::deserialize_file(engine, path) }
    }
}

/// The name of an entry: which guest, compiled by which wasmtime with which settings for which processor.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    family: String,
    settings: String,
}

impl Key {
    /// `variant` tells apart engines that one process uses at the same time.
    pub(crate) fn new<A: Artefact>(hash: &str, variant: &str, engine: &Engine) -> Result<Self, SandboxError> {
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SandboxError::Guest(format!("`{hash}` is not a BLAKE3 hash of 64 hexadecimal digits")));
        }
        let mut settings = Blake3(blake3::Hasher::new());
        engine.precompile_compatibility_hash().hash(&mut settings);
        Ok(Self {
            family: format!("{}-{}-{variant}", &hash[..32], A::KIND),
            settings: settings.0.finalize().to_hex()[..16].to_owned(),
        })
    }

    fn file(&self, extension: &str) -> String {
        format!("{}-{}.{extension}", self.family, self.settings)
    }
}

/// `std::hash::Hasher` with a result that no later version of the standard library changes.
struct Blake3(blake3::Hasher);

impl Hasher for Blake3 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0 // not asked for
    }
}

/// The folder.
#[derive(Debug, Clone)]
pub(crate) struct Cache(PathBuf);

impl Cache {
    /// Makes the folder if need be, and refuses one that others may write to.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, SandboxError> {
        let failed = |source| SandboxError::Cache { path: folder.clone(), source };
        make_private(&folder).map_err(failed)?;
        if !is_private(&fs::metadata(&folder).map_err(failed)?) {
            return Err(SandboxError::CacheNotPrivate(folder));
        }
        Ok(Self(folder))
    }

    /// The compiled guest, if there is one that is whole and fits this engine.
    pub(crate) fn load<A: Artefact>(&self, engine: &Engine, key: &Key) -> Option<A> {
        self.open_entry(engine, key).ok()
    }

    #[allow(unsafe_code)]
    fn open_entry<A: Artefact>(&self, engine: &Engine, key: &Key) -> Result<A, Miss> {
        let path = self.0.join(key.file("cwasm"));
        let absent = |_| Miss::Absent;
        let expected = fs::read_to_string(self.0.join(key.file("b3"))).map_err(absent)?;
        let file = File::open(&path).map_err(absent)?;
        if hash_of(&path).map_err(absent)?.to_hex().as_str() != expected {
            return Err(Miss::Absent);
        }
        // SAFETY: the file is in a folder that only this user can write to, under a name that only `store` gives; its
        // content has the hash that `store` wrote after compiling, so it is whole; `store` replaces files by renaming
        // and never writes to one that has its name, so the mapping stays what it is. wasmtime itself refuses what
        // another version, other settings or another processor made.
        let artefact = unsafe { A::map(engine, &path) }.map_err(Miss::Refused)?;
        let _ = file.set_modified(SystemTime::now()); // when it was last used, for `sweep`; may fail
        Ok(artefact)
    }

    /// Takes from the cache, or compiles and puts there. Two processes that want the same guest at the same time compile
    /// it once: the second waits for the lock and finds it. `wasm` is asked for only when it has to be compiled.
    pub(crate) fn get<A: Artefact>(
        &self,
        engine: &Engine,
        key: &Key,
        wasm: impl FnOnce() -> Result<Arc<[u8]>, SandboxError>,
    ) -> Result<A, SandboxError> {
        let path = self.0.join(format!("{}.lock", key.family));
        let failed = |path: &Path, source| SandboxError::Cache { path: path.to_owned(), source };
        let lock = File::create(&path).map_err(|source| failed(&path, source))?;
        lock.lock().map_err(|source| failed(&path, source))?;
        if let Some(artefact) = self.load(engine, key) {
            return Ok(artefact);
        }
        let compiled = A::compile(engine, &wasm()?).map_err(|error| SandboxError::Compile(one_line(&error)))?;
        self.store(key, &compiled).map_err(|source| failed(&self.0, source))?;
        drop(compiled);
        let artefact = self.open_entry(engine, key);
        self.sweep(key);
        artefact.map_err(|miss| match miss {
            Miss::Absent => {
                let unread = io::Error::other("it does not read back what was written");
                failed(&self.0.join(key.file("cwasm")), unread)
            }
            // It has more parts, or larger ones, than there is room for.
            Miss::Refused(error) => {
                self.remove(&self.0.join(key.file("cwasm")));
                SandboxError::Interface(one_line(&error))
            }
        })
    }

    fn store(&self, key: &Key, compiled: &[u8]) -> io::Result<()> {
        let hash = blake3::Hasher::new().update_rayon(compiled).finalize();
        self.write(&key.file("cwasm"), compiled)?;
        self.write(&key.file("b3"), hash.to_hex().as_bytes())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // The family's lock is held, so nobody else writes under this name.
        let temporary = self.0.join(format!("{name}.new"));
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary, self.0.join(name))
    }

    /// Removes what the new entry replaces, and what nobody used for long.
    fn sweep(&self, key: &Key) {
        let Ok(entries) = fs::read_dir(&self.0) else { return };
        let (family, current) = (format!("{}-", key.family), key.file(""));
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let replaced = name.starts_with(&family) && !name.starts_with(&current);
            let unused = || {
                let modified = entry.metadata().and_then(|metadata| metadata.modified());
                name.ends_with(".cwasm") && modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > UNUSED))
            };
            if replaced || unused() {
                self.remove(&entry.path());
            }
        }
    }

    fn remove(&self, entry: &Path) {
        let _ = fs::remove_file(entry);
        let _ = fs::remove_file(entry.with_extension("b3"));
    }
}

/// Why an entry cannot be used.
enum Miss {
    /// There is none, or none that is whole.
    Absent,
    /// wasmtime does not take it.
    Refused(wasmtime::Error),
}

fn hash_of(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_mmap_rayon(path)?;
    Ok(hasher.finalize())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn is_private(folder: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    folder.mode() & 0o022 == 0 && folder.uid() == rustix::process::geteuid().as_raw()
}

/// Elsewhere a folder of the user's profile is private by inheritance.
#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn is_private(_folder: &fs::Metadata) -> bool {
    true
}
