//! What a guest runs on while it is built: WASI that shows nothing of this machine and is the same every time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use wasmtime::{Caller, Config, Engine, Extern, Linker, Module, Result, Store, bail, error::Context as _};
use wasmtime_wasi::{
    HostMonotonicClock, HostWallClock, I32Exit, WasiCtxBuilder,
    p1::{self, WasiP1Ctx},
    p2::pipe::MemoryOutputPipe,
    random::Deterministic,
};

/// 2026-01-01, in seconds since 1970.
const TODAY: u64 = 1_767_225_600;
/// Bytes of output that are kept.
const OUTPUT: usize = 1 << 20;
/// Bytes of stack, as in the sandbox.
const GUEST_STACK: usize = 4 << 20;

/// What a run has in its store.
pub struct State {
    wasi: WasiP1Ctx,
    report: Vec<u8>,
}

/// One run of a guest.
pub struct Run {
    pub store: Store<State>,
    stdout: MemoryOutputPipe,
    stderr: MemoryOutputPipe,
}

impl Run {
    pub fn new(engine: &Engine, arguments: &[&str]) -> Self {
        let (stdout, stderr) = (MemoryOutputPipe::new(OUTPUT), MemoryOutputPipe::new(OUTPUT));
        let random = || Deterministic::new(blake3::hash(b"guest-builder").as_bytes().to_vec());
        let time = Time::default();
        let mut builder = WasiCtxBuilder::new();
        builder
            .args(arguments)
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .secure_random(random())
            .insecure_random(random())
            .insecure_random_seed(0)
            .wall_clock(time.clone())
            .monotonic_clock(time);
        let store = Store::new(engine, State { wasi: builder.build_p1(), report: Vec::new() });
        Self { store, stdout, stderr }
    }

    /// What it printed, for an error.
    pub fn printed(&self) -> String {
        let text = |pipe: &MemoryOutputPipe| String::from_utf8_lossy(&pipe.contents()).trim_end().to_owned();
        format!("it printed: {}\n{}", text(&self.stdout), text(&self.stderr))
    }
}

/// Time that moves by a microsecond when it is read.
#[derive(Clone, Default)]
struct Time(Arc<AtomicU64>);

impl HostWallClock for Time {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(TODAY) + Duration::from_nanos(HostMonotonicClock::now(self))
    }
}

impl HostMonotonicClock for Time {
    fn resolution(&self) -> u64 {
        1000
    }

    fn now(&self) -> u64 {
        self.0.fetch_add(1000, Ordering::Relaxed)
    }
}

pub fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.max_wasm_stack(GUEST_STACK).async_stack_size(GUEST_STACK + (2 << 20));
    Engine::new(&config)
}

/// WASI and `toolwright.report`, and nothing else: another import is an error.
pub fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)?;
    linker.func_wrap("toolwright", "report", |mut caller: Caller<'_, State>, at: u32, length: u32| {
        let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
            return Err(wasmtime::Error::msg("the guest exports no memory"));
        };
        let mut report = vec![0; length as usize];
        memory.read(&caller, at as usize, &mut report)?;
        caller.data_mut().report = report;
        Ok(())
    })?;
    Ok(linker)
}

pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(work)
}

/// Whether a guest answers requests as expected.
pub fn check(module: &[u8], tries: &[(&str, &str)]) -> Result<()> {
    let engine = engine()?;
    let module = Module::new(&engine, module).context("the snapshot does not compile")?;
    let linked = linker(&engine)?.instantiate_pre(&module)?;
    for (request, expected) in tries {
        let mut run = Run::new(&engine, &["guest", request]);
        let ended = block_on(async {
            let instance = linked.instantiate_async(&mut run.store).await?;
            let start = instance.get_typed_func::<(), ()>(&mut run.store, "_start")?;
            start.call_async(&mut run.store, ()).await
        });
        let code = match &ended {
            Ok(()) => Some(0),
            Err(error) => error.downcast_ref::<I32Exit>().map(|exit| exit.0),
        };
        if code != Some(0) {
            return ended
                .and_then(|()| bail!("it ended by itself"))
                .with_context(|| run.printed())
                .context(format!("the guest does not run {request}"));
        }
        let report: Value = serde_json::from_slice(&run.store.data().report)
            .with_context(|| format!("the guest's report on {request} is no JSON"))?;
        if run.stdout.contents() != format!("{expected}\n") || report.get("error").is_none_or(|error| !error.is_null())
        {
            bail!("the guest does not answer {request} with {expected}; {}\nreport: {report}", run.printed());
        }
    }
    Ok(())
}
