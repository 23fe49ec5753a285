//! Schemas of a document as JSON Schema that stands alone: references in place, cut where they go deep or round, and
//! only keywords that both the checker of arguments and the grammar of calls know.

use serde_json::{Map, Value, json};

use crate::{
    document::{Document, object, reference},
    naming::{is_hidden, words},
};

/// Schemas that one operation may consist of; a few references can stand for billions.
const MAX_NODES: usize = 2_000;
/// References that are open at once.
const MAX_OPEN: usize = 64;
/// Values to choose from, and schemas to choose from.
const MAX_CHOICES: usize = 300;
const MAX_ALTERNATIVES: usize = 20;
/// Characters of a pattern, of a property's name, and of a default as JSON.
const MAX_PATTERN: usize = 500;
const MAX_NAME: usize = 100;
const MAX_DEFAULT: usize = 100;

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];
/// Those of JSON Schema that a grammar can write; others (`int32`, `password`) say nothing about the text.
const FORMATS: [&str; 9] = ["date-time", "date", "time", "duration", "email", "ipv4", "ipv6", "uuid", "uri"];

/// Puts references in place.
pub(crate) struct Inliner<'a> {
    document: &'a Document,
    /// Levels of schemas in schemas.
    depth: usize,
    /// Characters of a description; none at 0.
    words: usize,
    nodes: usize,
}

impl<'a> Inliner<'a> {
    pub(crate) fn new(document: &'a Document, depth: usize, words: usize) -> Self {
        Self { document, depth, words, nodes: 0 }
    }

    /// The schema of what is sent, without references.
    pub(crate) fn schema(&mut self, schema: &Value) -> Value {
        let mut inlined = self.at(schema, 0, &mut Vec::new());
        close(&mut inlined);
        inlined
    }

    /// A description as it is shown, if it is.
    pub(crate) fn description(&self, of: &Value) -> Option<String> {
        let text = of.get("description").and_then(Value::as_str).filter(|_| self.words > 0)?;
        Some(words(text, self.words)).filter(|text| !text.is_empty())
    }

