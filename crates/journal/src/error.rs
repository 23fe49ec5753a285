use std::{fmt::Write as _, io, path::PathBuf};

use rusqlite::ErrorCode;

use crate::{RunId, RunSummary};

/// Why the journal cannot do what was asked. No variant means that anything was lost: a file that cannot be used is
/// left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The folder or the file in it cannot be made.
    #[error("cannot create {path}: {source}; choose another data directory, or free this path")]
    Create {
        /// What was to be made.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file or its folder may not be written.
    #[error(
        "the journal {path} cannot be written ({detail}); make the file and its folder writable (SQLite keeps two \
         more files beside it), or choose another data directory"
    )]
    NotWritable {
        /// The database file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// The file is damaged, or is no database at all.
    #[error(
        "the journal {path} is damaged ({detail}); nothing was changed: restore it from a backup, or save what can be \
         read with `sqlite3 {path} .recover`, or move it away and a new one is made"
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What is wrong, where known.
        detail: String,
    },
    /// A sound SQLite database, but of another program.
    #[error("{path} is a database of another program; move it away, or choose another data directory")]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error(
        "the journal {path} has schema version {found}, and this program knows versions up to {known}; update \
         toolwright, or choose another data directory"
    )]
    NewerSchema {
        /// The database file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The last version known here.
        known: u32,
    },
    /// The file system has no shared memory between processes, which the write-ahead log needs.
    #[error(
        "the file system of {path} cannot hold a write-ahead log (SQLite stays in mode `{mode}`); choose a data \
         directory on a local disk"
    )]
    NoWriteAheadLog {
        /// The database file.
        path: PathBuf,
        /// The mode it stays in.
        mode: String,
    },
    /// No room on the disk. The event was not written; all before it were.
    #[error("no room to write the journal {path}; free some disk space, or delete old runs, and try again")]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// Another process held the write lock for too long.
    #[error("the journal {path} has been locked by another process for {waited_s} seconds; end that one and try again")]
    Busy {
        /// The database file.
        path: PathBuf,
        /// How long was waited.
        waited_s: u64,
    },
    /// No run's id begins so.
    #[error("no run has an id that begins with `{prefix}`; {}", recent(.newest.as_ref()))]
    NoSuchRun {
        /// What was asked for.
        prefix: String,
        /// The newest run there is.
        newest: Option<RunId>,
    },
    /// Several runs' ids do.
    #[error("several runs have an id that begins with `{prefix}`; give more of it:{}", list(.candidates, *.more))]
    AmbiguousRun {
        /// What was asked for.
        prefix: String,
        /// The newest of them, newest first.
        candidates: Vec<RunSummary>,
        /// Whether there are more.
        more: bool,
    },
    /// An event that this version cannot read; [`crate::Journal::records`] gives it as it was written.
    #[error(
        "event {sequence} of run {run}, of kind `{kind}`, cannot be read ({source}); if a newer toolwright wrote it, \
         update"
    )]
    Unreadable {
        /// The run.
        run: RunId,
        /// The event's place in it.
        sequence: u64,
        /// Its kind as stored.
        kind: String,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// An event that has no JSON form.
    #[error("an event of kind `{kind}` cannot be written as JSON: {source}")]
    Encode {
        /// Its kind.
        kind: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// Anything else that SQLite reports.
    #[error("{doing} the journal {path} failed: {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// The database file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
}

fn recent(newest: Option<&RunId>) -> String {
    newest.map_or_else(|| "there are no runs yet".into(), |id| format!("the newest is {id}"))
}

fn list(candidates: &[RunSummary], more: bool) -> String {
    let mut text = String::new();
    for run in candidates {
        let question: String = run.question.as_deref().unwrap_or_default().chars().take(60).collect();
        let _ = write!(text, "\n  {}  {}", run.id, question.replace(char::is_control, " "));
    }
    if more {
        text.push_str("\n  … and older ones");
    }
    text
}

/// Sorts SQLite's errors by what a user can do about them.
pub(crate) fn classify(path: PathBuf, doing: &'static str, waited_s: u64, source: rusqlite::Error) -> JournalError {
    let detail = source.to_string();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => JournalError::Damaged { path, detail },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            JournalError::NotWritable { path, detail }
        }
        Some(ErrorCode::DiskFull) => JournalError::DiskFull { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => JournalError::Busy { path, waited_s },
        _ if is_conversion(&source) => JournalError::Damaged { path, detail },
        _ => JournalError::Sqlite { doing, path, source },
    }
}

/// STRICT tables hold the declared types, so a value of another one was not written by us.
fn is_conversion(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::FromSqlConversionFailure(..) | E::IntegralValueOutOfRange(..) | E::Utf8Error(..) | E::InvalidColumnType(..)
    )
}
