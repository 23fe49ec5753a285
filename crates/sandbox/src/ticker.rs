//! The clock that makes running guests give way: a thread that moves the engines' epochs on, only while guests run.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use wasmtime::Engine;

/// How long a guest computes before it lets others run and its limits are looked at.
const TICK: Duration = Duration::from_millis(2);

#[derive(Default)]
struct State {
    running: usize,
    engines: Vec<Engine>,
    stopped: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends its thread when it is dropped.
pub(crate) struct Ticker(Arc<Shared>);

impl Ticker {
    pub(crate) fn start(engine: Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        shared.lock().engines.push(engine);
        let of_thread = Arc::clone(&shared);
        thread::Builder::new().name("sandbox-epochs".into()).spawn(move || tick(&of_thread))?;
        Ok(Self(shared))
    }

    pub(crate) fn add(&self, engine: Engine) {
        self.0.lock().engines.push(engine);
    }

    /// Ticks while the guard lives.
    pub(crate) fn running(&self) -> Running {
        let mut state = self.0.lock();
        state.running += 1;
        if state.running == 1 {
            self.0.changed.notify_one();
        }
        drop(state);
        Running(Arc::clone(&self.0))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_one();
    }
}

pub(crate) struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
    }
}

fn tick(shared: &Shared) {
    let mut state = shared.lock();
    while !state.stopped {
        if state.running == 0 {
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        drop(state);
        thread::sleep(TICK);
        state = shared.lock();
        for engine in &state.engines {
            engine.increment_epoch();
        }
    }
}
