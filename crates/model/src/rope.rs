//! Rotary position embedding: frequencies from the configuration, and the rotation itself.

use crate::config::{RopeConfig, RopePairing, RopeScaling};

/// What is needed to rotate any position.
#[derive(Debug, Clone)]
pub(crate) struct Rope {
    /// Radians per position for every pair.
    frequencies: Vec<f32>,
    /// Factor on cosine and sine.
    magnitude: f32,
    pairing: RopePairing,
}

/// Cosines and sines of some positions, made once for all layers.
pub(crate) struct Rotations {
    /// For every position, `pairs` cosines and then as many sines.
    table: Vec<f32>,
    pairs: usize,
    pairing: RopePairing,
}

impl Rope {
    pub fn new(config: &RopeConfig) -> Self {
        let pairs = config.dimensions / 2;
        let base = f64::from(config.base);
        let plain = |pair: usize| base.powf(-2.0 * pair as f64 / config.dimensions as f64);
        let frequencies: Vec<f64> = (0..pairs)
            .map(|pair| {
                let frequency = plain(pair);
                match &config.scaling {
                    RopeScaling::None => frequency,
                    RopeScaling::Linear { factor } => frequency / f64::from(*factor),
                    RopeScaling::Factors(factors) => frequency / f64::from(factors[pair]),
                    RopeScaling::Llama3 { factor, low_frequency_factor, high_frequency_factor, original_context } => {
                        let turns = frequency * *original_context as f64 / std::f64::consts::TAU;
                        let (low, high) = (f64::from(*low_frequency_factor), f64::from(*high_frequency_factor));
                        let kept = ((turns - low) / (high - low)).clamp(0.0, 1.0);
                        frequency * (kept + (1.0 - kept) / f64::from(*factor))
                    }
                    RopeScaling::Yarn { factor, original_context, beta_fast, beta_slow, truncate, .. } => {
                        // The pair that turns so often within the original context.
                        let pair_of = |turns: f32| {
                            let ratio = *original_context as f64 / (f64::from(turns) * std::f64::consts::TAU);
                            config.dimensions as f64 * ratio.ln() / (2.0 * base.ln())
                        };
                        let (mut low, mut high) = (pair_of(*beta_fast), pair_of(*beta_slow));
                        if *truncate {
                            (low, high) = (low.floor(), high.ceil());
                        }
                        // As the reference has it: the bound is the last dimension, not the last pair.
                        let (low, mut high) = (low.max(0.0), high.min(config.dimensions as f64 - 1.0));
                        if low == high {
                            high += 0.001;
                        }
                        let scaled = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
                        frequency * ((1.0 - scaled) + scaled / f64::from(*factor))
                    }
                }
            })
            .collect();
        let magnitude = match config.scaling {
            RopeScaling::Yarn { attention_factor, .. } => attention_factor,
            _ => 1.0,
        };
        let frequencies = frequencies.into_iter().map(|frequency| frequency as f32).collect();
        Self { frequencies, magnitude, pairing: config.pairing }
    }

    pub fn rotations(&self, positions: &[usize]) -> Rotations {
        let pairs = self.frequencies.len();
        let mut table = vec![0.0; positions.len() * pairs * 2];
        for (row, &position) in table.chunks_exact_mut(pairs * 2).zip(positions) {
            let (cosines, sines) = row.split_at_mut(pairs);
            for ((cosine, sine), &frequency) in cosines.iter_mut().zip(sines).zip(&self.frequencies) {
                // In f32 like the references that models are trained with: the angle's rounding is part of the model.
                let (s, c) = (position as f32 * frequency).sin_cos();
                *cosine = c * self.magnitude;
                *sine = s * self.magnitude;
            }
        }
        Rotations { table, pairs, pairing: self.pairing }
    }
}

impl Rotations {
    /// Rotates one head of the `row`-th of the positions in place.
    pub fn apply(&self, row: usize, head: &mut [f32]) {
        let pairs = self.pairs;
        let (cosines, sines) = self.table[row * pairs * 2..][..pairs * 2].split_at(pairs);
        match self.pairing {
            RopePairing::Interleaved => {
                for ((pair, &cosine), &sine) in head.chunks_exact_mut(2).zip(cosines).zip(sines) {
                    let (a, b) = (pair[0], pair[1]);
                    pair[0] = a * cosine - b * sine;
                    pair[1] = a * sine + b * cosine;
                }
            }
            RopePairing::HalfSplit => {
                let (first, second) = head[..pairs * 2].split_at_mut(pairs);
                for (((a, b), &cosine), &sine) in first.iter_mut().zip(second).zip(cosines).zip(sines) {
                    (*a, *b) = (*a * cosine - *b * sine, *a * sine + *b * cosine);
                }
            }
        }
    }
}
