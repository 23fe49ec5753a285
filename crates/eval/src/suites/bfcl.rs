//! The Berkeley Function Calling Leaderboard (Patil et al. 2024), its single-turn sets.

use std::{fs, path::Path, sync::Arc};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use toolwright_protocol::ToolSpec;
use toolwright_tool::Tool;

use super::{SuiteError, values};
use crate::{Case, Check, Offer, case::ExpectedCall, stand_in::StandIn};

#[derive(Deserialize)]
struct Line {
    id: String,
    question: Vec<Vec<Message>>,
    function: Functions,
    #[serde(alias = "ground_truth")]
    possible_answer: Option<Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Functions {
    Many(Vec<Function>),
    One(Function),
}

#[derive(Deserialize, Clone)]
struct Function {
    name: String,
    #[serde(default)]
    description: String,
    parameters: Value,
}

pub fn cases(path: &Path) -> Result<Vec<Case>, SuiteError> {
    if !path.is_dir() {
        return of_file(path);
    }
    let entries = fs::read_dir(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl" || ending == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        cases.extend(of_file(&file)?);
    }
    Ok(cases)
}

fn of_file(path: &Path) -> Result<Vec<Case>, SuiteError> {
    let lines: Vec<Line> = values(path)?;
    lines.into_iter().map(|line| case(line, path)).collect()
}

fn case(line: Line, path: &Path) -> Result<Case, SuiteError> {
    let wrong = |reason: &str| SuiteError::Format { path: path.to_owned(), reason: format!("{}: {reason}", line.id) };
    let words =
        line.question.iter().flatten().filter(|message| message.role == "user").map(|message| message.content.as_str());
    let question = words.collect::<Vec<_>>().join("\n");
    let functions = match line.function {
        Functions::Many(functions) => functions,
        Functions::One(function) => vec![function],
    };
    let mut tools: Vec<Arc<dyn Tool>> = Vec::new();
    for function in &functions {
        tools.push(Arc::new(StandIn::new(
            ToolSpec {
                name: tool_name(&function.name),
                description: function.description.clone(),
                parameters: json_schema(&function.parameters),
                effects: Vec::new(),
            },
            "ok",
        )));
    }
    let check = match line.possible_answer {
        None => Check::NoCall,
        Some(answers) => Check::Calls(
            answers
                .iter()
                .map(expected)
                .collect::<Option<_>>()
                .ok_or_else(|| wrong("its answer is no list of calls"))?,
        ),
    };
    let category = line.id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_' || c == '-').to_owned();
    Ok(Case { id: line.id, category, question, since: Vec::new(), offer: Offer::These(tools), check })
}

/// `{"math.factorial": {"number": [5]}}`.
fn expected(answer: &Map<String, Value>) -> Option<ExpectedCall> {
    let (name, arguments) = answer.iter().next()?;
    let arguments =
        arguments.as_object()?.iter().map(|(name, values)| Some((name.clone(), values.as_array()?.clone())));
    Some(ExpectedCall { tool: tool_name(name), arguments: arguments.collect::<Option<_>>()? })
}

/// Tool names have no full stops.
fn tool_name(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { name } else { format!("_{name}") }
}

/// The leaderboard writes types as Python does.
fn json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let mut out = Map::new();
            for (key, value) in object {
                let value = match (key.as_str(), value.as_str()) {
                    ("type", Some("dict")) => json!("object"),
                    ("type", Some("float")) => json!("number"),
                    ("type", Some("tuple" | "list")) => json!("array"),
                    ("type", Some("any")) => continue,
                    ("properties", _) => match value {
                        Value::Object(properties) => properties
                            .iter()
                            .map(|(name, schema)| (name.clone(), json_schema(schema)))
                            .collect::<Map<_, _>>()
                            .into(),
                        other => other.clone(),
                    },
                    // What is offered by default, and whether it may be left out, says the description.
                    ("default" | "optional", _) => continue,
                    _ => json_schema(value),
                };
                out.insert(key.clone(), value);
            }
            Value::Object(out)
        }
        Value::Array(list) => list.iter().map(json_schema).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_tools_and_the_calls_that_are_right() {
        let line: Line = serde_json::from_value(json!({
            "id": "simple_python_1",
            "question": [[{ "role": "user", "content": "What is 5!?" }]],
            "function": [{ "name": "math.factorial", "description": "Factorial.", "parameters": {
                "type": "dict",
                "properties": { "number": { "type": "integer" }, "type": { "type": "float", "default": 1.0 } },
                "required": ["number"],
            }}],
            "possible_answer": [{ "math.factorial": { "number": [5], "type": [""] } }],
        }))
        .unwrap();
        let case = case(line, Path::new("file")).unwrap();
        assert_eq!(case.category, "simple_python");
        let Offer::These(tools) = &case.offer else { panic!() };
        let spec = tools[0].spec();
        assert_eq!(spec.name, "math_factorial");
        assert_eq!(spec.parameters["type"], "object");
        assert_eq!(spec.parameters["properties"]["type"], json!({ "type": "number" }));
        let Check::Calls(calls) = &case.check else { panic!() };
        assert_eq!(calls[0].tool, "math_factorial");
    }
}
