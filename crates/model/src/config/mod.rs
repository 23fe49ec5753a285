//! What a decoder is made of, as data. A family is a combination of these properties, never a branch in the code.

mod gguf;
mod hugging_face;

use std::fmt;

use crate::ModelError;

/// The families whose files can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Architecture {
    Llama,
    Mistral,
    Qwen2,
    Qwen3,
    SmolLm3,
}

impl Architecture {
    /// The name that files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::SmolLm3 => "smollm3",
        }
    }

    fn from_name(name: &str) -> Result<Self, ModelError> {
        [Self::Llama, Self::Mistral, Self::Qwen2, Self::Qwen3, Self::SmolLm3]
            .into_iter()
            .find(|architecture| architecture.name() == name)
            .ok_or_else(|| ModelError::UnsupportedArchitecture { name: name.to_owned() })
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Shape and features of a dense decoder-only transformer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModelConfig {
    /// The family, as the file names it.
    pub architecture: Architecture,
    /// Token ids are below this.
    pub vocab_size: usize,
    /// Width of the residual stream.
    pub hidden_size: usize,
    /// Number of blocks.
    pub layer_count: usize,
    /// Query heads.
    pub head_count: usize,
    /// Key and value heads; divides `head_count` (grouped-query attention, arXiv 2305.13245).
    pub kv_head_count: usize,
    /// Width of one head.
    pub head_dim: usize,
    /// Width of the gated feed-forward layer.
    pub feed_forward_size: usize,
    /// Tokens that a cache can hold, from the file.
    pub context_length: usize,
    /// Added to the mean square in every norm.
    pub norm_epsilon: f32,
    /// Factor on query-key products, usually 1/√`head_dim`.
    pub attention_scale: f32,
    /// Query, key and value projections have a bias.
    pub qkv_bias: bool,
    /// The attention's output projection has a bias.
    pub attention_output_bias: bool,
    /// The feed-forward projections have a bias.
    pub feed_forward_bias: bool,
    /// Queries and keys are normalised per head before the rotation.
    pub qk_norm: bool,
    /// The output head is the embedding table.
    pub tied_embeddings: bool,
    /// Rotary position embedding.
    pub rope: RopeConfig,
    /// What differs between layers; `layer_count` entries.
    pub layers: Vec<LayerConfig>,
}

/// What may differ from layer to layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerConfig {
    /// Whether queries and keys are rotated at all (SmolLM3 leaves out every fourth layer, after arXiv 2501.18795).
    pub rope: bool,
    /// A position sees this many positions up to and including itself; `None` sees all.
    pub window: Option<usize>,
}

/// Rotary position embedding (arXiv 2104.09864).
#[derive(Debug, Clone, PartialEq)]
pub struct RopeConfig {
    /// θ: pair i turns by position · θ^(−2i/dimensions).
    pub base: f32,
    /// How many of a head's dimensions are rotated, from the first.
    pub dimensions: usize,
    /// Which dimensions form a pair.
    pub pairing: RopePairing,
    /// How the frequencies are stretched for contexts longer than those trained on.
    pub scaling: RopeScaling,
}

/// Which two dimensions of a head turn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RopePairing {
    /// (0, 1), (2, 3) …: GGUF files of llama, mistral and smollm3, whose query and key weights are permuted for it.
    Interleaved,
    /// (0, d/2), (1, d/2 + 1) …: safetensors, and GGUF files of qwen.
    HalfSplit,
}

/// Changes to the rotary frequencies.
#[derive(Debug, Clone, PartialEq)]
pub enum RopeScaling {
    /// As trained.
    None,
    /// All frequencies divided by `factor` (arXiv 2306.15595).
    Linear {
        /// How much longer the context is.
        factor: f32,
    },
    /// Llama 3.1: low frequencies divided by `factor`, high ones kept, those between blended.
    Llama3 {
        /// How much longer the context is.
        factor: f32,
        /// Wavelengths above `original_context / low_frequency_factor` are scaled in full.
        low_frequency_factor: f32,
        /// Wavelengths below `original_context / high_frequency_factor` are kept.
        high_frequency_factor: f32,
        /// The context trained on.
        original_context: usize,
    },
    /// A divisor for every pair, as GGUF files give in `rope_freqs.weight`.
    Factors(Vec<f32>),
    /// YaRN (arXiv 2309.00071).
    Yarn {
        /// How much longer the context is.
        factor: f32,
        /// The context trained on.
        original_context: usize,
        /// Pairs that turn more often than this within the original context are kept.
        beta_fast: f32,
        /// Pairs that turn less often are scaled in full.
        beta_slow: f32,
        /// Factor on cosine and sine, and so, squared, on the scores.
        attention_factor: f32,
        /// Whether the bounds of the blended range are rounded outwards to whole pairs.
        truncate: bool,
    },
}

