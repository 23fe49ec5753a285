//! Word problems: SVAMP, ASDiv, MAWPS and GSM8K in the forms in which they are published.

use std::path::Path;

use serde_json::Value;

use super::{SuiteError, read, values};
use crate::{Case, Check, Offer};

pub fn cases(suite: &str, path: &Path) -> Result<Vec<Case>, SuiteError> {
    let problems = if path.extension().is_some_and(|ending| ending == "xml") { of_xml(path)? } else { of_json(path)? };
    let case = |(number, problem): (usize, Problem)| Case {
        id: problem.id.unwrap_or_else(|| format!("{suite}-{number}")),
        category: problem.category.unwrap_or_else(|| suite.to_owned()),
        question: problem.question,
        since: Vec::new(),
        offer: Offer::Usual,
        check: Check::Number(problem.answer),
    };
    Ok((1..).zip(problems).map(case).collect())
}

struct Problem {
    id: Option<String>,
    category: Option<String>,
    question: String,
    answer: f64,
}

fn of_json(path: &Path) -> Result<Vec<Problem>, SuiteError> {
    let values: Vec<Value> = values(path)?;
    (1..)
        .zip(&values)
        .map(|(number, value)| {
            problem(value).ok_or_else(|| SuiteError::Format {
                path: path.to_owned(),
                reason: format!("problem {number} has no question, or its answer is no number"),
            })
        })
        .collect()
}

fn problem(value: &Value) -> Option<Problem> {
    let text = |names: &[&str]| names.iter().find_map(|name| value.get(*name)?.as_str()).map(str::trim);
    let question = text(&["question", "Question", "sQuestion"])?;
    // SVAMP and ASDiv tell the story apart from what is asked.
    let question = match text(&["body", "Body"]) {
        Some(body) if !body.is_empty() => {
            let stop = if body.ends_with(['.', '?', '!', ',']) { "" } else { "." };
            format!("{body}{stop} {question}")
        }
        _ => question.to_owned(),
    };
    let answer = ["answer", "Answer", "lSolutions", "final_ans"].iter().find_map(|name| value.get(*name))?;
    Some(Problem {
        id: value
            .get("id")
            .or(value.get("ID"))
            .or(value.get("iIndex"))
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)),
        category: text(&["Type", "type"]).map(str::to_lowercase),
        question: with_numbers(question, value),
        answer: number(answer)?,
    })
}

/// `N_00` stands for the first of the `Numbers` in some editions of MAWPS.
fn with_numbers(mut question: String, value: &Value) -> String {
    let numbers = value.get("Numbers").and_then(Value::as_str).unwrap_or_default();
    for (at, number) in numbers.split_whitespace().enumerate() {
        let plain = number.strip_suffix(".0").unwrap_or(number);
        question = question.replace(&format!("N_{at:02}"), plain);
    }
    question
}

/// A number as it is written in the sets: bare, in a list, with units behind it, behind `####`.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Array(list) => number(list.first()?),
        Value::String(text) => {
            let text = text.rsplit("####").next()?.trim().trim_start_matches('$').replace(',', "");
            text.split([' ', ';', '(']).next()?.parse().ok()
        }
        _ => None,
    }
}

fn of_xml(path: &Path) -> Result<Vec<Problem>, SuiteError> {
    let text = read(path)?;
    let wrong = |reason: String| SuiteError::Format { path: path.to_owned(), reason };
    let document = roxmltree::Document::parse(&text).map_err(|error| wrong(error.to_string()))?;
    let mut problems = Vec::new();
    for node in document.descendants().filter(|node| node.has_tag_name("Problem")) {
        let text = |name| node.children().find(|child| child.has_tag_name(name)).and_then(|child| child.text());
        let (Some(body), Some(question)) = (text("Body"), text("Question")) else {
            return Err(wrong(format!("problem {:?} has no body or no question", node.attribute("ID"))));
        };
        // Ratios, times and pairs of numbers are answers too; only single numbers can be compared here.
        let answer = text("Answer").and_then(|answer| number(&Value::String(answer.to_owned())));
        if let Some(answer) = answer {
            problems.push(Problem {
                id: node.attribute("ID").map(str::to_owned),
                category: text("Solution-Type").map(str::to_lowercase),
                question: format!("{} {}", body.trim(), question.trim()),
                answer,
            });
        }
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_set_is_read_as_it_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            let cases = cases("set", &path).map_err(|error| error.to_string())?;
            let [case] = &cases[..] else { panic!("{} cases", cases.len()) };
            let Check::Number(answer) = case.check else { panic!() };
            Ok::<_, String>((case.id.clone(), case.category.clone(), case.question.clone(), answer))
        };
        let story = "Tom had 3 pens. How many now?".to_owned();
        assert_eq!(
            of(
                "svamp.json",
                r#"[{"ID":"chal-1","Body":"Tom had 3 pens","Question":"How many now?","Answer":3.0,"Type":"Addition"}]"#
            ),
            Ok(("chal-1".into(), "addition".into(), story.clone(), 3.0))
        );
        assert_eq!(
            of(
                "asdiv.xml",
                r#"<M><ProblemSet><Problem ID="n-1"><Body>Tom had 3 pens.</Body><Question>How many now?</Question><Solution-Type>Sum</Solution-Type><Answer>3 (pens)</Answer></Problem></ProblemSet></M>"#
            ),
            Ok(("n-1".into(), "sum".into(), story.clone(), 3.0))
        );
        assert_eq!(
            of("mawps.jsonl", r#"{"iIndex": 7, "sQuestion": "Tom had 3 pens. How many now?", "lSolutions": [3.0]}"#),
            Ok(("7".into(), "set".into(), story.clone(), 3.0))
        );
        assert_eq!(
            of("mawps2.jsonl", r#"{"Question": "Tom had N_00 pens. How many now?", "Numbers": "3.0", "Answer": "3"}"#),
            Ok(("set-1".into(), "set".into(), story.clone(), 3.0))
        );
        assert_eq!(
            of("gsm8k.jsonl", r##"{"question": "Tom had 3 pens. How many now?", "answer": "3\n#### 1,003"}"##),
            Ok(("set-1".into(), "set".into(), story, 1003.0))
        );
        assert!(of("bad.jsonl", r#"{"question": "How many?"}"#).unwrap_err().contains("problem 1"));
        assert!(of("worse.jsonl", "\n{]").unwrap_err().contains("line 2"));
    }
}
