//! Keeping what others wrote out of the template's hands.
//!
//! Every text that is not the template's own goes through it as a placeholder: three private-use characters, a random
//! number that is new for every rendering, and an index. Afterwards the output is cut at the placeholders, once, and the
//! texts are put in their place as segments of their own. A text that looks like a placeholder is only ever put in after
//! the cutting, so it stays what it is; and template text and other people's text never meet in one string.
//!
//! Blanks at a text's ends stay outside its placeholder, so that `| trim` does what it would have done. They are given
//! back to the text's segment when the output is cut.

use std::collections::HashMap;

use serde_json::{Map, Value};
use toolwright_protocol::Provenance;

use super::{Segment, TemplateError};

const OPEN: char = '\u{F0000}';
const CLOSE: char = '\u{F0001}';
/// Stands before [`CLOSE`] once for every `tojson` that the placeholder went through as part of a string.
const AS_JSON: char = '\u{F0002}';

pub(super) fn is_reserved(character: char) -> bool {
    matches!(character, OPEN | CLOSE | AS_JSON)
}

/// Notes on every placeholder in a string that it is being written as JSON, so that its text will be escaped too.
pub(super) fn mark_as_json(text: &str) -> String {
    text.replace(CLOSE, &format!("{AS_JSON}{CLOSE}"))
}

/// The texts of one rendering.
pub(super) struct Placeholders {
    nonce: String,
    texts: Vec<(String, Provenance)>,
    known: HashMap<(String, Provenance), usize>,
}

impl Placeholders {
    pub(super) fn new() -> Self {
        Self { nonce: format!("{:032x}", rand::random::<u128>()), texts: Vec::new(), known: HashMap::new() }
    }

    /// What the template is given instead of `text`. The same text of the same origin gives the same placeholder, so
    /// that templates can look keys up.
    pub(super) fn hide(&mut self, text: &str, whose: &Provenance) -> String {
        let (before, core, after) = split_blanks(text);
        if core.is_empty() {
            // Nothing to hide, and templates ask whether there is any text.
            return text.to_owned();
        }
        let known = (text.to_owned(), whose.clone());
        let index = *self.known.entry(known).or_insert_with_key(|known| {
            self.texts.push(known.clone());
            self.texts.len() - 1
        });
        format!("{before}{OPEN}{}:{index}{CLOSE}{after}", self.nonce)
    }

