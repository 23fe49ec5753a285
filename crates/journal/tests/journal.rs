//! The journal from outside: listing, finding, deleting, several writers, and files that cannot be used.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

use std::{collections::BTreeSet, fs, path::Path, thread, time::Duration};

use rusqlite::Connection;
use tempfile::TempDir;
use toolwright_journal::{Journal, JournalError, RunId};
use toolwright_protocol::{Budget, CallId, Event, RunConfig, RunStatus, ToolCall, Usage};

fn config() -> RunConfig {
    RunConfig {
        model: "seed".into(),
        model_hash: String::new(),
        prompt_hash: String::new(),
        tools: Vec::new(),
        seed: 1,
        temperature: 0.0,
        budget: Budget::default(),
    }
}

fn question(text: &str) -> Event {
    Event::UserMessage { text: text.into() }
}

fn call() -> Event {
    Event::ToolCalled { call: ToolCall { id: CallId(1), name: "f".into(), arguments: serde_json::json!({}) } }
}

fn journal() -> (TempDir, Journal) {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    (folder, journal)
}

fn file(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("journal.sqlite3")
}

#[test]
fn lists_the_newest_first_with_what_is_known_of_each() {
    let (_folder, journal) = journal();
    assert!(journal.runs(10).unwrap().is_empty());

    let mut done = journal.start_run(&config()).unwrap();
    let usage = Usage { calls: 2, elapsed: Duration::from_millis(5), ..Usage::default() };
    let ended = Event::RunEnded { status: RunStatus::Done, usage: usage.clone() };
    let answer = |text: &str| Event::Answer { text: text.into() };
    for event in [question("a?"), call(), call(), answer("first"), question("b?"), answer("second"), ended] {
        done.append(&event).unwrap();
    }
    let mut cut_off = journal.start_run(&config()).unwrap();
    for event in [question("c?"), call()] {
        cut_off.append(&event).unwrap();
    }
    let silent = journal.start_run(&config()).unwrap();

    let runs = journal.runs(10).unwrap();
    assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [silent.id(), cut_off.id(), done.id()]);
    assert_eq!((&runs[0].question, &runs[0].status, &runs[0].usage), (&None, &None, &None));
    assert_eq!((runs[1].question.as_deref(), &runs[1].status, runs[1].calls), (Some("c?"), &None, 1));
    assert_eq!(runs[2].question.as_deref(), Some("a?"));
    assert_eq!(runs[2].answer.as_deref(), Some("second"));
    assert_eq!((&runs[2].status, runs[2].calls, &runs[2].usage), (&Some(RunStatus::Done), 2, &Some(usage)));
    assert_eq!(journal.runs(1).unwrap(), runs[..1]);
    assert_eq!(journal.run(&done.id()).unwrap(), runs[2]);
}

#[test]
fn what_a_newer_version_wrote_is_listed_and_kept_raw() {
    let (_folder, journal) = journal();
    let mut run = journal.start_run(&config()).unwrap();
    run.append(&question("a?")).unwrap();
    let id = run.id();
    let newer = Connection::open(journal.path()).unwrap();
    let dream = r#"{"kind":"dreamt","about":["sheep"]}"#;
    let ended = r#"{"kind":"run_ended","status":{"state":"paused"},"usage":{}}"#;
    for (sequence, kind, body) in [(2, "dreamt", dream), (3, "run_ended", ended), (4, "answer", "not JSON")] {
        newer.execute("INSERT INTO events VALUES (?1, ?2, 0, ?3, ?4)", (id.to_string(), sequence, kind, body)).unwrap();
    }
    let listed = journal.run(&id).unwrap();
    assert_eq!(listed.question.as_deref(), Some("a?"));
    assert!(matches!(listed.status, Some(RunStatus::Failed { reason }) if reason.contains("paused")));
    assert_eq!(listed.answer, None);

    let records = journal.records(&id).unwrap();
    assert_eq!((records[2].kind.as_str(), records[2].body.as_str()), ("dreamt", dream));
    let error = journal.events(&id).unwrap_err();
    assert!(matches!(&error, JournalError::Unreadable { sequence: 2, kind, .. } if kind == "dreamt"), "{error}");
    assert!(error.to_string().contains("update"), "{error}");
}

