//! How a model writes thoughts and calls: the Hermes/Qwen dialect.
//!
//! ```text
//! <think>…</think>text <tool_call>{"name": "x", "arguments": {…}}</tool_call> text
//! ```
//!
//! Each marker is a single control token where the vocabulary has one. Then only that token is the marker, and the same
//! characters spelled with other tokens are text. For other vocabularies the marker is its text, wherever it begins or
//! ends within tokens. Source of the format: the Hermes function-calling card and Qwen's chat templates.

mod call;
mod scanner;
mod turn;

pub use call::{CallSyntaxError, ParsedCall, parse_call, render_call};
pub use scanner::{ScanEvent, Scanner};
pub use turn::{ParsedTurn, parse_turn};

use crate::Tokenizer;

/// The text of the dialect's markers.
pub(crate) mod text {
    pub(crate) const THINK_OPEN: &str = "<think>";
    pub(crate) const THINK_CLOSE: &str = "</think>";
    pub(crate) const CALL_OPEN: &str = "<tool_call>";
    pub(crate) const CALL_CLOSE: &str = "</tool_call>";
    pub(crate) const RESPONSE_OPEN: &str = "<tool_response>";
    pub(crate) const RESPONSE_CLOSE: &str = "</tool_response>";
}

/// One marker of a dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// A control token of its own.
    Token {
        /// Its id.
        id: u32,
        /// What it looks like.
        text: &'static str,
    },
    /// Plain text, for vocabularies that have no such token.
    Text(&'static str),
}

impl Marker {
    fn detect(tokenizer: &Tokenizer, text: &'static str) -> Self {
        match tokenizer.token_id(text).filter(|&id| tokenizer.is_control(id)) {
            Some(id) => Self::Token { id, text },
            None => Self::Text(text),
        }
    }

    /// What the marker looks like, either way.
    #[must_use]
    pub fn text(&self) -> &'static str {
        match self {
            Self::Token { text, .. } | Self::Text(text) => text,
        }
    }

    /// Its id, if it is a token.
    #[must_use]
    pub fn token(&self) -> Option<u32> {
        match self {
            Self::Token { id, .. } => Some(*id),
            Self::Text(_) => None,
        }
    }
}

/// The markers as one vocabulary has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// `<think>`
    pub think_open: Marker,
    /// `</think>`
    pub think_close: Marker,
    /// `<tool_call>`
    pub call_open: Marker,
    /// `</tool_call>`
    pub call_close: Marker,
    /// `<tool_response>`
    pub response_open: Marker,
    /// `</tool_response>`
    pub response_close: Marker,
    /// Tokens that end the model's turn.
    pub end_of_turn: Vec<u32>,
    /// Whether a call may open inside a thought. So by default where the marker is a token, which a model only writes on
    /// purpose; as text, a thought may well talk *about* the marker.
    pub calls_in_thoughts: bool,
}

impl Dialect {
    /// Finds which markers this vocabulary has as tokens.
    #[must_use]
    pub fn detect(tokenizer: &Tokenizer) -> Self {
        let marker = |text| Marker::detect(tokenizer, text);
        let call_open = marker(text::CALL_OPEN);
        Self {
            calls_in_thoughts: call_open.token().is_some(),
            think_open: marker(text::THINK_OPEN),
            think_close: marker(text::THINK_CLOSE),
            call_open,
            call_close: marker(text::CALL_CLOSE),
            response_open: marker(text::RESPONSE_OPEN),
            response_close: marker(text::RESPONSE_CLOSE),
            end_of_turn: tokenizer.end_of_generation().to_vec(),
        }
    }

    /// The dialect with every marker as text, for turns that are already text.
    #[must_use]
    pub fn textual() -> Self {
        Self {
            think_open: Marker::Text(text::THINK_OPEN),
            think_close: Marker::Text(text::THINK_CLOSE),
            call_open: Marker::Text(text::CALL_OPEN),
            call_close: Marker::Text(text::CALL_CLOSE),
            response_open: Marker::Text(text::RESPONSE_OPEN),
            response_close: Marker::Text(text::RESPONSE_CLOSE),
            end_of_turn: Vec::new(),
            calls_in_thoughts: false,
        }
    }

    /// Reads the text between the call markers; see [`parse_call`].
    ///
    /// # Errors
    /// If it is not one JSON object with a name and arguments.
    pub fn parse_call(&self, span: &str) -> Result<ParsedCall, CallSyntaxError> {
        parse_call(span)
    }
}
