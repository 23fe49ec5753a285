//! `config.toml` in the data directory: what the tools may use and reach.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toolwright_code::CodeConfig;
use toolwright_fetch::FetchConfig;
use toolwright_files::FilesConfig;
use toolwright_search::SearchConfig;

use crate::ToolboxError;

/// The file's name.
pub const CONFIG: &str = "config.toml";

/// A table for each tool that can be configured; whatever is left out has its default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `run_python` and `run_javascript`.
    pub code: CodeConfig,
    /// `fetch`.
    pub fetch: FetchConfig,
    /// `read_file` and the like.
    pub files: FilesConfig,
    /// `search`.
    pub search: SearchConfig,
    /// Ranking by meaning, beside ranking by words.
    pub embedding: EmbeddingConfig,
}

/// Which model turns passages into vectors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingConfig {
    /// A folder with a BERT model as sentence-transformers writes it; none is no ranking by meaning.
    pub model: Option<PathBuf>,
}

impl Config {
    /// Reads the file; where there is none, everything has its default.
    ///
    /// # Errors
    /// With the file and the line that cannot be understood.
    pub fn read(data_dir: &Path) -> Result<Self, ToolboxError> {
        let path = data_dir.join(CONFIG);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ToolboxError::Read { path, source }),
        };
        toml::from_str(&text).map_err(|error| ToolboxError::Config { path, reason: error.to_string() })
    }
}