#[test]
fn finds_a_run_by_the_beginning_of_its_id() {
    let (_folder, journal) = journal();
    let error = journal.find("0").unwrap_err();
    assert!(error.to_string().contains("there are no runs yet"), "{error}");

    let runs: Vec<RunId> = (0..12)
        .map(|number| {
            let mut run = journal.start_run(&config()).unwrap();
            run.append(&question(&format!("question {number}\nin two lines"))).unwrap();
            run.id()
        })
        .collect();
    for id in &runs {
        let text = id.to_string();
        assert_eq!(journal.find(&text).unwrap(), *id);
        assert_eq!(journal.find(&text.to_lowercase()).unwrap(), *id);
        let shortest = (1..=26).find(|&n| runs.iter().filter(|r| r.to_string().starts_with(&text[..n])).count() == 1);
        assert_eq!(journal.find(&text[..shortest.unwrap()]).unwrap(), *id);
    }
    for ambiguous in ["", "0"] {
        let error = journal.find(ambiguous).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("question 11 in two lines") && text.contains("and older ones"), "{text}");
        let JournalError::AmbiguousRun { candidates, more, .. } = error else { panic!("{text}") };
        assert_eq!((candidates.len(), candidates[0].id, more), (10, runs[11], true));
    }
    for none in ["7ZZZ", "%", "_", "é", "0'--", &format!("{}0", runs[0])] {
        let error = journal.find(none).unwrap_err();
        assert!(matches!(&error, JournalError::NoSuchRun { newest: Some(id), .. } if *id == runs[11]), "{error}");
    }
}

#[test]
fn deletes_a_run_whole_and_no_other() {
    let (folder, journal) = journal();
    let secret = "the swordfish is in the cellar";
    let mut kept = journal.start_run(&config()).unwrap();
    kept.append(&question("kept")).unwrap();
    let mut gone = journal.start_run(&config()).unwrap();
    gone.append(&question(secret)).unwrap();

    journal.delete_run(&gone.id()).unwrap();
    assert!(matches!(journal.delete_run(&gone.id()), Err(JournalError::NoSuchRun { .. })));
    assert!(matches!(journal.events(&gone.id()), Err(JournalError::NoSuchRun { .. })));
    assert!(gone.append(&question("more")).is_err(), "a deleted run takes no more events");
    assert_eq!(journal.runs(9).unwrap().len(), 1);
    assert_eq!(journal.events(&kept.id()).unwrap().len(), 2);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "the text is still on disk");
    }
}

#[test]
fn writers_on_two_connections_and_on_one_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let shared = Journal::open(folder.path()).unwrap();
    let writers: Vec<_> = [shared.clone(), shared, Journal::open(folder.path()).unwrap()]
        .into_iter()
        .map(|journal| {
            thread::spawn(move || {
                let mut run = journal.start_run(&config()).unwrap();
                for number in 1..=300u64 {
                    assert_eq!(run.append(&question(&number.to_string())).unwrap(), number);
                }
                run.id()
            })
        })
        .collect();
    let ids: BTreeSet<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
    assert_eq!(ids.len(), 3);
    let journal = Journal::open(folder.path()).unwrap();
    for id in ids {
        let events = journal.events(&id).unwrap();
        assert_eq!(events.len(), 301);
        assert!(events[1..].iter().all(|stamped| stamped.event == question(&stamped.sequence.to_string())));
    }
}

fn assert_refused(folder: &TempDir, words: &[&str]) -> JournalError {
    let before = fs::read(file(folder)).unwrap();
    let error = Journal::open(folder.path()).unwrap_err();
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
    assert_eq!(fs::read(file(folder)).unwrap(), before, "the file was touched");
    error
}

