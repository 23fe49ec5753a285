//! [`ModelConfig`] from a GGUF file's metadata.

use super::{
    Architecture, LayerConfig, ModelConfig, RopeConfig, RopePairing, RopeScaling, SMOLLM3_NO_ROPE_INTERVAL,
    check_layer_count,
};
use crate::{GgufFile, Metadata, ModelError};

impl ModelConfig {
    /// Reads what the file says about its model, without its weights.
    ///
    /// # Errors
    /// If the architecture is not supported, or a key is missing, of the wrong type or out of range.
    pub fn from_gguf(file: &GgufFile) -> Result<Self, ModelError> {
        let metadata = file.metadata();
        let architecture = Architecture::from_name(metadata.get_str("general.architecture")?)?;
        let keys = Keys { metadata, architecture };
        for unsupported in ["expert_count", "attention.logit_softcapping", "logit_scale", "residual_scale"] {
            let key = keys.name(unsupported);
            if let Some(value) = metadata.opt_f32(&key)?.filter(|&value| value != 0.0) {
                return Err(ModelError::invalid(key, value, "models with this feature are not supported"));
            }
        }
        let embedding = file
            .tensor("token_embd.weight")
            .ok_or_else(|| ModelError::MissingTensor { name: "token_embd.weight".to_owned() })?;
        let vocab_size = embedding.shape[0];
        if let Some(declared) = keys.size_or("vocab_size")?.filter(|&declared| declared != vocab_size) {
            let problem = format!("token_embd.weight has {vocab_size} rows");
            return Err(ModelError::invalid(keys.name("vocab_size"), declared, problem));
        }
        let hidden_size = keys.size("embedding_length")?;
        let layer_count = keys.size("block_count")?;
        check_layer_count(layer_count, keys.name("block_count"))?;
        let head_count = keys.size("attention.head_count")?;
        let head_dim = match keys.size_or("attention.key_length")? {
            Some(head_dim) => head_dim,
            None if head_count > 0 && hidden_size.is_multiple_of(head_count) => hidden_size / head_count,
            None => {
                let problem = format!("it must divide the embedding length, {hidden_size}");
                return Err(ModelError::invalid(keys.name("attention.head_count"), head_count, problem));
            }
        };
        if let Some(value) = keys.size_or("attention.value_length")?.filter(|&value| value != head_dim) {
            let problem = format!("it must equal the key length, {head_dim}");
            return Err(ModelError::invalid(keys.name("attention.value_length"), value, problem));
        }
        let context_length = keys.size("context_length")?;
        let window = keys.size_or("attention.sliding_window")?.filter(|&window| window > 0);
        let layers = (0..layer_count)
            .map(|layer| LayerConfig {
                rope: architecture != Architecture::SmolLm3 || !(layer + 1).is_multiple_of(SMOLLM3_NO_ROPE_INTERVAL),
                window,
            })
            .collect();
        let attention_scale =
            metadata.opt_f32(&keys.name("attention.scale"))?.unwrap_or_else(|| 1.0 / (head_dim as f32).sqrt());
        let config = Self {
            architecture,
            vocab_size,
            hidden_size,
            layer_count,
            head_count,
            kv_head_count: keys.size_or("attention.head_count_kv")?.unwrap_or(head_count),
            head_dim,
            feed_forward_size: keys.size("feed_forward_length")?,
            context_length,
            norm_epsilon: metadata.get_f32(&keys.name("attention.layer_norm_rms_epsilon"))?,
            attention_scale,
            // The other families can have them; only their tensors tell.
            qkv_bias: architecture == Architecture::Qwen2 || file.tensor("blk.0.attn_q.bias").is_some(),
            attention_output_bias: file.tensor("blk.0.attn_output.bias").is_some(),
            feed_forward_bias: file.tensor("blk.0.ffn_down.bias").is_some(),
            qk_norm: architecture == Architecture::Qwen3,
            tied_embeddings: file.tensor("output.weight").is_none(),
            rope: RopeConfig {
                base: metadata.opt_f32(&keys.name("rope.freq_base"))?.unwrap_or(10_000.0),
                dimensions: keys.size_or("rope.dimension_count")?.unwrap_or(head_dim),
                pairing: match architecture {
                    Architecture::Llama | Architecture::Mistral | Architecture::SmolLm3 => RopePairing::Interleaved,
                    Architecture::Qwen2 | Architecture::Qwen3 => RopePairing::HalfSplit,
                },
                scaling: keys.rope_scaling(context_length)?,
            },
            layers,
        };
        config.validate(|field| match field {
            "vocab_size" => "token_embd.weight".to_owned(),
            "hidden_size" => keys.name("embedding_length"),
            "head_count" => keys.name("attention.head_count"),
            "kv_head_count" => keys.name("attention.head_count_kv"),
            "head_dim" => keys.name("attention.key_length"),
            "feed_forward_size" => keys.name("feed_forward_length"),
            "layer_count" => keys.name("block_count"),
            "rope_dimensions" => keys.name("rope.dimension_count"),
            "norm_epsilon" => keys.name("attention.layer_norm_rms_epsilon"),
            "rope_base" => keys.name("rope.freq_base"),
            "rope_factors" => "rope_freqs.weight".to_owned(),
            "rope_factor" => keys.name("rope.scaling.factor"),
            "rope_original_context" => keys.name("rope.scaling.original_context_length"),
            "rope_attention_factor" => keys.name("rope.scaling.attn_factor"),
            "rope_beta_fast" => keys.name("rope.scaling.yarn_beta_fast"),
            "rope_beta_slow" => keys.name("rope.scaling.yarn_beta_slow"),
            other => keys.name(other),
        })
    }
}

struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: Architecture,
}

impl Keys<'_> {
    fn name(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture)
    }

    fn size(&self, key: &str) -> Result<usize, ModelError> {
        Ok(self.metadata.get_u32(&self.name(key))? as usize)
    }

    fn size_or(&self, key: &str) -> Result<Option<usize>, ModelError> {
        Ok(self.metadata.opt_u32(&self.name(key))?.map(|value| value as usize))
    }

    /// `rope_freqs.weight` is a tensor and read with the weights; it then takes the place of `None`.
    fn rope_scaling(&self, context_length: usize) -> Result<RopeScaling, ModelError> {
        let float = |key: &str| self.metadata.opt_f32(&self.name(key));
        // Files from before `rope.scaling.*` have `rope.scale_linear`.
        let factor = match float("rope.scaling.factor")? {
            Some(factor) => Some(factor),
            None => float("rope.scale_linear")?,
        };
        let key = self.name("rope.scaling.type");
        let kind = self.metadata.opt_str(&key)?.unwrap_or(if factor.is_some() { "linear" } else { "none" });
        let needed = || {
            factor
                .filter(|&factor| factor != 0.0)
                .ok_or_else(|| ModelError::MissingKey { key: self.name("rope.scaling.factor") })
        };
        match kind {
            "none" => Ok(RopeScaling::None),
            "linear" => Ok(match factor {
                // Writers put 0 where nothing is scaled.
                None | Some(0.0 | 1.0) => RopeScaling::None,
                Some(factor) => RopeScaling::Linear { factor },
            }),
            "yarn" => {
                let factor = needed()?;
                let stretch = if factor > 1.0 { 0.1 * factor.ln() + 1.0 } else { 1.0 };
                Ok(RopeScaling::Yarn {
                    factor,
                    original_context: self
                        .size_or("rope.scaling.original_context_length")?
                        .filter(|&length| length > 0)
                        .unwrap_or(context_length),
                    beta_fast: float("rope.scaling.yarn_beta_fast")?.unwrap_or(32.0),
                    beta_slow: float("rope.scaling.yarn_beta_slow")?.unwrap_or(1.0),
                    attention_factor: float("rope.scaling.attn_factor")?.unwrap_or(1.0) * stretch,
                    truncate: true,
                })
            }
            other => Err(ModelError::invalid(key, other, "supported are none, linear and yarn")),
        }
    }
}
