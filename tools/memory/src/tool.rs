use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use toolwright_protocol::{Effect, ToolSpec};
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{Fact, Memory, MemoryError, Origin};

/// Facts that `recall` shows unless asked for more or less, and at most.
const SHOWN: u64 = 8;
const MAX_SHOWN: u64 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Remember,
    Recall,
    Forget,
}

/// One of the tools; they share the memory.
struct MemoryTool {
    kind: Kind,
    spec: ToolSpec,
    memory: Memory,
}

pub(crate) fn all(memory: &Memory) -> Vec<Arc<dyn Tool>> {
    let kinds = [Kind::Remember, Kind::Recall, Kind::Forget];
    let tool = |kind| -> Arc<dyn Tool> { Arc::new(MemoryTool { kind, spec: spec(kind), memory: memory.clone() }) };
    kinds.into_iter().map(tool).collect()
}

/// What the model is told, from `prompts/`.
fn spec(kind: Kind) -> ToolSpec {
    let (name, description, effect) = match kind {
        Kind::Remember => ("remember", include_str!("../prompts/remember.md"), Effect::Writes),
        Kind::Recall => ("recall", include_str!("../prompts/recall.md"), Effect::Reads),
        Kind::Forget => ("forget", include_str!("../prompts/forget.md"), Effect::Writes),
    };
    let text = json!({ "type": "string" });
    let (properties, required) = match kind {
        Kind::Remember => (json!({ "fact": { "type": "string", "minLength": 1 }, "topic": text }), json!(["fact"])),
        Kind::Recall => {
            let limit = json!({ "type": "integer", "minimum": 1, "maximum": MAX_SHOWN });
            (json!({ "query": text, "topic": text, "limit": limit }), json!([]))
        }
        Kind::Forget => (json!({ "id": { "type": "integer", "minimum": 1 } }), json!(["id"])),
    };
    let parameters =
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
    ToolSpec { name: name.into(), description: description.trim().into(), parameters, effects: vec![effect] }
}

#[async_trait]
impl Tool for MemoryTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let (kind, memory) = (self.kind, self.memory.clone());
        let (arguments, context) = (arguments.clone(), context.clone());
        let work = tokio::task::spawn_blocking(move || run(kind, &memory, &arguments, &context));
        let answer = work.await.map_err(|error| ToolError::Fatal(format!("{}: {error}", self.spec.name)))?;
        answer.map_err(|error| match error {
            MemoryError::Busy { .. } | MemoryError::DiskFull { .. } => ToolError::Respond(format!("error: {error}")),
            error if error.is_of_the_input() => ToolError::Respond(format!("error: {error}")),
            broken => ToolError::Fatal(broken.to_string()),
        })
    }
}

fn run(kind: Kind, memory: &Memory, arguments: &Value, context: &CallContext) -> Result<ToolOutput, MemoryError> {
    let text = |name| arguments.get(name).and_then(Value::as_str);
    match kind {
        Kind::Remember => {
            let kept = memory.remember(text("fact").unwrap_or_default(), text("topic"), &origin(context))?;
            let words = if kept.is_new { "remembered" } else { "known already" };
            let data = json!({ "id": kept.fact.id, "new": kept.is_new });
            Ok(ToolOutput::text(format!("{words} as [{}]", kept.fact.id)).with_data(data))
        }
        Kind::Recall => {
            let query = text("query").unwrap_or_default();
            let limit = whole(arguments.get("limit")).and_then(|limit| u64::try_from(limit).ok()).unwrap_or(SHOWN);
            let limit = usize::try_from(limit.clamp(1, MAX_SHOWN)).unwrap_or(1);
            let facts = memory.recall(query, text("topic"), limit)?;
            if facts.is_empty() {
                let about = text("topic").or(text("query")).is_some_and(|text| !text.trim().is_empty());
                return Ok(if about { "nothing about that is remembered" } else { "nothing is remembered" }.into());
            }
            let lines: Vec<String> = facts.iter().map(line).collect();
            Ok(ToolOutput::text(lines.join("\n")).with_data(json!({ "facts": facts })))
        }
        Kind::Forget => {
            let id = whole(arguments.get("id")).unwrap_or(0);
            Ok(match memory.forget(id)? {
                Some(fact) => format!("forgot [{}] {}", fact.id, fact.text).into(),
                None => {
                    ToolOutput::text(format!("error: there is no fact [{id}]; `recall` shows the numbers")).as_error()
                }
            })
        }
    }
}

/// A fact as a model reads it.
fn line(fact: &Fact) -> String {
    let day = fact.updated.strftime("%Y-%m-%d");
    let topic = fact.topic.as_ref().map(|topic| format!("{topic}, ")).unwrap_or_default();
    format!("[{}] {} ({topic}{day})", fact.id, fact.text)
}

/// A whole number; JSON Schema takes 3.0 for one.
fn whole(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    let float = value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i64);
    value.as_i64().or(float)
}

/// The run's folder, in which its outputs lie, is named by it: `runs/ID/outputs`.
fn origin(context: &CallContext) -> Origin {
    let folder = context.outputs.parent();
    let in_runs = folder.and_then(|folder| folder.parent()?.file_name()).is_some_and(|name| name == "runs");
    let run = folder.filter(|_| in_runs).and_then(|folder| Some(folder.file_name()?.to_str()?.to_owned()));
    Origin { call: run.as_ref().map(|_| context.call.0), run }
}
