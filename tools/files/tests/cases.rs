//! The table of `cases.jsonl`, whose lines are calls one after the other in one workspace, and the examples of `prompts/`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

mod common;

use std::fs;

use common::Place;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    tool: String,
    arguments: Value,
    /// All of what the model reads.
    result: Option<String>,
    /// A part of the error that it reads.
    error: Option<String>,
    /// A file of the workspace afterwards.
    then: Option<(String, String)>,
}

#[test]
fn every_case_gives_what_the_table_says() {
    let place = Place::of_the_examples();
    place.put("latin.txt", b"caf\xe9\nth\xe9\n");
    place.put("utf16.txt", b"\xff\xfec\0a\0f\0\xe9\0\n\0");
    place.put("dos.txt", "one\r\ntwo\r\n");
    place.put("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    place.put("long.txt", (1..=450).map(|n| format!("line {n}\n")).collect::<String>());
    place.put("wide.txt", "ä".repeat(5_000));
    place.put("empty.txt", "");
    place.put("twice.txt", "a = 1\nb = 2\na = 1\n");
    place.spill(3, &(1..=900).map(|n| format!("row {n}\n")).collect::<String>());
    let mut wrong = Vec::new();
    for line in include_str!("../cases.jsonl").lines() {
        let case: Case = serde_json::from_str(line).expect(line);
        let got = place.call(&case.tool, &case.arguments).map(|output| output.text);
        let right = match (&case.result, &case.error, &got) {
            (Some(expected), None, Ok(got)) => got == expected,
            (None, Some(part), Err(got)) => got.starts_with("error: ") && got.contains(part),
            _ => false,
        };
        if !right {
            wrong.push(format!("{} {}: got {got:?}", case.tool, case.arguments));
        }
        if let Some((path, content)) = case.then {
            let found = fs::read(place.file(&path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            if found.as_ref().ok() != Some(&content) {
                wrong.push(format!("{} {}: {path} holds {found:?}", case.tool, case.arguments));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_the_tool_descriptions_are_true() {
    for (tool, text) in [
        ("list_files", include_str!("../prompts/list_files.md")),
        ("read_file", include_str!("../prompts/read_file.md")),
        ("patch_file", include_str!("../prompts/patch_file.md")),
        ("write_file", include_str!("../prompts/write_file.md")),
    ] {
        let place = Place::of_the_examples();
        let (_, examples) = text.split_once("\nExamples:\n{").expect(tool);
        let mut count = 0;
        for example in examples.trim_end().split("\n{") {
            let (arguments, expected) = example.split_once(" -> ").expect(example);
            let arguments = serde_json::from_str(&format!("{{{arguments}")).expect(example);
            assert_eq!(place.says(tool, &arguments).trim_end(), expected, "{tool} {arguments}");
            count += 1;
        }
        assert!(count >= 2, "{tool}");
    }
}

#[test]
fn effects_are_told_where_the_folder_is_the_users() {
    let effects = |user_folder| {
        let config = toolwright_files::FilesConfig { user_folder, ..Default::default() };
        toolwright_files::tools(config).iter().map(|tool| tool.spec().effects.clone()).collect::<Vec<_>>()
    };
    use toolwright_protocol::Effect::{Reads, Writes};
    assert_eq!(effects(true), [vec![Reads], vec![Reads], vec![Writes], vec![Writes]]);
    assert!(effects(false).iter().all(Vec::is_empty), "the run's own folder is nobody else's");
}
