use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use safetensors::{Dtype, SafeTensors};

use super::{Global, Local, Source, build, check_shape};
use crate::{
    Decoder, ModelConfig, ModelError, TensorType,
    bytes::{Bytes, Region},
    linear::Weight,
};

/// Far above any real one (a few kB, and a few hundred for an index).
const MAX_JSON_BYTES: u64 = 64 << 20;

impl Decoder {
    /// A decoder on a folder as Hugging Face transformers saves one: `config.json` with `model.safetensors`, or with
    /// `model.safetensors.index.json` and the files that it names. F32, F16 and BF16 weights are used where they are
    /// mapped; the latter two are widened to `f32` for every product, so nothing is lost but time.
    ///
    /// The files must not be changed while they are in use.
    ///
    /// # Errors
    /// If a file is missing or damaged, the architecture is not supported, or a key or tensor is missing or does not
    /// fit the others; the error names it.
    pub fn from_safetensors(dir: &Path) -> Result<Self, ModelError> {
        let tensors = Tensors::open(dir)?;
        let json = read_json(&dir.join("config.json"))?;
        let config = ModelConfig::from_config_json(&json, tensors.by_name.contains_key("lm_head.weight"))?;
        build(config, &tensors)
    }
}

fn read_json(path: &Path) -> Result<Vec<u8>, ModelError> {
    let io = |source| ModelError::Io { path: path.to_owned(), source };
    let len = fs::metadata(path).map_err(io)?.len();
    if len > MAX_JSON_BYTES {
        let problem = format!("has {len} bytes; at most {MAX_JSON_BYTES} are read");
        return Err(ModelError::malformed(path.display().to_string(), problem));
    }
    fs::read(path).map_err(io)
}

struct Tensors {
    by_name: BTreeMap<String, Tensor>,
}

struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    region: Region,
}

impl Tensors {
    fn open(dir: &Path) -> Result<Self, ModelError> {
        let index = dir.join("model.safetensors.index.json");
        let files = if index.exists() { files_of_index(&index)? } else { vec!["model.safetensors".to_owned()] };
        let mut by_name = BTreeMap::new();
        for file in files {
            let bytes = Arc::new(Bytes::map(&dir.join(&file))?);
            let damaged = |error: &dyn std::fmt::Display| ModelError::malformed(file.clone(), error.to_string());
            let tensors = SafeTensors::deserialize(&bytes).map_err(|error| damaged(&error))?;
            for (name, view) in tensors.iter() {
                let data = view.data();
                let start = data.as_ptr().addr() - bytes.as_ptr().addr();
                let region = Region::new(&bytes, start, data.len()).ok_or_else(|| damaged(&name))?;
                let tensor = Tensor { dtype: view.dtype(), shape: view.shape().to_vec(), region };
                if by_name.insert(name.to_owned(), tensor).is_some() {
                    return Err(ModelError::malformed(format!("tensor {name:?}"), "is in two files"));
                }
            }
        }
        Ok(Self { by_name })
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<(Region, TensorType), ModelError> {
        let missing = || ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.by_name.get(name).ok_or_else(missing)?;
        check_shape(name, &tensor.shape, shape)?;
        let dtype = match tensor.dtype {
            Dtype::F32 => TensorType::F32,
            Dtype::F16 => TensorType::F16,
            Dtype::BF16 => TensorType::BF16,
            other => {
                return Err(ModelError::TensorType {
                    name: name.to_owned(),
                    found: format!("{other:?}"),
                    supported: "F32, F16 and BF16",
                });
            }
        };
        Ok((tensor.region.clone(), dtype))
    }
}

/// The files that an index names, each once. Only names within the folder are followed.
fn files_of_index(path: &Path) -> Result<Vec<String>, ModelError> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let malformed = |problem: String| ModelError::malformed(path.display().to_string(), problem);
    let index: Index = serde_json::from_slice(&read_json(path)?).map_err(|error| malformed(error.to_string()))?;
    let mut files: Vec<String> = index.weight_map.into_values().collect();
    files.sort_unstable();
    files.dedup();
    match files.iter().find(|file| Path::new(file).file_name() != Some(file.as_ref())) {
        Some(outside) => Err(malformed(format!("{outside:?} is not the name of a file beside it"))),
        None => Ok(files),
    }
}

impl Source for Tensors {
    fn global(&self, tensor: Global) -> &'static str {
        match tensor {
            Global::Embedding => "model.embed_tokens.weight",
            Global::OutputNorm => "model.norm.weight",
            Global::Output => "lm_head.weight",
        }
    }

    fn local(&self, layer: usize, tensor: Local) -> String {
        let name = match tensor {
            Local::AttentionNorm => "input_layernorm",
            Local::Query => "self_attn.q_proj",
            Local::Key => "self_attn.k_proj",
            Local::Value => "self_attn.v_proj",
            Local::QueryNorm => "self_attn.q_norm",
            Local::KeyNorm => "self_attn.k_norm",
            Local::AttentionOutput => "self_attn.o_proj",
            Local::FeedForwardNorm => "post_attention_layernorm",
            Local::Gate => "mlp.gate_proj",
            Local::Up => "mlp.up_proj",
            Local::Down => "mlp.down_proj",
        };
        format!("model.layers.{layer}.{name}")
    }

    fn matrix(&self, name: &str, outputs: usize, inputs: usize) -> Result<Weight, ModelError> {
        let (region, dtype) = self.find(name, &[outputs, inputs])?;
        Weight::new(region, dtype, outputs, inputs)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ModelError> {
        let (region, dtype) = self.find(name, &[len])?;
        let mut out = vec![0.0; len];
        Weight::new(region, dtype, 1, len)?.row(0, &mut out);
        Ok(out)
    }
}
