use toolwright_model::ModelError;

/// Why a tokenizer could not be built. Encoding and decoding never fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// A metadata key is missing or has the wrong type.
    #[error(transparent)]
    Metadata(#[from] ModelError),
    /// A metadata key is there but what it holds cannot be a vocabulary.
    #[error("{key}: {problem}")]
    Invalid {
        /// The GGUF metadata key, or the path inside `tokenizer.json`.
        key: &'static str,
        /// What is wrong with its value, and where.
        problem: String,
    },
    /// The kind of vocabulary is not one that the supported model families use.
    #[error("{key}: vocabulary kind {found:?} is not supported; supported are {known}")]
    UnsupportedModel {
        /// The metadata key or JSON path that names the kind.
        key: &'static str,
        /// The kind that was found.
        found: String,
        /// The kinds that can be loaded.
        known: &'static str,
    },
    /// The pre-tokenizer name says how text is cut into words before merging; guessing it wrong would silently
    /// degrade every answer, so an unknown one is an error.
    #[error(
        "tokenizer.ggml.pre: pre-tokenizer {found:?} is not known; known are {known}. Convert the model again with a \
         current converter, or open an issue that names this pre-tokenizer"
    )]
    UnknownPreTokenizer {
        /// The name in the file.
        found: String,
        /// All names that can be loaded, separated by commas.
        known: String,
    },
    /// `tokenizer.json` is not valid JSON or not a tokenizer file.
    #[error("tokenizer.json: {0}")]
    Json(#[from] serde_json::Error),
    /// A part of `tokenizer.json` was refused by the `tokenizers` library.
    #[error("tokenizer.json: {part}: {problem}")]
    Part {
        /// The part, for example `pre_tokenizer`.
        part: &'static str,
        /// The library's reason.
        problem: String,
    },
}

impl TokenizerError {
    pub(crate) fn invalid(key: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { key, problem: problem.into() }
    }
}
