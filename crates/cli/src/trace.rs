//! How one event of a run looks to a person: the same words live (`ask --trace`) and later (`show`).

use std::time::Duration;

use toolwright_protocol::{DiscardReason, Event, Observation, ObservationStatus, RunStatus, ToolCall, Usage};

use crate::style::{BAD, BOLD, CALL, DIM, RESULT, harmless, paint};

/// The lines of an event, or `None` for what only machines read.
pub fn lines(event: &Event) -> Option<String> {
    Some(match event {
        Event::SystemMessage { text } => format!("{} {}", paint(DIM, "system"), indented(text)),
        Event::UserMessage { text } => format!("{} {}", paint(BOLD, "you   "), indented(text)),
        Event::Generated { text, .. } if !text.trim().is_empty() => {
            format!("{} {}", paint(DIM, "model "), paint(DIM, indented(text.trim())))
        }
        Event::Discarded { text, reason, .. } => discarded(text, reason)?,
        Event::ToolCalled { call } => called(call),
        Event::ToolReturned { observation } => returned(observation),
        Event::Answer { text } => format!("{} {}", paint(BOLD, "answer"), indented(text)),
        Event::RunEnded { status, usage } => ended(status, usage),
        Event::RunStarted { .. } | Event::Prompted { .. } | Event::Generated { .. } | Event::Spliced { .. } => {
            return None;
        }
    })
}

/// A call, about to be made.
pub fn called(call: &ToolCall) -> String {
    let arguments = harmless(&call.arguments.to_string());
    format!("{} {} {}", paint(CALL, "→ call "), paint(CALL, &call.name), arguments)
}

/// A result.
pub fn returned(observation: &Observation) -> String {
    let (style, mark) = match observation.status {
        ObservationStatus::Ok => (RESULT, "← got  "),
        ObservationStatus::Error => (BAD, "← error"),
        ObservationStatus::Denied => (BAD, "← denied"),
        ObservationStatus::TimedOut => (BAD, "← late "),
    };
    let time = paint(DIM, format!("({})", duration(observation.elapsed)));
    let mut text = format!("{} {} {time}", paint(style, mark), indented(observation.content.trim_end()));
    if let Some(path) = &observation.spilled_to {
        text.push_str(&format!("\n        {}", paint(DIM, format!("the whole output: {path}"))));
    }
    text
}

fn discarded(text: &str, reason: &DiscardReason) -> Option<String> {
    let why = match reason {
        DiscardReason::MalformedCall(why) => format!("a malformed call: {why}"),
        DiscardReason::RepeatedCall(earlier) => format!("a repetition of {earlier}"),
        DiscardReason::Lookahead => return None,
    };
    Some(format!("{} {}\n        {}", paint(BAD, "✗ back "), harmless(&why), paint(DIM, indented(text))))
}

/// How a run ended and at what cost.
pub fn ended(status: &RunStatus, usage: &Usage) -> String {
    let how = match status {
        RunStatus::Done => paint(RESULT, "done"),
        RunStatus::BudgetSpent { what } => paint(BAD, what),
        RunStatus::Cancelled => paint(BAD, "cancelled"),
        RunStatus::Failed { reason } => paint(BAD, format!("failed: {}", harmless(reason))),
    };
    let calls = if usage.calls == 1 { "1 call".to_owned() } else { format!("{} calls", usage.calls) };
    let mut cost = format!(
        "{} prompt + {} sampled + {} spliced tokens, {calls}, {}",
        usage.prompt_tokens,
        usage.generated_tokens,
        usage.spliced_tokens,
        duration(usage.elapsed)
    );
    if usage.discarded_tokens > 0 {
        cost.push_str(&format!(", {} tokens taken back", usage.discarded_tokens));
    }
    format!("{} {how} {}", paint(DIM, "ended "), paint(DIM, format!("({cost})")))
}

/// A duration as a person reads it.
pub fn duration(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.1} s"),
        seconds if seconds >= 1e-3 => format!("{:.0} ms", seconds * 1e3),
        seconds => format!("{:.0} µs", seconds * 1e6),
    }
}

fn indented(text: &str) -> String {
    harmless(text).replace('\n', "\n        ")
}
