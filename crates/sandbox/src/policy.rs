//! What a run may do and what came of it: plain data.

use std::{
    fmt,
    path::PathBuf,
    time::{Duration, SystemTime},
};

/// Is told when a guest is compiled for this machine, which can take a minute for an interpreter and happens once.
pub trait Progress: Send + Sync {
    /// Compilation begins; `what` is the hash that [`crate::Sandbox::program`] was given.
    fn compiling(&self, what: &str);
    /// Compilation ended well.
    fn compiled(&self, what: &str, took: Duration);
}

/// A [`Progress`] that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn compiling(&self, _what: &str) {}
    fn compiled(&self, _what: &str, _took: Duration) {}
}

/// What a program is started with.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// `argv`, the program's own name first.
    pub arguments: Vec<String>,
    /// What it reads from standard input.
    pub stdin: Vec<u8>,
}

/// How much a run may use. Each is a wall of its own: the run ends at the first that it meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time that passes, sleeping included; waiting for a free place in the sandbox is not counted.
    pub wall: Duration,
    /// Time on a processor.
    pub cpu: Duration,
    /// Steps of the guest, where the end of a run must be the same on every machine. It costs a third of the speed.
    pub fuel: Option<u64>,
    /// Bytes of linear memory and tables.
    pub memory: usize,
    /// Bytes by which files may grow, deletions not counted back.
    pub disk: u64,
    /// Files, folders and links that may be made, deletions not counted back.
    pub files: u32,
    /// Bytes that are kept of standard output, and as many of standard error. Sixteen times as much ends the run.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(10),
            cpu: Duration::from_secs(10),
            fuel: None,
            memory: 256 << 20,
            disk: 64 << 20,
            files: 1000,
            output: 64 << 10,
        }
    }
}

/// What a program sees of the world. The default is nothing.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The only folder that it can open.
    pub folder: Option<Mount>,
    /// What it believes the time to be.
    pub clock: Clock,
    /// Where its random bytes come from.
    pub randomness: Randomness,
}

/// A folder of the host under a name of the guest's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The folder on the host; made when it is missing and `writable`.
    pub host: PathBuf,
    /// Its name in the guest, such as `/work` or `.`.
    pub guest: String,
    /// Whether the guest may change what is in it.
    pub writable: bool,
}

/// What a guest believes the time to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The host's clocks.
    #[default]
    Real,
    /// Starts at this time and moves by one microsecond with every reading and by the length of every sleep, so that a
    /// run that is repeated reads the same times.
    Fixed(SystemTime),
}

/// Where a guest's random bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Randomness {
    /// The operating system.
    #[default]
    Os,
    /// ChaCha with this seed, the same bytes in every run.
    Seeded(u64),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code; 0 where it just returned.
    Code(i32),
    /// At a limit.
    Limit(LimitKind),
    /// With an error of the guest's that WebAssembly stops, such as a division by zero.
    Trap(String),
    /// The caller did not want it any more.
    Cancelled,
}

/// A limit that ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// [`Limits::wall`]
    Wall,
    /// [`Limits::cpu`]
    Cpu,
    /// [`Limits::fuel`]
    Fuel,
    /// [`Limits::memory`]
    Memory,
    /// [`Limits::disk`]
    Disk,
    /// [`Limits::files`]
    Files,
    /// [`Limits::output`]
    Output,
    /// The call stack, which has one size for all.
    Stack,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wall => "time",
            Self::Cpu => "processor time",
            Self::Fuel => "steps",
            Self::Memory => "memory",
            Self::Disk => "disk space",
            Self::Files => "number of files",
            Self::Output => "output",
            Self::Stack => "depth of recursion",
        })
    }
}

/// What a run used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SandboxUsage {
    /// Time that passed.
    pub wall: Duration,
    /// Time on a processor.
    pub cpu: Duration,
    /// The most bytes of linear memory and tables at one time.
    pub memory: usize,
    /// Whether the guest asked for more than [`Limits::memory`] and was refused. A guest may handle that and end with a
    /// code of its own.
    pub memory_refused: bool,
    /// Bytes by which files grew.
    pub disk: u64,
    /// Steps, where they were limited.
    pub fuel: Option<u64>,
}

/// What came of a run of a [`crate::Program`].
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The beginning of standard output.
    pub stdout: Vec<u8>,
    /// The beginning of standard error.
    pub stderr: Vec<u8>,
    /// Whether there was more.
    pub stdout_cut: bool,
    /// Whether there was more.
    pub stderr_cut: bool,
    /// How it ended.
    pub exit: Exit,
    /// What the guest last gave to `toolwright::report`.
    pub report: Option<Vec<u8>>,
    /// Files that were made or changed, as paths inside the folder, sorted; at most 256.
    pub written: Vec<String>,
    /// What it used.
    pub usage: SandboxUsage,
}
