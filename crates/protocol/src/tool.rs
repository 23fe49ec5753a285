use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a call of a tool may do to the world. Declared by the tool, judged by the permission policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Looks at files, memory or an index of the user's.
    Reads,
    /// Changes them.
    Writes,
    /// Talks to another machine.
    Network,
    /// Costs money.
    Spends,
}

/// What a model is told about a tool, and what its calls are checked against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// The name in a call: `[A-Za-z_][A-Za-z0-9_-]*`.
    pub name: String,
    /// For the model: what it does, when to use it.
    pub description: String,
    /// JSON Schema (draft 2020-12) of the arguments; always of type `object`.
    pub parameters: Value,
    /// Declared effects; empty for a pure function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}

/// A call's number within its run, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {}", self.0)
    }
}

/// A tool call as the model made it, parsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Its number in the run.
    pub id: CallId,
    /// The tool's name.
    pub name: String,
    /// The arguments: a JSON object.
    pub arguments: Value,
}

impl ToolCall {
    /// Whether the other call asks the same of the same tool.
    #[must_use]
    pub fn same_request(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments == other.arguments
    }
}

/// How a call ended, as the model is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservationStatus {
    /// The tool answered.
    Ok,
    /// The tool refused or failed in a way that the model can react to.
    Error,
    /// The permission policy did not allow the call.
    Denied,
    /// The deadline passed.
    TimedOut,
}

/// What came back from a call: the text that is spliced into the context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The call it answers.
    pub call: CallId,
    /// The tool's name.
    pub tool: String,
    /// How it ended.
    pub status: ObservationStatus,
    /// What the model sees, already within the output cap.
    pub content: String,
    /// The same for programs, where the tool has more to say than text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Where the whole output lies if `content` was cut: a path under the data directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spilled_to: Option<String>,
    /// Wall time of the call.
    pub elapsed: Duration,
}
