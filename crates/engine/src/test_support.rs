//! A small vocabulary and scripted models for the tests of this crate.

use std::{
    any::Any,
    sync::{Mutex, PoisonError},
};

use crate::{Cache, LanguageModel, SessionError, Tokenizer, Vocabulary};

pub(crate) const MARKERS: [&str; 9] = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
];

/// GPT-2's printable stand-ins for bytes.
fn stand_in(byte: u8) -> char {
    let plain = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    if plain(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|&other| !plain(other)).count();
    char::from_u32(256 + before as u32).unwrap()
}

fn spelled(text: &str) -> String {
    text.bytes().map(stand_in).collect()
}

/// Byte-level BPE over all bytes with some merges, Qwen's pre-tokenizer, and `markers` as control tokens.
pub(crate) fn tokenizer(markers: &[&str]) -> Tokenizer {
    static BUILT: Mutex<Vec<(Vec<String>, Tokenizer)>> = Mutex::new(Vec::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, tokenizer)) = built.iter().find(|(known, _)| known == markers) {
        return tokenizer.clone();
    }
    let tokenizer = build(markers);
    built.push((markers.iter().map(|&marker| marker.to_owned()).collect(), tokenizer.clone()));
    tokenizer
}

fn build(markers: &[&str]) -> Tokenizer {
    let mut tokens: Vec<String> = (0..=255).map(|byte| stand_in(byte).to_string()).collect();
    let mut merges = Vec::new();
    for (left, right) in [
        (".", "\n"),
        ("\n", "\n"),
        ("\"", ":"),
        ("{", "\""),
        ("\"", "}"),
        ("}", "}"),
        ("n", "a"),
        ("na", "me"),
        ("m", "e"),
        (" ", "t"),
        ("t", "h"),
        (" t", "he"),
        ("h", "e"),
        ("<", "/"),
        ("_", "call"),
        ("c", "all"),
        ("a", "ll"),
        ("l", "l"),
        ("1", "2"),
        ("\"", ","),
        (">", "\n"),
        ("ar", "g"),
        ("a", "r"),
        (" ", "{"),
        (" ", "\""),
        ("}", "\n"),
        ("x", ">{"),
        (">", "{"),
        ("o", "<"),
        ("</", "t"),
    ] {
        tokens.push(spelled(&format!("{left}{right}")));
        merges.push(format!("{} {}", spelled(left), spelled(right)));
    }
    let mut token_types = vec![1; tokens.len()];
    for marker in markers {
        tokens.push((*marker).to_owned());
        token_types.push(3);
    }
    let id = |text: &str, tokens: &[String]| tokens.iter().position(|token| token == text).map(|id| id as u32);
    let eos = id("<|im_end|>", &tokens);
    let model = "gpt2".to_owned();
    let pre = Some("qwen2".to_owned());
    let vocabulary = Vocabulary { model, pre, tokens, token_types, merges, eos, ..Vocabulary::default() };
    Tokenizer::from_vocabulary(&vocabulary).unwrap()
}

/// A model whose logits are a hash of every token so far: one token forgotten, added or swapped changes them all.
pub(crate) struct HashModel {
    pub(crate) vocab_size: usize,
    pub(crate) context_length: usize,
    /// Fails the forward pass after this many, once.
    pub(crate) fails_after: Mutex<Option<usize>>,
}

struct HashCache(Vec<u32>);

impl HashModel {
    pub(crate) fn new(vocab_size: usize, context_length: usize) -> Self {
        Self { vocab_size, context_length, fails_after: Mutex::new(None) }
    }

    pub(crate) fn logits(&self, tokens: &[u32]) -> Vec<f32> {
        let seed = tokens.iter().fold(tokens.len() as u64 + 1, |hash, &token| {
            (hash ^ u64::from(token)).wrapping_mul(0x0100_0000_01B3).rotate_left(23)
        });
        (0..self.vocab_size as u64)
            .map(|token| ((seed ^ token).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / 2_097_152.0)
            .collect()
    }
}

impl Cache for HashCache {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn truncate(&mut self, len: usize) {
        assert!(len <= self.0.len(), "truncated to more than there is");
        self.0.truncate(len);
    }

    fn fork(&mut self) -> Box<dyn Cache> {
        Box::new(Self(self.0.clone()))
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl LanguageModel for HashModel {
    fn new_cache(&self) -> Box<dyn Cache> {
        Box::new(HashCache(Vec::new()))
    }

    fn forward(&self, cache: &mut dyn Cache, tokens: &[u32]) -> Result<Vec<f32>, SessionError> {
        assert!(!tokens.is_empty(), "a forward pass of nothing");
        let mut fails_after = self.fails_after.lock().unwrap();
        match *fails_after {
            Some(0) => {
                *fails_after = None;
                return Err(SessionError::ForeignCache);
            }
            Some(left) => *fails_after = Some(left - 1),
            None => {}
        }
        let cache = cache.as_any_mut().downcast_mut::<HashCache>().unwrap();
        cache.0.extend_from_slice(tokens);
        assert!(cache.0.len() <= self.context_length, "beyond the context");
        Ok(self.logits(&cache.0))
    }

    fn forward_batch(&self, caches: &mut [&mut dyn Cache], tokens: &[u32]) -> Result<Vec<Vec<f32>>, SessionError> {
        assert_eq!(caches.len(), tokens.len());
        caches.iter_mut().zip(tokens).map(|(cache, &token)| self.forward(&mut **cache, &[token])).collect()
    }

    fn context_length(&self) -> usize {
        self.context_length
    }

    fn vocab_size(&self) -> usize {
        self.vocab_size
    }
}
