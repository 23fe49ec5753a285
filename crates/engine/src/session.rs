use std::sync::Arc;

use thiserror::Error;
use toolwright_model::ModelError;
use toolwright_protocol::Provenance;

use crate::{
    Cache, CallMatcher, ConstraintError, Encoded, LanguageModel, Sampler, SamplerError, Segment, TokenMask, Tokenizer,
    encode_segments,
};

/// One live context: the tokens, where each came from, and the attention state behind them.
///
/// Tokens are *committed* by [`Session::prompt`], [`Session::push`] and [`Session::splice`]; the model sees them no later
/// than when the next logits are needed, all that wait in one chunk. A caller can therefore write a token down before
/// the model acts on it, and splicing behind a sampled end of turn costs no step of its own.
pub struct Session {
    model: Arc<dyn LanguageModel>,
    tokenizer: Tokenizer,
    /// Stands for the first `cache.len()` of `tokens`.
    cache: Box<dyn Cache>,
    tokens: Vec<u32>,
    /// Runs of equal provenance; their lengths add up to `tokens.len()`.
    spans: Vec<(usize, Provenance)>,
    /// `marks[n]` is a hash of the first `n + 1` tokens, so that a checkpoint can tell whether it still fits.
    marks: Vec<u64>,
    /// Behind the last token; none while tokens wait.
    logits: Option<Arc<[f32]>>,
}

/// A place in a [`Session`] to come back to.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    len: usize,
    mark: u64,
    logits: Option<Arc<[f32]>>,
}

impl Checkpoint {
    /// How many tokens stood in the context.
    #[must_use]
    pub fn token_count(&self) -> usize {
        self.len
    }
}

/// What [`Session::prompt`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompted {
    /// Tokens that were prefilled.
    pub prefilled: usize,
    /// Tokens that the cache already held.
    pub cached: usize,
}

/// Why a [`Session`] could not go on. Unless said otherwise it is as it was before.
#[derive(Debug, Error)]
pub enum SessionError {
    /// More tokens than the model's context holds.
    #[error(
        "the context would hold {needed} tokens, but this model's limit is {limit}; shorten the input, or use a model \
         with a longer context"
    )]
    ContextOverflow {
        /// Tokens there would have been.
        needed: usize,
        /// Tokens there may be.
        limit: usize,
    },
    /// Nothing to sample from: no token has been committed.
    #[error("the context is empty; give it a prompt before sampling")]
    Empty,
    /// The checkpoint was taken in a context that is no longer there.
    #[error("the checkpoint at token {len} does not belong to what the context holds now; take a new one")]
    StaleCheckpoint {
        /// Where it was taken.
        len: usize,
    },
    /// A token that the model does not have.
    #[error(
        "token {token} is outside the model's vocabulary of {vocab_size}; do tokenizer and weights belong together?"
    )]
    UnknownToken {
        /// The id.
        token: u32,
        /// The ids there are.
        vocab_size: usize,
    },
    /// A cache of another model.
    #[error("the cache was made by another kind of model; a session's cache cannot change hands")]
    ForeignCache,
    /// The model failed.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// The sampler refused the logits.
    #[error(transparent)]
    Sampler(#[from] SamplerError),
    /// The grammar failed.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
}

impl Session {
    /// An empty context.
    #[must_use]
    pub fn new(model: Arc<dyn LanguageModel>, tokenizer: Tokenizer) -> Self {
        let cache = model.new_cache();
        Self { model, tokenizer, cache, tokens: Vec::new(), spans: Vec::new(), marks: Vec::new(), logits: None }
    }

    /// Encodes a whole prompt, by provenance: only [`Provenance::Template`] text can become control tokens. The
    /// beginning-of-sequence token is put first where the model expects it and the template did not write it.
    #[must_use]
    pub fn encode_prompt(&self, segments: &[Segment]) -> Encoded {
        let mut encoded = encode_segments(&self.tokenizer, None, segments);
        let first = encoded.first().and_then(|(tokens, _)| tokens.first()).copied();
        let bos = self.tokenizer.bos().filter(|&bos| self.tokenizer.adds_bos() && first != Some(bos));
        if let Some(bos) = bos {
            encoded.insert(0, (vec![bos], Provenance::Template));
        }
        encoded
    }

    /// Encodes segments that go behind the last token, for [`Session::splice`]. In an empty context this is
    /// [`Session::encode_prompt`].
    #[must_use]
    pub fn encode(&self, segments: &[Segment]) -> Encoded {
        match self.tokens.last() {
            Some(&last) => encode_segments(&self.tokenizer, Some(last), segments),
            None => self.encode_prompt(segments),
        }
    }

