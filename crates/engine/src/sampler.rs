use std::{cmp::Ordering, collections::HashSet};

use rand_chacha::{
    ChaCha12Rng,
    rand_core::{Rng, SeedableRng},
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::TokenMask;

/// How the next token is drawn from the logits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamplerConfig {
    /// Logits are divided by it; 0 takes the likeliest token, the lowest id of equals.
    pub temperature: f32,
    /// Only the `top_k` likeliest tokens; 0 is no limit.
    pub top_k: usize,
    /// Only the smallest set of likeliest tokens whose probabilities add up to this (arXiv 1904.09751); 1 is no limit.
    pub top_p: f32,
    /// Only tokens at least this likely relative to the likeliest (arXiv 2407.01082); 0 is no limit.
    pub min_p: f32,
    /// Positive logits of recent tokens are divided by it, negative ones multiplied (arXiv 1909.05858); 1 is off.
    pub repetition_penalty: f32,
    /// How many of the last tokens count as recent.
    pub repetition_window: usize,
    /// Of the random numbers.
    pub seed: u64,
}

impl Default for SamplerConfig {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            repetition_window: 64,
            seed: 0,
        }
    }
}

impl SamplerConfig {
    /// Checks the ranges: `temperature` ≥ 0, `top_p` in (0, 1], `min_p` in [0, 1], `repetition_penalty` > 0.
    ///
    /// # Errors
    /// Naming the setting.
    pub fn validate(&self) -> Result<(), SamplerError> {
        let checks = [
            ("temperature", self.temperature, self.temperature >= 0.0, "0 or more"),
            ("top_p", self.top_p, self.top_p > 0.0 && self.top_p <= 1.0, "above 0 and at most 1"),
            ("min_p", self.min_p, (0.0..=1.0).contains(&self.min_p), "between 0 and 1"),
            ("repetition_penalty", self.repetition_penalty, self.repetition_penalty > 0.0, "above 0"),
        ];
        for (setting, value, holds, wanted) in checks {
            if !holds || !value.is_finite() {
                return Err(SamplerError::Setting { setting, value, wanted });
            }
        }
        Ok(())
    }
}

/// Why no token could be drawn.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SamplerError {
    /// A setting out of range.
    #[error("the sampling setting {setting} is {value}; it must be {wanted}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What it is.
        value: f32,
        /// What it may be.
        wanted: &'static str,
    },
    /// A logit that is no number, or infinitely large.
    #[error("the model's logit for token {token} is {value}; the weights are damaged or the arithmetic overflowed")]
    BadLogit {
        /// The first such token.
        token: usize,
        /// Its logit.
        value: f32,
    },
    /// No token is left.
    #[error("the grammar allows no token that the model can produce ({allowed} allowed of {logits})")]
    NothingAllowed {
        /// How many tokens the mask allows.
        allowed: usize,
        /// How many logits there are.
        logits: usize,
    },
}

/// Where a sampler's random numbers stand; with it a branch can be drawn again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplerState {
    seed: u64,
    position: u128,
}

/// Draws tokens: mask, repetition penalty, temperature, top-k, top-p, min-p, draw, in this order. The same seed, logits
/// and history give the same tokens on every machine: the random numbers are ChaCha12's, one draw a token, greedy
/// steps included.
#[derive(Debug, Clone)]
pub struct Sampler {
    config: SamplerConfig,
    rng: ChaCha12Rng,
}

