//! An OpenAPI document: what it is, where it leads, what its references mean.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// References in a row that are followed before they count as a loop.
const MAX_HOPS: usize = 16;

/// A document whose version is supported.
#[derive(Debug)]
pub(crate) struct Document {
    root: Value,
    /// 3.0, whose schemas are not quite JSON Schema.
    pub is_3_0: bool,
}

impl Document {
    /// Reads JSON, or YAML where the name says so.
    pub(crate) fn parse(bytes: &[u8], name: &str) -> Result<Self, String> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| format!("is not UTF-8 from byte {} on", error.valid_up_to()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending));
        let root: Value = if is_yaml {
            // As YAML 1.2 has it: `no` is a country.
            let options = serde_saphyr::options! { strict_booleans: true };
            serde_saphyr::from_str_with_options(text, options)
                .map_err(|error| format!("is no YAML: {}", first_line(&error.to_string())))?
        } else {
            serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?
        };
        if root.get("swagger").is_some() {
            return Err(
                "is Swagger 2.0, and OpenAPI 3.0 or 3.1 is needed; converters such as swagger2openapi make it".into()
            );
        }
        let version = match root.get("openapi") {
            Some(Value::String(version)) => version.clone(),
            Some(Value::Number(version)) => version.to_string(),
            _ => return Err("is no OpenAPI document: it has no field `openapi` with its version".into()),
        };
        let is =
            |wanted: &str| version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'));
        if !is("3.0") && !is("3.1") {
            return Err(format!("is OpenAPI {version:.20}, and 3.0 or 3.1 is needed"));
        }
        if !root.get("paths").is_some_and(Value::is_object) {
            return Err("has no `paths`, so there is nothing to call".into());
        }
        Ok(Self { is_3_0: is("3.0"), root })
    }

    /// A part of it by its keys.
    pub(crate) fn get(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(&self.root, |value, key| value.get(key))
    }

    /// The paths with what can be done there.
    pub(crate) fn paths(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.get(&["paths"]).and_then(Value::as_object).into_iter().flatten()
    }

    /// What a value refers to, if it is a reference; else itself.
    pub(crate) fn resolve<'a>(&'a self, mut value: &'a Value) -> Result<&'a Value, String> {
        for _ in 0..MAX_HOPS {
            let Some(target) = reference(value) else { return Ok(value) };
            value = self.target(target)?;
        }
        Err(format!("{:.100} refers to itself", reference(value).unwrap_or("a reference")))
    }

    /// What `#/…` means, by RFC 6901.
    pub(crate) fn target(&self, reference: &str) -> Result<&Value, String> {
        let pointer = reference
            .strip_prefix('#')
            .ok_or_else(|| format!("{reference:.100} leads to another document; put what it means into this one"))?;
        let pointer = percent_decode_str(pointer).decode_utf8().unwrap_or(Cow::Borrowed(pointer));
        self.root.pointer(&pointer).ok_or_else(|| format!("{reference:.100} leads nowhere"))
    }

    /// The title, the version and the description, for people.
    pub(crate) fn info(&self, key: &str) -> Option<&str> {
        self.get(&["info", key])?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether calls need a credential, as far as the document says.
    pub(crate) fn asks_for_credentials(&self) -> bool {
        let schemes = self.get(&["components", "securitySchemes"]).and_then(Value::as_object);
        let required = self.get(&["security"]).and_then(Value::as_array);
        // An empty requirement among them means that none is needed.
        schemes.is_some_and(|schemes| !schemes.is_empty())
            && required.is_some_and(|all| {
                !all.is_empty() && all.iter().all(|one| one.as_object().is_some_and(|one| !one.is_empty()))
            })
    }
}

/// The servers of the document, a path or an operation, with the defaults of their variables in place.
pub(crate) fn servers(of: Option<&Value>) -> Vec<String> {
    let list = of.and_then(|value| value.get("servers")).and_then(Value::as_array);
    let url = |server: &Value| {
        let mut url = server.get("url")?.as_str()?.to_owned();
        for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
            let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
            url = url.replace(&format!("{{{name}}}"), default);
        }
        Some(url)
    };
    list.into_iter().flatten().filter_map(url).collect()
}

/// The target of a reference, if the value is one.
pub(crate) fn reference(value: &Value) -> Option<&str> {
    value.get("$ref").and_then(Value::as_str)
}

/// The field of an object that is an object.
pub(crate) fn object<'a>(value: &'a Value, key: &str) -> Option<&'a Map<String, Value>> {
    value.get(key).and_then(Value::as_object)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
