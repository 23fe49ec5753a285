//! Reads recorded model turns with the Hermes/Qwen dialect and counts how many come out as expected.
//!
//! ```text
//! cargo run -p toolwright-engine --example parse_cases -- cases.jsonl
//! ```
//!
//! Each line is an object with `input` (the model's text), `expect` (`content`, `reasoning_content`, `tool_calls`) and
//! `template`. Counted are turns in this dialect: those with a `<tool_call>` that holds JSON, and those of Hermes and Qwen
//! templates without a call. Cut-off turns and those that ask for raw thoughts are left out.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::{env, error::Error, fs};

use serde_json::Value;
use toolwright_engine::parse_turn;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: parse_cases CASES.jsonl")?;
    let (mut passed, mut counted, mut all) = (0, 0, 0);
    for line in fs::read_to_string(path)?.lines().filter(|line| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line)?;
        all += 1;
        if !in_dialect(&case) {
            continue;
        }
        counted += 1;
        match compare(&case) {
            Ok(()) => passed += 1,
            Err(difference) => println!("{} ({}): {difference}", case["id"], case["template"]),
        }
    }
    println!("{passed} of {counted} turns in the Hermes/Qwen dialect as expected; {} others left out", all - counted);
    Ok(())
}

fn in_dialect(case: &Value) -> bool {
    let (input, template) = (text(&case["input"]), text(&case["template"]));
    if case["is_partial"] == true || text(&case["reasoning_format"]).ends_with("NONE") {
        return false;
    }
    let json_call = input.split("<tool_call>").skip(1).any(|call| call.trim_start().starts_with('{'));
    let other_call =
        ["<function", "<arg_key>", "<minimax:", "<seed:", "[TOOL_CALLS]", "<|tool"].iter().any(|m| input.contains(m));
    let family = template.contains("Qwen") || template.contains("Hermes");
    let calls = case["expect"]["tool_calls"].as_array().map_or(0, Vec::len);
    json_call || (family && !other_call && calls == 0)
}

fn compare(case: &Value) -> Result<(), String> {
    let turn = parse_turn(text(&case["input"]));
    let expect = &case["expect"];
    check("content", &turn.content, text(&expect["content"]).trim())?;
    check("reasoning", turn.reasoning.as_deref().unwrap_or(""), text(&expect["reasoning_content"]).trim())?;
    let expected: Vec<(String, Value)> = expect["tool_calls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|call| {
            (text(&call["name"]).to_owned(), serde_json::from_str(text(&call["arguments"])).unwrap_or(Value::Null))
        })
        .collect();
    let calls: Vec<(String, Value)> = turn
        .calls
        .into_iter()
        .map(|call| call.map(|call| (call.name, call.arguments)).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    if calls == expected { Ok(()) } else { Err(format!("calls {calls:?} instead of {expected:?}")) }
}

fn check(what: &str, actual: &str, expected: &str) -> Result<(), String> {
    if actual == expected { Ok(()) } else { Err(format!("{what} {actual:?} instead of {expected:?}")) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
