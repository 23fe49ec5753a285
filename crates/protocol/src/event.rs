use serde::{Deserialize, Serialize};

use crate::{Budget, CallId, Observation, Provenance, Spent, ToolCall, ToolSpec, Usage};

/// What a run was started with: enough to run it again, and to check that the same things are there when it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunConfig {
    /// What the model calls itself in its file, or the file's name.
    pub model: String,
    /// blake3 of the model file, hex.
    pub model_hash: String,
    /// blake3 of the chat template and the system text, hex.
    pub prompt_hash: String,
    /// The tools offered, in order.
    pub tools: Vec<ToolSpec>,
    /// Sampling seed.
    pub seed: u64,
    /// Sampling temperature; 0 is greedy.
    pub temperature: f32,
    /// The limits.
    pub budget: Budget,
}

/// Why a stretch of sampled tokens was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscardReason {
    /// The call span did not parse, or did not fit the tool's schema; the message says how.
    MalformedCall(String),
    /// The call was made before in this run.
    RepeatedCall(CallId),
    /// The token after a call decided whether it stood at the end of a turn or inside a sentence; the runtime looked
    /// at it and took it back.
    Lookahead,
}

/// Why decoding of a stretch stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerationEnd {
    /// The model ended its turn.
    EndOfTurn,
    /// The model closed a call.
    CallClosed,
    /// A stop string or the budget.
    Stopped,
    /// Ctrl-C or a dropped client.
    Cancelled,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RunStatus {
    /// With an answer.
    Done,
    /// A limit was reached; what there was is kept.
    BudgetSpent {
        /// Which.
        what: Spent,
    },
    /// The user stopped it.
    Cancelled,
    /// It could not go on.
    Failed {
        /// What was wrong, where, and what to do next.
        reason: String,
    },
}

/// One entry of a run's journal. Whatever a model is shown is an event *before* it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// With these settings.
        config: Box<RunConfig>,
    },
    /// The system text, if there is one.
    SystemMessage {
        /// As rendered from `prompts/` or given on the command line.
        text: String,
    },
    /// What the user asked.
    UserMessage {
        /// Verbatim.
        text: String,
    },
    /// The prompt, as token ids, about to be prefilled.
    Prompted {
        /// All of it.
        tokens: Vec<u32>,
    },
    /// A stretch that the model sampled and that stands in the context.
    Generated {
        /// The ids, in order.
        tokens: Vec<u32>,
        /// Their text, control tokens included.
        text: String,
        /// Why it stopped.
        end: GenerationEnd,
    },
    /// A stretch that was sampled and rolled back.
    Discarded {
        /// The ids, in order.
        tokens: Vec<u32>,
        /// Their text.
        text: String,
        /// Why.
        reason: DiscardReason,
    },
    /// A call, about to be dispatched.
    ToolCalled {
        /// The call.
        call: ToolCall,
    },
    /// Its result, about to be spliced.
    ToolReturned {
        /// The observation.
        observation: Observation,
    },
    /// Tokens about to be forced into the context.
    Spliced {
        /// The ids, in order.
        tokens: Vec<u32>,
        /// Runs of equal provenance: how many tokens, and whose.
        spans: Vec<(u32, Provenance)>,
    },
    /// The answer, as the user sees it.
    Answer {
        /// Without thoughts, calls and markers.
        text: String,
    },
    /// The run ends. A journal without this entry was cut off.
    RunEnded {
        /// How.
        status: RunStatus,
        /// At what cost.
        usage: Usage,
    },
}

/// An event with its place in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Counted from 0 within the run.
    pub sequence: u64,
    /// Milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// The event.
    pub event: Event,
}