    /// Makes these tokens the whole context, and keeps what the cache already holds of their beginning.
    ///
    /// # Errors
    /// [`SessionError::ContextOverflow`], [`SessionError::Empty`] or [`SessionError::UnknownToken`] before anything
    /// changes. If the model fails, the context keeps the prefix that was cached.
    pub fn prompt(&mut self, encoded: &[(Vec<u32>, Provenance)]) -> Result<Prompted, SessionError> {
        let tokens: Vec<u32> = encoded.iter().flat_map(|(tokens, _)| tokens.iter().copied()).collect();
        if tokens.is_empty() {
            return Err(SessionError::Empty);
        }
        self.check(&tokens, 0)?;
        let common = self.tokens.iter().zip(&tokens).take_while(|(a, b)| a == b).count();
        let mut cached = common.min(self.cache.len());
        if cached == tokens.len() && !(self.logits.is_some() && self.tokens.len() == tokens.len()) {
            // The logits behind the last token are not at hand: it has to be seen once more.
            cached -= 1;
        }
        let whole = cached == tokens.len();
        self.truncate(cached, if whole { self.logits.clone() } else { None });
        // The kept prefix may have been somebody else's words: provenance is the new prompt's.
        self.spans.clear();
        let mut at = 0;
        for (tokens, whose) in encoded {
            let kept = cached.saturating_sub(at).min(tokens.len());
            add_span(&mut self.spans, kept, whose);
            at += tokens.len();
        }
        let mut at = 0;
        let undo = self.checkpoint();
        for (tokens, whose) in encoded {
            let kept = cached.saturating_sub(at).min(tokens.len());
            self.commit(&tokens[kept..], whose);
            at += tokens.len();
        }
        if let Err(error) = self.advance() {
            self.truncate(undo.len, undo.logits);
            return Err(error);
        }
        Ok(Prompted { prefilled: tokens.len() - cached, cached })
    }

    /// Puts tokens behind the context and lets the model see them (and whatever waited) in one chunk.
    ///
    /// # Errors
    /// As for [`Session::push`], and if the model fails.
    pub fn splice(&mut self, encoded: &[(Vec<u32>, Provenance)]) -> Result<(), SessionError> {
        let tokens: Vec<u32> = encoded.iter().flat_map(|(tokens, _)| tokens.iter().copied()).collect();
        self.check(&tokens, self.tokens.len())?;
        let undo = self.checkpoint();
        for (tokens, whose) in encoded {
            self.commit(tokens, whose);
        }
        if self.tokens.is_empty() {
            return Ok(());
        }
        self.advance().inspect_err(|_| self.truncate(undo.len, undo.logits.clone()))
    }

    /// Commits a token that the model sampled. The model sees it when the next logits are needed.
    ///
    /// # Errors
    /// [`SessionError::ContextOverflow`] or [`SessionError::UnknownToken`].
    pub fn push(&mut self, token: u32) -> Result<(), SessionError> {
        self.check(&[token], self.tokens.len())?;
        self.commit(&[token], &Provenance::Model);
        Ok(())
    }

    /// Draws the next token, without committing it. Inside a call, `matcher` says what may come; it is asked, not
    /// advanced ([`CallMatcher::accept`]). `barred` is not drawn in any case.
    ///
    /// # Errors
    /// If there is no context, or model, grammar or sampler fail.
    pub fn sample(
        &mut self,
        sampler: &mut Sampler,
        matcher: Option<&mut CallMatcher>,
        barred: Option<u32>,
    ) -> Result<u32, SessionError> {
        let mut mask = matcher.map(CallMatcher::mask).transpose()?;
        if let Some(barred) = barred {
            mask.get_or_insert_with(|| TokenMask::all_but(self.model.vocab_size(), &[])).bar(barred);
        }
        self.sample_masked(sampler, mask.as_ref())
    }

    /// [`Session::sample`] with a mask of the caller's own, for instance [`TokenMask::all_but`].
    ///
    /// # Errors
    /// If there is no context, or model or sampler fail.
    pub fn sample_masked(&mut self, sampler: &mut Sampler, mask: Option<&TokenMask>) -> Result<u32, SessionError> {
        self.advance()?;
        let logits = self.logits.as_deref().ok_or(SessionError::Empty)?;
        Ok(sampler.sample(logits, &self.tokens, mask)?)
    }

    /// The logits behind the last token, `[vocab_size]`.
    ///
    /// # Errors
    /// If there is no context, or the model fails.
    pub fn logits(&mut self) -> Result<&[f32], SessionError> {
        self.advance()?;
        self.logits.as_deref().ok_or(SessionError::Empty)
    }

