mod decoder;

use std::any::Any;

use toolwright_model::ModelError;

use crate::SessionError;

/// What a [`Session`](crate::Session) needs of a model. [`Decoder`] is the real one; tests and other families plug in
/// here.
pub trait LanguageModel: Send + Sync {
    /// An empty cache.
    fn new_cache(&self) -> Box<dyn Cache>;

    /// Appends `tokens` to the cache and gives the logits, `[vocab_size]`, behind the last of them.
    ///
    /// # Errors
    /// If the model fails; the cache is then as long as before.
    fn forward(&self, cache: &mut dyn Cache, tokens: &[u32]) -> Result<Vec<f32>, SessionError>;

    /// Appends one token to each of several caches, which may be forks of one another.
    ///
    /// # Errors
    /// If the model fails; every cache is then as long as before.
    fn forward_batch(&self, caches: &mut [&mut dyn Cache], tokens: &[u32]) -> Result<Vec<Vec<f32>>, SessionError>;

    /// The most tokens that a cache may hold.
    fn context_length(&self) -> usize;

    /// The number of logits. A vocabulary may be smaller (padding), never larger.
    fn vocab_size(&self) -> usize;
}

/// The attention state behind a sequence of tokens.
pub trait Cache: Any + Send {
    /// The number of tokens it stands for.
    fn len(&self) -> usize;

    /// Whether it stands for none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all but the first `len` tokens.
    fn truncate(&mut self, len: usize);

    /// A second cache of the same tokens; the two go on independently.
    fn fork(&mut self) -> Box<dyn Cache>;

    /// For [`LanguageModel::forward`] to find its own kind again.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl From<ModelError> for SessionError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}
