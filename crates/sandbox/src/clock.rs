//! Clocks and randomness that repeat themselves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rand_chacha::{
    ChaCha12Rng,
    rand_core::{Rng, SeedableRng},
};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::policy::{Clock, Randomness};

/// Nanoseconds by which every reading moves the time, so that a loop that waits for time to pass ends.
const STEP: u64 = 1000;

/// The time of one run, shared by its clocks.
#[derive(Clone)]
pub(crate) struct FixedTime {
    start: Duration,
    elapsed: Arc<AtomicU64>,
}

impl FixedTime {
    fn new(start: SystemTime) -> Self {
        Self { start: start.duration_since(UNIX_EPOCH).unwrap_or_default(), elapsed: Arc::default() }
    }

    fn read(&self) -> u64 {
        self.elapsed.fetch_add(STEP, Ordering::Relaxed)
    }

    /// Nanoseconds since the start, without moving it.
    pub(crate) fn monotonic(&self) -> u64 {
        self.elapsed.load(Ordering::Relaxed)
    }

    /// Nanoseconds since 1970, without moving it.
    pub(crate) fn realtime(&self) -> u64 {
        u64::try_from(self.start.as_nanos()).unwrap_or(u64::MAX).saturating_add(self.monotonic())
    }

    /// The guest slept.
    pub(crate) fn advance(&self, nanoseconds: u64) {
        let _ = self.elapsed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |old| {
            // Room is left for the readings that follow.
            Some(old.saturating_add(nanoseconds).min(u64::MAX / 2))
        });
    }
}

impl HostWallClock for FixedTime {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(STEP)
    }

    fn now(&self) -> Duration {
        self.start.saturating_add(Duration::from_nanos(self.read()))
    }
}

impl HostMonotonicClock for FixedTime {
    fn resolution(&self) -> u64 {
        STEP
    }

    fn now(&self) -> u64 {
        self.read()
    }
}

/// Gives a guest its clocks and random bytes. The fixed time is returned where there is one.
pub(crate) fn equip(builder: &mut WasiCtxBuilder, clock: Clock, randomness: Randomness) -> Option<FixedTime> {
    if let Randomness::Seeded(seed) = randomness {
        let generator = |stream: u64| {
            let mut generator = ChaCha12Rng::seed_from_u64(seed);
            generator.set_stream(stream);
            generator
        };
        let mut seeds = generator(2);
        builder
            .secure_random(generator(0))
            .insecure_random(generator(1))
            .insecure_random_seed(u128::from(seeds.next_u64()) << 64 | u128::from(seeds.next_u64()));
    }
    match clock {
        Clock::Real => None,
        Clock::Fixed(start) => {
            let time = FixedTime::new(start);
            builder.wall_clock(time.clone()).monotonic_clock(time.clone());
            Some(time)
        }
    }
}
