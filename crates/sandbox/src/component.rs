//! Tools by others: components of the world in `sandbox/wit`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use wasmtime::{
    Engine, Store,
    component::{Component, HasSelf, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::{
    clock, component_fs,
    error::{SandboxError, one_line},
    ledger::Ledger,
    meter::MemoryMeter,
    output::Capture,
    policy::{Clock, Exit, LimitKind, Limits, Mount, Randomness, SandboxUsage, Silent},
    program::{give, store},
    sandbox::{Machine, Shared, Source},
    supervise::{End, exit_of, supervise},
};

mod bindings {
    #![allow(missing_docs, reason = "generated from sandbox/wit, where the words are")]
    wasmtime::component::bindgen!({
        world: "tool",
        path: "../../sandbox/wit",
        imports: { default: async },
        exports: { default: async },
    });
}

use bindings::{Tool, ToolPre, toolwright::tool::host};

/// Most lines of a call's log.
const LOG_LINES: usize = 100;
/// Most bytes of a line, and of its level.
const LOG_LINE: usize = 1000;
/// Most bytes of an address.
const MOST_URL: usize = 8192;
/// How many times [`Limits::output`] a result may be long.
const FLOOD: usize = 16;
/// Most handles of a call: files, streams, timers. Each takes some of the host's memory.
const MOST_HANDLES: usize = 1000;
/// Most bytes that one call across the wall copies to the host.
const MOST_COPIED: usize = 16 << 20;
/// Most random bytes at once.
const MOST_RANDOM: u64 = 1 << 20;

/// Fetches pages for tools. What is behind it decides which addresses a tool may see.
#[async_trait::async_trait]
pub trait Fetch: Send + Sync {
    /// The body of a page.
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError>;
}

/// Why a page was not fetched; the tool is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The tool may not see this address.
    #[error("denied: {0}")]
    Denied(String),
    /// It may, and it did not work.
    #[error("failed: {0}")]
    Failed(String),
}

/// What a tool sees of the world in one call. The default is nothing.
#[derive(Clone, Default)]
pub struct Grants {
    /// Folders that it can open.
    pub folders: Vec<Mount>,
    /// How it fetches pages; without one it cannot.
    pub fetcher: Option<Arc<dyn Fetch>>,
    /// What it believes the time to be. A fixed time moves with readings only: sleeping does not move it here.
    pub clock: Clock,
    /// Where its random bytes come from.
    pub randomness: Randomness,
}

/// What came of a call.
#[derive(Debug, Clone)]
pub struct ComponentOutcome {
    /// What the tool answered, or what went wrong: its own words, or how it was ended where `exit` is not `Code(0)`.
    pub result: Result<String, String>,
    /// `Code(0)` where the tool answered, with a result or an error.
    pub exit: Exit,
    /// Lines that the tool logged, as level and message; what it wrote to its standard streams comes last, under the
    /// levels `stdout` and `stderr`.
    pub log: Vec<(String, String)>,
    /// What the call used.
    pub usage: SandboxUsage,
}

/// A compiled tool, linked once: each call makes a fresh instance. Clones share it.
#[derive(Clone)]
pub struct ToolComponent(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    source: Source,
    plain: ToolPre<Called>,
    fueled: OnceCell<ToolPre<Called>>,
}

/// What one call of a component has in the store.
pub(crate) struct Called {
    pub(crate) wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    memory: MemoryMeter,
    fetcher: Option<Arc<dyn Fetch>>,
    log: Vec<(String, String)>,
}

impl WasiView for Called {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl host::Host for Called {
    async fn log(&mut self, level: String, message: String) {
        push_line(&mut self.log, &level, &message);
    }

    async fn fetch(&mut self, url: String) -> Result<Vec<u8>, host::FetchError> {
        let Some(fetcher) = self.fetcher.clone() else {
            return Err(host::FetchError::Denied("this tool has no network in its manifest".into()));
        };
        if url.len() > MOST_URL {
            return Err(host::FetchError::Denied(format!("an address of {} bytes is too long", url.len())));
        }
        fetcher.fetch(&url).await.map_err(|error| match error {
            FetchError::Denied(why) => host::FetchError::Denied(why),
            FetchError::Failed(why) => host::FetchError::Failed(why),
        })
    }
}

impl ToolComponent {
    pub(crate) fn new(shared: Arc<Shared>, source: Source, component: &Component) -> Result<Self, SandboxError> {
        let plain = link(shared.plain(), component)?;
        Ok(Self(Arc::new(Inner { shared, source, plain, fueled: OnceCell::new() })))
    }

    /// What the tool says of itself, as JSON that nobody has looked at. It is given nothing.
    ///
    /// # Errors
    ///
    /// If the host could not call it, or the tool did not answer within the limits.
    pub async fn describe(&self, limits: &Limits) -> Result<String, SandboxError> {
        let outcome = self.invoke(None, limits, &Grants::default(), &CancellationToken::new()).await?;
        outcome.result.map_err(|error| SandboxError::Interface(format!("it does not describe itself: {error}")))
    }

