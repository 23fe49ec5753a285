//! Runs a guest until it ends, or until its time is up, and says how it ended.

use std::{
    future::Future,
    pin::{Pin, pin},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

use crate::{
    error::one_line,
    meter::{CpuSpent, Metered},
    policy::{Exit, LimitKind, Limits},
};

/// The error by which host functions end a run at a limit.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("limit of {0}")]
pub(crate) struct LimitHit(pub(crate) LimitKind);

/// How a supervised run ended.
pub(crate) enum End<T> {
    /// The guest returned or failed by itself.
    Finished(wasmtime::Result<T>),
    /// It was ended.
    Ended(Exit),
}

/// A run's end and the time it took.
pub(crate) struct Supervised<T> {
    pub(crate) end: End<T>,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

/// Polls `guest` under the limits of time. When it is ended early, its future is dropped where it stands, which unwinds
/// the guest's stack and drops whatever host call it waits in.
pub(crate) async fn supervise<T>(
    guest: impl Future<Output = wasmtime::Result<T>>,
    limits: &Limits,
    cancel: &CancellationToken,
) -> Supervised<T> {
    let started = Instant::now();
    let guest = pin!(guest);
    let mut metered: Metered<Pin<&mut _>> = Metered::new(guest, limits.cpu);
    let end = tokio::select! {
        biased;
        () = cancel.cancelled() => End::Ended(Exit::Cancelled),
        ended = tokio::time::timeout(limits.wall, &mut metered) => match ended {
            Ok(Ok(finished)) => End::Finished(finished),
            Ok(Err(CpuSpent)) => End::Ended(Exit::Limit(LimitKind::Cpu)),
            Err(_) => End::Ended(Exit::Limit(LimitKind::Wall)),
        },
    };
    Supervised { end, wall: started.elapsed(), cpu: metered.spent() }
}

/// What a guest's error means.
pub(crate) fn exit_of(error: &wasmtime::Error, memory_refused: bool) -> Exit {
    if let Some(LimitHit(kind)) = error.downcast_ref() {
        return Exit::Limit(*kind);
    }
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return Exit::Code(*code);
    }
    match error.downcast_ref() {
        Some(Trap::StackOverflow) => Exit::Limit(LimitKind::Stack),
        Some(Trap::OutOfFuel) => Exit::Limit(LimitKind::Fuel),
        // An allocator that was refused memory aborts its program.
        _ if memory_refused => Exit::Limit(LimitKind::Memory),
        Some(trap) => Exit::Trap(trap.to_string()),
        None => Exit::Trap(one_line(error)),
    }
}
