//! An episode as tokens, written as the runtime writes a run.

use toolwright_agent::Place;
use toolwright_engine::{Segment, TemplateError, encode_segments, render_call};
use toolwright_protocol::{CallId, Message, Observation, ObservationStatus, Provenance, ToolCall};
use toolwright_runtime::Voice;

use crate::{Call, Episode, ModelTurn, Part, Turn};

/// The tokens of an episode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// In order.
    pub tokens: Vec<u32>,
    /// For each token, whether the model is to say it: it counts in the loss.
    pub learned: Vec<bool>,
}

/// Why an episode cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template fails on it.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Its turns do not follow each other as they must.
    #[error("turn {turn} of an episode of `{source_name}`: {why}")]
    Order {
        /// Of which source.
        source_name: &'static str,
        /// Which turn, from 0.
        turn: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// The template does not write a conversation as the continuation of its beginning.
    #[error("the template writes the conversation anew instead of going on: {0:?}")]
    Rewritten(String),
}

/// Writes episodes for a vocabulary and template.
pub struct Writer<'a> {
    voice: &'a Voice,
    turn_end: Option<u32>,
}

/// A sample under way.
struct Growing<'a> {
    voice: &'a Voice,
    turn_end: Option<u32>,
    sample: Sample,
    /// All text so far, to see that a later rendering goes on from it.
    text: String,
    messages: Vec<Message>,
    calls: u32,
}

impl<'a> Writer<'a> {
    /// A writer in this voice.
    #[must_use]
    pub fn new(voice: &'a Voice) -> Self {
        Self { voice, turn_end: voice.turn_end() }
    }

    /// The tokens of an episode: prompt and results as a run would encode them, what the model says as it would be
    /// sampled, ended by its end of turn.
    ///
    /// # Errors
    /// [`RenderError`].
    pub fn write(&self, episode: &Episode) -> Result<Sample, RenderError> {
        let messages = episode.system.iter().map(Message::system).collect();
        let mut growing = Growing {
            voice: self.voice,
            turn_end: self.turn_end,
            sample: Sample::default(),
            text: String::new(),
            messages,
            calls: 0,
        };
        let order = |turn, why| RenderError::Order { source_name: episode.source, turn, why };
        let (mut waiting, mut prompted) = (0, false);
        for (at, turn) in episode.turns.iter().enumerate() {
            match turn {
                Turn::User(text) if waiting == 0 => growing.messages.push(Message::user(text)),
                Turn::User(_) => return Err(order(at, "the calls before it have no results")),
                Turn::Results(results) if results.len() == waiting && waiting > 0 => {
                    growing.hear(results)?;
                    waiting = 0;
                    prompted = true;
                }
                Turn::Results(_) => return Err(order(at, "it has another number of results than there were calls")),
                Turn::Model(_) if at == 0 || waiting > 0 => return Err(order(at, "the model speaks out of turn")),
                Turn::Model(turn) => {
                    if !prompted {
                        growing.go_on(&growing.voice.render(&growing.messages, &episode.tools)?)?;
                    }
                    waiting = growing.speak(turn)?;
                    prompted = false;
                }
            }
        }
        if !matches!(episode.turns.last(), Some(Turn::Model(_))) || waiting > 0 {
            return Err(order(episode.turns.len(), "the model does not have the last word"));
        }
        Ok(growing.sample)
    }
}

