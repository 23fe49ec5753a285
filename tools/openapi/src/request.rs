//! The arguments of a call as an HTTP request: RFC 6570 as OpenAPI uses it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};
use toolwright_http::Request;

use crate::operation::{Argument, Body, BodyKind, Form, Operation, Part, Place, Style};

/// All but what RFC 3986 calls unreserved, so that no value can be more than a value.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What may come back.
const ACCEPT: &str = "application/json, text/*;q=0.8, */*;q=0.5";

/// The request of a call to the service at `server`, or what is wrong with its arguments.
pub(crate) fn request(operation: &Operation, server: &str, arguments: &Value) -> Result<Request, String> {
    let given: Vec<(&Argument, &Value)> = operation
        .arguments
        .iter()
        .filter_map(|argument| Some((argument, arguments.get(&argument.name)?)))
        .filter(|(argument, value)| !value.is_null() || matches!(argument.place, Place::Field | Place::Body))
        .collect();
    let mut url = format!("{}{}", server.trim_end_matches('/'), path(operation, &given)?);
    let query: Vec<String> = given
        .iter()
        .filter_map(|(argument, value)| match argument.place {
            Place::Query(form) => Some(query(&argument.wire, value, form)),
            _ => None,
        })
        .flatten()
        .collect();
    if !query.is_empty() {
        url = format!("{url}?{}", query.join("&"));
    }
    let mut request = Request::new(operation.method.clone(), url).header("accept", ACCEPT);
    for (argument, value) in &given {
        if let Place::Header(form) = argument.place {
            request = request.header(&argument.wire, &header(value, form));
        }
    }
    Ok(match operation.body.as_ref().and_then(|kind| Some((kind, body(kind, &given)?))) {
        Some((kind, body)) => request.header("content-type", &kind.media).body(body),
        None => request,
    })
}

fn path(operation: &Operation, given: &[(&Argument, &Value)]) -> Result<String, String> {
    let mut path = String::new();
    for part in &operation.path {
        match part {
            Part::Text(text) => path.push_str(text),
            Part::Parameter(name) => {
                let argument = given.iter().find_map(|(argument, value)| match argument.place {
                    Place::Path(form) if argument.wire == *name => Some((argument, value, form)),
                    _ => None,
                });
                let (argument, value, form) = argument.ok_or_else(|| format!("`{name}` is missing"))?;
                let text = path_value(name, value, form);
                if text.is_empty() {
                    // `/users/{id}` without an id would be another operation.
                    return Err(format!("`{}` must not be empty", argument.name));
                }
                path.push_str(&text);
            }
        }
    }
    // A server, and the parser of URLs before it, would take these for steps.
    let is_step = |segment: &str| matches!(percent_decode_str(segment).collect::<Vec<_>>().as_slice(), b"." | b"..");
    if path.split('/').any(is_step) {
        return Err("a part of the path must not be `.` or `..`".into());
    }
    Ok(path)
}

fn path_value(name: &str, value: &Value, Form { style, explode }: Form) -> String {
    let items = items(value, explode, '=');
    match style {
        Style::Label => format!(".{}", items.join(if explode { "." } else { "," })),
        Style::Matrix => match value {
            Value::Object(_) if explode => items.iter().map(|item| format!(";{item}")).collect(),
            Value::Array(_) if explode => items.iter().map(|item| format!(";{}={item}", encode(name))).collect(),
            _ => format!(";{}={}", encode(name), items.join(",")),
        },
        Style::Json => encode(&value.to_string()),
        _ => items.join(","),
    }
}

/// `name=value`, as often as the value asks for.
fn query(name: &str, value: &Value, Form { style, explode }: Form) -> Vec<String> {
    let pair = |value: String| vec![format!("{}={value}", encode(name))];
    match (style, value) {
        (Style::Json, value) => pair(encode(&value.to_string())),
        (_, Value::Array(all)) if all.is_empty() => Vec::new(),
        (_, Value::Object(all)) if all.is_empty() => Vec::new(),
        (Style::Deep, Value::Object(all)) => deep(&encode(name), all),
        (Style::Space, Value::Array(_)) if !explode => pair(items(value, false, ',').join("%20")),
        (Style::Pipe, Value::Array(_)) if !explode => pair(items(value, false, ',').join("%7C")),
        (_, Value::Array(all)) if explode => all.iter().flat_map(|item| pair(encode(&text(item)))).collect(),
        (_, Value::Object(_)) if explode => items(value, true, '='),
        _ => pair(items(value, false, ',').join(",")),
    }
}

/// `name[key]=value`; the brackets are encoded, which servers undo.
fn deep(name: &str, object: &Map<String, Value>) -> Vec<String> {
    let pairs = object.iter().map(|(key, value)| (format!("{name}%5B{}%5D", encode(key)), value));
    pairs
        .flat_map(|(name, value)| match value {
            Value::Object(inner) => deep(&name, inner),
            Value::Array(all) => all.iter().map(|item| format!("{name}={}", encode(&text(item)))).collect(),
            value => vec![format!("{name}={}", encode(&text(value)))],
        })
        .collect()
}

fn header(value: &Value, Form { style, explode }: Form) -> String {
    let entry = |(key, value): (&String, &Value)| {
        let between = if explode { '=' } else { ',' };
        format!("{key}{between}{}", text(value))
    };
    match value {
        _ if style == Style::Json => value.to_string(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(all) => all.iter().map(entry).collect::<Vec<_>>().join(","),
        value => text(value),
    }
}

/// The encoded elements of a value; an object's keys and values, joined by `between` where they are exploded.
fn items(value: &Value, explode: bool, between: char) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().map(|item| encode(&text(item))).collect(),
        Value::Object(all) if explode => {
            all.iter().map(|(key, value)| format!("{}{between}{}", encode(key), encode(&text(value)))).collect()
        }
        Value::Object(all) => all.iter().flat_map(|(key, value)| [encode(key), encode(&text(value))]).collect(),
        value => vec![encode(&text(value))],
    }
}

fn body(Body { kind, required, .. }: &Body, given: &[(&Argument, &Value)]) -> Option<Vec<u8>> {
    let whole = given.iter().find(|(argument, _)| argument.place == Place::Body).map(|(_, value)| *value);
    let fields = given.iter().filter(|(argument, _)| argument.place == Place::Field);
    let fields: Map<String, Value> =
        fields.map(|(argument, value)| (argument.wire.clone(), (*value).clone())).collect();
    match (kind, whole) {
        (BodyKind::Text, Some(value)) => Some(text(value).into_bytes()),
        (_, Some(value)) => Some(value.to_string().into_bytes()),
        (_, None) if fields.is_empty() && !required => None,
        (BodyKind::Json, None) => Some(Value::Object(fields).to_string().into_bytes()),
        (BodyKind::Form, None) => {
            let exploded = Form { style: Style::Form, explode: true };
            let pairs = fields.iter().filter(|(_, value)| !value.is_null()).flat_map(|(name, value)| match value {
                Value::Object(_) => vec![format!("{}={}", encode(name), encode(&value.to_string()))],
                value => query(name, value, exploded),
            });
            Some(pairs.collect::<Vec<_>>().join("&").into_bytes())
        }
        (BodyKind::Text, None) => None,
    }
}

/// A value as plain text. 3.0 is 3: JSON Schema takes it for an integer, and servers may not.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, VALUE).to_string()
}
