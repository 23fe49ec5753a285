//! [`ModelConfig`] from a `config.json` as Hugging Face transformers writes it, old style (`rope_theta`,
//! `rope_scaling`) or new (`rope_parameters`).

use serde_json::{Map, Value};

use super::{
    Architecture, LayerConfig, ModelConfig, RopeConfig, RopePairing, RopeScaling, SMOLLM3_NO_ROPE_INTERVAL,
    check_layer_count,
};
use crate::ModelError;

impl ModelConfig {
    /// Reads a `config.json`. `has_output_head` says whether the weights contain an `lm_head.weight`, which decides
    /// where the file is silent about tied embeddings.
    pub(crate) fn from_config_json(json: &[u8], has_output_head: bool) -> Result<Self, ModelError> {
        let value: Value = serde_json::from_slice(json)
            .map_err(|error| ModelError::malformed("config.json", format!("is not JSON: {error}")))?;
        let Value::Object(object) = &value else {
            return Err(ModelError::malformed("config.json", "is not a JSON object"));
        };
        let keys = Keys { object, prefix: "" };
        let architecture = Architecture::from_name(keys.string("model_type")?.ok_or_else(|| missing("model_type"))?)?;
        if let Some(activation) = keys.string("hidden_act")?.filter(|&name| name != "silu" && name != "swish") {
            return Err(ModelError::invalid("hidden_act", activation, "only silu is supported"));
        }
        let hidden_size = keys.size("hidden_size")?;
        let layer_count = keys.size("num_hidden_layers")?;
        check_layer_count(layer_count, "num_hidden_layers".to_owned())?;
        let head_count = keys.size("num_attention_heads")?;
        let head_dim = match keys.size_or("head_dim")? {
            Some(head_dim) => head_dim,
            None if head_count > 0 && hidden_size.is_multiple_of(head_count) => hidden_size / head_count,
            None => {
                let problem = format!("it must divide hidden_size, {hidden_size}");
                return Err(ModelError::invalid("num_attention_heads", head_count, problem));
            }
        };
        let context_length = keys.size("max_position_embeddings")?;
        let attention_bias = keys.boolean("attention_bias")?.unwrap_or(false);
        let tied_embeddings = match keys.boolean("tie_word_embeddings")? {
            Some(tied) => tied,
            None => !has_output_head,
        };
        let config = Self {
            architecture,
            vocab_size: keys.size("vocab_size")?,
            hidden_size,
            layer_count,
            head_count,
            kv_head_count: keys.size_or("num_key_value_heads")?.unwrap_or(head_count),
            head_dim,
            feed_forward_size: keys.size("intermediate_size")?,
            context_length,
            norm_epsilon: keys.float("rms_norm_eps")?.unwrap_or(1e-6),
            attention_scale: 1.0 / (head_dim as f32).sqrt(),
            qkv_bias: architecture == Architecture::Qwen2 || attention_bias,
            attention_output_bias: architecture != Architecture::Qwen2 && attention_bias,
            feed_forward_bias: keys.boolean("mlp_bias")?.unwrap_or(false),
            qk_norm: architecture == Architecture::Qwen3,
            tied_embeddings,
            rope: keys.rope(head_dim, context_length)?,
            layers: keys.layers(architecture, layer_count)?,
        };
        config.validate(|field| {
            match field {
                "head_count" => "num_attention_heads",
                "kv_head_count" => "num_key_value_heads",
                "feed_forward_size" => "intermediate_size",
                "context_length" => "max_position_embeddings",
                "layer_count" => "num_hidden_layers",
                "norm_epsilon" => "rms_norm_eps",
                "rope_base" => "rope_theta",
                "rope_dimensions" => "partial_rotary_factor",
                "rope_factor" => "rope_scaling.factor",
                "rope_low_frequency_factor" => "rope_scaling.low_freq_factor",
                "rope_high_frequency_factor" => "rope_scaling.high_freq_factor",
                "rope_original_context" => "rope_scaling.original_max_position_embeddings",
                "rope_beta_fast" => "rope_scaling.beta_fast",
                "rope_beta_slow" => "rope_scaling.beta_slow",
                "rope_attention_factor" => "rope_scaling.attention_factor",
                other => other,
            }
            .to_owned()
        })
    }
}

