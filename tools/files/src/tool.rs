use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use toolwright_protocol::{Effect, ToolSpec};
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{
    FileError, FilesConfig, list, patch,
    place::Inside,
    read::{self, Position},
    write,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Read,
    Write,
    Patch,
}

/// One of the tools; they share their configuration.
struct FileTool {
    kind: Kind,
    spec: ToolSpec,
    config: Arc<FilesConfig>,
}

pub(crate) fn all(config: &Arc<FilesConfig>) -> Vec<Arc<dyn Tool>> {
    let kinds = [Kind::List, Kind::Read, Kind::Write, Kind::Patch];
    let tool =
        |kind| -> Arc<dyn Tool> { Arc::new(FileTool { kind, spec: spec(kind, config), config: config.clone() }) };
    kinds.into_iter().map(tool).collect()
}

/// What the model is told, from `prompts/`.
fn spec(kind: Kind, config: &FilesConfig) -> ToolSpec {
    let (name, description, effect) = match kind {
        Kind::List => ("list_files", include_str!("../prompts/list_files.md"), Effect::Reads),
        Kind::Read => ("read_file", include_str!("../prompts/read_file.md"), Effect::Reads),
        Kind::Write => ("write_file", include_str!("../prompts/write_file.md"), Effect::Writes),
        Kind::Patch => ("patch_file", include_str!("../prompts/patch_file.md"), Effect::Writes),
    };
    let text = json!({ "type": "string" });
    let path = json!({ "type": "string", "minLength": 1 });
    let count = json!({ "type": "integer", "minimum": 1 });
    let (properties, required) = match kind {
        Kind::List => (json!({ "path": text, "recursive": { "type": "boolean" }, "search": text }), json!([])),
        Kind::Read => (json!({ "path": path, "offset": count, "limit": count, "column": count }), json!(["path"])),
        Kind::Write => (json!({ "path": path, "content": text }), json!(["path", "content"])),
        Kind::Patch => (json!({ "path": path, "old": text, "new": text }), json!(["path", "old", "new"])),
    };
    let parameters =
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    let effects = if config.user_folder { vec![effect] } else { Vec::new() };
    ToolSpec { name: name.into(), description: description.trim().into(), parameters, effects }
}

#[async_trait]
impl Tool for FileTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let (kind, config) = (self.kind, self.config.clone());
        let (arguments, context) = (arguments.clone(), context.clone());
        let work = tokio::task::spawn_blocking(move || run(kind, &arguments, &context, &config));
        let answer = work.await.map_err(|error| ToolError::Fatal(format!("{}: {error}", self.spec.name)))?;
        answer.map_err(|error| ToolError::Respond(format!("error: {error}")))
    }
}

fn run(kind: Kind, arguments: &Value, context: &CallContext, config: &FilesConfig) -> Result<ToolOutput, FileError> {
    let text = |name| arguments.get(name).and_then(Value::as_str);
    let needed = |name| text(name).ok_or(FileError::Missing(name));
    match kind {
        Kind::List => {
            let path = Inside::new(text("path").unwrap_or("."))?;
            let recursive = arguments.get("recursive").and_then(Value::as_bool).unwrap_or(false);
            list::list_files(context, config, &path, recursive, text("search").filter(|text| !text.is_empty()))
        }
        Kind::Read => {
            let start = Position {
                line: count(arguments, "offset")?.unwrap_or(1),
                column: count(arguments, "column")?.unwrap_or(1),
            };
            read::read_file(context, config, &Inside::new(needed("path")?)?, start, count(arguments, "limit")?)
        }
        Kind::Write => write::write_file(context, config, &Inside::new(needed("path")?)?, needed("content")?),
        Kind::Patch => {
            patch::patch_file(context, config, &Inside::new(needed("path")?)?, needed("old")?, needed("new")?)
        }
    }
}

/// A number from 1 on; JSON Schema takes 3.0 for an integer.
fn count(arguments: &Value, argument: &'static str) -> Result<Option<u64>, FileError> {
    let value = match arguments.get(argument) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let whole = value.as_f64().filter(|n| n.fract() == 0.0 && (1.0..1e15).contains(n)).map(|n| n as u64);
    let number = value.as_u64().filter(|n| *n > 0).or(whole);
    let wrong = || FileError::Argument { argument, expected: "a whole number from 1 on".into() };
    number.ok_or_else(wrong).map(Some)
}
