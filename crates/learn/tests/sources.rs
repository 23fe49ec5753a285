//! What the sources make, from the wordings that are there.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use serde_json::json;
use toolwright_learn::{
    Draw, Entry, Episode, ModelTurn, Names, Part, Turn, read_folder,
    sources::{Dates, Offered, Relations, Source},
};
use toolwright_protocol::ToolSpec;

fn entries(file: &str) -> Vec<Entry> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wordings");
    let entries = read_folder(&folder).unwrap();
    let wanted = |entry: &Entry| match file {
        "dates" => matches!(entry, Entry::Date(_)),
        _ => matches!(entry, Entry::Relation(_)),
    };
    entries.into_iter().filter(wanted).collect()
}

fn tools() -> Offered {
    let spec = |name: &str| ToolSpec {
        name: name.into(),
        description: String::new(),
        parameters: json!({ "type": "object" }),
        effects: Vec::new(),
    };
    Offered::new(["calculator", "search", "datetime", "run_python"].map(spec).into(), Vec::new())
}

fn draws(source: &dyn Source, count: u64) -> Vec<Episode> {
    let mut made = Vec::new();
    for index in 0..count {
        let mut draw = Draw::new(7, source.name(), index);
        made.extend(source.episode(&tools(), Names::Trained, &mut draw));
    }
    assert!(made.len() as u64 * 10 > count * 9, "{} of {count}", made.len());
    made
}

/// Question, call arguments, result and answer of an episode with one call.
fn parts(episode: &Episode) -> (&str, &serde_json::Value, &str, &str) {
    let [Turn::User(question), Turn::Model(calls), Turn::Results(results), Turn::Model(ModelTurn { parts, .. })] =
        &episode.turns[..]
    else {
        panic!("{episode:?}")
    };
    let (Some(Part::Call(call)), [Part::Text(answer)]) = (calls.parts.last(), &parts[..]) else {
        panic!("{episode:?}")
    };
    assert!(episode.tools.iter().any(|spec| spec.name == call.tool), "{episode:?}");
    (question, &call.arguments, &results[0], answer)
}

#[test]
fn dates_are_answered_by_the_calendar() {
    for episode in draws(&Dates::new(entries("dates")), 200) {
        let (question, arguments, result, answer) = parts(&episode);
        assert!(!question.contains('{') && !answer.contains('{'), "{episode:?}");
        assert!(arguments["operation"].is_string());
        let told = result.split(" (").next().unwrap();
        assert!(answer.contains(told), "{episode:?}");
    }
}

#[test]
fn search_answers_stand_in_the_passages() {
    let (mut cited, mut missing) = (0, 0);
    for episode in draws(&Relations::new(entries("relations")), 400) {
        let (question, arguments, result, answer) = parts(&episode);
        assert!(!question.contains('{') && !result.contains('{') && !answer.contains('{'), "{episode:?}");
        assert!(arguments["query"].as_str().is_some_and(|query| !query.is_empty()));
        assert!(result.starts_with("[1] ") || result.starts_with("No results for: "), "{result}");
        if answer.starts_with("I could not find") {
            missing += 1;
            continue;
        }
        if let Some(number) = answer.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            cited += 1;
            assert!(result.contains(&format!("[{}] ", number.1)), "{episode:?}");
        }
    }
    assert!(cited > 100 && missing > 5, "{cited} {missing}");
}
