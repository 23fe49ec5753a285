//! A process that is killed at any moment loses nothing that it was told is written.
//!
//! The writer is this test program itself, started once more to run [`writer`] alone.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use rusqlite::Connection;
use toolwright_journal::{Journal, RunId};
use toolwright_protocol::{Budget, Event, GenerationEnd, RunConfig};

const FOLDER: &str = "TOOLWRIGHT_JOURNAL_UNDER_TEST";

fn config() -> RunConfig {
    RunConfig {
        model: "none".into(),
        model_hash: String::new(),
        prompt_hash: String::new(),
        tools: Vec::new(),
        seed: 0,
        temperature: 0.0,
        budget: Budget::default(),
    }
}

/// From some bytes to several pages long, so that commits of all sizes are interrupted.
fn numbered(number: u64) -> Event {
    let length = number.wrapping_mul(2_654_435_761) % if number.is_multiple_of(10) { 20_000 } else { 500 };
    let text = format!("event {number} {}", "x".repeat(length as usize));
    Event::Generated { tokens: vec![number as u32; 3], text, end: GenerationEnd::EndOfTurn }
}

/// Appends until it is killed; says the run's id, and the number of each event once it is acknowledged.
#[test]
#[ignore = "the other tests of this file start it, in a process of its own"]
fn writer() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let mut out = std::io::stdout();
    let mut run = Journal::open(Path::new(&folder)).unwrap().start_run(&config()).unwrap();
    writeln!(out, "\nrun {}", run.id()).unwrap();
    // Bounded, should the parent die without killing it.
    for number in 1..200_000 {
        assert_eq!(run.append(&numbered(number)).unwrap(), number);
        writeln!(out, "ack {number}").unwrap();
    }
}

struct Writer {
    process: Child,
    output: BufReader<ChildStdout>,
    said: String,
}

impl Writer {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "writer", "--ignored", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, output, said: String::new() }
    }

    fn wait_for(&mut self, acknowledged: u64) {
        let line = format!("ack {acknowledged}\n");
        while !self.said.ends_with(&line) {
            assert!(self.output.read_line(&mut self.said).unwrap() > 0, "the writer ended early: {}", self.said);
        }
    }

    /// The run and the number of its last acknowledged event, if it came so far.
    fn kill(mut self) -> Option<(RunId, u64)> {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        self.output.read_to_string(&mut self.said).unwrap();
        // 101 is what a test program ends with when a test panics.
        assert!(!status.success() && status.code() != Some(101), "the writer ended of itself: {}", self.said);
        // The last line may be cut.
        let whole = &self.said[..self.said.rfind('\n').map_or(0, |end| end + 1)];
        let value = |line: &'_ str, word| line.strip_prefix(word).map(str::to_owned);
        let run = whole.lines().find_map(|line| value(line, "run "))?.parse().unwrap();
        let acknowledged = whole.lines().rev().find_map(|line| value(line, "ack ")).map_or(0, |n| n.parse().unwrap());
        Some((run, acknowledged))
    }
}

fn check(folder: &Path, run: RunId, acknowledged: u64) {
    let journal = Journal::open(folder).unwrap();
    let events = journal.events(&run).unwrap();
    let written = events.len() as u64 - 1;
    assert!(
        written == acknowledged || written == acknowledged + 1,
        "{acknowledged} events were acknowledged and {written} are there"
    );
    assert!(matches!(events[0].event, Event::RunStarted { .. }));
    for stamped in &events[1..] {
        assert_eq!(stamped.event, numbered(stamped.sequence));
    }
    assert_eq!(journal.run(&run).unwrap().status, None);
}

fn check_file(folder: &Path) {
    let connection = Connection::open(folder.join("journal.sqlite3")).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// Spreads the moments evenly (the golden ratio's multiples); the scheduler adds the rest of the chance.
fn moment(round: u32, up_to: Duration) -> Duration {
    up_to.mul_f64((f64::from(round) * 0.618_033_988_75).fract())
}

#[test]
fn what_was_acknowledged_survives_a_kill_while_writing() {
    let folder = tempfile::tempdir().unwrap();
    let mut total = 0;
    for round in 0..24 {
        let mut writer = Writer::start(folder.path());
        writer.wait_for(1 + u64::from(round) * 7);
        thread::sleep(moment(round, Duration::from_millis(3)));
        let (run, acknowledged) = writer.kill().unwrap();
        check(folder.path(), run, acknowledged);
        total += acknowledged;
    }
    check_file(folder.path());
    assert_eq!(Journal::open(folder.path()).unwrap().runs(100).unwrap().len(), 24);
    assert!(total >= (0..24).map(|round| 1 + round * 7).sum());
}

#[test]
fn a_kill_while_the_journal_is_made_leaves_one_that_opens() {
    for round in 0..16 {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::start(folder.path());
        thread::sleep(moment(round, Duration::from_millis(25)));
        if let Some((run, acknowledged)) = writer.kill() {
            check(folder.path(), run, acknowledged);
        }
        let mut run = Journal::open(folder.path()).unwrap().start_run(&config()).unwrap();
        assert_eq!(run.append(&numbered(1)).unwrap(), 1);
        check_file(folder.path());
    }
}

#[test]
fn killing_one_writer_does_not_disturb_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut writers: Vec<_> = (0..3).map(|_| Writer::start(folder.path())).collect();
    for writer in &mut writers {
        writer.wait_for(30);
    }
    for survivors in (0..3).rev() {
        let (run, acknowledged) = writers.remove(0).kill().unwrap();
        check(folder.path(), run, acknowledged);
        assert_eq!(writers.len(), survivors);
        for writer in &mut writers {
            let mut line = String::new();
            writer.output.read_line(&mut line).unwrap();
            let so_far: u64 = line.trim().strip_prefix("ack ").unwrap().parse().unwrap();
            writer.wait_for(so_far + 50);
        }
    }
    check_file(folder.path());
}