#[test]
fn files_that_are_not_ours_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(&folder), "Dear diary, ".repeat(500)).unwrap();
    assert!(matches!(assert_refused(&folder, &["damaged", "move it away"]), JournalError::Damaged { .. }));

    let folder = tempfile::tempdir().unwrap();
    Connection::open(file(&folder)).unwrap().execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    assert!(matches!(assert_refused(&folder, &["another program"]), JournalError::Foreign { .. }));

    let (folder, journal) = journal();
    drop(journal);
    Connection::open(file(&folder)).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = assert_refused(&folder, &["version 99", "update toolwright"]);
    assert!(matches!(error, JournalError::NewerSchema { found: 99, .. }));
}

#[test]
fn damage_anywhere_gives_an_error_and_never_a_panic() {
    let (pristine, journal) = journal();
    for number in 0..30 {
        let mut run = journal.start_run(&config()).unwrap();
        for event in [question(&format!("{number}?")), call(), Event::Prompted { tokens: (0..number * 40).collect() }] {
            run.append(&event).unwrap();
        }
    }
    drop(journal);
    let bytes = fs::read(file(&pristine)).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut refused_at_open, mut found_later) = (0, 0);
    for round in 0..120 {
        let mut damaged = bytes.clone();
        if round % 3 == 0 {
            damaged.truncate(1 + random(bytes.len() - 1));
        } else {
            // The header and the first pages steer everything else, so half of the damage goes there.
            let area = if round % 2 == 0 { 8192.min(bytes.len()) } else { bytes.len() };
            for _ in 0..=random(20) {
                damaged[random(area)] = random(256) as u8;
            }
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(file(&folder), &damaged).unwrap();
        let journal = match Journal::open(folder.path()) {
            Ok(journal) => journal,
            Err(_) => {
                refused_at_open += 1;
                assert_eq!(fs::read(file(&folder)).unwrap(), damaged, "round {round}: the file was touched");
                continue;
            }
        };
        let mut sound = true;
        match journal.runs(100) {
            Ok(runs) => {
                for run in runs {
                    sound &= journal.events(&run.id).is_ok();
                }
            }
            Err(_) => sound = false,
        }
        let appended = journal.start_run(&config()).and_then(|mut run| run.append(&question("more?")));
        found_later += i32::from(!sound || appended.is_err());
    }
    assert!(refused_at_open > 10 && found_later > 10, "{refused_at_open} refused, {found_later} found later");
}

#[test]
fn a_place_that_cannot_hold_a_journal_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("notes.txt");
    fs::write(&occupied, "mine").unwrap();
    for dir in [occupied.clone(), occupied.join("below")] {
        let error = Journal::open(&dir).unwrap_err();
        assert!(matches!(error, JournalError::Create { .. }), "{error}");
        assert!(error.to_string().contains("notes.txt") && error.to_string().contains("choose another"), "{error}");
    }
    assert_eq!(fs::read_to_string(&occupied).unwrap(), "mine");

    // A folder where the database file should be.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(file(&folder)).unwrap();
    let error = Journal::open(folder.path()).unwrap_err();
    assert!(matches!(error, JournalError::NotWritable { .. } | JournalError::Create { .. }), "{error}");
}

/// Not even the superuser can make a folder in `/sys`, so this holds whoever runs the tests.
#[cfg(target_os = "linux")]
#[test]
fn a_read_only_place_is_named() {
    let error = Journal::open(Path::new("/sys/toolwright")).unwrap_err();
    assert!(matches!(error, JournalError::Create { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("a/b");
    let journal = Journal::open(&dir).unwrap();
    let _run = journal.start_run(&config()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let files: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for path in files {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_folder_may_be_named_like_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("file:x?mode=memory&ü #");
    let id = Journal::open(&odd).unwrap().start_run(&config()).unwrap().id();
    assert_eq!(Journal::open(&odd).unwrap().find("0").unwrap(), id);
    assert!(odd.join("journal.sqlite3").is_file());
}
