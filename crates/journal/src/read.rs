use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;
use toolwright_protocol::{Event, RunStatus, Usage};

use crate::RunId;

/// What a list of runs shows. Taken from the events, so it cannot disagree with them.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// The run.
    pub id: RunId,
    /// When it began: milliseconds since the Unix epoch.
    pub started_ms: i64,
    /// The first message of the user, if the run came so far.
    pub question: Option<String>,
    /// How it ended; `None` if it was cut off or is still running.
    pub status: Option<RunStatus>,
    /// The last answer, if there is one.
    pub answer: Option<String>,
    /// Calls dispatched.
    pub calls: u64,
    /// What it used; known once it has ended.
    pub usage: Option<Usage>,
}

/// An event as it stands in the journal, also one of a kind that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Counted from 0 within the run.
    pub sequence: u64,
    /// Milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The tag of the event's kind.
    pub kind: String,
    /// The event as JSON, its kind included.
    pub body: String,
}

impl Record {
    /// The event, if this version can read it.
    ///
    /// # Errors
    /// On an unknown kind, or fields that do not fit it.
    pub fn event(&self) -> Result<Event, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// The newest runs first; `range` bounds the ids, its end excluded.
pub(crate) fn summaries(
    connection: &Connection,
    range: (&str, &str),
    limit: usize,
) -> rusqlite::Result<Vec<RunSummary>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut newest = connection
        .prepare_cached("SELECT id, started_ms FROM runs WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3")?;
    let runs = newest.query_map(params![range.0, range.1, limit], |row| Ok((id(row)?, row.get(1)?)))?;
    runs.map(|run| run.and_then(|(id, started_ms)| summary(connection, id, started_ms))).collect()
}

fn summary(connection: &Connection, id: RunId, started_ms: i64) -> rusqlite::Result<RunSummary> {
    // Both find what they look for at one end of the run, so no index is needed.
    let first = "SELECT body FROM events WHERE run = ?1 AND kind = ?2 ORDER BY sequence LIMIT 1";
    let last = "SELECT body FROM events WHERE run = ?1 AND kind = ?2 ORDER BY sequence DESC LIMIT 1";
    let body = |sql, kind| -> rusqlite::Result<Option<String>> {
        connection.prepare_cached(sql)?.query_row(params![id.to_string(), kind], |row| row.get(0)).optional()
    };
    // Read as plain JSON: a later version may have added fields, and the text is worth showing all the same.
    let text = |body: Option<String>| match serde_json::from_str(&body?) {
        Ok(Value::Object(mut event)) => match event.remove("text") {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        _ => None,
    };
    let question = text(body(first, "user_message")?);
    let answer = text(body(last, "answer")?);
    let (status, usage) = match body(last, "run_ended")?.map(|body| serde_json::from_str(&body)) {
        None => (None, None),
        Some(Ok(Event::RunEnded { status, usage })) => (Some(status), Some(usage)),
        Some(other) => {
            let why = other.map_or_else(|error| error.to_string(), |_| "it is an event of another kind".into());
            let reason = format!("the run has ended, but the entry that says how cannot be read: {why}");
            (Some(RunStatus::Failed { reason }), None)
        }
    };
    let calls = match &usage {
        Some(usage) => u64::from(usage.calls),
        None => connection
            .prepare_cached("SELECT count(*) FROM events WHERE run = ?1 AND kind = 'tool_called'")?
            .query_row([id.to_string()], |row| row.get::<_, i64>(0))?
            .unsigned_abs(),
    };
    Ok(RunSummary { id, started_ms, question, status, answer, calls, usage })
}

pub(crate) fn records(connection: &Connection, run: RunId) -> rusqlite::Result<Vec<Record>> {
    let mut all =
        connection.prepare_cached("SELECT sequence, at_ms, kind, body FROM events WHERE run = ?1 ORDER BY sequence")?;
    all.query_map([run.to_string()], |row| {
        let sequence: i64 = row.get(0)?;
        let sequence = u64::try_from(sequence).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, sequence))?;
        Ok(Record { sequence, at_ms: row.get(1)?, kind: row.get(2)?, body: row.get(3)? })
    })?
    .collect()
}

fn id(row: &Row<'_>) -> rusqlite::Result<RunId> {
    row.get::<_, String>(0)?
        .parse()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}
