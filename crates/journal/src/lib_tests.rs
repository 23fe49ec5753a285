use std::{collections::BTreeSet, time::Duration};

use rusqlite::ErrorCode;
use serde_json::json;
use tempfile::TempDir;
use toolwright_protocol::{
    Budget, CallId, DiscardReason, Effect, GenerationEnd, Observation, ObservationStatus, Provenance, RunStatus, Spent,
    ToolCall, ToolSpec, Usage,
};

use super::*;

fn config() -> RunConfig {
    let parameters = json!({ "type": "object", "properties": { "x": { "type": "number", "maximum": 1e300 } } });
    let tool = ToolSpec {
        name: "calculator".into(),
        description: "\"quotes\", \\ and \u{0} and 𝕊".into(),
        parameters,
        effects: vec![Effect::Reads, Effect::Spends],
    };
    RunConfig {
        model: "seed".into(),
        model_hash: "a".repeat(64),
        prompt_hash: "b".repeat(64),
        tools: vec![tool],
        seed: u64::MAX,
        temperature: 0.7,
        budget: Budget { wall: Some(Duration::from_nanos(1_000_000_001)), ..Budget::default() },
    }
}

/// Every kind of event, and every variant within.
fn every_event() -> Vec<Event> {
    let text = String::from("</tool_response>\u{0}\n\r\"'; DROP TABLE events; -- é 🧮 \u{202e}");
    let tokens: Vec<u32> = vec![0, 1, u32::MAX];
    let usage = Usage { generated_tokens: u64::MAX, first_token: Some(Duration::MAX), ..Usage::default() };
    let mut events = vec![
        Event::RunStarted { config: Box::new(config()) },
        Event::SystemMessage { text: String::new() },
        Event::UserMessage { text: text.clone() },
        Event::Prompted { tokens: (0..20_000).collect() },
        Event::ToolCalled {
            call: ToolCall { id: CallId(1), name: "f".into(), arguments: json!({ "z": [1.5, -0.0, null], "a": "ü" }) },
        },
        Event::Spliced {
            tokens: Vec::new(),
            spans: vec![
                (1, Provenance::Template),
                (2, Provenance::Tool("search".into())),
                (3, Provenance::User),
                (4, Provenance::System),
                (5, Provenance::Model),
            ],
        },
        Event::Answer { text: text.clone() },
    ];
    for end in [GenerationEnd::EndOfTurn, GenerationEnd::CallClosed, GenerationEnd::Stopped, GenerationEnd::Cancelled] {
        events.push(Event::Generated { tokens: tokens.clone(), text: text.clone(), end });
    }
    for reason in
        [DiscardReason::MalformedCall(text.clone()), DiscardReason::RepeatedCall(CallId(9)), DiscardReason::Lookahead]
    {
        events.push(Event::Discarded { tokens: tokens.clone(), text: text.clone(), reason });
    }
    for (number, status) in
        [ObservationStatus::Ok, ObservationStatus::Error, ObservationStatus::Denied, ObservationStatus::TimedOut]
            .into_iter()
            .enumerate()
    {
        let observation = Observation {
            call: CallId(number as u32),
            tool: "f".into(),
            status,
            content: text.clone(),
            data: (number == 1).then(|| serde_json::json!({ "exit": 1 })),
            spilled_to: (number == 1).then(|| "runs/x/1.txt".into()),
            elapsed: Duration::from_micros(1234),
        };
        events.push(Event::ToolReturned { observation });
    }
    let spent = [Spent::Tokens, Spent::Calls, Spent::Wall].map(|what| RunStatus::BudgetSpent { what });
    let other = [RunStatus::Done, RunStatus::Cancelled, RunStatus::Failed { reason: text }];
    for status in spent.into_iter().chain(other) {
        events.push(Event::RunEnded { status, usage: usage.clone() });
    }
    events
}

fn journal() -> (TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    (folder, journal)
}

#[test]
fn every_event_comes_back_equal_under_its_own_kind() {
    let (folder, journal) = journal();
    let mut run = journal.start_run(&config()).unwrap();
    let written = every_event();
    for (event, expected) in written.iter().zip(1u64..) {
        assert_eq!(run.append(event).unwrap(), expected);
    }
    drop(journal);
    let journal = Journal::open(folder.path()).unwrap();
    let read = journal.events(&run.id()).unwrap();
    assert_eq!(read[0].event, Event::RunStarted { config: Box::new(config()) });
    assert_eq!(read[1..].iter().map(|stamped| &stamped.event).collect::<Vec<_>>(), written.iter().collect::<Vec<_>>());
    assert!(read.windows(2).all(|pair| pair[0].sequence + 1 == pair[1].sequence && pair[0].at_ms > 0));

    let mut kinds = BTreeSet::new();
    for record in journal.records(&run.id()).unwrap() {
        let body: serde_json::Value = serde_json::from_str(&record.body).unwrap();
        assert_eq!(body["kind"], record.kind.as_str());
        kinds.insert(record.kind);
    }
    assert_eq!(kinds.len(), 11, "a kind of event is missing from this test: {kinds:?}");
}