    /// Calls the tool. What it does wrong is in the outcome.
    ///
    /// # Errors
    ///
    /// If the host could not call it: a folder cannot be opened, or there is no room for an instance.
    pub async fn call(
        &self,
        arguments: &str,
        limits: &Limits,
        grants: &Grants,
        cancel: &CancellationToken,
    ) -> Result<ComponentOutcome, SandboxError> {
        self.invoke(Some(arguments), limits, grants, cancel).await
    }

    /// `call` with arguments, `describe` without.
    async fn invoke(
        &self,
        arguments: Option<&str>,
        limits: &Limits,
        grants: &Grants,
        cancel: &CancellationToken,
    ) -> Result<ComponentOutcome, SandboxError> {
        let inner = &*self.0;
        let (machine, linked) = match limits.fuel {
            None => (inner.shared.plain(), &inner.plain),
            Some(_) => {
                let machine = inner.shared.fueled()?;
                let linked = inner.fueled.get_or_try_init(|| async {
                    link(machine, &inner.shared.artefact(machine, &inner.source, &Silent).await?)
                });
                (machine, linked.await?)
            }
        };
        let (_place, _ticking) = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(ended(Exit::Cancelled, Vec::new(), SandboxUsage::default())),
            entered = inner.shared.enter() => entered?,
        };

        let (stdout, stderr) = (Capture::new(limits.output), Capture::new(limits.output));
        let mut builder = WasiCtxBuilder::new();
        builder
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(MOST_RANDOM);
        for mount in &grants.folders {
            give(&mut builder, mount)?;
        }
        clock::equip(&mut builder, grants.clock, grants.randomness);
        let mut table = ResourceTable::new();
        table.set_max_capacity(MOST_HANDLES);
        let called = Called {
            wasi: builder.build(),
            table,
            ledger: Arc::new(Mutex::new(Ledger::new(limits))),
            memory: MemoryMeter::new(limits.memory),
            fetcher: grants.fetcher.clone(),
            log: Vec::new(),
        };
        let mut store = store(machine, called, limits, |called| &mut called.memory)?;
        store.set_hostcall_fuel(MOST_COPIED);

        let run = supervise(answer(linked, &mut store, arguments), limits, cancel).await;
        let fuel = limits.fuel.map(|fuel| fuel - store.get_fuel().unwrap_or(0));
        let mut called = store.into_data();
        let usage = SandboxUsage {
            wall: run.wall,
            cpu: run.cpu,
            memory: called.memory.peak,
            memory_refused: called.memory.refused,
            disk: called.ledger().disk,
            fuel,
        };
        for (stream, level) in [(stdout, "stdout"), (stderr, "stderr")] {
            for line in String::from_utf8_lossy(&stream.take().0).lines() {
                push_line(&mut called.log, level, line);
            }
        }
        let most = limits.output.saturating_mul(FLOOD);
        Ok(match run.end {
            End::Finished(Ok(result)) => match &result {
                Ok(text) | Err(text) if text.len() > most => ended(Exit::Limit(LimitKind::Output), called.log, usage),
                _ => ComponentOutcome { result, exit: Exit::Code(0), log: called.log, usage },
            },
            End::Finished(Err(error)) => ended(exit_of(&error, called.memory.refused), called.log, usage),
            End::Ended(exit) => ended(exit, called.log, usage),
        })
    }
}

impl Called {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(
    linked: &ToolPre<Called>,
    store: &mut Store<Called>,
    arguments: Option<&str>,
) -> wasmtime::Result<Result<String, String>> {
    let tool: Tool = linked.instantiate_async(&mut *store).await?;
    match arguments {
        Some(arguments) => tool.call_call(store, arguments).await,
        None => tool.call_describe(store).await.map(Ok),
    }
}

fn link(machine: &Machine, component: &Component) -> Result<ToolPre<Called>, SandboxError> {
    let misfit = |error: wasmtime::Error| SandboxError::Interface(one_line(&error));
    ToolPre::new(machine.components.instantiate_pre(component).map_err(misfit)?).map_err(misfit)
}

/// Everything that a tool may import: its host, and WASI preview 2, where sockets are there and refuse to open.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Called>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    linker.allow_shadowing(true);
    component_fs::shadow(&mut linker)?;
    Tool::add_to_linker::<_, HasSelf<Called>>(&mut linker, |called| called)?;
    Ok(linker)
}

fn push_line(log: &mut Vec<(String, String)>, level: &str, message: &str) {
    let cut = |text: &str| text[..text.floor_char_boundary(LOG_LINE)].to_owned();
    if log.len() < LOG_LINES {
        log.push((cut(level), cut(message)));
    }
}

/// A call that the tool did not answer.
fn ended(exit: Exit, log: Vec<(String, String)>, usage: SandboxUsage) -> ComponentOutcome {
    let why = match &exit {
        Exit::Code(code) => format!("the tool ended itself with code {code} instead of answering"),
        Exit::Limit(kind) => format!("the tool was ended because it used up its {kind}"),
        Exit::Trap(what) => format!("the tool broke: {what}"),
        Exit::Cancelled => "the call was cancelled".to_owned(),
    };
    ComponentOutcome { result: Err(why), exit, log, usage }
}
