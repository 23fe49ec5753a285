//! Sentence embeddings from a BERT model in a folder as sentence-transformers writes it: `config.json`,
//! `tokenizer.json`, `model.safetensors`, and optionally `1_Pooling/config.json` and `sentence_bert_config.json`.
//!
//! Follows Sentence-BERT (arXiv 1908.10084): the token vectors of the last layer are averaged (or the first is taken,
//! as the pooling file says), and the result has length 1, so that a dot product is a cosine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, IndexOp as _, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use serde::Deserialize;
use tokenizers::{Tokenizer, TruncationParams};

/// Texts that go through the model together. More does not help two cores, and attention grows with the longest of them.
const BATCH: usize = 16;

/// Longest input in tokens where the folder does not say.
const DEFAULT_MAX_TOKENS: usize = 256;

/// Why a model cannot be used, or a text not embedded.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// A file of the folder is missing or unreadable.
    #[error(
        "cannot read {path}: {source}; an embedding model is a folder with config.json, tokenizer.json and model.safetensors"
    )]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the folder says something that this crate does not know.
    #[error("{path}: {reason}")]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What.
        reason: String,
    },
    /// The model failed on a text.
    #[error("the embedding model failed: {0}")]
    Model(String),
}

/// How the token vectors become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pooling {
    Mean,
    First,
}

/// A model, ready.
pub struct Embedder {
    model: BertModel,
    tokenizer: Tokenizer,
    pooling: Pooling,
    dimensions: usize,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PoolingFile {
    pooling_mode_cls_token: bool,
    pooling_mode_mean_tokens: bool,
}

#[derive(Deserialize)]
struct LengthFile {
    max_seq_length: Option<usize>,
}

impl Embedder {
    /// Loads the model in `folder`.
    ///
    /// # Errors
    /// [`EmbedError`] names the file.
    pub fn open(folder: &Path) -> Result<Self, EmbedError> {
        let config: Config = json(&folder.join("config.json"))?;
        let tokenizer_path = folder.join("tokenizer.json");
        let tokenizer_bytes = read(&tokenizer_path)?;
        let mut tokenizer =
            Tokenizer::from_bytes(&tokenizer_bytes).map_err(|error| unusable(&tokenizer_path, error))?;
        let length_path = folder.join("sentence_bert_config.json");
        let length = if length_path.exists() { json::<LengthFile>(&length_path)?.max_seq_length } else { None };
        let max_length = length.unwrap_or(DEFAULT_MAX_TOKENS).min(config.max_position_embeddings);
        tokenizer.with_padding(None);
        tokenizer
            .with_truncation(Some(TruncationParams { max_length, ..TruncationParams::default() }))
            .map_err(|error| unusable(&tokenizer_path, error))?;
        let pooling_path = folder.join("1_Pooling/config.json");
        let pooling = if pooling_path.exists() { pooling(&pooling_path)? } else { Pooling::Mean };
        let weights_path = folder.join("model.safetensors");
        let weights = read(&weights_path)?;
        // Vectors that were made otherwise cannot be compared with these: the name says what made them, wherever it lies.
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&weights)
            .update(&tokenizer_bytes)
            .update(format!("{config:?} {pooling:?} {max_length}").as_bytes());
        let name = format!("bert-{}", &hasher.finalize().to_hex()[..16]);
        let builder = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu);
        let model = builder.and_then(|builder| BertModel::load(builder, &config));
        let model = model.map_err(|error| unusable(&weights_path, error))?;
        Ok(Self { model, tokenizer, pooling, dimensions: config.hidden_size, name })
    }

    /// Which model this is: a hash of all that its vectors depend on. Two of the same name give the same vectors.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The length of its vectors.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// One vector of length 1 for each text, in order. A text beyond the model's length is cut.
    ///
    /// # Errors
    /// [`EmbedError::Model`].
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        // By length, so that a batch holds little padding.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&at| texts[at].len());
        let mut vectors = vec![Vec::new(); texts.len()];
        for batch in order.chunks(BATCH) {
            let chosen: Vec<&str> = batch.iter().map(|&at| texts[at]).collect();
            for (&at, vector) in batch.iter().zip(self.batch(&chosen)?) {
                vectors[at] = vector;
            }
        }
        Ok(vectors)
    }

    fn batch(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let encoded =
            self.tokenizer.encode_batch(texts.to_vec(), true).map_err(|e| EmbedError::Model(e.to_string()))?;
        let longest = encoded.iter().map(|one| one.get_ids().len()).max().unwrap_or(0);
        if longest == 0 {
            return Ok(vec![vec![0.0; self.dimensions]; texts.len()]);
        }
        let padded = |values: &[u32]| {
            let mut row = values.to_vec();
            row.resize(longest, 0);
            row
        };
        let ids: Vec<u32> = encoded.iter().flat_map(|one| padded(one.get_ids())).collect();
        let mask: Vec<u32> = encoded.iter().flat_map(|one| padded(one.get_attention_mask())).collect();
        self.forward(ids, mask, (texts.len(), longest)).map_err(|error| EmbedError::Model(error.to_string()))
    }

    /// `ids` and `mask` are `[batch, length]`; padding has mask 0.
    fn forward(&self, ids: Vec<u32>, mask: Vec<u32>, shape: (usize, usize)) -> candle_core::Result<Vec<Vec<f32>>> {
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let hidden = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?; // [batch, length, dimensions]
        let pooled = match self.pooling {
            Pooling::First => hidden.i((.., 0))?.contiguous()?,
            Pooling::Mean => {
                let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?; // [batch, length, 1]
                let counted = mask.sum(1)?; // [batch, 1]
                hidden.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&counted)?
            }
        };
        let length = pooled.sqr()?.sum_keepdim(1)?.sqrt()?;
        pooled.broadcast_div(&length)?.to_vec2()
    }
}

fn pooling(path: &Path) -> Result<Pooling, EmbedError> {
    match json(path)? {
        PoolingFile { pooling_mode_mean_tokens: true, pooling_mode_cls_token: false } => Ok(Pooling::Mean),
        PoolingFile { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false } => Ok(Pooling::First),
        _ => Err(unusable(path, "neither mean nor first-token pooling, and others are not supported")),
    }
}

fn json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, EmbedError> {
    serde_json::from_slice(&read(path)?).map_err(|error| unusable(path, error))
}

fn read(path: &Path) -> Result<Vec<u8>, EmbedError> {
    fs::read(path).map_err(|source| EmbedError::Read { path: path.to_owned(), source })
}

fn unusable(path: &Path, reason: impl ToString) -> EmbedError {
    EmbedError::Unusable { path: path.to_owned(), reason: reason.to_string() }
}
