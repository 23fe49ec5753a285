//! What tests of several crates share: a deterministic stand-in for a model that speaks real tokens through the real engine: it looks at the tokens in its
//! cache, finds how far its turn has come, and gives the script's next token the highest logit. For tests only.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::{any::Any, sync::Arc};

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use toolwright_engine::{Cache, LanguageModel, SessionError, Tokenizer, Vocabulary};
use toolwright_journal::Journal;
use toolwright_protocol::{Budget, Event, Message};
use toolwright_runtime::{
    Approver, DenyAll, LoadedModel, ModelParts, Notice, Outcome, RunRequest, Runtime, SamplerConfig,
};
use toolwright_tool::{PermissionPolicy, ToolRegistry};

const CONTROLS: [&str; 8] = [
    "<|im_start|>",
    "<|im_end|>",
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
];

/// One token a byte, one for `hi`, and the control tokens if asked for.
pub fn tokenizer(markers_are_tokens: bool) -> Tokenizer {
    // GPT-2's byte alphabet: printable bytes stand for themselves, the others for letters from U+0100 on.
    let printable = |byte: u32| matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF);
    let mut next = 0x100;
    let mut tokens: Vec<String> = (0..256u32)
        .map(|byte| {
            let letter = if printable(byte) {
                byte
            } else {
                next += 1;
                next - 1
            };
            char::from_u32(letter).unwrap().to_string()
        })
        .collect();
    let controls = if markers_are_tokens { &CONTROLS[..] } else { &CONTROLS[..2] };
    tokens.extend(controls.iter().map(|&control| control.to_owned()));
    let mut token_types: Vec<i32> = (0..tokens.len()).map(|id| if id < 256 { 1 } else { 3 }).collect();
    // One merge, since a vocabulary without is refused.
    tokens.push("hi".to_owned());
    token_types.push(1);
    let (model, pre, merges) = ("gpt2".to_owned(), Some("qwen2".to_owned()), vec!["h i".to_owned()]);
    let eos = Some(257);
    let vocabulary = Vocabulary { model, pre, tokens, token_types, merges, eos, ..Vocabulary::default() };
    Tokenizer::from_vocabulary(&vocabulary).unwrap()
}

/// What the model says: for each of its turns the ways to put it, the likeliest first. A turn holds everything that
/// stands between `<|im_start|>assistant` and its end, results in mid-sentence included.
pub struct Script {
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    /// Its turns.
    pub turns: Vec<Vec<&'static str>>,
    /// Of its context, in tokens.
    pub context_length: usize,
}

struct Tokens(Vec<u32>);

