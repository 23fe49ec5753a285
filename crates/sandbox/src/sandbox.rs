//! The sandbox: engines, the cache of compiled guests, the gate that bounds how many run at once.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, Linker, PoolingAllocationConfig, component};

use crate::{
    cache::{Artefact, Cache, Key},
    component::{Called, ToolComponent},
    error::{SandboxError, one_line},
    policy::{Progress, Silent},
    program::Program,
    ticker::{Running, Ticker},
    wasi::{self, Guest},
};

/// Bytes of stack that a guest's calls may take: an interpreter needs some kilobytes for each call of the code it runs.
const GUEST_STACK: usize = 4 << 20;
/// The same with what host functions need on top.
const STACK: usize = GUEST_STACK + (2 << 20);
/// Longest linear memory that is laid out as an image to be mapped copy-on-write rather than copied at every start.
const IMAGE: u64 = 256 << 20;
/// Elements of a table: the functions of an interpreter, called through pointers.
const TABLE: usize = 1 << 16;
/// Core instances, and tables, that a component has at most; a tool with its adapters has about four.
const PARTS: u32 = 16;
/// Memories that a component has at most: its own, and one of an adapter.
const MEMORIES: u32 = 2;

/// Where and how much.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// A private folder for compiled guests; made if it is missing.
    pub cache: PathBuf,
    /// How many guests may run at the same time; others wait, which does not count against their limits. Memory in use
    /// is at most this many times [`crate::Limits::memory`].
    pub max_concurrent: usize,
}

/// Runs guests. Clones share everything.
#[derive(Clone)]
pub struct Sandbox(Arc<Shared>);

/// An engine and what its guests may import.
pub(crate) struct Machine {
    variant: &'static str,
    pub(crate) engine: Engine,
    pub(crate) programs: Linker<Guest>,
    pub(crate) components: component::Linker<Called>,
}

pub(crate) struct Shared {
    plain: Machine,
    /// Counts steps, which needs other machine code; made when it is first asked for.
    fueled: OnceLock<Machine>,
    cache: Cache,
    gate: Semaphore,
    ticker: Ticker,
}

impl Sandbox {
    /// Starts the engine and checks that the cache is private.
    ///
    /// # Errors
    ///
    /// [`SandboxError::CacheNotPrivate`] if others may write to the cache, [`SandboxError::Cache`] if it cannot be made,
    /// [`SandboxError::Engine`] if wasmtime does not support the machine.
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let places = config.max_concurrent.clamp(1, 1000);
        let cache = Cache::open(config.cache)?;
        let plain = Machine::new("epochs", places)?;
        let ticker = Ticker::start(plain.engine.clone()).map_err(|error| SandboxError::Engine(error.to_string()))?;
        Ok(Self(Arc::new(Shared { plain, fueled: OnceLock::new(), cache, gate: Semaphore::new(places), ticker })))
    }

    /// A program, compiled or taken from the cache. `hash` is the BLAKE3 hash of the bytes that `wasm` gives, as 64
    /// hexadecimal digits; `wasm` is called only when they are needed. `progress` is told of a compilation.
    ///
    /// # Errors
    ///
    /// If the bytes are not what the hash says, do not compile, are not a command of WASI preview 1, or import what a
    /// sandboxed program cannot have.
    pub async fn program(
        &self,
        hash: &str,
        wasm: impl FnOnce() -> Result<Vec<u8>, SandboxError> + Send + 'static,
        progress: &dyn Progress,
    ) -> Result<Program, SandboxError> {
        let source = Source::new(hash.to_owned(), wasm);
        let module = self.0.artefact(&self.0.plain, &source, progress).await?;
        Program::new(Arc::clone(&self.0), source, &module)
    }

    /// A tool that is a component of the world in `sandbox/wit`.
    ///
    /// # Errors
    ///
    /// If the bytes do not compile, are not a component of that world, or import what a tool cannot have.
    pub async fn component(&self, bytes: &[u8]) -> Result<ToolComponent, SandboxError> {
        let bytes = bytes.to_vec();
        let source = Source::new(blake3::hash(&bytes).to_hex().to_string(), move || Ok(bytes));
        let component = self.0.artefact(&self.0.plain, &source, &Silent).await?;
        ToolComponent::new(Arc::clone(&self.0), source, &component)
    }
}

impl Shared {
    pub(crate) fn plain(&self) -> &Machine {
        &self.plain
    }

    /// The engine that counts steps.
    pub(crate) fn fueled(&self) -> Result<&Machine, SandboxError> {
        if let Some(machine) = self.fueled.get() {
            return Ok(machine);
        }
        let machine = Machine::new("fuel", 0)?;
        // Another may have been quicker; then this one is dropped.
        Ok(self.fueled.get_or_init(|| {
            self.ticker.add(machine.engine.clone());
            machine
        }))
    }

