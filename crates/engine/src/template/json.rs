//! `tojson` as Hugging Face's chat templates mean it: Python's `json.dumps(value, ensure_ascii=False)`, not the
//! HTML-safe variant of Jinja itself.

use std::fmt::Write as _;

use minijinja::{Error, ErrorKind, Value, value::Kwargs};

use super::placeholder;

struct Style {
    item: String,
    key: String,
    indent: Option<usize>,
    sort_keys: bool,
    ensure_ascii: bool,
}

/// The filter: `tojson(indent=None, separators=None, sort_keys=False, ensure_ascii=False)`.
pub(super) fn tojson(value: Value, indent: Option<Value>, options: Kwargs) -> Result<Value, Error> {
    let indent = match indent {
        Some(indent) => Some(indent),
        None => options.get::<Option<Value>>("indent")?,
    };
    let indent = match indent {
        None => None,
        Some(indent) if indent.is_none() || indent.is_undefined() => None,
        Some(indent) => Some(usize::try_from(indent)?.min(16)),
    };
    let (item, key) = match options.get::<Option<Vec<String>>>("separators")? {
        Some(separators) => <[String; 2]>::try_from(separators)
            .map_err(|_| Error::new(ErrorKind::InvalidOperation, "tojson: separators are a pair of strings"))?
            .into(),
        None => (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()),
    };
    let style = Style {
        item,
        key,
        indent,
        sort_keys: options.get::<Option<bool>>("sort_keys")?.unwrap_or(false),
        ensure_ascii: options.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false),
    };
    options.assert_all_used()?;
    let value = serde_json::to_value(&value)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, "cannot serialise to JSON").with_source(error))?;
    let mut out = String::new();
    style.write(&value, 0, &mut out);
    Ok(Value::from(out))
}

/// `tojson_compact`: without blanks, as the seed model writes JSON.
pub(super) fn tojson_compact(value: Value) -> Result<Value, Error> {
    tojson(value, None, Kwargs::from_iter([("separators", Value::from(vec![",", ":"]))]))
}

impl Style {
    fn write(&self, value: &serde_json::Value, depth: usize, out: &mut String) {
        match value {
            serde_json::Value::String(text) => self.string(text, out),
            serde_json::Value::Array(items) if items.is_empty() => out.push_str("[]"),
            serde_json::Value::Object(entries) if entries.is_empty() => out.push_str("{}"),
            serde_json::Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.separate(index, depth + 1, out);
                    self.write(item, depth + 1, out);
                }
                self.line(depth, out);
                out.push(']');
            }
            serde_json::Value::Object(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                if self.sort_keys {
                    entries.sort_by_key(|(key, _)| *key);
                }
                out.push('{');
                for (index, (key, item)) in entries.into_iter().enumerate() {
                    self.separate(index, depth + 1, out);
                    self.string(key, out);
                    out.push_str(&self.key);
                    self.write(item, depth + 1, out);
                }
                self.line(depth, out);
                out.push('}');
            }
            other => {
                let _ = write!(out, "{other}");
            }
        }
    }

    fn separate(&self, index: usize, depth: usize, out: &mut String) {
        if index > 0 {
            out.push_str(&self.item);
        }
        self.line(depth, out);
    }

    fn line(&self, depth: usize, out: &mut String) {
        if let Some(indent) = self.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent * depth));
        }
    }

    fn string(&self, text: &str, out: &mut String) {
        let quoted = serde_json::Value::from(placeholder::mark_as_json(text)).to_string();
        for character in quoted.chars() {
            if self.ensure_ascii && !character.is_ascii() && !placeholder::is_reserved(character) {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            } else {
                out.push(character);
            }
        }
    }
}
