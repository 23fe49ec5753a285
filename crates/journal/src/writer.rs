use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, params};
use toolwright_protocol::Event;

use crate::{JournalError, RunId, Shared};

/// Appends to one run. Made by [`crate::Journal::start_run`].
#[derive(Debug)]
pub struct RunWriter {
    shared: Arc<Shared>,
    run: RunId,
    next: u64,
}

impl RunWriter {
    pub(crate) fn new(shared: Arc<Shared>, run: RunId, next: u64) -> Self {
        Self { shared, run, next }
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> RunId {
        self.run
    }

    /// Appends an event and returns its sequence number once it is committed: from then on it survives the end of this
    /// process, however sudden. [`Event::RunEnded`] is also forced to the disk, together with all before it, so a
    /// finished run survives a power cut too.
    ///
    /// # Errors
    /// When the event cannot be written; then nothing of it is in the journal, and the same call may be tried again.
    pub fn append(&mut self, event: &Event) -> Result<u64, JournalError> {
        let entry = Entry::new(event)?;
        let forced = matches!(event, Event::RunEnded { .. });
        let sequence = self.next;
        self.shared.with("writing to", |connection| {
            if !forced {
                return insert(connection, self.run, sequence, &entry);
            }
            connection.execute_batch("PRAGMA synchronous = FULL")?;
            let inserted = insert(connection, self.run, sequence, &entry);
            connection.execute_batch("PRAGMA synchronous = NORMAL")?;
            inserted
        })?;
        self.next += 1;
        Ok(sequence)
    }
}

/// An event in the form of its row.
pub(crate) struct Entry {
    at_ms: i64,
    kind: &'static str,
    body: String,
}

impl Entry {
    pub(crate) fn new(event: &Event) -> Result<Self, JournalError> {
        let kind = kind(event);
        let body = serde_json::to_string(event).map_err(|source| JournalError::Encode { kind, source })?;
        Ok(Self { at_ms: now_ms(), kind, body })
    }
}

pub(crate) fn insert(connection: &Connection, run: RunId, sequence: u64, entry: &Entry) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO events (run, sequence, at_ms, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![run.to_string(), sequence.cast_signed(), entry.at_ms, entry.kind, entry.body])?;
    Ok(())
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The tag under which serde writes the event; a test holds the two together.
pub(crate) fn kind(event: &Event) -> &'static str {
    match event {
        Event::RunStarted { .. } => "run_started",
        Event::SystemMessage { .. } => "system_message",
        Event::UserMessage { .. } => "user_message",
        Event::Prompted { .. } => "prompted",
        Event::Generated { .. } => "generated",
        Event::Discarded { .. } => "discarded",
        Event::ToolCalled { .. } => "tool_called",
        Event::ToolReturned { .. } => "tool_returned",
        Event::Spliced { .. } => "spliced",
        Event::Answer { .. } => "answer",
        Event::RunEnded { .. } => "run_ended",
    }
}
