//! Memory and processor time of one run.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use wasmtime::ResourceLimiter;

/// Bytes that a table's element takes on the host.
const TABLE_ELEMENT: usize = size_of::<usize>();

/// A limiter over all memories and tables of a store together, which remembers the peak and whether it had to refuse.
pub(crate) struct MemoryMeter {
    limit: usize,
    used: usize,
    pub(crate) peak: usize,
    pub(crate) refused: bool,
}

impl MemoryMeter {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, used: 0, peak: 0, refused: false }
    }

    fn grow(&mut self, by: usize) -> bool {
        match self.used.checked_add(by) {
            Some(sum) if sum <= self.limit => {
                self.used = sum;
                self.peak = self.peak.max(sum);
                true
            }
            _ => {
                self.refused = true;
                false
            }
        }
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // More than the module's own maximum is the module's affair.
        Ok(maximum.is_none_or(|maximum| desired <= maximum) && self.grow(desired.saturating_sub(current)))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum)
            && self.grow(desired.saturating_sub(current).saturating_mul(TABLE_ELEMENT)))
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        64
    }
}

/// The processor time was used up.
pub(crate) struct CpuSpent;

/// Counts the processor time that a future's polls take on their thread, and ends it when that is too much.
///
/// A running guest gives way at every tick of the epoch, so polls are short. Counting the thread's clock rather than
/// epochs charges a run for what it computed, not for what others computed while it waited for a processor: two hundred
/// runs on two cores have a processor limit each, and a sleeping guest is charged nothing.
pub(crate) struct Metered<F> {
    future: F,
    limit: Duration,
    spent: Duration,
}

impl<F> Metered<F> {
    pub(crate) fn new(future: F, limit: Duration) -> Self {
        Self { future, limit, spent: Duration::ZERO }
    }

    pub(crate) fn spent(&self) -> Duration {
        self.spent
    }
}

impl<F: Future + Unpin> Future for Metered<F> {
    type Output = Result<F::Output, CpuSpent>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let before = thread_time();
        let state = Pin::new(&mut this.future).poll(context);
        this.spent += thread_time().saturating_sub(before);
        match state {
            Poll::Ready(value) => Poll::Ready(Ok(value)),
            Poll::Pending if this.spent > this.limit => Poll::Ready(Err(CpuSpent)),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// The processor time of this thread.
#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Where threads have no clock that is easily read, the time that polls take, which is never less.
#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}