    /// Lets several sessions of the same model see the tokens that wait in them. Those with one token each go through
    /// the model as one batch.
    ///
    /// # Errors
    /// If the model fails. Sessions that were not reached keep their tokens waiting.
    pub fn advance_batch(sessions: &mut [&mut Self]) -> Result<(), SessionError> {
        let Some(model) = sessions.first().map(|session| Arc::clone(&session.model)) else { return Ok(()) };
        let mut batch = Vec::new();
        for session in sessions.iter_mut() {
            if session.tokens.len() == session.cache.len() + 1 && Arc::ptr_eq(&session.model, &model) {
                batch.push(&mut **session);
            } else {
                session.advance()?;
            }
        }
        if let [alone] = &mut batch[..] {
            return alone.advance();
        }
        let tokens: Vec<u32> = batch.iter().filter_map(|session| session.tokens.last().copied()).collect();
        let mut caches: Vec<&mut dyn Cache> = batch.iter_mut().map(|session| &mut *session.cache).collect();
        if caches.is_empty() {
            return Ok(());
        }
        let logits = model.forward_batch(&mut caches, &tokens)?;
        for (session, logits) in batch.into_iter().zip(logits) {
            session.logits = Some(logits.into());
        }
        Ok(())
    }

    /// Remembers this place.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { len: self.tokens.len(), mark: self.mark(self.tokens.len()), logits: self.logits.clone() }
    }

    /// Goes back to a place, as if what came behind it had never been.
    ///
    /// # Errors
    /// [`SessionError::StaleCheckpoint`] if the context does not begin with the tokens that stood there.
    pub fn rollback(&mut self, to: &Checkpoint) -> Result<(), SessionError> {
        if to.len > self.tokens.len() || self.mark(to.len) != to.mark {
            return Err(SessionError::StaleCheckpoint { len: to.len });
        }
        self.truncate(to.len, to.logits.clone());
        Ok(())
    }

    /// A second context with the same tokens, sharing the memory of its past; the two go on independently.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self {
            model: Arc::clone(&self.model),
            tokenizer: self.tokenizer.clone(),
            cache: self.cache.fork(),
            tokens: self.tokens.clone(),
            spans: self.spans.clone(),
            marks: self.marks.clone(),
            logits: self.logits.clone(),
        }
    }

    /// All tokens of the context.
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Whose words they are: runs of equal provenance, with their lengths.
    #[must_use]
    pub fn spans(&self) -> &[(usize, Provenance)] {
        &self.spans
    }

    /// The tokenizer that the session encodes with.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// How many tokens the context holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// How many more fit.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.model.context_length().saturating_sub(self.tokens.len())
    }

    fn check(&self, tokens: &[u32], behind: usize) -> Result<(), SessionError> {
        let (needed, limit) = (behind + tokens.len(), self.model.context_length());
        if needed > limit {
            return Err(SessionError::ContextOverflow { needed, limit });
        }
        let vocab_size = self.model.vocab_size();
        match tokens.iter().find(|&&token| token as usize >= vocab_size) {
            Some(&token) => Err(SessionError::UnknownToken { token, vocab_size }),
            None => Ok(()),
        }
    }

    fn commit(&mut self, tokens: &[u32], whose: &Provenance) {
        if tokens.is_empty() {
            return;
        }
        for &token in tokens {
            self.marks.push(mix(self.mark(self.tokens.len()), token));
            self.tokens.push(token);
        }
        add_span(&mut self.spans, tokens.len(), whose);
        self.logits = None;
    }

    /// Lets the model see what waits.
    fn advance(&mut self) -> Result<(), SessionError> {
        let seen = self.cache.len();
        if seen < self.tokens.len() {
            self.logits = Some(self.model.forward(&mut *self.cache, &self.tokens[seen..])?.into());
        } else if self.logits.is_none() && seen > 0 {
            // A rollback to a place whose token was still waiting then, and has been seen since.
            self.cache.truncate(seen - 1);
            self.logits = Some(self.model.forward(&mut *self.cache, &self.tokens[seen - 1..])?.into());
        }
        Ok(())
    }

    fn truncate(&mut self, len: usize, logits: Option<Arc<[f32]>>) {
        self.tokens.truncate(len);
        self.marks.truncate(len);
        self.cache.truncate(len.min(self.cache.len()));
        let mut left = len;
        self.spans.retain_mut(|(count, _)| {
            *count = (*count).min(left);
            left -= *count;
            *count > 0
        });
        self.logits = logits;
    }

    fn mark(&self, len: usize) -> u64 {
        len.checked_sub(1).map_or(0, |last| self.marks[last])
    }
}

fn add_span(spans: &mut Vec<(usize, Provenance)>, count: usize, whose: &Provenance) {
    match spans.last_mut() {
        _ if count == 0 => {}
        Some((before, last)) if last == whose => *before += count,
        _ => spans.push((count, whose.clone())),
    }
}

/// One step of splitmix64 over the hash so far and the next token.
fn mix(hash: u64, token: u32) -> u64 {
    let mut x = hash.wrapping_add(u64::from(token)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
