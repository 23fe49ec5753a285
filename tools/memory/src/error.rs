use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

use crate::{MAX_FACT, MAX_FACTS, MAX_TOPIC, store::BUSY_TIMEOUT};

/// Why something cannot be remembered, recalled or forgotten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// A fact without a word in it.
    #[error("the fact is empty; say it in a sentence")]
    Empty,
    /// A fact that is too long.
    #[error("a fact may have at most {MAX_FACT} characters, and this one has {0}; keep the essence, or write a file")]
    FactTooLong(usize),
    /// A topic that is too long.
    #[error("a topic may have at most {MAX_TOPIC} characters, and this one has {0}; a word or two are enough")]
    TopicTooLong(usize),
    /// There is no room for another fact.
    #[error("the memory is full: it holds {MAX_FACTS} facts; forget some that are no longer needed first")]
    Full,
    /// The folder or the file in it cannot be made.
    #[error("cannot create {path}: {source}; choose another data directory, or free this path")]
    Create {
        /// What was to be made.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file or its folder may not be written.
    #[error("the memory {path} cannot be written ({detail}); make the file and its folder writable")]
    NotWritable {
        /// The database file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// The file was damaged and is now elsewhere.
    #[error(
        "the memory {path} is damaged ({detail}). It was moved to {aside}, and the next start begins with an empty \
         one; `sqlite3 {aside} .recover` saves what can be read"
    )]
    MovedAside {
        /// Where it was.
        path: PathBuf,
        /// Where it is.
        aside: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The file is damaged, and was sound when it was opened.
    #[error("the memory {path} is damaged ({detail}); the next start moves it aside")]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The damaged file cannot be moved.
    #[error("the memory {path} is damaged, and cannot be moved aside ({source}); move it by hand")]
    Aside {
        /// The database file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A sound SQLite database, but of another program.
    #[error("{path} is a database of another program; move it away, or choose another data directory")]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// Written by a later version.
    #[error("the memory {path} has schema version {found}, and this program knows versions up to {known}; update it")]
    NewerSchema {
        /// The database file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The last version known here.
        known: u32,
    },
    /// The file system has no shared memory between processes.
    #[error(
        "the file system of {path} cannot hold a write-ahead log (SQLite stays in mode `{mode}`); use a local disk"
    )]
    NoWriteAheadLog {
        /// The database file.
        path: PathBuf,
        /// The mode it stays in.
        mode: String,
    },
    /// No room on the disk.
    #[error("no room to write the memory {path}; free some disk space and try again")]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// Another process held the write lock for too long.
    #[error("the memory {path} has been locked by another process for {} seconds; try again", BUSY_TIMEOUT.as_secs())]
    Busy {
        /// The database file.
        path: PathBuf,
    },
    /// Anything else that SQLite reports.
    #[error("using the memory {path} failed: {source}")]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// SQLite's error.
        source: rusqlite::Error,
    },
}

impl MemoryError {
    /// Whether other words would have gone through: what a model can mend.
    #[must_use]
    pub fn is_of_the_input(&self) -> bool {
        matches!(self, Self::Empty | Self::FactTooLong(_) | Self::TopicTooLong(_) | Self::Full)
    }
}

/// Sorts SQLite's errors by what a user can do about them.
pub(crate) fn classify(path: PathBuf, source: rusqlite::Error) -> MemoryError {
    use rusqlite::Error as E;
    let detail = source.to_string();
    // STRICT tables hold the declared types, so a value of another one was not written by us.
    let of_another_type = matches!(
        source,
        E::FromSqlConversionFailure(..) | E::IntegralValueOutOfRange(..) | E::Utf8Error(..) | E::InvalidColumnType(..)
    );
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => MemoryError::Damaged { path, detail },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            MemoryError::NotWritable { path, detail }
        }
        Some(ErrorCode::DiskFull) => MemoryError::DiskFull { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => MemoryError::Busy { path },
        _ if of_another_type => MemoryError::Damaged { path, detail },
        _ => MemoryError::Sqlite { path, source },
    }
}
