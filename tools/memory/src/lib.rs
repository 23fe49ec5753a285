//! Facts that are kept across runs: the tools `remember`, `recall` and `forget`, over one SQLite file.
//!
//! - A fact is a line of text with a number, perhaps a topic, its times and where it comes from. The same fact said again
//!   is not kept twice.
//! - `recall` finds facts by their words without endings (FTS5, ranked by BM25); where no word fits, by their letters.
//! - What is forgotten is gone from the file: from the table, the index of words and the write-ahead log.
//! - Several processes may use one memory at once. A damaged file is moved aside and told of, never replaced silently.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use toolwright_memory::{Memory, Origin};
//!
//! let memory = Memory::open(folder.path())?;
//! let kept = memory.remember("Ada's birthday is on 10 December.", Some("family"), &Origin::default())?;
//! assert_eq!(memory.recall("birthdays", None, 5)?[0].id, kept.fact.id);
//! memory.forget(kept.fact.id)?;
//! # Ok(()) }
//! ```

mod error;
mod search;
mod store;
mod text;
mod tool;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

pub use error::MemoryError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use serde::Serialize;
use toolwright_tool::Tool;

/// Characters of a fact.
pub const MAX_FACT: usize = 2_000;
/// Characters of a topic.
pub const MAX_TOPIC: usize = 64;
/// Facts in all.
pub const MAX_FACTS: usize = 10_000;

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Its number; never given to another fact, even when it is forgotten.
    pub id: i64,
    /// One line.
    pub text: String,
    /// What it is about, if that was said.
    pub topic: Option<String>,
    /// When it was said first, to the second.
    pub created: Timestamp,
    /// When it was said last.
    pub updated: Timestamp,
    /// Where it was said first.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Where a fact comes from, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The call in that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<u32>,
}

/// What came of remembering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The fact as it is kept.
    pub fact: Fact,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// The memory of a data directory. Clones share one connection; it may be used from several threads.
#[derive(Debug, Clone)]
pub struct Memory {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// The tools `remember`, `recall` and `forget`, in the order in which a model is told of them.
#[must_use]
pub fn tools(memory: Memory) -> Vec<Arc<dyn Tool>> {
    tool::all(&memory)
}

impl Memory {
    /// Opens `memory.sqlite3` in `dir`; both are made if they are not there (on Unix for the owner alone).
    ///
    /// # Errors
    /// [`MemoryError`] says which: [`MemoryError::MovedAside`] on a damaged file, which is then out of the way, so that
    /// the next try succeeds; a file of another program, or of a later version, is left as it is.
    pub fn open(dir: &Path) -> Result<Self, MemoryError> {
        let (connection, path) = store::open(dir)?;
        Ok(Self { shared: Arc::new(Shared { path, connection: Mutex::new(connection) }) })
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Keeps a fact. One that differs from a kept one only in case, blanks and punctuation is that one: its time and,
    /// if one is given, its topic are brought up to date.
    ///
    /// # Errors
    /// [`MemoryError::Empty`], [`MemoryError::FactTooLong`], [`MemoryError::TopicTooLong`] and [`MemoryError::Full`];
    /// else why the file cannot be written.
    pub fn remember(&self, fact: &str, topic: Option<&str>, origin: &Origin) -> Result<Kept, MemoryError> {
        let text = text::clean(fact);
        let topic = topic.map(text::clean).filter(|topic| !topic.is_empty());
        if text.is_empty() {
            return Err(MemoryError::Empty);
        }
        let within = |text: &str, most: usize| Some(text.chars().count()).filter(|length| *length > most);
        if let Some(length) = within(&text, MAX_FACT) {
            return Err(MemoryError::FactTooLong(length));
        }
        if let Some(length) = topic.as_deref().and_then(|topic| within(topic, MAX_TOPIC)) {
            return Err(MemoryError::TopicTooLong(length));
        }
        let key = text::key(&text);
        let kept = self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let now = next_moment(&transaction)?;
            let known = transaction
                .prepare_cached(
                    "UPDATE facts SET updated_ms = ?2, topic = coalesce(?3, topic) WHERE key = ?1 RETURNING id",
                )?
                .query_row(params![key, now, topic], |row| row.get::<_, i64>(0))
                .optional()?;
            let id = match known {
                Some(id) => id,
                None => {
                    let facts: i64 = transaction.query_row("SELECT count(*) FROM facts", [], |row| row.get(0))?;
                    if facts >= MAX_FACTS as i64 {
                        return Ok(None);
                    }
                    transaction
                        .prepare_cached(
                            "INSERT INTO facts (text, key, topic, created_ms, updated_ms, run, call)
                             VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
                        )?
                        .execute(params![text, key, topic, now, origin.run, origin.call])?;
                    transaction.last_insert_rowid()
                }
            };
            let fact = one(&transaction, id)?;
            transaction.commit()?;
            Ok(fact.map(|fact| Kept { fact, is_new: known.is_none() }))
        })?;
        kept.ok_or(MemoryError::Full)
    }