    fn at(&mut self, schema: &Value, depth: usize, open: &mut Vec<String>) -> Value {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return json!({});
        }
        if let Some(target) = reference(schema) {
            let goes_round = open.len() >= MAX_OPEN || open.iter().any(|other| other == target);
            let mut inlined = match self.document.target(target) {
                Ok(value) if goes_round => outline(value),
                Ok(value) => {
                    open.push(target.to_owned());
                    let inlined = self.at(value, depth, open);
                    open.pop();
                    inlined
                }
                Err(_) => json!({}),
            };
            // What stands beside a reference holds too; of that only the description is common.
            if let Some(description) = self.description(schema) {
                inlined["description"] = description.into();
            }
            return inlined;
        }
        let Value::Object(given) = schema else { return json!({}) };
        if depth >= self.depth {
            return outline(schema);
        }
        let mut out = self.plain(schema, given);
        self.parts(schema, depth, open, &mut out);
        for alternatives in ["anyOf", "oneOf"] {
            self.alternatives(given.get(alternatives), depth, open, &mut out);
        }
        self.all_of(given.get("allOf"), depth, open, &mut out);
        if self.document.is_3_0 && schema["nullable"] == true {
            allow_null(&mut out);
        }
        Value::Object(out)
    }

    /// The keywords that hold no schemas.
    fn plain(&self, schema: &Value, given: &Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        if let Some(kind) = kind(schema) {
            out.insert("type".into(), kind);
        }
        if let Some(description) = self.description(schema) {
            out.insert("description".into(), description.into());
        }
        if let Some(choices) = schema["enum"].as_array().filter(|all| (1..=MAX_CHOICES).contains(&all.len())) {
            out.insert("enum".into(), choices.clone().into());
        }
        for (key, value) in given {
            let fits = match key.as_str() {
                "const" => true,
                "default" => value.to_string().len() <= MAX_DEFAULT,
                "format" => value.as_str().is_some_and(|format| FORMATS.contains(&format)),
                "pattern" => value.as_str().is_some_and(|pattern| pattern.len() <= MAX_PATTERN),
                "minLength" | "maxLength" | "minItems" | "maxItems" => value.is_u64(),
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
                // Of fractions, as computers have them, few numbers are multiples.
                "multipleOf" => value.as_u64().is_some_and(|number| number > 0),
                _ => false,
            };
            if fits {
                out.insert(key.clone(), value.clone());
            }
        }
        // In 3.0 these are flags beside the bound.
        for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if given.get(flag) == Some(&Value::Bool(true))
                && let Some(value) = out.remove(bound)
            {
                out.insert(flag.into(), value);
            }
        }
        out
    }

    /// The schemas of an array's items and an object's properties.
    fn parts(&mut self, schema: &Value, depth: usize, open: &mut Vec<String>, out: &mut Map<String, Value>) {
        if let Some(items @ Value::Object(_)) = schema.get("items") {
            let items = self.at(items, depth + 1, open);
            out.insert("items".into(), items);
        }
        if let Some(items) = schema["prefixItems"].as_array().filter(|items| items.len() <= MAX_ALTERNATIVES) {
            let items = items.iter().map(|item| self.at(item, depth + 1, open)).collect::<Vec<_>>();
            out.insert("prefixItems".into(), items.into());
        }
        if let Some(given) = object(schema, "properties") {
            let mut properties = Map::new();
            for (name, property) in given {
                if self.is_read_only(property) || name.chars().count() > MAX_NAME || name.chars().any(is_hidden) {
                    continue;
                }
                properties.insert(name.clone(), self.at(property, depth + 1, open));
            }
            let mut required: Vec<&str> = Vec::new();
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if properties.contains_key(name) && !required.contains(&name) {
                    required.push(name);
                }
            }
            if !required.is_empty() {
                out.insert("required".into(), required.into());
            }
            out.insert("properties".into(), properties.into());
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(more)) => drop(out.insert("additionalProperties".into(), (*more).into())),
            Some(more @ Value::Object(_)) => {
                let more = self.at(more, depth + 1, open);
                out.insert("additionalProperties".into(), more);
            }
            _ => {}
        }
    }

    /// What a server sends and does not take.
    fn is_read_only(&self, property: &Value) -> bool {
        let target = reference(property).and_then(|target| self.document.target(target).ok());
        [Some(property), target].into_iter().flatten().any(|schema| schema["readOnly"] == true)
    }

    /// `oneOf` becomes `anyOf`: whether a value fits just one is for the server to say.
    fn alternatives(
        &mut self,
        given: Option<&Value>,
        depth: usize,
        open: &mut Vec<String>,
        out: &mut Map<String, Value>,
    ) {
        let Some(given) = given.and_then(Value::as_array).filter(|given| given.len() <= MAX_ALTERNATIVES) else {
            return;
        };
        let mut alternatives: Vec<Value> = Vec::new();
        for schema in given {
            let alternative = self.at(schema, depth + 1, open);
            if !alternatives.contains(&alternative) {
                alternatives.push(alternative);
            }
        }
        match alternatives.len() {
            0 => {}
            1 => alternatives.into_iter().for_each(|one| merge_or_keep(out, one)),
            // One that allows everything makes the others say nothing.
            _ if alternatives.iter().any(|one| one.as_object().is_some_and(Map::is_empty)) => {}
            _ if out.contains_key("anyOf") => merge_or_keep(out, json!({ "anyOf": alternatives })),
            _ => drop(out.insert("anyOf".into(), alternatives.into())),
        }
    }

    fn all_of(&mut self, given: Option<&Value>, depth: usize, open: &mut Vec<String>, out: &mut Map<String, Value>) {
        for schema in given.and_then(Value::as_array).into_iter().flatten() {
            // On the level of the whole, since it says more about the same value.
            let part = self.at(schema, depth, open);
            merge_or_keep(out, part);
        }
    }
}

