use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use toolwright_protocol::{Budget, CallId, DiscardReason, Observation, RunStatus, Spent, ToolCall, Usage};

/// Where in the model's text a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The model ended its turn after the call: results come as turns of their own (Hermes, Qwen).
    TurnEnd,
    /// The sentence goes on after the call: the result is spliced right behind it (Toolformer, arXiv 2302.04761).
    MidSentence,
}

/// How a rejected call is to be decoded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Open the call again, with some randomness: the span that greedy decoding gives is the one just rejected.
    Resample {
        /// Counted from 1.
        attempt: u32,
    },
    /// No call may be opened at this place; the model goes on in text.
    NoCall,
}

/// What the runtime is to do now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Decode until a call closes or the turn ends.
    Generate,
    /// Roll back to where the last call opened and decode again.
    Retry {
        /// For the journal.
        reason: DiscardReason,
        /// What is to be different this time.
        remedy: Remedy,
    },
    /// Dispatch these calls, in order, and report each observation.
    CallTools {
        /// Never one that was made before in this episode.
        calls: Vec<ToolCall>,
    },
    /// Put the observations into the context, then decode on.
    Splice {
        /// In the order of the calls.
        observations: Vec<Observation>,
        /// Which decides the text around them.
        place: Place,
    },
    /// Nothing more to do.
    Finish(RunStatus),
}

/// A call span that the runtime could not accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedCall {
    /// What is wrong with it, for the journal and for the error if retries run out.
    pub why: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A call span closed and fits the schema of its tool.
    CallClosed {
        /// The tool's name.
        name: String,
        /// A JSON object.
        arguments: Value,
    },
    /// A call span closed and does not parse, names no tool, or does not fit the schema.
    CallRejected(RejectedCall),
    /// The model paused: it ended its turn, or text goes on behind a closed call.
    Paused(Place),
    /// The context was rolled back as [`Step::Retry`] said.
    RolledBack,
    /// A dispatched call came back.
    Observed(Observation),
    /// The observations stand in the context.
    Spliced,
    /// A limit of the budget was reached.
    OutOf(Spent),
    /// The user stopped the run.
    Cancelled,
    /// Something broke that the model cannot mend.
    Failed(String),
}

/// What was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// The prompt: tokens prefilled, tokens that the cache held already.
    Prompt {
        /// Prefilled.
        prefilled: u64,
        /// Saved.
        cached: u64,
    },
    /// Tokens sampled.
    Sampled(u64),
    /// Of them, tokens rolled back.
    Discarded(u64),
    /// Tokens forced.
    Spliced(u64),
    /// The clock, since the run began.
    Elapsed(Duration),
    /// The clock at the first sampled token.
    FirstToken(Duration),
}

/// Bounds on patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeLimits {
    /// Rejected calls in a row before the run fails.
    pub rejections_in_a_row: u32,
    /// Repeated calls in the whole episode before the run fails.
    pub repetitions: u32,
}

impl Default for EpisodeLimits {
    fn default() -> Self {
        Self { rejections_in_a_row: 4, repetitions: 3 }
    }
}

/// The runtime reported something that cannot happen in this state: a bug, reported and not panicked on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the episode is in state `{state}` and cannot take `{input}`; this is a bug in the runtime")]
pub struct UnexpectedInput {
    state: String,
    input: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Generating,
    Rejected { reason: DiscardReason, remedy: Remedy },
    Calling { waiting: Vec<ToolCall>, observed: Vec<Observation>, place: Place },
    Splicing { observations: Vec<Observation>, place: Place },
    Finished(RunStatus),
}

/// One question, from the prompt to the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    state: State,
    limits: EpisodeLimits,
    budget: Budget,
    usage: Usage,
    /// Every accepted call, dispatched or about to be.
    calls: Vec<ToolCall>,
    /// How many of `calls` have been dispatched.
    dispatched: usize,
    rejections_in_a_row: u32,
    repetitions: u32,
}

impl Episode {
    /// A fresh episode: its first step is [`Step::Generate`].
    #[must_use]
    pub fn new(budget: Budget, limits: EpisodeLimits) -> Self {
        Self {
            state: State::Generating,
            limits,
            budget,
            usage: Usage::default(),
            calls: Vec::new(),
            dispatched: 0,
            rejections_in_a_row: 0,
            repetitions: 0,
        }
    }

    /// What to do now. Asking twice gives the same answer.
    #[must_use]
    pub fn next(&self) -> Step {
        match &self.state {
            State::Generating => match self.budget.spent_by(&self.usage) {
                Some(what) => Step::Finish(RunStatus::BudgetSpent { what }),
                None => Step::Generate,
            },
            State::Rejected { reason, remedy } => Step::Retry { reason: reason.clone(), remedy: *remedy },
            State::Calling { waiting, .. } => Step::CallTools { calls: waiting.clone() },
            State::Splicing { observations, place } => {
                Step::Splice { observations: observations.clone(), place: *place }
            }
            State::Finished(status) => Step::Finish(status.clone()),
        }
    }

