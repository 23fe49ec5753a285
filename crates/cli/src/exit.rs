//! What the exit code of the program says. The same table stands in `--help` and in the README.

use std::process::ExitCode;

use toolwright_protocol::RunStatus;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Ok = 0,
    /// The run failed, or something broke.
    Failed = 1,
    /// Wrong usage or input; nothing was done. Clap's own code for usage errors.
    Usage = 2,
    /// A budget was spent before the answer.
    Budget = 3,
    /// The model file cannot be used.
    Model = 4,
    /// Stopped with Ctrl-C: 128 + SIGINT, as shells have it.
    Cancelled = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<&RunStatus> for Exit {
    fn from(status: &RunStatus) -> Self {
        match status {
            RunStatus::Done => Self::Ok,
            RunStatus::BudgetSpent { .. } => Self::Budget,
            RunStatus::Cancelled => Self::Cancelled,
            RunStatus::Failed { .. } => Self::Failed,
        }
    }
}
