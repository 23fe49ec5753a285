//! Tiny random models, as bytes of a GGUF file and as a folder of safetensors, from the same weights.
#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::{collections::BTreeMap, io::Cursor, path::Path};

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QTensor, gguf_file},
};
use serde_json::{Value, json};
use toolwright_model::{Decoder, GgufFile};

/// SplitMix64: the same numbers on every run and every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Uniform in ±√3: variance 1.
    fn float(&mut self) -> f32 {
        ((self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0) * 3f32.sqrt()
    }

    pub fn tokens(&mut self, count: usize, vocab: usize) -> Vec<u32> {
        (0..count).map(|_| self.below(vocab) as u32).collect()
    }
}

#[derive(Clone)]
pub struct Spec {
    pub architecture: &'static str,
    pub vocab: usize,
    pub hidden: usize,
    pub feed_forward: usize,
    pub layers: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub context: usize,
    pub tied: bool,
    pub qkv_bias: bool,
    pub qk_norm: bool,
    /// Query and key rows of the GGUF file are permuted for interleaved rotation.
    pub interleaved: bool,
    /// More members of `config.json`.
    pub config: Value,
    /// More metadata of the GGUF file, without the architecture's prefix.
    pub metadata: Vec<(&'static str, gguf_file::Value)>,
    pub rope_factors: Option<Vec<f32>>,
}

impl Spec {
    pub fn new(architecture: &'static str) -> Self {
        Self {
            architecture,
            vocab: 96,
            hidden: 64,
            feed_forward: 96,
            layers: 3,
            heads: 4,
            kv_heads: 2,
            head_dim: 16,
            context: 1024,
            tied: false,
            qkv_bias: architecture == "qwen2",
            qk_norm: architecture == "qwen3",
            interleaved: !architecture.starts_with("qwen"),
            config: json!({}),
            metadata: Vec::new(),
            rope_factors: None,
        }
    }

    /// Large enough for formats with blocks of 256, and for candle's repacked kernels.
    pub fn wide(self) -> Self {
        Self { hidden: 256, feed_forward: 512, layers: 2, head_dim: 64, ..self }
    }

    /// The weights under their safetensors names.
    pub fn weights(&self, seed: u64) -> BTreeMap<String, Tensor> {
        let mut random = Random(seed);
        let mut weights = BTreeMap::new();
        let mut add = |name: String, shape: &[usize], mean: f32, deviation: f32| {
            let data: Vec<f32> = (0..shape.iter().product()).map(|_| mean + deviation * random.float()).collect();
            weights.insert(name, Tensor::from_vec(data, shape, &Device::Cpu).unwrap());
        };
        let (hidden, d) = (self.hidden, self.head_dim);
        add("model.embed_tokens.weight".into(), &[self.vocab, hidden], 0.0, 1.0);
        add("model.norm.weight".into(), &[hidden], 1.0, 0.2);
        if !self.tied {
            add("lm_head.weight".into(), &[self.vocab, hidden], 0.0, (hidden as f32).powf(-0.5));
        }
        for layer in 0..self.layers {
            let mut linear = |name: &str, outputs: usize, inputs: usize, bias: bool| {
                let name = format!("model.layers.{layer}.{name}");
                add(format!("{name}.weight"), &[outputs, inputs], 0.0, 1.3 * (inputs as f32).powf(-0.5));
                if bias {
                    add(format!("{name}.bias"), &[outputs], 0.0, 0.3);
                }
            };
            linear("self_attn.q_proj", self.heads * d, hidden, self.qkv_bias);
            linear("self_attn.k_proj", self.kv_heads * d, hidden, self.qkv_bias);
            linear("self_attn.v_proj", self.kv_heads * d, hidden, self.qkv_bias);
            linear("self_attn.o_proj", hidden, self.heads * d, false);
            linear("mlp.gate_proj", self.feed_forward, hidden, false);
            linear("mlp.up_proj", self.feed_forward, hidden, false);
            linear("mlp.down_proj", hidden, self.feed_forward, false);
            for name in ["input_layernorm", "post_attention_layernorm"] {
                add(format!("model.layers.{layer}.{name}.weight"), &[hidden], 1.0, 0.2);
            }
            if self.qk_norm {
                for name in ["q_norm", "k_norm"] {
                    add(format!("model.layers.{layer}.self_attn.{name}.weight"), &[d], 1.0, 0.2);
                }
            }
        }
        weights
    }