    /// Takes in what happened.
    ///
    /// # Errors
    /// [`UnexpectedInput`] where the input does not fit the state; the episode is unchanged then.
    pub fn apply(&mut self, input: Input) -> Result<(), UnexpectedInput> {
        let next = match (&mut self.state, input) {
            (State::Finished(_), input) => return Err(self.unexpected(&input)),
            (_, Input::OutOf(what)) => State::Finished(RunStatus::BudgetSpent { what }),
            (_, Input::Cancelled) => State::Finished(RunStatus::Cancelled),
            (_, Input::Failed(reason)) => State::Finished(RunStatus::Failed { reason }),
            (State::Generating, Input::CallClosed { name, arguments }) => self.accept(name, arguments),
            (State::Generating, Input::CallRejected(call)) => self.reject(call),
            (State::Generating, Input::Paused(place)) => self.pause(place),
            (State::Rejected { .. }, Input::RolledBack) => State::Generating,
            (State::Calling { waiting, observed, place }, Input::Observed(observation))
                if waiting.first().is_some_and(|call| call.id == observation.call) =>
            {
                waiting.remove(0);
                observed.push(observation);
                if !waiting.is_empty() {
                    return Ok(());
                }
                State::Splicing { observations: std::mem::take(observed), place: *place }
            }
            (State::Splicing { .. }, Input::Spliced) => State::Generating,
            (_, input) => return Err(self.unexpected(&input)),
        };
        self.state = next;
        Ok(())
    }

    /// Books what was spent. Limits are enforced by [`Episode::next`] and, inside a stretch, by
    /// [`Episode::tokens_left`].
    pub fn charge(&mut self, charge: Charge) {
        let usage = &mut self.usage;
        match charge {
            Charge::Prompt { prefilled, cached } => {
                usage.prompt_tokens += prefilled;
                usage.cached_tokens += cached;
            }
            Charge::Sampled(tokens) => usage.generated_tokens += tokens,
            Charge::Discarded(tokens) => usage.discarded_tokens += tokens,
            Charge::Spliced(tokens) => usage.spliced_tokens += tokens,
            Charge::Elapsed(elapsed) => usage.elapsed = elapsed,
            Charge::FirstToken(elapsed) => usage.first_token = usage.first_token.or(Some(elapsed)),
        }
    }

    /// The limit that has been reached, if any.
    #[must_use]
    pub fn out_of(&self) -> Option<Spent> {
        self.budget.spent_by(&self.usage)
    }

    /// What was spent so far.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Whether text of a tool stands in the context.
    #[must_use]
    pub fn has_heard_tools(&self) -> bool {
        self.dispatched > 0
    }

    fn accept(&mut self, name: String, arguments: Value) -> State {
        let id = CallId(u32::try_from(self.calls.len()).unwrap_or(u32::MAX).saturating_add(1));
        let call = ToolCall { id, name, arguments };
        if let Some(earlier) = self.calls.iter().find(|earlier| earlier.same_request(&call)) {
            let reason = DiscardReason::RepeatedCall(earlier.id);
            self.repetitions += 1;
            if self.repetitions > self.limits.repetitions {
                let reason = format!("the model keeps repeating {} ({}); rephrase the question", earlier.id, call.name);
                return State::Finished(RunStatus::Failed { reason });
            }
            return State::Rejected { reason, remedy: Remedy::NoCall };
        }
        self.rejections_in_a_row = 0;
        self.calls.push(call);
        State::Generating
    }

    fn reject(&mut self, call: RejectedCall) -> State {
        self.rejections_in_a_row += 1;
        let attempt = self.rejections_in_a_row;
        if attempt > self.limits.rejections_in_a_row {
            let reason = format!("the model made no well-formed call in {attempt} attempts; the last: {}", call.why);
            return State::Finished(RunStatus::Failed { reason });
        }
        State::Rejected { reason: DiscardReason::MalformedCall(call.why), remedy: Remedy::Resample { attempt } }
    }

    fn pause(&mut self, place: Place) -> State {
        let waiting = self.calls[self.dispatched..].to_vec();
        if waiting.is_empty() {
            return State::Finished(RunStatus::Done);
        }
        let allowed = self.budget.calls.is_none_or(|limit| self.calls.len() <= limit as usize);
        if !allowed {
            return State::Finished(RunStatus::BudgetSpent { what: Spent::Calls });
        }
        self.dispatched = self.calls.len();
        self.usage.calls = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        State::Calling { waiting, observed: Vec::new(), place }
    }

    fn unexpected(&self, input: &Input) -> UnexpectedInput {
        UnexpectedInput { state: format!("{:?}", self.state), input: format!("{input:?}") }
    }
}

#[cfg(test)]
#[path = "episode_tests.rs"]
mod tests;
