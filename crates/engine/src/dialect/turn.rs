use super::{CallSyntaxError, Dialect, ParsedCall, ScanEvent, Scanner, parse_call, text};

/// A whole turn of a model, read from text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParsedTurn {
    /// What it thought, without blanks around it; `None` if it did not.
    pub reasoning: Option<String>,
    /// What it said, without blanks around it.
    pub content: String,
    /// What it called, in order. A call that the turn ended in is read as far as it goes.
    pub calls: Vec<Result<ParsedCall, CallSyntaxError>>,
}

/// Reads a turn that is already text, such as a transcript. A turn with a `</think>` and no `<think>` before it began
/// inside a thought, because its template opened it.
///
/// Text cannot tell a marker from a quotation of it; a live turn is read by tokens ([`Scanner::push`]).
#[must_use]
pub fn parse_turn(turn: &str) -> ParsedTurn {
    let opens = turn.find(text::THINK_OPEN);
    let closes = turn.find(text::THINK_CLOSE);
    let begins_in_thought = closes.is_some_and(|close| opens.is_none_or(|open| close < open));
    let mut scanner = Scanner::new(&Dialect::textual(), if begins_in_thought { text::THINK_OPEN } else { "" });
    let mut events = scanner.push_text(turn);
    events.extend(scanner.finish());
    let (mut reasoning, mut content, mut calls) = (String::new(), String::new(), Vec::new());
    for event in events {
        match event {
            ScanEvent::Text(text) => content.push_str(&text),
            ScanEvent::Thought(text) => reasoning.push_str(&text),
            ScanEvent::CallClosed(span) | ScanEvent::CallCut(span) => calls.push(parse_call(&span)),
            ScanEvent::CallOpened | ScanEvent::CallText(_) | ScanEvent::Stray(_) | ScanEvent::EndOfTurn => {}
        }
    }
    let reasoning = reasoning.trim();
    ParsedTurn {
        reasoning: (!reasoning.is_empty()).then(|| reasoning.to_owned()),
        content: content.trim().to_owned(),
        calls,
    }
}
