use std::path::PathBuf;

/// Why a model could not be read or run. Every message names the field, tensor or token that is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file could not be opened, read or mapped.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file is not what it claims to be: cut off, damaged, or of another format.
    #[error("damaged or foreign model file: {field}: {problem}")]
    Malformed {
        /// The part of the file being read, e.g. `metadata "general.name"` or `tensor "output.weight"`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A metadata or configuration key that the model cannot do without is absent.
    #[error("the model file has no {key:?}")]
    MissingKey {
        /// The key.
        key: String,
    },
    /// A metadata or configuration key holds another type than it should.
    #[error("{key:?} in the model file should be {expected}, but is {found}")]
    WrongType {
        /// The key.
        key: String,
        /// The type that was asked for.
        expected: &'static str,
        /// The type or value that is there.
        found: String,
    },
    /// A metadata or configuration key holds a value that makes no sense or that is not supported.
    #[error("{key:?} in the model file is {value}: {problem}")]
    InvalidValue {
        /// The key.
        key: String,
        /// The value found.
        value: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// A weight is absent.
    #[error("the model file has no tensor {name:?}")]
    MissingTensor {
        /// Its name in the file.
        name: String,
    },
    /// A weight has another shape than the configuration asks for.
    #[error("tensor {name:?} has shape {found:?}, but the configuration asks for {expected:?}")]
    TensorShape {
        /// Its name in the file.
        name: String,
        /// Dimensions from the outermost to the innermost.
        expected: Vec<usize>,
        /// Dimensions from the outermost to the innermost.
        found: Vec<usize>,
    },
    /// A weight is stored in a number format that this crate does not compute with.
    #[error("tensor {name:?} has the type {found}, which is not supported; supported are {supported}")]
    TensorType {
        /// Its name in the file.
        name: String,
        /// The type found.
        found: String,
        /// The types that would do.
        supported: &'static str,
    },
    /// The architecture is not one of those that [`crate::Architecture`] lists.
    #[error("the architecture {name:?} is not supported; supported are llama, mistral, qwen2, qwen3 and smollm3")]
    UnsupportedArchitecture {
        /// What the file says.
        name: String,
    },
    /// More tokens than the model has been made for. Nothing was computed and the cache is unchanged.
    #[error("{needed} tokens do not fit into the model's context of {limit}")]
    ContextOverflow {
        /// Tokens in the cache plus those to be appended.
        needed: usize,
        /// The model's context length.
        limit: usize,
    },
    /// A token id that the vocabulary does not have. Nothing was computed and the cache is unchanged.
    #[error("token id {token} is outside of the vocabulary of {vocab_size}")]
    TokenOutOfRange {
        /// The id.
        token: u32,
        /// Ids are below this.
        vocab_size: usize,
    },
    /// A forward pass was asked for with no token: there is no position to give logits for.
    #[error("a forward pass needs at least one token")]
    NoTokens,
    /// A batch whose parts do not fit together.
    #[error("batch of {caches} caches and {tokens} tokens: one token for each cache is needed")]
    BatchMismatch {
        /// Caches given.
        caches: usize,
        /// Tokens given.
        tokens: usize,
    },
    /// A cache that was made by a decoder of another shape.
    #[error("the cache was made for {found}, but this decoder has {expected}")]
    ForeignCache {
        /// Layers, heads and head size of the decoder.
        expected: String,
        /// Layers, heads and head size of the cache.
        found: String,
    },
    /// The caller's own condition ended a pass. The cache is unchanged.
    #[error("the forward pass was cancelled")]
    Cancelled,
    /// The numeric library failed. The cache is unchanged.
    #[error("computation failed: {0}")]
    Compute(#[from] candle_core::Error),
}

impl ModelError {
    pub(crate) fn malformed(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Malformed { field: field.into(), problem: problem.into() }
    }

    pub(crate) fn invalid(key: impl Into<String>, value: impl ToString, problem: impl Into<String>) -> Self {
        Self::InvalidValue { key: key.into(), value: value.to_string(), problem: problem.into() }
    }
}
