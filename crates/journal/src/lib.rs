//! The append-only event log: every run, event by event, in one SQLite file.
//!
//! What is promised, and by what:
//!
//! - **A killed process loses at most the event being written.** [`RunWriter::append`] returns after the commit, and a
//!   commit is one transaction in SQLite's write-ahead log: after a crash it is there whole or not at all.
//! - **A power cut loses at most the last moments of a run that had not ended, and damages nothing.** The log is written
//!   with `synchronous = NORMAL`: a commit reaches the operating system, which a dying process cannot take back, but
//!   is not forced to the disk, which would cost milliseconds per event where this costs some tens of microseconds
//!   (<https://sqlite.org/pragma.html#pragma_synchronous>). The end of a run is forced, and all before it with it.
//! - **Nothing is rewritten.** Triggers in the file refuse to change or drop an event, to leave a gap, or to replace a
//!   row, whoever asks; [`Journal::delete_run`] takes a whole run, and is the only way.
//! - **Several processes may write at once**, to different runs; writers wait for each other, readers for nobody.
//! - **A file that cannot be used is left as it is**: damaged, newer, read-only or of another program, each is an error
//!   of its own that says what to do.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let config: toolwright_protocol::RunConfig = serde_json::from_value(serde_json::json!({
//! #     "model": "seed", "model_hash": "", "prompt_hash": "", "tools": [], "seed": 0, "temperature": 0.0,
//! #     "budget": toolwright_protocol::Budget::default() }))?;
//! use toolwright_journal::Journal;
//! use toolwright_protocol::Event;
//!
//! let journal = Journal::open(folder.path())?;
//! let mut run = journal.start_run(&config)?; // writes `Event::RunStarted` as event 0
//! run.append(&Event::UserMessage { text: "What is 6 times 7?".into() })?;
//! let id = journal.find(&run.id().to_string())?;
//! assert_eq!(journal.events(&id)?.len(), 2);
//! # Ok(())
//! # }
//! ```

mod error;
mod read;
mod run_id;
mod store;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

pub use error::JournalError;
pub use read::{Record, RunSummary};
pub use run_id::{BadRunId, RunId};
use rusqlite::{Connection, TransactionBehavior, params};
use toolwright_protocol::{Event, RunConfig, Stamped};
use ulid::Generator;
pub use writer::RunWriter;

/// The journal of a data directory. Clones share one connection; it may be used from several threads.
#[derive(Debug, Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

/// One connection for all of a process: its threads queue at the mutex, which is fair and quick, and not at SQLite's
/// file lock, which is polled.
#[derive(Debug)]
pub(crate) struct Shared {
    path: PathBuf,
    connection: Mutex<Connection>,
    ids: Mutex<Generator>,
}

impl Shared {
    pub(crate) fn with<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        // A panic elsewhere leaves no half-done transaction behind: dropping one rolls it back.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection)
            .map_err(|error| error::classify(self.path.clone(), doing, store::BUSY_TIMEOUT.as_secs(), error))
    }
}

/// Above every ULID, all of whose letters are ASCII capitals and digits.
const AFTER_ALL: &str = "~";

/// How many runs an ambiguous prefix names.
const CANDIDATES: usize = 10;

impl Journal {
    /// Opens the journal in `dir`, which is made if it is not there (on Unix for the owner alone), and brings its
    /// schema up to date.
    ///
    /// # Errors
    /// [`JournalError`] says which: the folder cannot be made or written, the file is damaged, newer than this program,
    /// or of another program. The file is not changed then.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        let (connection, path) = store::open(dir)?;
        let shared = Shared { path, connection: Mutex::new(connection), ids: Mutex::new(Generator::new()) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Begins a run: its first event, [`Event::RunStarted`], is committed when this returns.
    ///
    /// # Errors
    /// When it cannot be written; then there is no such run.
    pub fn start_run(&self, config: &RunConfig) -> Result<RunWriter, JournalError> {
        let run = {
            let mut ids = self.shared.ids.lock().unwrap_or_else(PoisonError::into_inner);
            RunId(ids.generate().unwrap_or_else(|overflow| overflow.commit_overflow_increment()))
        };
        let entry = writer::Entry::new(&Event::RunStarted { config: Box::new(config.clone()) })?;
        self.shared.with("writing to", |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction
                .prepare_cached("INSERT INTO runs (id, started_ms) VALUES (?1, ?2)")?
                .execute(params![run.to_string(), writer::now_ms()])?;
            writer::insert(&transaction, run, 0, &entry)?;
            transaction.commit()
        })?;
        Ok(RunWriter::new(Arc::clone(&self.shared), run, 1))
    }

