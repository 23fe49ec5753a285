//! The table of `cases.jsonl`: requests with the text that the model sees, or a part of the error that it sees.

use toolwright_solve::{Operation, Request, run};

#[derive(serde::Deserialize)]
struct Case {
    #[serde(flatten)]
    request: serde_json::Map<String, serde_json::Value>,
    result: Option<String>,
    error: Option<String>,
}

#[test]
fn every_case_gives_what_the_table_says() {
    let cases: Vec<Case> =
        include_str!("../cases.jsonl").lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(cases.len() >= 200, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for Case { request, result, error } in cases {
        let shown = serde_json::Value::Object(request.clone());
        let request: Request = serde_json::from_value(request.into()).expect("a request");
        let got = run(&request, &Default::default()).map_err(|e| e.to_string());
        let right = match (&got, &result, &error) {
            (Ok(answer), Some(expected), None) => answer == expected,
            (Err(message), None, Some(part)) => message.contains(part.as_str()),
            _ => false,
        };
        if !right {
            wrong.push(format!("{shown}: got {got:?}, expected {result:?} {error:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_examples_of_the_tool_description_are_true() {
    let mut count = 0;
    for line in include_str!("../tool.md").lines() {
        let Some((question, expected)) = line.split_once(" -> ") else { continue };
        let (operation, expression) = question.split_once(": ").expect(line);
        let operation: Operation = serde_json::from_value(operation.into()).expect(line);
        let answer = run(&Request::new(operation, expression), &Default::default());
        assert_eq!(answer.map_err(|e| e.to_string()), Ok(expected.to_owned()), "{line}");
        count += 1;
    }
    assert!(count >= 5);
}

#[test]
fn errors_point_at_the_place() {
    let error = |operation, text: &str| run(&Request::new(operation, text), &Default::default()).unwrap_err();
    let wrong = error(Operation::Simplify, "2 * (3 + )");
    assert_eq!(wrong.column(), Some(10));
    assert_eq!(
        wrong.to_string(),
        "unexpected `)`: a value is missing before it (at column 10)\n2 * (3 + )\n         ^"
    );
    // In characters, not bytes, and of a long input only what is around the place.
    let wrong = error(Operation::Solve, &format!("{}π² = ?", "x + ".repeat(40)));
    let text = wrong.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let [message, excerpt, caret] = lines.as_slice() else { panic!("{text}") };
    assert!(message.contains("unexpected character `?`"));
    assert!(excerpt.starts_with('…') && excerpt.chars().count() < 90);
    let place = caret.chars().take_while(|c| *c == ' ').count();
    assert_eq!(excerpt.chars().nth(place), Some('?'));
    // What is not about a place has none.
    assert_eq!(error(Operation::Integrate, "exp(-x^2)").column(), None);
}
