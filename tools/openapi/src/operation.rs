//! An operation of a document as a tool: its arguments, and where each of them goes.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use toolwright_http::Method;
use toolwright_protocol::Effect;

use crate::{
    document::{Document, object},
    naming::{is_hidden, unused, words},
    schema::Inliner,
};

/// Bytes of the arguments' schema as JSON; it stands in every prompt.
const MAX_PARAMETERS: usize = 16 << 10;
/// Characters of what a model is told of an operation.
const MAX_DESCRIPTION: usize = 800;
/// Levels of the schema and characters of each description, until it is small enough.
const LADDER: [(usize, usize); 6] = [(10, 240), (6, 160), (4, 120), (3, 80), (2, 40), (1, 0)];
/// Characters of an argument's name.
const MAX_NAME: usize = 100;

/// The operations that become tools.
pub(crate) const METHODS: [(&str, Method); 6] = [
    ("get", Method::GET),
    ("head", Method::HEAD),
    ("post", Method::POST),
    ("put", Method::PUT),
    ("patch", Method::PATCH),
    ("delete", Method::DELETE),
];

/// Parameters that are none by the specification, or that belong to the client and its connection.
const NOT_FOR_CALLERS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What is called, and how.
#[derive(Debug)]
pub(crate) struct Operation {
    pub method: Method,
    /// Text and names of path parameters in turn.
    pub path: Vec<Part>,
    pub arguments: Vec<Argument>,
    pub body: Option<Body>,
    /// JSON Schema of all arguments.
    pub parameters: Value,
    pub description: String,
}

/// A part of a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Parameter(String),
}

/// One argument of a call.
#[derive(Debug)]
pub(crate) struct Argument {
    /// In the call.
    pub name: String,
    /// In the request.
    pub wire: String,
    pub place: Place,
}

/// Where an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path(Form),
    Query(Form),
    Header(Form),
    /// A field of the body.
    Field,
    /// The body as a whole.
    Body,
}

/// How an array or an object becomes text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub style: Style,
    pub explode: bool,
}

/// The styles of the specification, and JSON in a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    Space,
    Pipe,
    Deep,
    Json,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub media: String,
    pub kind: BodyKind,
    /// Whether a request without any of its fields has an empty one.
    pub required: bool,
}

/// What a body is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Json,
    Form,
    Text,
}

/// An argument before it has its name in calls.
struct Entry {
    wire: String,
    place: Place,
    schema: Value,
    required: bool,
}

impl Operation {
    /// The operation, or why it cannot be a tool. `sent` are headers that are sent anyway.
    pub(crate) fn read(
        document: &Document,
        (method, path): (&Method, &str),
        (item, operation): (&Value, &Value),
        sent: &[String],
    ) -> Result<Self, String> {
        let template = parts(path)?;
        let mut too_large = 0;
        for (depth, length) in LADDER {
            let mut inliner = Inliner::new(document, depth, length);
            let mut entries = parameters(document, &mut inliner, &template, item, operation, sent)?;
            let body = body(document, &mut inliner, operation, &mut entries)?;
            let (arguments, schema) = arguments(entries);
            too_large = schema.to_string().len();
            if too_large > MAX_PARAMETERS {
                continue;
            }
            jsonschema::validator_for(&schema).map_err(|error| format!("its schema is none: {error}"))?;
            let description = description(operation, method, path);
            return Ok(Self {
                method: method.clone(),
                path: template,
                arguments,
                body,
                parameters: schema,
                description,
            });
        }
        Err(format!("its arguments take {too_large} bytes to describe, and {MAX_PARAMETERS} are the limit"))
    }

    /// What a call does, as far as its method says.
    pub(crate) fn effects(&self, spends: bool) -> Vec<Effect> {
        let changes = !matches!(self.method, Method::GET | Method::HEAD);
        let all = [(true, Effect::Network), (changes, Effect::Writes), (spends, Effect::Spends)];
        all.into_iter().filter(|(has, _)| *has).map(|(_, effect)| effect).collect()
    }
}

