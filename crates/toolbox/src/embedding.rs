//! The BERT model of crates/embed as what the index ranks by.

use std::sync::Arc;

use toolwright_embed::Embedder as Bert;
use toolwright_search::Embedder;

use crate::{EmbeddingConfig, ToolboxError};

struct Sentences(Bert);

impl Embedder for Sentences {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
        self.0.embed(texts).map_err(|error| error.to_string())
    }
}

/// The configured embedder, if there is one.
pub fn open(config: &EmbeddingConfig) -> Result<Option<Arc<dyn Embedder>>, ToolboxError> {
    let Some(folder) = &config.model else { return Ok(None) };
    Ok(Some(Arc::new(Sentences(Bert::open(folder)?))))
}