    /// A GGUF file, as llama.cpp's converter names and orders things. Matrices are stored as `dtype`.
    pub fn gguf(&self, seed: u64, dtype: GgmlDType) -> Vec<u8> {
        use gguf_file::Value as V;
        let mut tensors = Vec::new();
        for (name, weight) in self.weights(seed) {
            let permuted_heads = match name.rsplit('.').nth(1) {
                Some("q_proj") => self.heads,
                Some("k_proj") => self.kv_heads,
                _ => 0,
            };
            let weight =
                if self.interleaved && permuted_heads > 0 { interleave(&weight, permuted_heads) } else { weight };
            let dtype = if weight.rank() == 2 { dtype } else { GgmlDType::F32 };
            tensors.push((gguf_name(&name), QTensor::quantize(&weight, dtype).unwrap()));
        }
        if let Some(factors) = &self.rope_factors {
            let factors = Tensor::new(factors.as_slice(), &Device::Cpu).unwrap();
            tensors.push(("rope_freqs.weight".to_owned(), QTensor::quantize(&factors, GgmlDType::F32).unwrap()));
        }
        let mut metadata: Vec<(String, V)> = [
            ("embedding_length", V::U32(self.hidden as u32)),
            ("block_count", V::U32(self.layers as u32)),
            ("feed_forward_length", V::U32(self.feed_forward as u32)),
            ("attention.head_count", V::U32(self.heads as u32)),
            ("attention.head_count_kv", V::U32(self.kv_heads as u32)),
            ("attention.key_length", V::U32(self.head_dim as u32)),
            ("attention.value_length", V::U32(self.head_dim as u32)),
            ("attention.layer_norm_rms_epsilon", V::F32(1e-5)),
            ("context_length", V::U32(self.context as u32)),
            ("rope.dimension_count", V::U32(self.head_dim as u32)),
            ("rope.freq_base", V::F32(10_000.0)),
        ]
        .into_iter()
        .chain(self.metadata.clone())
        .map(|(key, value)| (format!("{}.{key}", self.architecture), value))
        .collect();
        // Candle's qwen3 would else compute the rotation in F16.
        metadata.push(("general.dtype".to_owned(), V::U32(0)));
        metadata.push(("general.architecture".to_owned(), V::String(self.architecture.to_owned())));
        let metadata: Vec<(&str, &V)> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        let mut out = Cursor::new(Vec::new());
        gguf_file::write(&mut out, &metadata, &tensors).unwrap();
        out.into_inner()
    }

    pub fn loaded_from_gguf(&self, seed: u64, dtype: GgmlDType) -> Decoder {
        Decoder::from_gguf(&GgufFile::from_static(self.gguf(seed, dtype).leak()).unwrap()).unwrap()
    }

    /// A folder as transformers writes one, in `shards` files.
    pub fn write_safetensors(&self, seed: u64, dir: &Path, shards: usize) {
        let weights: Vec<(String, Tensor)> = self.weights(seed).into_iter().collect();
        if shards == 1 {
            let all: std::collections::HashMap<_, _> = weights.into_iter().collect();
            candle_core::safetensors::save(&all, dir.join("model.safetensors")).unwrap();
        } else {
            let mut weight_map = serde_json::Map::new();
            for (index, shard) in weights.chunks(weights.len().div_ceil(shards)).enumerate() {
                let file = format!("model-{index}.safetensors");
                for (name, _) in shard {
                    weight_map.insert(name.clone(), json!(file));
                }
                let shard: std::collections::HashMap<_, _> = shard.iter().cloned().collect();
                candle_core::safetensors::save(&shard, dir.join(file)).unwrap();
            }
            let index = json!({"metadata": {}, "weight_map": weight_map}).to_string();
            std::fs::write(dir.join("model.safetensors.index.json"), index).unwrap();
        }
        let mut config = json!({
            "model_type": self.architecture,
            "vocab_size": self.vocab,
            "hidden_size": self.hidden,
            "intermediate_size": self.feed_forward,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "max_position_embeddings": self.context,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "tie_word_embeddings": self.tied,
        });
        if let (Value::Object(config), Value::Object(more)) = (&mut config, &self.config) {
            config.extend(more.clone());
        }
        std::fs::write(dir.join("config.json"), config.to_string()).unwrap();
    }

    pub fn loaded_from_safetensors(&self, seed: u64) -> Decoder {
        let dir = tempfile::tempdir().unwrap();
        self.write_safetensors(seed, dir.path(), 1);
        Decoder::from_safetensors(dir.path()).unwrap()
    }
}

/// From pairs (i, i + d/2) to pairs (2i, 2i + 1) in every head: what llama.cpp's converter does.
fn interleave(weight: &Tensor, heads: usize) -> Tensor {
    let mut shape = weight.dims().to_vec();
    let d = shape[0] / heads;
    let rest: usize = shape[1..].iter().product();
    shape[0] = heads * d;
    weight.reshape((heads, 2, d / 2, rest)).and_then(|w| w.transpose(1, 2)?.contiguous()?.reshape(shape)).unwrap()
}

fn gguf_name(name: &str) -> String {
    name.replace("model.layers.", "blk.")
        .replace("model.embed_tokens", "token_embd")
        .replace("model.norm", "output_norm")
        .replace("lm_head", "output")
        .replace("self_attn.q_norm", "attn_q_norm")
        .replace("self_attn.k_norm", "attn_k_norm")
        .replace("self_attn.q_proj", "attn_q")
        .replace("self_attn.k_proj", "attn_k")
        .replace("self_attn.v_proj", "attn_v")
        .replace("self_attn.o_proj", "attn_output")
        .replace("mlp.gate_proj", "ffn_gate")
        .replace("mlp.up_proj", "ffn_up")
        .replace("mlp.down_proj", "ffn_down")
        .replace("input_layernorm", "attn_norm")
        .replace("post_attention_layernorm", "ffn_norm")
}

/// The largest difference, relative to the largest number.
pub fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(0f32, |max, x| max.max(x.abs()));
    let largest = found
        .iter()
        .zip(expected)
        .fold(0f32, |max, (a, b)| if a.is_finite() { max.max((a - b).abs()) } else { f32::INFINITY });
    largest / scale
}

#[track_caller]
pub fn assert_close(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    let difference = difference(found, expected);
    assert!(difference <= tolerance, "{what}: relative difference {difference:e} > {tolerance:e}");
}
