//! What is left of a run that was stopped: by Ctrl-C, or by kill -9 at any moment.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command},
    thread,
    time::Duration,
};

use toolwright_journal::Journal;
use toolwright_protocol::{Event, RunStatus};
use toolwright_tests::{User, ended};

const LONG: &[&str] = &["ask", "What is 17.5% of 2,480?", "--trace", "--temperature", "3", "--max-tokens", "80"];

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// At temperature 3 the seed rambles, so there is always something under way. Delays sweep the whole of a run, from
/// process start to its end; what is asserted holds wherever the kill falls.
#[test]
fn kill_9_loses_nothing_that_was_acknowledged() {
    let user = User::new();
    let (mut interrupted, mut acknowledged_in_all) = (0, 0);
    for round in 0..20u64 {
        let mut child = user.command(LONG).arg("--seed").arg(round.to_string()).spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let reader = thread::spawn(move || err.lines().map_while(Result::ok).collect::<Vec<_>>());
        thread::sleep(Duration::from_millis(10 + 15 * round));
        if child.try_wait().unwrap().is_none() {
            interrupted += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // A traced call or result was printed after it was committed.
        let lines = reader.join().unwrap();
        let acknowledged = lines.iter().filter(|line| line.contains("→ call") || line.contains("← ")).count();
        acknowledged_in_all += acknowledged;

        let journal = Journal::open(user.data_dir()).unwrap();
        let Some(run) = journal.runs(1).unwrap().into_iter().next() else {
            assert_eq!(acknowledged, 0);
            continue;
        };
        let events = journal.events(&run.id).unwrap();
        let kept = events
            .iter()
            .filter(|stamped| matches!(stamped.event, Event::ToolCalled { .. } | Event::ToolReturned { .. }));
        assert!(kept.count() >= acknowledged, "round {round}: {lines:?}");
        assert!(matches!(events[0].event, Event::RunStarted { .. }));
    }
    assert!(interrupted >= 3, "the kills all came too late: {interrupted}");
    assert!(user.run(&["runs"]).out.lines().count() > 0 || acknowledged_in_all == 0);
}

#[test]
fn ctrl_c_stops_cleanly_and_keeps_what_was_done() {
    let user = User::new();
    for round in 0..20 {
        let child = user.command(LONG).args(["--seed", &round.to_string()]).spawn().unwrap();
        thread::sleep(Duration::from_millis(60 + 15 * round));
        signal(&child, "-INT");
        let ended = ended(child.wait_with_output().unwrap());
        if ended.code != Some(130) {
            continue; // It was over before the signal came, or had not yet begun to listen.
        }
        let journal = Journal::open(user.data_dir()).unwrap();
        let Some(run) = journal.runs(1).unwrap().into_iter().next() else { continue };
        if run.status != Some(RunStatus::Cancelled) {
            continue;
        }
        let events = journal.events(&run.id).unwrap();
        assert!(events.iter().any(|stamped| matches!(stamped.event, Event::UserMessage { .. })), "{events:?}");
        assert!(ended.err.contains("toolwright show"), "{ended:?}");
        return;
    }
    panic!("no Ctrl-C in twenty was taken as one");
}
