use std::mem;

use super::{Dialect, Marker};
use crate::{
    DecodeStream, Tokenizer,
    marker_search::{Found, find},
};

/// What a [`Scanner`] saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanEvent {
    /// Text for the reader.
    Text(String),
    /// Text of a thought.
    Thought(String),
    /// A call begins.
    CallOpened,
    /// Text of the call.
    CallText(String),
    /// A call is complete; this is all that stood between its markers.
    CallClosed(String),
    /// The turn ended inside a call; this is what there was of it.
    CallCut(String),
    /// A control token where it means nothing (a model that writes the tool's part itself, for instance); its text.
    Stray(String),
    /// The model ended its turn.
    EndOfTurn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Thought,
}

/// Turns a model's tokens, as they come, into text, thoughts and calls. Text that could be the beginning of a textual
/// marker is held back until it is known not to be. Cloning one remembers its place, for rollback.
#[derive(Debug, Clone)]
pub struct Scanner {
    dialect: Dialect,
    mode: Mode,
    /// The call that is open.
    call: Option<String>,
    /// What a marker could still come of.
    held: String,
    /// Of the text since the last control token.
    stream: Option<DecodeStream>,
    lead: String,
}

/// What a marker, found as text or as a token, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turning {
    ThinkOpen,
    ThinkClose,
    CallOpen,
    CallClose,
}

impl Scanner {
    /// At the beginning of a turn. `lead` is the template text before it; some templates open the thought themselves.
    #[must_use]
    pub fn new(dialect: &Dialect, lead: &str) -> Self {
        let thinks = lead.trim_end().ends_with(dialect.think_open.text());
        Self {
            dialect: dialect.clone(),
            mode: if thinks { Mode::Thought } else { Mode::Text },
            call: None,
            held: String::new(),
            stream: None,
            lead: lead.to_owned(),
        }
    }

    /// Takes the next token.
    pub fn push(&mut self, token: u32, tokenizer: &Tokenizer) -> Vec<ScanEvent> {
        let mut events = Vec::new();
        let turning = self.turning_of(token);
        let ends = self.dialect.end_of_turn.contains(&token);
        if turning.is_some() || ends || tokenizer.is_control(token) {
            self.end_of_text(&mut events);
            self.stream = Some(tokenizer.stream_after(Some(token)));
            match turning {
                Some(turning) if self.applies(turning) => self.turn(turning, &mut events),
                _ if ends => {
                    events.extend(self.call.take().map(ScanEvent::CallCut));
                    events.push(ScanEvent::EndOfTurn);
                }
                _ => {
                    let text = String::from_utf8_lossy(tokenizer.token_bytes(token)).into_owned();
                    match &mut self.call {
                        // It spoils the call, and the message about it should show why.
                        Some(span) => {
                            span.push_str(&text);
                            events.push(ScanEvent::CallText(text));
                        }
                        None => events.push(ScanEvent::Stray(text)),
                    }
                }
            }
            return events;
        }
        let stream = self.stream.get_or_insert_with(|| {
            let before = tokenizer.encode_trusted(&self.lead);
            tokenizer.stream_after(before.last().copied())
        });
        let text = stream.push(token);
        self.feed(&text, &mut events);
        events
    }

    /// Takes text instead of a token, for turns that are already text.
    pub fn push_text(&mut self, text: &str) -> Vec<ScanEvent> {
        let mut events = Vec::new();
        self.feed(text, &mut events);
        events
    }

    /// Gives out what was held back. An open call is cut.
    pub fn finish(&mut self) -> Vec<ScanEvent> {
        let mut events = Vec::new();
        self.end_of_text(&mut events);
        events.extend(self.call.take().map(ScanEvent::CallCut));
        events
    }

    /// Whether a call is open.
    #[must_use]
    pub fn in_call(&self) -> bool {
        self.call.is_some()
    }

    /// Whether a thought is open (a call inside it does not close it).
    #[must_use]
    pub fn in_thought(&self) -> bool {
        self.mode == Mode::Thought
    }