/// Above these a file is damaged rather than large; they keep products of two within `usize` and allocations sane.
const MAX_SIZE: usize = 1 << 28;
const MAX_LAYERS: usize = 4096;

impl ModelConfig {
    /// Query heads that share one key-value head.
    pub fn group_size(&self) -> usize {
        self.head_count / self.kv_head_count
    }

    /// Checks what later arithmetic relies on. `key` maps a field to its name in the file, for the message.
    fn validate(self, key: impl Fn(&str) -> String) -> Result<Self, ModelError> {
        for (field, value) in [
            ("vocab_size", self.vocab_size),
            ("hidden_size", self.hidden_size),
            ("head_count", self.head_count),
            ("kv_head_count", self.kv_head_count),
            ("head_dim", self.head_dim),
            ("feed_forward_size", self.feed_forward_size),
            ("context_length", self.context_length),
        ] {
            if !(1..=MAX_SIZE).contains(&value) {
                return Err(ModelError::invalid(key(field), value, format!("it must be from 1 to {MAX_SIZE}")));
            }
        }
        check_layer_count(self.layer_count, key("layer_count"))?;
        if !self.head_count.is_multiple_of(self.kv_head_count) {
            let problem = format!("it must divide the {} query heads", self.head_count);
            return Err(ModelError::invalid(key("kv_head_count"), self.kv_head_count, problem));
        }
        let rotated = self.rope.dimensions;
        if rotated == 0 || !rotated.is_multiple_of(2) || rotated > self.head_dim {
            let problem = format!("it must be even and at most the head size, {}", self.head_dim);
            return Err(ModelError::invalid(key("rope_dimensions"), rotated, problem));
        }
        for (field, value) in [("norm_epsilon", self.norm_epsilon), ("rope_base", self.rope.base)] {
            positive(value, key(field))?;
        }
        match &self.rope.scaling {
            RopeScaling::None => {}
            RopeScaling::Factors(factors) => {
                for &factor in factors {
                    positive(factor, key("rope_factors"))?;
                }
                if factors.len() != rotated / 2 {
                    let problem = format!("it must have {} elements, one for each rotated pair", rotated / 2);
                    return Err(ModelError::invalid(key("rope_factors"), factors.len(), problem));
                }
            }
            RopeScaling::Linear { factor } => positive(*factor, key("rope_factor"))?,
            RopeScaling::Llama3 { factor, low_frequency_factor, high_frequency_factor, original_context } => {
                positive(*factor, key("rope_factor"))?;
                positive(*low_frequency_factor, key("rope_low_frequency_factor"))?;
                if high_frequency_factor.partial_cmp(low_frequency_factor) != Some(std::cmp::Ordering::Greater) {
                    let problem = format!("it must be above the low-frequency factor, {low_frequency_factor}");
                    return Err(ModelError::invalid(key("rope_high_frequency_factor"), high_frequency_factor, problem));
                }
                positive(*original_context as f32, key("rope_original_context"))?;
            }
            RopeScaling::Yarn { factor, original_context, beta_fast, beta_slow, attention_factor, .. } => {
                positive(*factor, key("rope_factor"))?;
                positive(*beta_fast, key("rope_beta_fast"))?;
                positive(*beta_slow, key("rope_beta_slow"))?;
                positive(*attention_factor, key("rope_attention_factor"))?;
                positive(*original_context as f32, key("rope_original_context"))?;
            }
        }
        Ok(self)
    }
}

/// Before anything is made for each layer.
fn check_layer_count(count: usize, key: String) -> Result<(), ModelError> {
    if (1..=MAX_LAYERS).contains(&count) {
        Ok(())
    } else {
        Err(ModelError::invalid(key, count, format!("it must be from 1 to {MAX_LAYERS}")))
    }
}

fn positive(value: f32, key: String) -> Result<(), ModelError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(ModelError::invalid(key, value, "it must be a positive number"))
    }
}

/// SmolLM3 rotates no position in every fourth layer; its GGUF files do not say so.
const SMOLLM3_NO_ROPE_INTERVAL: usize = 4;
