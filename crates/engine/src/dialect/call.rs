use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// A call as the model wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedCall {
    /// The tool's name.
    pub name: String,
    /// The arguments: a JSON object.
    pub arguments: Value,
}

/// Why a call could not be read, and where. Written for the model as well, which sees it and tries again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the call is not a valid JSON object (line {line}, column {column}): {problem}")]
pub struct CallSyntaxError {
    /// Counted from 1 within the call.
    pub line: usize,
    /// Counted from 1, in bytes.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

impl CallSyntaxError {
    fn new(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        Self { line, column, problem: text.strip_suffix(&place).unwrap_or(&text).to_owned() }
    }
}

/// Reads the text between the call markers: `{"name": "x", "arguments": {…}}`, blanks around it allowed.
///
/// `parameters` is taken for `arguments`, and a string that holds a JSON object for the object; models write both.
/// Anything unclear is an error and not a guess: duplicate keys at any depth, unknown keys, a missing part.
///
/// # Errors
/// Saying where and why.
pub fn parse_call(span: &str) -> Result<ParsedCall, CallSyntaxError> {
    serde_json::from_str::<ParsedCall>(span).map_err(|error| CallSyntaxError::new(&error))
}

/// Writes a call in the form that [`parse_call`] reads back: compact JSON, name first.
#[must_use]
pub fn render_call(name: &str, arguments: &Value) -> String {
    format!("{{\"name\":{},\"arguments\":{arguments}}}", Value::from(name))
}

impl<'de> Deserialize<'de> for ParsedCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(CallVisitor)
    }
}

struct CallVisitor;

impl<'de> Visitor<'de> for CallVisitor {
    type Value = ParsedCall;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `name` and `arguments`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ParsedCall, A::Error> {
        let (mut name, mut arguments) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "name" if name.is_some() => return Err(de::Error::custom("`name` stands there twice")),
                "name" => name = Some(map.next_value::<String>()?),
                "arguments" | "parameters" if arguments.is_some() => {
                    return Err(de::Error::custom("the arguments stand there twice"));
                }
                "arguments" | "parameters" => {
                    let value = map.next_value::<Strict>()?.0;
                    arguments = Some(to_object(value).map_err(de::Error::custom)?);
                }
                _ => {
                    let message = format!("unknown key `{key}`; a call has `name` and `arguments` only");
                    return Err(de::Error::custom(message));
                }
            }
        }
        let name = name.ok_or_else(|| de::Error::custom("`name` is missing"))?;
        if name.is_empty() {
            return Err(de::Error::custom("`name` is empty"));
        }
        let arguments = arguments
            .ok_or_else(|| de::Error::custom("`arguments` is missing; write {} for a tool that takes none"))?;
        Ok(ParsedCall { name, arguments })
    }
}

fn to_object(value: Value) -> Result<Value, String> {
    match value {
        Value::Object(_) => Ok(value),
        Value::String(text) => match serde_json::from_str::<Strict>(&text) {
            Ok(Strict(object @ Value::Object(_))) => Ok(object),
            Ok(_) => Err("`arguments` is a string that does not hold an object".to_owned()),
            Err(error) => Err(format!("`arguments` is a string that does not hold JSON: {error}")),
        },
        Value::Null => Err("`arguments` is null; write {} for a tool that takes none".to_owned()),
        _ => Err("`arguments` has to be an object".to_owned()),
    }
}

/// A JSON value without duplicate keys.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(de::Error::custom(format!("the key `{key}` stands there twice")));
            }
            object.insert(key, entries.next_value::<Strict>()?.0);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