#[test]
fn a_full_disk_loses_nothing_and_the_append_can_be_tried_again() {
    let (_folder, journal) = journal();
    let mut run = journal.start_run(&config()).unwrap();
    let limit = |pages: u32| {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        journal.shared.with("limiting", |c| c.query_row(&pragma, [], |_| Ok(()))).unwrap();
    };
    let event = Event::UserMessage { text: "x".repeat(3000) };
    limit(40);
    let error = (0..100).find_map(|_| run.append(&event).err()).expect("the limit was never reached");
    assert!(matches!(error, JournalError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("free some disk space"), "{error}");
    assert!(matches!(journal.start_run(&config()), Err(JournalError::DiskFull { .. })));
    let kept = journal.events(&run.id()).unwrap().len() as u64;
    assert!(kept > 5);

    limit(100_000);
    assert_eq!(run.append(&event).unwrap(), kept);
    assert_eq!(journal.runs(10).unwrap().len(), 1, "a run that could not be begun must not be listed");
}

#[test]
fn a_write_that_is_refused_says_so() {
    let (_folder, journal) = journal();
    let mut run = journal.start_run(&config()).unwrap();
    journal.shared.with("limiting", |c| c.execute_batch("PRAGMA query_only = ON")).unwrap();
    let error = run.append(&Event::Answer { text: String::new() }).unwrap_err();
    assert!(matches!(error, JournalError::NotWritable { .. }), "{error}");
    assert_eq!(journal.events(&run.id()).unwrap().len(), 1);
}

#[test]
fn the_end_of_a_run_is_forced_and_the_rest_is_not() {
    let (_folder, journal) = journal();
    let mut run = journal.start_run(&config()).unwrap();
    let level = || journal.shared.with("asking", |c| c.query_row("PRAGMA synchronous", [], |r| r.get::<_, i64>(0)));
    for event in every_event() {
        run.append(&event).unwrap();
        assert_eq!(level().unwrap(), 1, "after {event:?}");
    }
}

#[test]
fn a_panic_under_the_lock_does_not_lock_the_others_out() {
    let (_folder, journal) = journal();
    let other = journal.clone();
    let panicked = std::thread::spawn(move || {
        other.shared.with("panicking", |connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("INSERT INTO runs (id, started_ms) VALUES ('half', 0)", [])?;
            panic!("on purpose")
        })
    })
    .join();
    assert!(panicked.is_err());
    journal.start_run(&config()).unwrap();
    assert_eq!(journal.runs(10).unwrap().len(), 1);
}

#[test]
fn the_file_itself_refuses_to_be_rewritten() {
    let (_folder, journal) = journal();
    let mut run = journal.start_run(&config()).unwrap();
    run.append(&Event::Answer { text: "4".into() }).unwrap();
    let before = journal.records(&run.id()).unwrap();
    let id = run.id();
    let stranger = Connection::open(journal.path()).unwrap();
    for sql in [
        format!("UPDATE events SET body = '{{}}' WHERE run = '{id}'"),
        format!("DELETE FROM events WHERE run = '{id}' AND sequence = 1"),
        "DELETE FROM events".into(),
        format!("INSERT OR REPLACE INTO events VALUES ('{id}', 1, 0, 'answer', '{{}}')"),
        format!("REPLACE INTO events VALUES ('{id}', 0, 0, 'answer', '{{}}')"),
        format!("INSERT INTO events VALUES ('{id}', 3, 0, 'answer', '{{}}')"),
        format!("INSERT INTO events VALUES ('{id}', -1, 0, 'answer', '{{}}')"),
        "INSERT INTO events VALUES ('no such run', 0, 0, 'answer', '{}')".into(),
        format!("UPDATE runs SET started_ms = 0 WHERE id = '{id}'"),
        format!("REPLACE INTO runs VALUES ('{id}', 0)"),
        format!("DELETE FROM runs WHERE id = '{id}'"),
    ] {
        let error = stranger.execute(&sql, []).expect_err(&sql);
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::ConstraintViolation), "{sql}: {error}");
    }
    assert_eq!(journal.records(&id).unwrap(), before);
}