    /// The facts that fit a query best, best first, at most `limit`; of one topic, if one is given. An empty query fits
    /// all, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read. No query is wrong.
    pub fn recall(&self, query: &str, topic: Option<&str>, limit: usize) -> Result<Vec<Fact>, MemoryError> {
        let query = text::clean(query);
        let topic = topic.map(text::clean).filter(|topic| !topic.is_empty());
        self.with(|connection| match query.as_str() {
            "" => newest(connection, topic.as_deref(), limit),
            query => search::search(connection, query, topic.as_deref(), limit),
        })
    }

    /// All facts, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn list(&self) -> Result<Vec<Fact>, MemoryError> {
        self.with(|connection| newest(connection, None, usize::MAX))
    }

    /// How many facts there are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn len(&self) -> Result<usize, MemoryError> {
        let count: i64 =
            self.with(|connection| connection.query_row("SELECT count(*) FROM facts", [], |row| row.get(0)))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Whether nothing is remembered.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_empty(&self) -> Result<bool, MemoryError> {
        Ok(self.len()? == 0)
    }

    /// Forgets a fact for good and returns it; `None` where there is none of that number.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget(&self, id: i64) -> Result<Option<Fact>, MemoryError> {
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let fact = one(&transaction, id)?;
            if fact.is_some() {
                transaction.execute("DELETE FROM facts WHERE id = ?1", [id])?;
            }
            transaction.commit()?;
            if fact.is_some() { wipe_log(connection).map(|()| fact) } else { Ok(None) }
        })
    }

    /// Forgets everything and returns how many facts that were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn clear(&self) -> Result<usize, MemoryError> {
        self.with(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let count = transaction.execute("DELETE FROM facts", [])?;
            transaction.commit()?;
            wipe_log(connection).map(|()| count)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, MemoryError> {
        // A panic elsewhere leaves no half-done transaction behind: dropping one rolls it back.
        let mut connection = self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection).map_err(|error| error::classify(self.shared.path.clone(), error))
    }
}

/// Brings what was written into the database and empties the log, in which a forgotten text still stands. Where another
/// process reads just then, the log is emptied when that or a later one closes.
fn wipe_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// The time in milliseconds, later than whatever was said before: two facts of one millisecond keep their order. A clock that
/// was set back by more than a second is believed.
fn next_moment(connection: &Connection) -> rusqlite::Result<i64> {
    let latest: Option<i64> = connection.query_row("SELECT max(updated_ms) FROM facts", [], |row| row.get(0))?;
    let now = Timestamp::now().as_millisecond();
    Ok(latest.filter(|latest| (now..now + 1000).contains(latest)).map_or(now, |latest| latest + 1))
}

fn newest(connection: &Connection, topic: Option<&str>, limit: usize) -> rusqlite::Result<Vec<Fact>> {
    let sql = "SELECT id, text, topic, created_ms, updated_ms, run, call FROM facts
               WHERE ?1 IS NULL OR topic = ?1 COLLATE NOCASE ORDER BY updated_ms DESC, id DESC LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.query_map(params![topic, limit], read)?.collect()
}

fn one(connection: &Connection, id: i64) -> rusqlite::Result<Option<Fact>> {
    let sql = "SELECT id, text, topic, created_ms, updated_ms, run, call FROM facts WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Fact> {
    let time = |column| -> rusqlite::Result<Timestamp> {
        // Told to the second; the order of facts is that of the milliseconds.
        let ms: i64 = row.get(column)?;
        let time = Timestamp::from_second(ms.div_euclid(1000));
        time.map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, ms))
    };
    Ok(Fact {
        id: row.get(0)?,
        text: row.get(1)?,
        topic: row.get(2)?,
        created: time(3)?,
        updated: time(4)?,
        origin: Origin { run: row.get(5)?, call: row.get(6)? },
    })
}
