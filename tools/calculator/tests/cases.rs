//! The table of `cases.jsonl`: expressions with the text that the model sees, or a part of the error that it sees.

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    expr: String,
    result: Option<String>,
    error: Option<String>,
}

#[test]
fn every_case_gives_what_the_table_says() {
    let cases: Vec<Case> =
        include_str!("../cases.jsonl").lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for Case { expr, result, error } in cases {
        let got = toolwright_calculator::evaluate(&expr).map(|v| v.to_string()).map_err(|e| e.to_string());
        let right = match (&got, &result, &error) {
            (Ok(value), Some(expected), None) => value == expected,
            (Err(message), None, Some(part)) => message.contains(part.as_str()),
            _ => false,
        };
        if !right {
            wrong.push(format!("{expr}: got {got:?}, expected {result:?} {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_the_tool_description_are_true() {
    let examples = include_str!("../tool.md").lines().filter_map(|line| line.split_once(" -> "));
    let mut count = 0;
    for (expr, expected) in examples {
        count += 1;
        assert_eq!(toolwright_calculator::evaluate(expr).map(|v| v.to_string()), Ok(expected.to_owned()), "{expr}");
    }
    assert!(count >= 5);
}
