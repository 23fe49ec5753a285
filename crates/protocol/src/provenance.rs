use serde::{Deserialize, Serialize};

/// Where a token in a context came from. Only [`Provenance::Template`] text is encoded with control tokens, so
/// nothing that a user, a model or a tool says can forge a turn or a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Written by the chat template: turn markers, the tool list.
    Template,
    /// The system text, from `prompts/` or the command line.
    System,
    /// Typed or piped in by the user.
    User,
    /// Sampled by the model (or replayed from what it sampled in an earlier turn).
    Model,
    /// Said by the tool of this name.
    Tool(String),
}

impl Provenance {
    /// Whether control tokens in such text are obeyed.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Template)
    }
}