impl Sampler {
    /// A sampler at the start of its seed's random numbers. Settings out of range are reported when it is used.
    #[must_use]
    pub fn new(config: SamplerConfig) -> Self {
        let rng = ChaCha12Rng::seed_from_u64(config.seed);
        Self { config, rng }
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &SamplerConfig {
        &self.config
    }

    /// Where the random numbers stand.
    #[must_use]
    pub fn state(&self) -> SamplerState {
        SamplerState { seed: self.config.seed, position: self.rng.get_word_pos() }
    }

    /// Goes back to where they stood.
    pub fn restore(&mut self, state: SamplerState) {
        self.config.seed = state.seed;
        self.rng = ChaCha12Rng::seed_from_u64(state.seed);
        self.rng.set_word_pos(state.position);
    }

    /// Draws a token. `logits` is `[vocab_size]`, `history` the context so far; tokens outside `mask` are out of the
    /// question before anything else is looked at.
    ///
    /// # Errors
    /// If a setting is out of range, a logit is NaN or +∞, or nothing is allowed.
    pub fn sample(&mut self, logits: &[f32], history: &[u32], mask: Option<&TokenMask>) -> Result<u32, SamplerError> {
        self.config.validate()?;
        if let Some((token, &value)) = logits.iter().enumerate().find(|(_, l)| l.is_nan() || **l == f32::INFINITY) {
            return Err(SamplerError::BadLogit { token, value });
        }
        let draw = self.draw();
        let mut candidates: Vec<(u32, f32)> = (0u32..)
            .zip(logits.iter().copied())
            .filter(|&(token, logit)| logit > f32::NEG_INFINITY && mask.is_none_or(|mask| mask.allows(token)))
            .collect();
        if candidates.is_empty() {
            let allowed = mask.map_or(logits.len(), TokenMask::count);
            return Err(SamplerError::NothingAllowed { allowed, logits: logits.len() });
        }
        self.penalise(&mut candidates, history);
        if self.config.temperature == 0.0 {
            let best = candidates.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
            return Ok(best.map_or(0, |(token, _)| token));
        }
        Ok(pick(&self.filter(candidates), draw))
    }

    /// Uniform in [0, 1), of 53 bits.
    fn draw(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn penalise(&self, candidates: &mut [(u32, f32)], history: &[u32]) {
        let penalty = self.config.repetition_penalty;
        if penalty == 1.0 {
            return;
        }
        let from = history.len().saturating_sub(self.config.repetition_window);
        let recent: HashSet<u32> = history[from..].iter().copied().collect();
        for (token, logit) in candidates {
            if recent.contains(token) {
                *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
            }
        }
    }

    /// What is left of the candidates, likeliest first, with weights of which the first is 1.
    fn filter(&self, mut candidates: Vec<(u32, f32)>) -> Vec<(u32, f64)> {
        let by_logit =
            |a: &(u32, f32), b: &(u32, f32)| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal).then(a.0.cmp(&b.0));
        let top_k = if self.config.top_k == 0 { candidates.len() } else { self.config.top_k.min(candidates.len()) };
        if top_k < candidates.len() {
            candidates.select_nth_unstable_by(top_k - 1, by_logit);
            candidates.truncate(top_k);
        }
        candidates.sort_unstable_by(by_logit);
        let (best, temperature) = (f64::from(candidates[0].1), f64::from(self.config.temperature));
        let mut weighted: Vec<(u32, f64)> = candidates
            .into_iter()
            .map(|(token, logit)| (token, ((f64::from(logit) - best) / temperature).exp()))
            .collect();
        if self.config.top_p < 1.0 {
            let enough = f64::from(self.config.top_p) * weighted.iter().map(|(_, weight)| weight).sum::<f64>();
            let mut sum = 0.0;
            let reached = weighted.iter().position(|(_, weight)| {
                sum += weight;
                sum >= enough
            });
            weighted.truncate(reached.map_or(weighted.len(), |last| last + 1));
        }
        let least = f64::from(self.config.min_p);
        weighted.retain(|&(_, weight)| weight >= least);
        weighted
    }
}

fn pick(weighted: &[(u32, f64)], draw: f64) -> u32 {
    let mut left = draw * weighted.iter().map(|(_, weight)| weight).sum::<f64>();
    for &(token, weight) in weighted {
        left -= weight;
        if left < 0.0 {
            return token;
        }
    }
    // Rounding may leave a crumb; the likeliest token takes it.
    weighted.first().map_or(0, |&(token, _)| token)
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
