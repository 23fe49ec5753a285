use std::sync::Arc;

use serde_json::Value;
use toolwright_protocol::{Message, ToolCall};
use toolwright_tool::Tool;

/// A question whose right answer is known.
#[derive(Clone)]
pub struct Case {
    /// Its name in the suite.
    pub id: String,
    /// What it is of, for scores apart.
    pub category: String,
    /// What is asked.
    pub question: String,
    /// What was said since: a call and its result, as a rule, after which the model goes on.
    pub since: Vec<Message>,
    /// The tools that are offered.
    pub offer: Offer,
    /// When an answer is right.
    pub check: Check,
}

/// The tools of a case.
#[derive(Clone)]
pub enum Offer {
    /// What a run of that model offers by itself.
    Usual,
    /// These, and no other.
    These(Vec<Arc<dyn Tool>>),
    /// What a run offers by itself, with these in place of those of the same names.
    Instead(Vec<Arc<dyn Tool>>),
}

/// When an answer is right.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// The last number that it names is this one.
    Number(f64),
    /// It contains one of these, whatever the case of letters.
    Contains(Vec<String>),
    /// It was given without a call.
    NoCall,
    /// Exactly these calls were made, in any order.
    Calls(Vec<ExpectedCall>),
    /// The last program that was run, or else the one in the answer, passes these tests. They run behind it.
    Program(String),
}

/// A call that is expected.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedCall {
    /// The tool.
    pub tool: String,
    /// For each argument the values that are right; where an empty text is among them, it may be left out.
    pub arguments: Vec<(String, Vec<Value>)>,
}

impl ExpectedCall {
    /// Whether a call is this one: every argument has one of its values, and there is no other.
    #[must_use]
    pub fn is(&self, call: &ToolCall) -> bool {
        let Some(given) = call.arguments.as_object() else { return false };
        call.name == self.tool
            && given.keys().all(|name| self.arguments.iter().any(|(known, _)| known == name))
            && self.arguments.iter().all(|(name, values)| match given.get(name) {
                Some(value) => values.iter().any(|right| same(right, value)),
                None => values.iter().any(|right| right == ""),
            })
    }
}

/// Numbers are compared by value, texts without case, spaces and full stops, as the Berkeley leaderboard does.
fn same(right: &Value, given: &Value) -> bool {
    match (right, given) {
        (Value::Number(_), Value::Number(_)) => right.as_f64() == given.as_f64(),
        (Value::String(right), Value::String(given)) => plain(right) == plain(given),
        (Value::Array(right), Value::Array(given)) => {
            right.len() == given.len() && right.iter().zip(given).all(|(right, given)| same(right, given))
        }
        (Value::Object(right), Value::Object(given)) => {
            right.len() == given.len()
                && right.iter().all(|(key, right)| {
                    let given = given.get(key);
                    // The leaderboard lists the values that are right inside objects too.
                    given.is_some_and(|given| match right {
                        Value::Array(choices) => choices.iter().any(|right| same(right, given)) || same(right, given),
                        right => same(right, given),
                    })
                })
        }
        (right, given) => right == given,
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ' ' | ',' | '.' | '/' | '-' | '_' | '*' | '^'))
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use toolwright_protocol::CallId;

    use super::*;

    #[test]
    fn a_call_is_right_when_each_argument_is_one_of_its_values() {
        let expected = ExpectedCall {
            tool: "weather".into(),
            arguments: vec![
                ("city".into(), vec![json!("New York"), json!("NYC")]),
                ("days".into(), vec![json!(3)]),
                ("units".into(), vec![json!(""), json!("metric")]),
            ],
        };
        let is = |name: &str, arguments: Value| expected.is(&ToolCall { id: CallId(1), name: name.into(), arguments });
        assert!(is("weather", json!({ "city": "new york", "days": 3.0 })));
        assert!(is("weather", json!({ "city": "NYC", "days": 3, "units": "metric" })));
        assert!(!is("weather", json!({ "city": "NYC", "days": 3, "units": "imperial" })));
        assert!(!is("weather", json!({ "city": "NYC" })));
        assert!(!is("weather", json!({ "city": "NYC", "days": 3, "zip": 1 })));
        assert!(!is("climate", json!({ "city": "NYC", "days": 3 })));
    }
}