impl Growing<'_> {
    /// Adds what the template says beyond what stands there.
    fn go_on(&mut self, rendered: &[Segment]) -> Result<(), RenderError> {
        let whole: String = rendered.iter().map(|segment| segment.text.as_str()).collect();
        if !whole.starts_with(&self.text) {
            return Err(RenderError::Rewritten(whole));
        }
        let mut skip = self.text.len();
        let mut new = Vec::new();
        for segment in rendered {
            let old = skip.min(segment.text.len());
            skip -= old;
            if old < segment.text.len() {
                new.push(Segment::new(segment.provenance.clone(), &segment.text[old..]));
            }
        }
        self.add(&new, false);
        Ok(())
    }

    fn add(&mut self, segments: &[Segment], learned: bool) {
        let previous = self.sample.tokens.last().copied();
        for (tokens, _) in encode_segments(&self.voice.tokenizer, previous, segments) {
            self.sample.learned.extend(tokens.iter().map(|_| learned));
            self.sample.tokens.extend(tokens);
        }
        self.text.extend(segments.iter().map(|segment| segment.text.as_str()));
    }

    /// The results of the calls of the last turn, spliced in behind its end.
    fn hear(&mut self, results: &[String]) -> Result<(), RenderError> {
        let calls = self.messages.last().map(|message| message.tool_calls.clone()).unwrap_or_default();
        let results: Vec<_> = calls.iter().zip(results).map(|(call, text)| observation(&call.name, text)).collect();
        let mut segments = self.voice.around_results(&results, Place::TurnEnd)?;
        // The splice ends the turn; here the model has done that itself.
        let end = self.turn_end.map(|end| String::from_utf8_lossy(self.voice.tokenizer.token_bytes(end)).into_owned());
        if let (Some(end), Some(first)) = (end, segments.first_mut()) {
            first.text = first.text.strip_prefix(&end).unwrap_or(&first.text).to_owned();
        }
        self.add(&segments, false);
        self.messages.extend(results.iter().map(Message::observation));
        Ok(())
    }

    /// What the model says, as it is sampled; gives the number of calls that wait for their results.
    fn speak(&mut self, turn: &ModelTurn) -> Result<usize, RenderError> {
        let mut message = Message::assistant("");
        for part in &turn.parts {
            match part {
                Part::Thought(text) => {
                    self.mark(
                        self.voice.dialect.think_open.text(),
                        text,
                        self.voice.dialect.think_close.text(),
                        turn.learned,
                    );
                    message.reasoning = Some(text.clone());
                }
                Part::Text(text) => {
                    self.add(&[Segment::new(Provenance::Model, text)], turn.learned);
                    message.content.push_str(text);
                }
                Part::Call(call) => {
                    self.call(call, turn.learned);
                    self.calls += 1;
                    let (name, arguments) = (call.tool.clone(), call.arguments.clone());
                    message.tool_calls.push(ToolCall { id: CallId(self.calls), name, arguments });
                }
                Part::Inline(call, result) => {
                    let before = self.text.len();
                    self.call(call, turn.learned);
                    let result = observation(&call.tool, result);
                    let segments = self.voice.around_results(&[result], Place::MidSentence)?;
                    self.add(&segments, false);
                    message.content.push_str(&self.text[before..]);
                }
            }
        }
        let waiting = message.tool_calls.len();
        self.messages.push(message);
        self.end_turn(turn.learned);
        Ok(waiting)
    }

    fn call(&mut self, call: &Call, learned: bool) {
        let dialect = &self.voice.dialect;
        self.mark(
            dialect.call_open.text(),
            &render_call(&call.tool, &call.arguments),
            dialect.call_close.text(),
            learned,
        );
    }

    fn mark(&mut self, open: &str, text: &str, close: &str, learned: bool) {
        let segments = [
            Segment::new(Provenance::Template, open),
            Segment::new(Provenance::Model, text),
            Segment::new(Provenance::Template, close),
        ];
        self.add(&segments, learned);
    }

    /// The model's own end of turn. What the template writes behind a turn begins with the same marker.
    fn end_turn(&mut self, learned: bool) {
        let Some(end) = self.turn_end else { return };
        self.sample.tokens.push(end);
        self.sample.learned.push(learned);
        self.text.push_str(&String::from_utf8_lossy(self.voice.tokenizer.token_bytes(end)));
    }
}

fn observation(tool: &str, text: &str) -> Observation {
    Observation {
        call: CallId(1),
        tool: tool.to_owned(),
        status: ObservationStatus::Ok,
        content: text.to_owned(),
        data: None,
        spilled_to: None,
        elapsed: Default::default(),
    }
}
