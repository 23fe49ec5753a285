use std::time::{Duration, SystemTime};

use serde::Deserialize;
use toolwright_sandbox::{Clock, Limits};

/// The output that is kept of a program, many times what a model is shown. Sixteen times as much ends the run.
const KEPT: usize = 256 << 10;
/// Files and folders that a program may make.
const FILES: u32 = 1000;
/// What a deterministic program believes the time to be: the first of January 2026, in seconds since 1970.
const FIXED_TIME: u64 = 1_767_225_600;

/// What a program may use, and how its world looks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodeConfig {
    /// Seconds that may pass, sleeping included.
    pub wall_seconds: u64,
    /// Seconds on a processor.
    pub cpu_seconds: u64,
    /// MiB of memory, of which the Python interpreter itself needs about 60.
    pub memory_mib: usize,
    /// MiB by which files may grow.
    pub disk_mib: u64,
    /// KiB of text that the model is shown. Longer outputs lose their middle, and all that was kept of them lies in the
    /// run's folder of outputs. A dispatcher that allows less would cut off the end, where the error stands.
    pub output_kib: usize,
    /// Whether programs read a clock that starts at the same time in every run, so that a run can be replayed. Random
    /// numbers come from the run's seed in any case.
    pub deterministic: bool,
    /// Whether the workspace is a folder of the user's, not the run's own: then the tool's effect is that it writes.
    #[serde(skip)]
    pub writes_user_folder: bool,
}

impl Default for CodeConfig {
    fn default() -> Self {
        Self {
            wall_seconds: 10,
            cpu_seconds: 10,
            memory_mib: 256,
            disk_mib: 64,
            output_kib: 7,
            deterministic: false,
            writes_user_folder: false,
        }
    }
}

impl CodeConfig {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            wall: Duration::from_secs(self.wall_seconds),
            cpu: Duration::from_secs(self.cpu_seconds),
            fuel: None,
            memory: self.memory_mib.saturating_mul(1 << 20),
            disk: self.disk_mib.saturating_mul(1 << 20),
            files: FILES,
            output: KEPT,
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        match self.deterministic {
            true => Clock::Fixed(SystemTime::UNIX_EPOCH + Duration::from_secs(FIXED_TIME)),
            false => Clock::Real,
        }
    }

    /// Bytes of text that the model is shown.
    pub(crate) fn shown(&self) -> usize {
        self.output_kib.max(1).saturating_mul(1 << 10)
    }
}