    /// Waits until one more guest may run, and keeps the epochs ticking while it does.
    pub(crate) async fn enter(&self) -> Result<(SemaphorePermit<'_>, Running), SandboxError> {
        let permit = self.gate.acquire().await.map_err(|error| SandboxError::Broken(error.to_string()))?;
        Ok((permit, self.ticker.running()))
    }

    /// From the cache, or compiled.
    pub(crate) async fn artefact<A: Artefact>(
        &self,
        machine: &Machine,
        source: &Source,
        progress: &dyn Progress,
    ) -> Result<A, SandboxError> {
        let key = Key::new::<A>(&source.hash, machine.variant, &machine.engine)?;
        let (cache, engine, at) = (self.cache.clone(), machine.engine.clone(), key.clone());
        if let Some(artefact) = blocking(move || cache.load(&engine, &at)).await? {
            return Ok(artefact);
        }
        progress.compiling(&source.hash);
        let started = Instant::now();
        let (cache, engine, source_) = (self.cache.clone(), machine.engine.clone(), source.clone());
        let artefact = blocking(move || cache.get(&engine, &key, || source_.read())).await??;
        progress.compiled(&source.hash, started.elapsed().max(Duration::from_millis(1)));
        Ok(artefact)
    }
}

impl Machine {
    /// `places` is how many guests have room kept for them; 0 makes room when one starts, which takes longer.
    fn new(variant: &'static str, places: usize) -> Result<Self, SandboxError> {
        let failed = |error: wasmtime::Error| SandboxError::Engine(one_line(&error));
        let fuel = variant == "fuel";
        let on_demand = || Engine::new(&config(fuel)).map_err(failed);
        let engine = match u32::try_from(places) {
            Ok(places @ 1..) => {
                let mut pooled = config(fuel);
                pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(places)));
                // The pool reserves addresses, not memory; where even those are scarce, it goes without.
                Engine::new(&pooled).or_else(|_| on_demand())?
            }
            _ => on_demand()?,
        };
        let programs = wasi::linker(&engine).map_err(failed)?;
        let components = crate::component::linker(&engine).map_err(failed)?;
        Ok(Self { variant, engine, programs, components })
    }
}

fn config(fuel: bool) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .consume_fuel(fuel)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(STACK)
        .memory_guaranteed_dense_image_size(IMAGE)
        // A guest's backtrace tells its author nothing that its own messages do not, and the tables for it are a third
        // of the compiled file.
        .wasm_backtrace_max_frames(None)
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Disable)
        .generate_address_map(false)
        .native_unwind_info(false)
        .concurrency_support(false)
        // Not needed by the guests, so out of reach of an attacker.
        .wasm_memory64(false)
        .wasm_relaxed_simd(false);
    config
}

fn pool(places: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(places)
        .total_core_instances(places * PARTS)
        .total_tables(places * PARTS)
        .table_elements(TABLE)
        .total_memories(places * MEMORIES)
        // Who has a place has room, whatever the others are: what needs more is refused before it runs.
        .max_core_instances_per_component(PARTS)
        .max_tables_per_component(PARTS)
        .max_memories_per_component(MEMORIES)
        .max_memory_size(4 << 30)
        .total_stacks(places);
    pool
}

/// The bytes of a guest, which are read when something has to be compiled.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) hash: String,
    bytes: Arc<Mutex<Bytes>>,
}

enum Bytes {
    Unread(Box<dyn FnOnce() -> Result<Vec<u8>, SandboxError> + Send>),
    /// Kept after a first compilation, since the reader can be called only once: the machine code that counts steps may
    /// be asked for later.
    Read(Arc<[u8]>),
    Failed,
}

impl Source {
    fn new(hash: String, read: impl FnOnce() -> Result<Vec<u8>, SandboxError> + Send + 'static) -> Self {
        Self { hash, bytes: Arc::new(Mutex::new(Bytes::Unread(Box::new(read)))) }
    }

    fn read(&self) -> Result<Arc<[u8]>, SandboxError> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let read = match std::mem::replace(&mut *bytes, Bytes::Failed) {
            Bytes::Unread(read) => read()?.into(),
            Bytes::Read(read) => read,
            Bytes::Failed => return Err(SandboxError::Guest("it could not be read before".into())),
        };
        let found = blake3::Hasher::new().update_rayon(&read).finalize();
        if found.to_hex().as_str() != self.hash.to_ascii_lowercase() {
            return Err(SandboxError::Guest(format!("its hash is {found}, not {}", self.hash)));
        }
        *bytes = Bytes::Read(Arc::clone(&read));
        Ok(read)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SandboxError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| SandboxError::Broken(error.to_string()))
}
