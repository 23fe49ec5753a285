use std::{io, path::PathBuf};

/// Why an index or a search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// A file or folder of the index.
    #[error("cannot use {path}: {source}; check that the folder is there and may be written to")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process is writing.
    #[error("another process is writing to the index in {0}; wait until it is done and try again")]
    Busy(PathBuf),
    /// A file of the index is missing, cut short or changed.
    #[error("the index in {path} is damaged ({reason}); `index rebuild` makes it again from the documents")]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The index engine failed.
    #[error("the index failed: {0}")]
    Engine(String),
    /// The embedding model failed.
    #[error("the embedding model failed: {0}")]
    Embedding(String),
}

impl SearchError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Engine(error.to_string())
    }
}
