//! The tables `python.jsonl` and `javascript.jsonl`, and the examples that the model is told.

use serde_json::{Value, json};
use toolwright_code::CodeTool;
use toolwright_tool::Tool as _;

use crate::{call, javascript, python};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    arguments: Value,
    result: Option<String>,
    error: Option<String>,
}

async fn wrong(tool: &CodeTool, cases: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let Case { arguments, result, error } = serde_json::from_str(line).expect(line);
        let folder = tempfile::tempdir().unwrap();
        let output = call(tool, 1, folder.path(), arguments).await;
        let right = match (&result, &error) {
            (Some(text), None) => !output.is_error && output.text == *text,
            (None, Some(part)) => output.is_error && output.text.contains(part.as_str()),
            _ => false,
        };
        if !right {
            wrong.push(format!("{line}\n  got {:?}", output.text));
        }
    }
    wrong
}

#[tokio::test]
async fn every_case_gives_what_the_tables_say() {
    let mut all = wrong(&python(Default::default()), include_str!("../../python.jsonl")).await;
    all.extend(wrong(&javascript(Default::default()), include_str!("../../javascript.jsonl")).await);
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[tokio::test]
async fn the_examples_of_the_descriptions_are_true() {
    for tool in [python(Default::default()), javascript(Default::default())] {
        let mut count = 0;
        for (arguments, expected) in tool.spec().description.lines().filter_map(|line| line.rsplit_once(" -> ")) {
            count += 1;
            let folder = tempfile::tempdir().unwrap();
            let output = call(&tool, 1, folder.path(), serde_json::from_str(arguments).expect(arguments)).await;
            assert_eq!(output.text.replace('\n', ", "), expected, "{arguments}");
            assert!(!output.is_error);
        }
        assert!(count >= 3, "{}", tool.spec().name);
    }
}

#[tokio::test]
async fn fences_line_ends_and_nothing_at_all() {
    let tool = python(Default::default());
    let folder = tempfile::tempdir().unwrap();
    let text = async |arguments: Value| call(&tool, 1, folder.path(), arguments).await.text;
    assert_eq!(text(json!({ "code": "Sure:\r\n```python\r\nprint(1)\r\nprint(2)\r\n```\r\nDone." })).await, "1\n2");
    assert_eq!(text(json!({ "code": "x = 5" })).await, "(no output)");
    assert_eq!(text(json!({ "code": "" })).await, "error: `code` is empty; give a Python program");
    assert!(text(json!({ "code": "print('\0')" })).await.starts_with("error: `code` holds a NUL character"));
}
