use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// The limits of one run. `None` is no limit of that kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Tokens that may be sampled, discarded ones included.
    pub tokens: Option<u64>,
    /// Calls that may be dispatched.
    pub calls: Option<u32>,
    /// Wall time of the whole run.
    pub wall: Option<Duration>,
    /// Wall time of one call.
    pub call_deadline: Duration,
    /// Bytes of one call's output that the model is shown; the rest goes to a spill file.
    pub output_bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            tokens: Some(1024),
            calls: Some(16),
            wall: None,
            call_deadline: Duration::from_secs(30),
            output_bytes: 8 * 1024,
        }
    }
}

/// What a run has used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt that were prefilled.
    pub prompt_tokens: u64,
    /// Tokens of the prompt that a cached prefix saved.
    pub cached_tokens: u64,
    /// Tokens sampled, those of discarded branches included.
    pub generated_tokens: u64,
    /// Of them, those that a rollback threw away.
    pub discarded_tokens: u64,
    /// Tokens of tool results and template text spliced in.
    pub spliced_tokens: u64,
    /// Calls dispatched.
    pub calls: u32,
    /// Wall time of the run.
    pub elapsed: Duration,
    /// Wall time from the run's start to its first sampled token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token: Option<Duration>,
}

/// Which part of a [`Budget`] ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spent {
    /// [`Budget::tokens`].
    Tokens,
    /// [`Budget::calls`].
    Calls,
    /// [`Budget::wall`].
    Wall,
}

impl Budget {
    /// The first limit that `usage` has reached, if any. `calls` counts as reached only when one *more* call would
    /// exceed it, so a run may still answer after its last call; see [`Budget::allows_call`].
    #[must_use]
    pub fn spent_by(&self, usage: &Usage) -> Option<Spent> {
        if self.tokens.is_some_and(|limit| usage.generated_tokens >= limit) {
            return Some(Spent::Tokens);
        }
        if self.wall.is_some_and(|limit| usage.elapsed >= limit) {
            return Some(Spent::Wall);
        }
        None
    }

    /// Whether one more call may be dispatched.
    #[must_use]
    pub fn allows_call(&self, usage: &Usage) -> bool {
        self.calls.is_none_or(|limit| usage.calls < limit)
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tokens => "the token budget is spent (raise it with --max-tokens)",
            Self::Calls => "the call budget is spent (raise it with --max-calls)",
            Self::Wall => "the time budget is spent (raise it with --max-time)",
        })
    }
}