    /// The newest runs first, at most `limit`. Events that this version cannot read do not hinder it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runs(&self, limit: usize) -> Result<Vec<RunSummary>, JournalError> {
        self.shared.with("reading", |connection| read::summaries(connection, ("", AFTER_ALL), limit))
    }

    /// One run's line in that list.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`], or when the file cannot be read.
    pub fn run(&self, id: &RunId) -> Result<RunSummary, JournalError> {
        self.candidates(&id.to_string(), 1)?.pop().ok_or_else(|| self.no_such_run(&id.to_string()))
    }

    /// All events of a run, in order.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`]; [`JournalError::Unreadable`] on an event of a kind that this version does not know
    /// (see [`Journal::records`]); [`JournalError::Damaged`] on a gap; or when the file cannot be read.
    pub fn events(&self, id: &RunId) -> Result<Vec<Stamped>, JournalError> {
        let stamp = |record: Record| match record.event() {
            Ok(event) => Ok(Stamped { sequence: record.sequence, at_ms: record.at_ms, event }),
            Err(source) => {
                Err(JournalError::Unreadable { run: *id, sequence: record.sequence, kind: record.kind, source })
            }
        };
        self.records(id)?.into_iter().map(stamp).collect()
    }

    /// All events of a run as they were written, in order; what a newer version wrote included.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`]; [`JournalError::Damaged`] on a gap; or when the file cannot be read.
    pub fn records(&self, id: &RunId) -> Result<Vec<Record>, JournalError> {
        let records = self.shared.with("reading", |connection| read::records(connection, *id))?;
        if records.is_empty() {
            return Err(self.no_such_run(&id.to_string()));
        }
        if let Some((expected, _)) = (0u64..).zip(&records).find(|(expected, record)| *expected != record.sequence) {
            let detail = format!("event {expected} of run {id} is missing");
            return Err(JournalError::Damaged { path: self.shared.path.clone(), detail });
        }
        Ok(records)
    }

    /// The one run whose id begins with `prefix`, in either case.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`], or [`JournalError::AmbiguousRun`] with the newest runs that it could be.
    pub fn find(&self, prefix: &str) -> Result<RunId, JournalError> {
        let mut candidates = self.candidates(prefix, CANDIDATES + 1)?;
        match candidates.len() {
            0 => Err(self.no_such_run(prefix)),
            1 => Ok(candidates.remove(0).id),
            found => {
                candidates.truncate(CANDIDATES);
                let more = found > CANDIDATES;
                Err(JournalError::AmbiguousRun { prefix: prefix.into(), candidates, more })
            }
        }
    }

    /// Deletes a run with all its events, and overwrites the place where they stood. Files that the run left elsewhere
    /// are its caller's.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRun`], or when the file cannot be written; then the run is still there.
    pub fn delete_run(&self, id: &RunId) -> Result<(), JournalError> {
        let deleted = self.shared.with("deleting from", |connection| {
            let run = id.to_string();
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("INSERT INTO deletions (run) VALUES (?1)", [&run])?;
            transaction.execute("DELETE FROM events WHERE run = ?1", [&run])?;
            let deleted = transaction.execute("DELETE FROM runs WHERE id = ?1", [&run])?;
            transaction.execute("DELETE FROM deletions", [])?;
            transaction.commit()?;
            // The text also stands in the write-ahead log until that is emptied. Where a reader holds it back, it is
            // emptied later, so the outcome does not matter here.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).ok();
            Ok(deleted)
        })?;
        if deleted == 0 { Err(self.no_such_run(&id.to_string())) } else { Ok(()) }
    }

    fn candidates(&self, prefix: &str, limit: usize) -> Result<Vec<RunSummary>, JournalError> {
        if !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Vec::new());
        }
        let from = prefix.to_ascii_uppercase();
        let to = format!("{from}{AFTER_ALL}");
        self.shared.with("reading", |connection| read::summaries(connection, (&from, &to), limit))
    }

    fn no_such_run(&self, prefix: &str) -> JournalError {
        let newest = self.runs(1).ok().and_then(|mut runs| runs.pop()).map(|run| run.id);
        JournalError::NoSuchRun { prefix: prefix.into(), newest }
    }
}

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
