//! What is too long to show is read page by page: files, and the outputs that a run keeps beside its workspace.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use common::Place;
use serde_json::{Value, json};

/// Follows the notes under the pages, as a model does, and gives the pages joined.
fn follow(place: &Place, path: &str) -> (String, usize) {
    let (mut arguments, mut whole, mut pages) = (json!({ "path": path }), String::new(), 0);
    loop {
        let output = place.call("read_file", &arguments).unwrap();
        // What the dispatcher shows of an output by default; a page must not be cut again.
        assert!(output.text.len() <= 8 * 1024, "{} bytes", output.text.len());
        let data = output.data.unwrap();
        let next = data["next"].clone();
        let (text, note) = match output.text.rsplit_once("\n[") {
            Some((text, note)) => (text, note),
            None => (output.text.as_str(), ""),
        };
        whole.push_str(text);
        pages += 1;
        if next == Value::Null {
            assert!(pages == 1 || note.ends_with("; end of the file]"), "{note}");
            return (whole, pages);
        }
        let column = next["column"].as_u64().unwrap();
        let told = format!("next: offset {}", next["offset"]);
        if column == 1 {
            assert!(note.ends_with(&format!("; {told}]")), "{note}");
            // The note stands on a line of its own, behind the newline that ends the page.
            whole.push('\n');
        } else {
            assert!(note.ends_with(&format!("; {told}, column {column}]")), "{note}");
        }
        arguments = json!({ "path": path, "offset": next["offset"], "column": column });
    }
}

#[test]
fn an_output_is_there_to_its_last_byte_and_a_page_is_never_cut_again() {
    let place = Place::new();
    let rows: String = (0..5_000).map(|n| format!("row {n}: {}\n", "é".repeat(n % 90))).collect();
    place.spill(12, rows.trim_end());
    let (whole, pages) = follow(&place, "outputs/call-12.txt");
    assert_eq!(whole, rows.trim_end());
    assert!(pages > 50, "{pages}");
    // One endless line of JSON.
    let line = format!("[{}]", (0..9_000).map(|n| format!("\"漢{n}\"")).collect::<Vec<_>>().join(","));
    place.spill(13, &line);
    let (whole, pages) = follow(&place, "outputs/call-13.txt");
    assert_eq!(whole, line);
    assert!(pages > 10, "{pages}");
}

#[test]
fn an_output_of_the_run_goes_before_a_file_of_that_name() {
    let place = Place::new();
    place.put("outputs/call-1.txt", "a file");
    assert_eq!(place.says("read_file", &json!({ "path": "outputs/call-1.txt" })), "a file");
    place.spill(1, "an output");
    assert_eq!(place.says("read_file", &json!({ "path": "outputs/call-1.txt" })), "an output");
    assert_eq!(place.says("list_files", &json!({ "path": "outputs" })), "call-1.txt  9 bytes\n[1 entry]");
    // Only outputs lie there for the tools.
    std::fs::write(place.outside().join("outputs/journal.db"), "x").unwrap();
    for path in
        ["outputs/journal.db", "outputs/../outputs/call-1.txt", "outputs/call-01234567890.txt", "outputs/call-.txt"]
    {
        assert!(place.call("read_file", &json!({ "path": path })).is_err(), "{path}");
    }
    assert!(!place.says("list_files", &json!({ "recursive": true })).contains("journal"));
}