fn missing(key: &str) -> ModelError {
    ModelError::MissingKey { key: key.to_owned() }
}

/// A JSON object whose members are read with their type. `null` counts as absent.
#[derive(Clone, Copy)]
struct Keys<'a> {
    object: &'a Map<String, Value>,
    prefix: &'static str,
}

impl<'a> Keys<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    fn wrong(&self, key: &str, expected: &'static str, found: &Value) -> ModelError {
        ModelError::WrongType { key: format!("{}{key}", self.prefix), expected, found: found.to_string() }
    }

    fn string(&self, key: &str) -> Result<Option<&'a str>, ModelError> {
        let read = |value: &'a Value| value.as_str().ok_or_else(|| self.wrong(key, "a string", value));
        self.get(key).map(read).transpose()
    }

    fn boolean(&self, key: &str) -> Result<Option<bool>, ModelError> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| self.wrong(key, "a boolean", value));
        self.get(key).map(read).transpose()
    }

    fn float(&self, key: &str) -> Result<Option<f32>, ModelError> {
        let read = |value: &Value| value.as_f64().ok_or_else(|| self.wrong(key, "a number", value));
        Ok(self.get(key).map(read).transpose()?.map(|value| value as f32))
    }

    fn needed_float(&self, key: &str) -> Result<f32, ModelError> {
        self.float(key)?.ok_or_else(|| missing(&format!("{}{key}", self.prefix)))
    }

    fn size_or(&self, key: &str) -> Result<Option<usize>, ModelError> {
        let read = |value: &Value| {
            value
                .as_u64()
                .and_then(|value| usize::try_from(value).ok())
                .ok_or_else(|| self.wrong(key, "a whole number", value))
        };
        self.get(key).map(read).transpose()
    }

    fn size(&self, key: &str) -> Result<usize, ModelError> {
        self.size_or(key)?.ok_or_else(|| missing(&format!("{}{key}", self.prefix)))
    }

    fn object(&self, key: &str, prefix: &'static str) -> Result<Option<Keys<'a>>, ModelError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Keys { object, prefix })),
            Some(other) => Err(self.wrong(key, "an object", other)),
        }
    }

    fn array(&self, key: &str, layer_count: usize) -> Result<Option<&'a [Value]>, ModelError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(values)) if values.len() == layer_count => Ok(Some(values)),
            Some(Value::Array(values)) => Err(ModelError::invalid(
                format!("length of {key}"),
                values.len(),
                format!("there are {layer_count} layers"),
            )),
            Some(other) => Err(self.wrong(key, "an array", other)),
        }
    }

    fn rope(&self, head_dim: usize, context_length: usize) -> Result<RopeConfig, ModelError> {
        let new_style = self.object("rope_parameters", "rope_parameters.")?;
        let scaling = match new_style {
            Some(parameters) => Some(parameters),
            None => self.object("rope_scaling", "rope_scaling.")?,
        };
        let read_float = |key: &str| match new_style {
            Some(parameters) => parameters.float(key),
            None => Ok(None),
        };
        let base = read_float("rope_theta")?.map_or_else(|| self.float("rope_theta"), |base| Ok(Some(base)))?;
        let part = read_float("partial_rotary_factor")?
            .map_or_else(|| self.float("partial_rotary_factor"), |part| Ok(Some(part)))?;
        Ok(RopeConfig {
            base: base.unwrap_or(10_000.0),
            dimensions: (head_dim as f32 * part.unwrap_or(1.0)) as usize,
            pairing: RopePairing::HalfSplit,
            scaling: scaling.map_or(Ok(RopeScaling::None), |scaling| scaling.rope_scaling(context_length))?,
        })
    }

    /// The members of `rope_scaling` or `rope_parameters`.
    fn rope_scaling(&self, context_length: usize) -> Result<RopeScaling, ModelError> {
        let kind = match self.string("rope_type")? {
            Some(kind) => Some(kind),
            None => self.string("type")?,
        };
        let original_context = self.size_or("original_max_position_embeddings")?.unwrap_or(context_length);
        match kind.unwrap_or("default") {
            "default" => Ok(RopeScaling::None),
            "linear" => Ok(RopeScaling::Linear { factor: self.needed_float("factor")? }),
            "llama3" => Ok(RopeScaling::Llama3 {
                factor: self.needed_float("factor")?,
                low_frequency_factor: self.needed_float("low_freq_factor")?,
                high_frequency_factor: self.needed_float("high_freq_factor")?,
                original_context,
            }),
            "yarn" => {
                let factor = self.needed_float("factor")?;
                let stretch = |scale: f32| if factor > 1.0 { 0.1 * scale * factor.ln() + 1.0 } else { 1.0 };
                let attention_factor =
                    match (self.float("attention_factor")?, self.float("mscale")?, self.float("mscale_all_dim")?) {
                        (Some(given), _, _) => given,
                        (None, Some(scale), Some(all)) if scale != 0.0 && all != 0.0 => stretch(scale) / stretch(all),
                        _ => stretch(1.0),
                    };
                Ok(RopeScaling::Yarn {
                    factor,
                    original_context,
                    beta_fast: self.float("beta_fast")?.unwrap_or(32.0),
                    beta_slow: self.float("beta_slow")?.unwrap_or(1.0),
                    attention_factor,
                    truncate: self.boolean("truncate")?.unwrap_or(true),
                })
            }
            other => Err(ModelError::invalid(
                format!("{}rope_type", self.prefix),
                other,
                "supported are default, linear, llama3 and yarn",
            )),
        }
    }

    fn layers(&self, architecture: Architecture, layer_count: usize) -> Result<Vec<LayerConfig>, ModelError> {
        let window = match architecture {
            Architecture::Mistral => self.size_or("sliding_window")?,
            _ if self.boolean("use_sliding_window")?.unwrap_or(false) => self.size_or("sliding_window")?,
            _ => None,
        };
        if window == Some(0) {
            return Err(ModelError::invalid("sliding_window", 0, "it must be at least 1, or null"));
        }
        let kinds = self.array("layer_types", layer_count)?;
        let full_layers = match architecture {
            Architecture::Qwen2 | Architecture::Qwen3 => self.size_or("max_window_layers")?.unwrap_or(0),
            _ => 0,
        };
        let rotated = self.array("no_rope_layers", layer_count)?;
        let interval = match architecture {
            Architecture::SmolLm3 => self.size_or("no_rope_layer_interval")?.unwrap_or(SMOLLM3_NO_ROPE_INTERVAL),
            _ => 0,
        };
        (0..layer_count)
            .map(|layer| {
                let windowed = match kinds.map(|kinds| kinds[layer].as_str()) {
                    None => layer >= full_layers,
                    Some(Some("full_attention")) => false,
                    Some(Some("sliding_attention")) => true,
                    Some(_) => {
                        let problem = "supported are full_attention and sliding_attention";
                        let value = kinds.map(|kinds| kinds[layer].to_string()).unwrap_or_default();
                        return Err(ModelError::invalid(format!("layer_types[{layer}]"), value, problem));
                    }
                };
                let rope = match rotated.map(|rotated| rotated[layer].as_u64()) {
                    None => interval == 0 || !(layer + 1).is_multiple_of(interval),
                    Some(Some(flag @ (0 | 1))) => flag == 1,
                    Some(_) => {
                        let value = rotated.map(|rotated| rotated[layer].to_string()).unwrap_or_default();
                        return Err(ModelError::invalid(
                            format!("no_rope_layers[{layer}]"),
                            value,
                            "it must be 0 or 1",
                        ));
                    }
                };
                Ok(LayerConfig { rope, window: window.filter(|_| windowed) })
            })
            .collect()
    }
}
