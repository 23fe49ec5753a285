//! The table of `cases.jsonl`, the examples of `tool.md`, Python's calendar as an oracle, and properties.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use serde_json::{Value, json};
use toolwright_datetime::{Clock, Datetime};
use toolwright_protocol::CallId;
use toolwright_tool::{CallContext, Tool as _, ToolError};

/// 24 November 2026, 15:04:05 in Berlin.
fn tool() -> Datetime {
    Datetime::new(Clock::fixed(UNIX_EPOCH + Duration::from_secs(1_795_529_045), "Europe/Berlin").unwrap())
}

/// What the model reads.
fn ask(tool: &Datetime, arguments: &Value) -> String {
    let context = CallContext::new(CallId(1), std::path::Path::new("nowhere"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match runtime.block_on(tool.call(arguments, &context)) {
        Ok(output) => output.text,
        Err(ToolError::Respond(why)) => why,
        Err(fatal) => panic!("{fatal}"),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    arguments: Value,
    result: Option<String>,
    error: Option<String>,
}

#[test]
fn every_case_gives_what_the_table_says() {
    let tool = tool();
    let mut wrong = Vec::new();
    for line in include_str!("../cases.jsonl").lines() {
        let case: Case = serde_json::from_str(line).expect(line);
        let got = ask(&tool, &case.arguments);
        let right = match (&case.result, &case.error) {
            (Some(expected), None) => got == *expected,
            (None, Some(part)) => got.starts_with("error: ") && got.contains(part.as_str()),
            _ => false,
        };
        if !right {
            wrong.push(format!("{}: got {got:?}, expected {:?} {:?}", case.arguments, case.result, case.error));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_the_tool_description_are_true() {
    let examples: Vec<_> = include_str!("../tool.md").lines().filter_map(|line| line.split_once(" -> ")).collect();
    assert!(examples.len() >= 5);
    for (arguments, expected) in examples {
        assert_eq!(ask(&tool(), &serde_json::from_str(arguments).unwrap()), expected, "{arguments}");
    }
}

#[test]
fn the_calendar_agrees_with_python() {
    let tool = tool();
    let lines = include_str!("../oracle/dates.jsonl").lines();
    let wrong: Vec<_> = lines
        .filter_map(|line| {
            let (arguments, expected): (Value, String) = serde_json::from_str(line).unwrap();
            let got = tool.answer(&arguments);
            (got.as_ref() != Ok(&expected)).then(|| format!("{arguments}: {got:?}, Python says {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_real_clock_tells_the_time_in_the_form_of_the_others() {
    let today = ask(&Datetime::new(Clock::Real), &json!({ "operation": "today" }));
    let weekday = ask(&tool(), &json!({ "operation": "weekday", "date": today }));
    assert_eq!(today.split_once(" (").map(|(_, rest)| rest), Some(format!("{weekday})").as_str()));
}

fn operation() -> impl Strategy<Value = String> {
    let known = tool().spec().parameters["properties"]["operation"]["enum"].clone();
    let known: Vec<String> = serde_json::from_value(known).unwrap();
    prop::sample::select(known)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_argument_gets_an_answer_of_one_kind_or_the_other(
        operation in operation(),
        date in prop_oneof![
            ".{0,40}",
            "[0-9]{1,9}([-/. :TWZ+][0-9]{1,5}){0,6}",
            "(mon|friday|16|3rd|of|july|feb|1969|0|noon|12:30|am|pm|utc|-|\\+|,| |today|now|é|٣){1,8}",
        ],
        date2 in ".{0,12}|today|1969-07-16 10:00|9999-12-31",
        numbers in prop::collection::vec(any::<i64>(), 8),
        zone in ".{0,12}|utc|Asia/Tokyo|[+-][0-9:]{1,6}",
    ) {
        let names = ["days", "weeks", "months", "years", "business_days", "hours", "minutes", "n"];
        let all: serde_json::Map<_, _> = names.iter().zip(&numbers).map(|(k, v)| ((*k).to_owned(), json!(v))).chain([
            ("date".to_owned(), json!(date)),
            ("date2".to_owned(), json!(date2)),
            ("weekday".to_owned(), json!("Friday")),
            ("zone".to_owned(), json!(zone)),
            ("zone2".to_owned(), json!(zone)),
        ]).collect();
        // First with everything, then with each argument alone beside the date.
        for name in all.keys().map(Some).chain([None]) {
            let mut arguments = all.clone();
            if let Some(name) = name {
                arguments.retain(|key, _| key == "date" || key == name);
            }
            arguments.insert("operation".into(), json!(operation));
            match tool().answer(&arguments.into()) {
                Ok(answer) => prop_assert!(!answer.is_empty() && answer.len() < 200),
                Err(error) => prop_assert!(error.to_string().len() < 600),
            }
        }
    }

    #[test]
    fn what_was_added_is_the_difference(year in 1000..9000_i64, day in 0..365_i64, days in -350_000..350_000_i64) {
        let tool = tool();
        let start = tool.answer(&json!({ "operation": "add", "date": format!("{year}-01-01"), "days": day })).unwrap();
        let end = tool.answer(&json!({ "operation": "add", "date": start, "days": days })).unwrap();
        let back = tool.answer(&json!({ "operation": "difference", "date": start, "date2": end })).unwrap();
        prop_assert_eq!(back, days.to_string());
    }
}
