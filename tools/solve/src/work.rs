use std::cell::Cell;

use toolwright_tool::CancellationToken;

use crate::error::{Fault, Outcome};

/// Units of work of one call. A unit is about one multiplication of small numbers.
pub(crate) const MAX_WORK: u64 = 4_000_000;

/// Calls of the recursive functions within one another. What a parser lets in is far less deep; derivatives and
/// substitutions of substitutions may add to it.
const MAX_DEPTH: u32 = 200;

/// Work between two looks at the cancellation token.
const WATCH: u64 = 2_000;

/// Counts the steps of one call, so that no input runs for long, and watches for cancellation.
#[derive(Debug)]
pub(crate) struct Work {
    left: Cell<u64>,
    watch: Cell<u64>,
    depth: Cell<u32>,
    cancel: CancellationToken,
}

impl Default for Work {
    fn default() -> Self {
        Self::new(MAX_WORK, CancellationToken::new())
    }
}

impl Work {
    pub(crate) fn new(units: u64, cancel: CancellationToken) -> Self {
        Self { left: Cell::new(units), watch: Cell::new(0), depth: Cell::new(0), cancel }
    }

    /// Takes `units` off what is left.
    pub(crate) fn spend(&self, units: u64) -> Outcome<()> {
        let watch = self.watch.get() + units;
        if watch >= WATCH {
            self.watch.set(0);
            if self.cancel.is_cancelled() {
                return Err(Fault::cancelled());
            }
        } else {
            self.watch.set(watch);
        }
        match self.left.get().checked_sub(units) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                self.left.set(0);
                Err(Fault::too_large())
            }
        }
    }

    /// Runs a method on a part of what is left. A method that uses it up counts as one that found nothing.
    pub(crate) fn try_within<T>(&self, units: u64, method: impl FnOnce() -> Outcome<Option<T>>) -> Outcome<Option<T>> {
        let before = self.left.get();
        let share = units.min(before);
        self.left.set(share);
        let result = method();
        let used = share - self.left.get();
        self.left.set(before - used);
        match result {
            Err(_) if self.cancel.is_cancelled() => Err(Fault::cancelled()),
            Err(_) if before == used => Err(Fault::too_large()),
            Err(_) => Ok(None),
            found => found,
        }
    }

    /// Runs a recursive step one level deeper.
    pub(crate) fn deeper<T>(&self, step: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return Err(Fault::limit("too large: nested too deeply"));
        }
        self.depth.set(depth + 1);
        let result = step();
        self.depth.set(depth);
        result
    }
}
