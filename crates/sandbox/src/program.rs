//! Programs: core modules that are commands of WASI preview 1, such as interpreters.

use std::{path::Path, sync::Arc};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use wasmtime::{ExternType, InstancePre, Module, Store};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder, p2::pipe::MemoryInputPipe};

use crate::{
    clock,
    error::{SandboxError, one_line},
    ledger::Ledger,
    meter::MemoryMeter,
    output::Capture,
    policy::{Exit, Invocation, Limits, Mount, Outcome, Policy, SandboxUsage, Silent},
    sandbox::{Machine, Shared, Source},
    supervise::{End, exit_of, supervise},
    wasi::Guest,
};

/// The function that a command begins with.
const START: &str = "_start";

/// A compiled program, linked once: a run makes an instance, and nothing else. Clones share it.
#[derive(Clone)]
pub struct Program(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    source: Source,
    plain: InstancePre<Guest>,
    fueled: OnceCell<InstancePre<Guest>>,
}

impl Program {
    pub(crate) fn new(shared: Arc<Shared>, source: Source, module: &Module) -> Result<Self, SandboxError> {
        let plain = link(shared.plain(), module)?;
        Ok(Self(Arc::new(Inner { shared, source, plain, fueled: OnceCell::new() })))
    }

    /// Runs it from the start to its end or to a limit.
    ///
    /// What the guest does wrong is in [`Outcome::exit`]; a run that was ended has the output up to there.
    ///
    /// # Errors
    ///
    /// If the host could not run it: the folder cannot be opened, or there is no room for an instance.
    pub async fn run(
        &self,
        invocation: &Invocation,
        limits: &Limits,
        policy: &Policy,
        cancel: &CancellationToken,
    ) -> Result<Outcome, SandboxError> {
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
            () = cancel.cancelled() => return Ok(cancelled()),
            entered = inner.shared.enter() => entered?,
        };

        let (stdout, stderr) = (Capture::new(limits.output), Capture::new(limits.output));
        let mut builder = WasiCtxBuilder::new();
        builder
            .args(&invocation.arguments)
            .stdin(MemoryInputPipe::new(invocation.stdin.clone()))
            .stdout(stdout.clone())
            .stderr(stderr.clone());
        if let Some(mount) = &policy.folder {
            give(&mut builder, mount)?;
        }
        let time = clock::equip(&mut builder, policy.clock, policy.randomness);
        let guest = Guest {
            wasi: builder.build_p1(),
            memory: MemoryMeter::new(limits.memory),
            ledger: Ledger::new(limits),
            report: None,
            time,
        };
        let mut store = store(machine, guest, limits, |guest| &mut guest.memory)?;

        let run = supervise(start(linked, &mut store), limits, cancel).await;
        let fuel = limits.fuel.map(|fuel| fuel - store.get_fuel().unwrap_or(0));
        let guest = store.into_data();
        let exit = match run.end {
            End::Finished(Ok(())) => Exit::Code(0),
            End::Finished(Err(error)) => exit_of(&error, guest.memory.refused),
            End::Ended(exit) => exit,
        };
        let ((stdout, stdout_cut), (stderr, stderr_cut)) = (stdout.take(), stderr.take());
        Ok(Outcome {
            stdout,
            stderr,
            stdout_cut,
            stderr_cut,
            exit,
            report: guest.report,
            usage: SandboxUsage {
                wall: run.wall,
                cpu: run.cpu,
                memory: guest.memory.peak,
                memory_refused: guest.memory.refused,
                disk: guest.ledger.disk,
                fuel,
            },
            written: guest.ledger.written(),
        })
    }
}

async fn start(linked: &InstancePre<Guest>, store: &mut Store<Guest>) -> wasmtime::Result<()> {
    let instance = linked.instantiate_async(&mut *store).await?;
    let start = instance.get_typed_func::<(), ()>(&mut *store, START)?;
    start.call_async(store, ()).await
}

fn link(machine: &Machine, module: &Module) -> Result<InstancePre<Guest>, SandboxError> {
    match module.get_export(START) {
        Some(ExternType::Func(function)) if function.params().len() == 0 && function.results().len() == 0 => {}
        _ => return Err(SandboxError::Interface(format!("it exports no function `{START}`, so it is not a command"))),
    }
    machine.programs.instantiate_pre(module).map_err(|error| SandboxError::Interface(one_line(&error)))
}

/// A store that gives way at every tick and counts memory.
pub(crate) fn store<T: Send + 'static>(
    machine: &Machine,
    data: T,
    limits: &Limits,
    memory: fn(&mut T) -> &mut MemoryMeter,
) -> Result<Store<T>, SandboxError> {
    let mut store = Store::new(&machine.engine, data);
    store.limiter(move |data| memory(data));
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    if let Some(fuel) = limits.fuel {
        store.set_fuel(fuel).map_err(|error| SandboxError::Engine(one_line(&error)))?;
    }
    Ok(store)
}

/// Gives a folder to a guest.
pub(crate) fn give(builder: &mut WasiCtxBuilder, mount: &Mount) -> Result<(), SandboxError> {
    let failed = |source| SandboxError::Folder { path: mount.host.clone(), source };
    if mount.writable {
        std::fs::create_dir_all(&mount.host).map_err(failed)?;
    }
    let permissions = if mount.writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
    open(builder, &mount.host, &mount.guest, permissions).map_err(failed)
}

fn open(builder: &mut WasiCtxBuilder, host: &Path, guest: &str, permissions: FsPerms) -> std::io::Result<()> {
    match builder.preopened_dir(host, guest, permissions) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.downcast().unwrap_or_else(|error| std::io::Error::other(one_line(&error)))),
    }
}

/// A run that was cancelled before it began.
fn cancelled() -> Outcome {
    Outcome {
        stdout: Vec::new(),
        stderr: Vec::new(),
        stdout_cut: false,
        stderr_cut: false,
        exit: Exit::Cancelled,
        report: None,
        written: Vec::new(),
        usage: SandboxUsage::default(),
    }
}