/// The type and nothing else, where it is known.
fn outline(schema: &Value) -> Value {
    let has = |key| schema.get(key).is_some();
    match kind(schema) {
        Some(kind) => json!({ "type": kind }),
        None if has("properties") => json!({ "type": "object" }),
        None if has("items") => json!({ "type": "array" }),
        None => json!({}),
    }
}

/// The type, if it is one.
fn kind(schema: &Value) -> Option<Value> {
    let known = |kind: &Value| kind.as_str().is_some_and(|kind| TYPES.contains(&kind));
    match schema.get("type")? {
        kind @ Value::String(_) => known(kind).then(|| kind.clone()),
        Value::Array(kinds) => {
            let unique = kinds.iter().enumerate().all(|(index, kind)| !kinds[..index].contains(kind));
            (!kinds.is_empty() && kinds.len() <= TYPES.len() && kinds.iter().all(known) && unique)
                .then(|| kinds.clone().into())
        }
        _ => None,
    }
}

/// `nullable` of 3.0.
fn allow_null(out: &mut Map<String, Value>) {
    match out.get_mut("type") {
        Some(kind @ Value::String(_)) if *kind != "null" => *kind = json!([kind.clone(), "null"]),
        Some(Value::Array(kinds)) if !kinds.contains(&"null".into()) => kinds.push("null".into()),
        _ => {}
    }
    if let Some(Value::Array(choices)) = out.get_mut("enum")
        && !choices.contains(&Value::Null)
    {
        choices.push(Value::Null);
    }
}

/// Makes one schema of two that hold for the same value, if they say nothing different; else both stay.
fn merge_or_keep(out: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    let agrees = part.iter().all(|(key, value)| match (key.as_str(), out.get(key)) {
        (_, None) | ("description" | "required" | "default" | "additionalProperties", _) => true,
        ("properties", Some(Value::Object(known))) => {
            object_entries(value).all(|(name, schema)| known.get(name).is_none_or(|known| known == schema))
        }
        (_, Some(known)) => known == value,
    });
    if !agrees {
        match out.get_mut("allOf") {
            Some(Value::Array(parts)) => parts.push(part.into()),
            _ => drop(out.insert("allOf".into(), json!([part]))),
        }
        return;
    }
    for (key, value) in part {
        match (key.as_str(), out.get_mut(&key), value) {
            // Each part closed by itself would leave nothing that fits all.
            ("additionalProperties", Some(known), value) if *known != value => {
                out.remove("additionalProperties");
            }
            ("properties", Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
            ("required", Some(Value::Array(known)), Value::Array(more)) => {
                let new: Vec<_> = more.into_iter().filter(|name| !known.contains(name)).collect();
                known.extend(new);
            }
            (_, Some(_), _) => {}
            (_, None, value) => drop(out.insert(key, value)),
        }
    }
}

fn object_entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Objects with properties have no others, unless the document says so: what a model makes up would be ignored, or
/// refused, by the server.
fn close(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    let combined = map.contains_key("allOf") || map.contains_key("anyOf");
    if map.contains_key("properties") && !combined && !map.contains_key("additionalProperties") {
        map.insert("additionalProperties".into(), false.into());
    }
    let has_own = map.contains_key("properties");
    for (key, value) in map.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(close),
            ("prefixItems", Value::Array(items)) => items.iter_mut().for_each(close),
            ("anyOf", Value::Array(alternatives)) if !has_own => alternatives.iter_mut().for_each(close),
            ("items" | "additionalProperties", value) => close(value),
            _ => {}
        }
    }
}

/// Takes away the patterns, of which one is no regular expression.
pub(crate) fn without_patterns(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            // A property may be called so.
            if map.get("pattern").is_some_and(Value::is_string) {
                map.remove("pattern");
            }
            map.values_mut().for_each(without_patterns);
        }
        Value::Array(items) => items.iter_mut().for_each(without_patterns),
        _ => {}
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
