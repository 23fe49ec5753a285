//! Schemas of a document as JSON Schema that stands alone: references in place, cut where they go deep or round, and
//! only what both the checker of arguments and the grammar of calls can express.
//!
//! A document is somebody else's, and a schema without a grammar, or that nothing fits, would be the end of every run that
//! has the tool. So where keywords could be at odds, some are left out. That only allows more: the server has the last
//! word.

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
/// Characters of a pattern that is told, of a property's name, and of a default as JSON.
const MAX_PATTERN: usize = 60;
const MAX_NAME: usize = 100;
const MAX_DEFAULT: usize = 100;
/// Bounds that a grammar counts to; it has a state for each.
const MAX_AT_LEAST: u64 = 50;
const MAX_AT_MOST: u64 = 1_000;

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];
/// Those of JSON Schema that a grammar can write; others (`int32`, `password`) say nothing about the text.
const FORMATS: [&str; 9] = ["date-time", "date", "time", "duration", "email", "ipv4", "ipv6", "uuid", "uri"];

const BOUNDS: [&str; 4] = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];

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
        // On the level of the whole, since each says more about the same value.
        for part in given.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            let part = self.at(part, depth, open);
            merge(&mut out, part);
        }
        if self.document.is_3_0 && schema["nullable"] == true {
            allow_null(&mut out);
        }
        settle(&mut out);
        Value::Object(out)
    }

    /// The keywords that hold no schemas.
    fn plain(&self, schema: &Value, given: &Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        if let Some(kind) = kind(schema) {
            out.insert("type".into(), kind);
        }
        let pattern = given.get("pattern").and_then(Value::as_str).filter(|_| self.words > 0);
        let pattern = pattern.filter(|pattern| pattern.chars().count() <= MAX_PATTERN && !pattern.contains(is_hidden));
        let told = [self.description(schema), pattern.map(|pattern| format!("(pattern: {pattern})"))];
        let told = told.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if !told.is_empty() {
            out.insert("description".into(), told.into());
        }
        if let Some(choices) = schema["enum"].as_array().filter(|all| (1..=MAX_CHOICES).contains(&all.len())) {
            out.insert("enum".into(), choices.clone().into());
        }
        let mut required: Vec<&str> = Vec::new();
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !required.contains(&name) {
                required.push(name);
            }
        }
        if !required.is_empty() {
            out.insert("required".into(), required.into());
        }
        for (key, value) in given {
            let fits = match key.as_str() {
                "const" => true,
                "default" => value.to_string().len() <= MAX_DEFAULT,
                "format" => value.as_str().is_some_and(|format| FORMATS.contains(&format)),
                "minLength" | "minItems" => value.as_u64().is_some_and(|count| count <= MAX_AT_LEAST),
                "maxLength" | "maxItems" => value.as_u64().is_some_and(|count| count <= MAX_AT_MOST),
                key if BOUNDS.contains(&key) => value.is_number(),
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
        if let Some(items) = schema["prefixItems"].as_array().filter(|all| (1..=MAX_ALTERNATIVES).contains(&all.len()))
        {
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
            1 => alternatives.into_iter().for_each(|one| merge(out, one)),
            // One that allows everything makes the others say nothing.
            _ if alternatives.iter().any(says_nothing) => {}
            _ => merge(out, json!({ "anyOf": alternatives })),
        }
    }
}

fn says_nothing(schema: &Value) -> bool {
    schema.as_object().is_some_and(|map| map.keys().all(|key| key == "description" || key == "default"))
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
    let null = [("enum", Value::Null), ("anyOf", json!({ "type": "null" }))];
    for (key, null) in null {
        if let Some(Value::Array(choices)) = out.get_mut(key)
            && !choices.contains(&null)
        {
            choices.push(null);
        }
    }
}

/// Makes one schema of two that hold for the same value. Where they say different things, the first one is kept, which
/// allows more than both together.
fn merge(out: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (key, value) in part {
        match (key.as_str(), out.get_mut(&key), value) {
            // Each part closed by itself would leave nothing that fits both.
            ("additionalProperties", Some(known), value) if *known != value => {
                out.remove("additionalProperties");
            }
            ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                for (name, property) in more {
                    known.entry(name).or_insert(property);
                }
            }
            ("required", Some(Value::Array(known)), Value::Array(more)) => {
                let new: Vec<_> = more.into_iter().filter(|name| !known.contains(name)).collect();
                known.extend(new);
            }
            (_, Some(_), _) => {}
            (_, None, value) => drop(out.insert(key, value)),
        }
    }
}

/// Takes away what may be at odds with the rest, so that there is always something that fits.
fn settle(out: &mut Map<String, Value>) {
    let keep = |out: &mut Map<String, Value>, keys: &[&str]| {
        out.retain(|key, _| key == "description" || key == "default" || keys.contains(&key.as_str()));
    };
    // What may be chosen says all, types and bounds included.
    if out.contains_key("const") {
        return keep(out, &["const"]);
    }
    if out.contains_key("enum") {
        return keep(out, &["enum"]);
    }
    let has_parts = ["properties", "items", "prefixItems"].iter().any(|key| out.contains_key(*key));
    if out.contains_key("anyOf") && !has_parts {
        return keep(out, &["anyOf"]);
    }
    out.remove("anyOf");
    if out.contains_key("format") {
        out.remove("minLength");
        out.remove("maxLength");
    }
    for (least, most) in [("minLength", "maxLength"), ("minItems", "maxItems")] {
        let bound = |key| out.get(key).and_then(Value::as_u64);
        if bound(least).is_some_and(|least| bound(most).is_some_and(|most| least > most)) {
            out.remove(most);
        }
    }
    if !has_room(out) {
        BOUNDS.iter().for_each(|key| drop(out.remove(*key)));
    }
}

/// Whether a number fits between the bounds. Where that is a close thing, the answer is no.
fn has_room(out: &Map<String, Value>) -> bool {
    let bounds = BOUNDS.map(|key| out.get(key).and_then(Value::as_f64));
    let [minimum, above, maximum, below] = bounds;
    let (Some(least), Some(most)) =
        (minimum.into_iter().chain(above).reduce(f64::max), maximum.into_iter().chain(below).reduce(f64::min))
    else {
        return true;
    };
    let (whole, strict) = (out.get("type").is_some_and(|kind| *kind == "integer"), above.or(below).is_some());
    match (whole, strict) {
        (true, true) => most.floor() - least.ceil() > 1.0,
        (true, false) => most.floor() >= least.ceil(),
        (false, true) => most > least,
        (false, false) => most >= least,
    }
}

/// Objects with properties have no others, unless the document says so: what a model makes up would be ignored, or
/// refused, by the server.
fn close(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    // Some are left out, such as those that only the server writes.
    let properties = map.get("properties").and_then(Value::as_object);
    let known = |name: &Value| name.as_str().is_some_and(|name| properties.is_some_and(|all| all.contains_key(name)));
    let required = map.get("required").and_then(Value::as_array).into_iter().flatten();
    let required: Vec<Value> = required.filter(|name| known(name)).cloned().collect();
    if required.is_empty() {
        map.remove("required");
    } else {
        map.insert("required".into(), required.into());
    }
    if map.contains_key("properties") && !map.contains_key("additionalProperties") {
        map.insert("additionalProperties".into(), false.into());
    }
    for (key, value) in map.iter_mut() {
        match (key.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(close),
            ("prefixItems" | "anyOf", Value::Array(schemas)) => schemas.iter_mut().for_each(close),
            ("items" | "additionalProperties", value) => close(value),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