/// What a model is told: the document's words, cut short; the method and the path where there are none.
fn description(operation: &Value, method: &Method, path: &str) -> String {
    let text = |key| operation.get(key).and_then(Value::as_str).map(|text| words(text, MAX_DESCRIPTION));
    let (summary, more) = (text("summary").unwrap_or_default(), text("description").unwrap_or_default());
    let told = match (summary.is_empty(), more.is_empty()) {
        (true, true) => format!("{method} {path}"),
        (true, false) => more,
        (false, true) => summary,
        (false, false) if more.starts_with(summary.trim_end_matches('.')) => more,
        (false, false) => format!("{}. {more}", summary.trim_end_matches('.')),
    };
    words(&told, MAX_DESCRIPTION)
}

/// The parts of `/books/{id}/pages`.
fn parts(path: &str) -> Result<Vec<Part>, String> {
    if !path.starts_with('/') || path.contains(['?', '#', '\\']) || path.chars().any(is_hidden) {
        return Err("its path must begin with `/` and have neither `?` nor `#`".into());
    }
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((text, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').ok_or("its path has a `{` without `}`")?;
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        parts.push(Part::Parameter(name.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// The parameters of the path and the operation, of which the latter win.
fn parameters(
    document: &Document,
    inliner: &mut Inliner<'_>,
    template: &[Part],
    item: &Value,
    operation: &Value,
    sent: &[String],
) -> Result<Vec<Entry>, String> {
    let mut given: Vec<&Value> = Vec::new();
    for parameter in [operation, item].into_iter().flat_map(|of| of["parameters"].as_array().into_iter().flatten()) {
        let parameter = document.resolve(parameter)?;
        let same = |other: &&Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
        if !given.iter().any(same) {
            given.push(parameter);
        }
    }
    let is_in_path = |name: &str| template.iter().any(|part| matches!(part, Part::Parameter(known) if known == name));
    let mut entries = Vec::new();
    for parameter in given {
        let name = parameter["name"].as_str().filter(|name| !name.is_empty()).ok_or("a parameter has no name")?;
        if name.chars().count() > MAX_NAME || name.chars().any(is_hidden) {
            return Err(format!("the name of its parameter {:?} is no name", words(name, 40)));
        }
        let required = parameter["required"] == true;
        let place = match parameter["in"].as_str().unwrap_or_default() {
            "path" if is_in_path(name) => Place::Path(form(parameter, Style::Simple)),
            "path" => continue,
            "query" => Place::Query(form(parameter, Style::Form)),
            "header" if NOT_FOR_CALLERS.contains(&name.to_ascii_lowercase().as_str()) => continue,
            "header" if sent.iter().any(|header| header.eq_ignore_ascii_case(name)) => continue,
            "header" => Place::Header(form(parameter, Style::Simple)),
            "cookie" if required => return Err(format!("it needs the cookie `{name}`, and cookies are not kept")),
            "cookie" => continue,
            other => return Err(format!("its parameter `{name}` is in {other:.20?}, which is no place")),
        };
        let schema = parameter.get("schema").or_else(|| Some(&first_content(parameter)?["schema"]));
        let mut schema = schema.map_or_else(|| json!({ "type": "string" }), |schema| inliner.schema(schema));
        if let Some(description) = inliner.description(parameter) {
            schema["description"] = description.into();
        }
        let required = required || matches!(place, Place::Path(_));
        entries.push(Entry { wire: name.to_owned(), place, schema, required });
    }
    // Those that only the path names.
    for part in template {
        if let Part::Parameter(name) = part
            && !entries.iter().any(|entry| entry.wire == *name && matches!(entry.place, Place::Path(_)))
        {
            let place = Place::Path(Form { style: Style::Simple, explode: false });
            entries.push(Entry { wire: name.clone(), place, schema: json!({ "type": "string" }), required: true });
        }
    }
    // What must be given first; the path's are in the order of the path.
    let rank = |entry: &Entry| match entry.place {
        Place::Path(_) => template.iter().position(|part| *part == Part::Parameter(entry.wire.clone())).unwrap_or(0),
        _ if entry.required => usize::MAX - 1,
        _ => usize::MAX,
    };
    entries.sort_by_key(rank);
    Ok(entries)
}

fn first_content(of: &Value) -> Option<&Value> {
    object(of, "content")?.values().next()
}

fn form(parameter: &Value, usual: Style) -> Form {
    if parameter.get("schema").is_none() && first_content(parameter).is_some() {
        return Form { style: Style::Json, explode: false };
    }
    let style = match parameter["style"].as_str() {
        Some("simple") => Style::Simple,
        Some("label") => Style::Label,
        Some("matrix") => Style::Matrix,
        Some("form") => Style::Form,
        Some("spaceDelimited") => Style::Space,
        Some("pipeDelimited") => Style::Pipe,
        Some("deepObject") => Style::Deep,
        _ => usual,
    };
    Form { style, explode: parameter["explode"].as_bool().unwrap_or(style == Style::Form) }
}

/// The body, whose fields become arguments where it is an object of known ones.
fn body(
    document: &Document,
    inliner: &mut Inliner<'_>,
    operation: &Value,
    entries: &mut Vec<Entry>,
) -> Result<Option<Body>, String> {
    let Some(given) = operation.get("requestBody") else { return Ok(None) };
    let given = document.resolve(given)?;
    let required = given["required"] == true;
    let content = object(given, "content").filter(|content| !content.is_empty());
    let Some(content) = content else { return Ok(None) };
    let kinds = [BodyKind::Json, BodyKind::Form, BodyKind::Text];
    let chosen = kinds.into_iter().find_map(|kind| {
        let (media, value) = content.iter().find(|(media, _)| kind_of(media) == Some(kind))?;
        Some((kind, media.clone(), value))
    });
    let Some((kind, media, value)) = chosen else {
        let offered: Vec<_> = content.keys().map(|media| words(media, 60)).collect();
        let offered = offered.join(", ");
        return if required {
            Err(format!("it takes {offered:.200}, and only JSON, forms and plain text can be sent"))
        } else {
            Ok(None)
        };
    };
    // `*/*` is what the caller makes of it.
    let media = if media.contains('*') { "application/json".to_owned() } else { media };
    let schema = value.get("schema").map_or_else(|| json!({}), |schema| inliner.schema(schema));
    let fields = fields(&schema).filter(|_| kind == BodyKind::Form || kind == BodyKind::Json && required);
    match fields {
        Some(fields) => {
            let is_required = |name: &str| schema["required"].as_array().is_some_and(|all| all.contains(&name.into()));
            let mut fields: Vec<_> = fields
                .iter()
                .map(|(name, field)| Entry {
                    wire: name.clone(),
                    place: Place::Field,
                    schema: field.clone(),
                    required: required && is_required(name),
                })
                .collect();
            fields.sort_by_key(|field| !field.required);
            entries.extend(fields);
        }
        None if kind == BodyKind::Form => return Err("the fields of its form are not described".into()),
        None => {
            let mut schema = if kind == BodyKind::Text { json!({ "type": "string" }) } else { schema };
            if let Some(description) = inliner.description(given) {
                schema["description"] = description.into();
            }
            entries.push(Entry { wire: "body".into(), place: Place::Body, schema, required });
        }
    }
    Ok(Some(Body { media, kind, required }))
}

/// The properties of an object that has these and no others.
fn fields(schema: &Value) -> Option<&Map<String, Value>> {
    let more = schema.get("additionalProperties").is_some_and(|more| *more != false);
    object(schema, "properties").filter(|properties| !properties.is_empty() && !more)
}

fn kind_of(media: &str) -> Option<BodyKind> {
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/json" | "*/*" | "application/*" => Some(BodyKind::Json),
        "application/x-www-form-urlencoded" => Some(BodyKind::Form),
        "text/plain" => Some(BodyKind::Text),
        other if other.ends_with("+json") => Some(BodyKind::Json),
        _ => None,
    }
}

/// The arguments under names of their own, and the schema of all.
fn arguments(entries: Vec<Entry>) -> (Vec<Argument>, Value) {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let (mut arguments, mut taken) = (Vec::new(), HashSet::new());
    for Entry { wire, place, schema, required: needed } in entries {
        let suffix = match place {
            Place::Path(_) => "path",
            Place::Query(_) => "query",
            Place::Header(_) => "header",
            Place::Field | Place::Body => "body",
        };
        let wanted = if taken.contains(&wire) { format!("{wire}_{suffix}") } else { wire.clone() };
        let name = unused(&wanted, MAX_NAME + 10, &mut taken);
        if needed {
            required.push(name.clone());
        }
        properties.insert(name.clone(), schema);
        arguments.push(Argument { name, wire, place });
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema["additionalProperties"] = false.into();
    (arguments, schema)
}
