//! A disk that is full in the middle of a write: the old file is still there, whole, and nothing is left beside it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::{env, fs, process::Command};

use common::Place;
use serde_json::json;

/// The kernel refuses to let a file grow beyond this, in the place of a disk that has no more room.
const BLOCKS: &str = "8";
/// Says that this process runs under the limit.
const INNER: &str = "TOOLWRIGHT_TEST_FULL_DISK";

#[test]
fn a_write_that_fails_half_way_leaves_the_old_file() {
    if env::var_os(INNER).is_some() {
        return under_the_limit();
    }
    // The limit holds for a whole process, so that the test runs itself again in one of its own.
    let script = "trap '' XFSZ; ulimit -f \"$1\" && exec \"$0\" --exact a_write_that_fails_half_way_leaves_the_old_file --nocapture";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .arg(BLOCKS)
        .env(INNER, "1")
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn under_the_limit() {
    let place = Place::of_the_examples();
    let much = "x".repeat(200_000);
    for (tool, arguments) in [
        ("write_file", json!({ "path": "notes.txt", "content": much })),
        ("patch_file", json!({ "path": "notes.txt", "old": "buy milk", "new": much })),
        ("write_file", json!({ "path": "new.txt", "content": much })),
    ] {
        let error = place.call(tool, &arguments).unwrap_err();
        assert!(error.starts_with("error: writing `n") && error.contains("failed: "), "{error}");
        assert_eq!(fs::read_to_string(place.file("notes.txt")).unwrap(), "call Ada\nbuy milk\nwater plants\n");
        let mut left: Vec<_> = fs::read_dir(place.file("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["data", "notes.txt"]);
    }
    // What fits is still written.
    place.call("write_file", &json!({ "path": "notes.txt", "content": "short" })).unwrap();
    assert_eq!(fs::read_to_string(place.file("notes.txt")).unwrap(), "short");
}