impl Cache for Tokens {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }
    fn fork(&mut self) -> Box<dyn Cache> {
        Box::new(Self(self.0.clone()))
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl LanguageModel for Script {
    fn new_cache(&self) -> Box<dyn Cache> {
        Box::new(Tokens(Vec::new()))
    }

    fn forward(&self, cache: &mut dyn Cache, tokens: &[u32]) -> Result<Vec<f32>, SessionError> {
        let seen = &mut cache.as_any_mut().downcast_mut::<Tokens>().ok_or(SessionError::ForeignCache)?.0;
        seen.extend_from_slice(tokens);
        let opening = self.tokenizer.encode_trusted("<|im_start|>assistant\n");
        let starts: Vec<usize> =
            (0..seen.len()).filter(|&at| seen[at..].starts_with(&opening)).map(|at| at + opening.len()).collect();
        let mut logits = vec![-50.0; self.vocab_size()];
        let begun = starts.last().map_or(&[][..], |&start| &seen[start..]);
        let ways = self.turns.get(starts.len().saturating_sub(1)).map_or(&[][..], Vec::as_slice);
        for (way, text) in ways.iter().enumerate() {
            let planned = self.tokenizer.encode_trusted(text);
            if planned.starts_with(begun) {
                let next = planned.get(begun.len()).copied().unwrap_or(257);
                let logit = 10.0 - 0.1 * way as f32;
                logits[next as usize] = logit.max(logits[next as usize]);
            }
        }
        if logits.iter().all(|&logit| logit < 0.0) {
            logits[257] = 1.0;
        }
        Ok(logits)
    }

    fn forward_batch(&self, caches: &mut [&mut dyn Cache], tokens: &[u32]) -> Result<Vec<Vec<f32>>, SessionError> {
        caches.iter_mut().zip(tokens).map(|(cache, &token)| self.forward(*cache, &[token])).collect()
    }

    fn context_length(&self) -> usize {
        self.context_length
    }

    fn vocab_size(&self) -> usize {
        self.tokenizer.vocab_size()
    }
}

/// A run of a script.
pub struct Played {
    /// How it ended.
    pub outcome: Outcome,
    /// Its journal.
    pub events: Vec<Event>,
    /// What a watcher was shown.
    pub text: String,
}

/// What may differ from test to test.
pub struct Stage {
    /// Whether the vocabulary has tokens for the markers of calls.
    pub markers_are_tokens: bool,
    /// Whether schemas mask the logits.
    pub constrain: bool,
    /// Of the context, in tokens.
    pub context_length: usize,
    /// The limits.
    pub budget: Budget,
    /// Which calls may happen.
    pub policy: PermissionPolicy,
    /// Who is asked.
    pub approver: Arc<dyn Approver>,
    /// Cancels it.
    pub cancel: CancellationToken,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            markers_are_tokens: true,
            constrain: true,
            context_length: 4096,
            budget: Budget::default(),
            policy: PermissionPolicy::default(),
            approver: Arc::new(DenyAll),
            cancel: CancellationToken::new(),
        }
    }
}

impl Stage {
    /// Asks `question` of a model that says `turns`.
    pub async fn play(self, tools: ToolRegistry, question: &str, turns: Vec<Vec<&'static str>>) -> Played {
        let data = tempfile::tempdir().unwrap();
        let tokenizer = tokenizer(self.markers_are_tokens);
        let script = Script { tokenizer: tokenizer.clone(), turns, context_length: self.context_length };
        let model = LoadedModel::from_parts(ModelParts {
            name: "script".into(),
            hash: String::new(),
            decoder: Arc::new(script),
            config: None,
            tokenizer,
            template_source: None,
            follows_instructions: false,
            known_tools: None,
        });
        let runtime = Runtime::open(model.unwrap(), data.path()).unwrap();
        let request = RunRequest {
            conversation: vec![Message::user(question)],
            system: None,
            tools,
            workspace: None,
            sampling: SamplerConfig::default(),
            constrain: self.constrain,
            budget: self.budget,
            policy: self.policy,
            approver: self.approver,
        };
        let mut run = runtime.start(request, self.cancel).unwrap();
        let (mut text, mut told) = (String::new(), Vec::new());
        while let Some(notice) = run.next().await {
            match notice {
                Notice::Text(more) => text.push_str(&more),
                Notice::Committed(event) => told.push(event),
                Notice::Started(_) | Notice::TurnEnded | Notice::Thought(_) => {}
            }
        }
        let outcome = run.outcome().await.unwrap();
        let journal = Journal::open(data.path()).unwrap();
        let events: Vec<Event> =
            journal.events(&outcome.run).unwrap().into_iter().map(|stamped| stamped.event).collect();
        assert!(events.ends_with(&told), "what is told is what is in the journal");
        Played { outcome, events, text }
    }
}

impl Played {
    /// The calls that were dispatched.
    pub fn calls(&self) -> Vec<(&str, &Value)> {
        let calls = self.events.iter().filter_map(|event| match event {
            Event::ToolCalled { call } => Some((call.name.as_str(), &call.arguments)),
            _ => None,
        });
        calls.collect()
    }

    /// All tokens that stood in the context at the end.
    pub fn context(&self) -> Vec<u32> {
        let stood = self.events.iter().filter_map(|event| match event {
            Event::Prompted { tokens } | Event::Generated { tokens, .. } | Event::Spliced { tokens, .. } => {
                Some(tokens)
            }
            _ => None,
        });
        stood.flatten().copied().collect()
    }

    /// How many stretches were taken back.
    pub fn discarded(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Discarded { .. })).count()
    }
}