    /// Whether the marker of a call begins with this token, or could: the place to come back to if the call has to be
    /// taken back lies before it. False for the later tokens of a marker that has begun.
    #[must_use]
    pub fn may_open_call_with(&self, token: u32, tokenizer: &Tokenizer) -> bool {
        if self.call.is_some() || !self.applies(Turning::CallOpen) {
            return false;
        }
        match self.dialect.call_open {
            Marker::Token { id, .. } => token == id,
            Marker::Text(_) if tokenizer.is_control(token) => false,
            Marker::Text(marker) => {
                // Half characters at the token's edges cannot belong to the marker.
                let text = format!("{}{}", self.held, String::from_utf8_lossy(tokenizer.token_bytes(token)));
                let start = match find(&text, &[marker]) {
                    Found::At { start, .. } => start,
                    Found::NotYet { held_from } if held_from < text.len() => held_from,
                    Found::NotYet { .. } => return false,
                };
                start >= self.held.len()
            }
        }
    }

    fn turning_of(&self, token: u32) -> Option<Turning> {
        let Dialect { think_open, think_close, call_open, call_close, .. } = &self.dialect;
        [
            (think_open, Turning::ThinkOpen),
            (think_close, Turning::ThinkClose),
            (call_open, Turning::CallOpen),
            (call_close, Turning::CallClose),
        ]
        .into_iter()
        .find_map(|(marker, turning)| (marker.token() == Some(token)).then_some(turning))
    }

    /// Whether a marker means something here.
    fn applies(&self, turning: Turning) -> bool {
        match (turning, self.call.is_some(), self.mode) {
            (Turning::CallClose, in_call, _) => in_call,
            (_, true, _) => false,
            (Turning::CallOpen, _, mode) => mode == Mode::Text || self.dialect.calls_in_thoughts,
            (Turning::ThinkOpen, _, mode) => mode == Mode::Text,
            (Turning::ThinkClose, _, mode) => mode == Mode::Thought,
        }
    }

    fn turn(&mut self, turning: Turning, events: &mut Vec<ScanEvent>) {
        match turning {
            Turning::ThinkOpen => self.mode = Mode::Thought,
            Turning::ThinkClose => self.mode = Mode::Text,
            Turning::CallOpen => {
                self.call = Some(String::new());
                events.push(ScanEvent::CallOpened);
            }
            Turning::CallClose => events.extend(self.call.take().map(ScanEvent::CallClosed)),
        }
    }

    fn feed(&mut self, text: &str, events: &mut Vec<ScanEvent>) {
        let mut rest = mem::take(&mut self.held) + text;
        loop {
            let Dialect { think_open, think_close, call_open, call_close, .. } = &self.dialect;
            let (markers, turnings): (Vec<&str>, Vec<Turning>) = [
                (think_open, Turning::ThinkOpen),
                (think_close, Turning::ThinkClose),
                (call_open, Turning::CallOpen),
                (call_close, Turning::CallClose),
            ]
            .into_iter()
            .filter(|(marker, turning)| marker.token().is_none() && self.applies(*turning))
            .map(|(marker, turning)| (marker.text(), turning))
            .unzip();
            match find(&rest, &markers) {
                Found::At { marker, start } => {
                    let behind = rest.split_off(start + markers[marker].len());
                    rest.truncate(start);
                    let turning = turnings[marker];
                    self.give(rest, events);
                    self.turn(turning, events);
                    rest = behind;
                }
                Found::NotYet { held_from } => {
                    self.held = rest.split_off(held_from);
                    self.give(rest, events);
                    return;
                }
            }
        }
    }

    /// No more text comes before the next control token.
    fn end_of_text(&mut self, events: &mut Vec<ScanEvent>) {
        if let Some(stream) = self.stream.take() {
            self.feed(&stream.finish(), events);
        }
        let held = mem::take(&mut self.held);
        self.give(held, events);
    }

    fn give(&mut self, text: String, events: &mut Vec<ScanEvent>) {
        if text.is_empty() {
            return;
        }
        events.push(match (&mut self.call, self.mode) {
            (Some(span), _) => {
                span.push_str(&text);
                ScanEvent::CallText(text)
            }
            (None, Mode::Text) => ScanEvent::Text(text),
            (None, Mode::Thought) => ScanEvent::Thought(text),
        });
    }
}

#[cfg(test)]
#[path = "scanner_tests.rs"]
mod tests;