    /// Hides every string and key in a JSON value.
    pub(super) fn hide_json(&mut self, value: &Value, whose: &Provenance) -> Value {
        match value {
            Value::String(text) => self.hide(text, whose).into(),
            Value::Array(items) => items.iter().map(|item| self.hide_json(item, whose)).collect(),
            Value::Object(entries) => entries
                .iter()
                .map(|(key, value)| (self.hide(key, whose), self.hide_json(value, whose)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    /// Hides what a tool's author wrote in a JSON Schema, and leaves what the standard defines: its keywords and type
    /// names, which templates look at.
    pub(super) fn hide_schema(&mut self, schema: &Value, whose: &Provenance) -> Value {
        let Value::Object(entries) = schema else { return self.hide_json(schema, whose) };
        let mut out = Map::new();
        for (key, value) in entries {
            let (key, value) = match (key.as_str(), value) {
                ("type", Value::String(name)) if TYPES.contains(&name.as_str()) => (key.clone(), value.clone()),
                ("type", Value::Array(names))
                    if names.iter().all(|name| name.as_str().is_some_and(|name| TYPES.contains(&name))) =>
                {
                    (key.clone(), value.clone())
                }
                (
                    "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                    Value::Object(map),
                ) => {
                    let map =
                        map.iter().map(|(name, schema)| (self.hide(name, whose), self.hide_schema(schema, whose)));
                    (key.clone(), map.collect::<Map<_, _>>().into())
                }
                ("anyOf" | "allOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                    (key.clone(), schemas.iter().map(|schema| self.hide_schema(schema, whose)).collect())
                }
                (
                    "items"
                    | "additionalProperties"
                    | "not"
                    | "if"
                    | "then"
                    | "else"
                    | "contains"
                    | "propertyNames"
                    | "unevaluatedItems"
                    | "unevaluatedProperties",
                    schema,
                ) => (key.clone(), self.hide_schema(schema, whose)),
                (keyword, value) if KEYWORDS.contains(&keyword) => (key.clone(), self.hide_json(value, whose)),
                _ => (self.hide(key, whose), self.hide_json(value, whose)),
            };
            out.insert(key, value);
        }
        out.into()
    }

    /// Cuts rendered text into segments.
    pub(super) fn cut(&self, rendered: &str) -> Result<Vec<Segment>, TemplateError> {
        let mut segments = Vec::new();
        let open = format!("{OPEN}{}:", self.nonce);
        let mut parts = rendered.split(open.as_str());
        push(&mut segments, Provenance::Template, parts.next().unwrap_or_default());
        for part in parts {
            let placed = part.split_once(CLOSE).and_then(|(inside, behind)| {
                let digits = inside.trim_end_matches(AS_JSON);
                let depth = (inside.len() - digits.len()) / AS_JSON.len_utf8();
                Some((self.texts.get(digits.parse::<usize>().ok()?)?, depth, behind))
            });
            let Some(((text, whose), depth, behind)) = placed else {
                return Err(self.altered(part));
            };
            let (before, core, after) = split_blanks(text);
            let [before, core, after] =
                [before, core, after].map(|text| (0..depth).fold(text.to_owned(), |text, _| escape(&text)));
            // The blanks around the text are the text's, unless the template took them away.
            let before = take_back(&mut segments, &before);
            push(&mut segments, whose.clone(), before);
            push(&mut segments, whose.clone(), &core);
            match behind.strip_prefix(after.as_str()) {
                Some(behind) => {
                    push(&mut segments, whose.clone(), &after);
                    push(&mut segments, Provenance::Template, behind);
                }
                None => push(&mut segments, Provenance::Template, behind),
            }
        }
        // What is left of a placeholder that the template cut or rewrote.
        let ruined = |text: &str| text.contains(is_reserved) || text.to_ascii_lowercase().contains(&self.nonce);
        match segments.iter().find(|segment| segment.provenance.is_trusted() && ruined(&segment.text)) {
            Some(segment) => Err(self.altered(&segment.text)),
            None => Ok(segments),
        }
    }

    fn altered(&self, part: &str) -> TemplateError {
        let index: String = part.chars().take_while(char::is_ascii_digit).collect();
        let whose = match index.parse::<usize>().ok().and_then(|index| self.texts.get(index)) {
            Some((_, Provenance::User)) => "a user message".to_owned(),
            Some((_, Provenance::System)) => "the system text".to_owned(),
            Some((_, Provenance::Model)) => "an earlier turn of the model".to_owned(),
            Some((_, Provenance::Tool(name))) => format!("the tool {name}"),
            Some((_, Provenance::Template)) | None => "a message".to_owned(),
        };
        TemplateError::Altered { whose }
    }
}

const TYPES: &[&str] = &["object", "array", "string", "number", "integer", "boolean", "null"];

/// The keywords of JSON Schema 2020-12 (and OpenAPI's `nullable`) that [`Placeholders::hide_schema`] does not treat
/// one by one.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$ref",
    "$anchor",
    "$comment",
    "type",
    "title",
    "description",
    "default",
    "examples",
    "enum",
    "const",
    "required",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "nullable",
];

fn split_blanks(text: &str) -> (&str, &str, &str) {
    let core = text.trim();
    let at = text.len() - text.trim_start().len();
    (&text[..at], core, &text[at + core.len()..])
}

/// Removes `blanks` from the end of the last segment, if it ends so, and returns them.
fn take_back<'b>(segments: &mut Vec<Segment>, blanks: &'b str) -> &'b str {
    let Some(last) = segments.last_mut() else { return "" };
    if blanks.is_empty() || !last.text.ends_with(blanks) {
        return "";
    }
    last.text.truncate(last.text.len() - blanks.len());
    if last.text.is_empty() {
        segments.pop();
    }
    blanks
}

fn push(segments: &mut Vec<Segment>, whose: Provenance, text: &str) {
    match segments.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.provenance == whose => last.text.push_str(text),
        _ => segments.push(Segment { provenance: whose, text: text.to_owned() }),
    }
}

/// The text as it stands inside a JSON string.
fn escape(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
