use std::any::Any;

use toolwright_model::{Decoder, KvCache};

use crate::{Cache, LanguageModel, SessionError};

impl Cache for KvCache {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn truncate(&mut self, len: usize) {
        Self::truncate(self, len);
    }

    fn fork(&mut self) -> Box<dyn Cache> {
        Box::new(Self::fork(self))
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn own(cache: &mut dyn Cache) -> Result<&mut KvCache, SessionError> {
    cache.as_any_mut().downcast_mut().ok_or(SessionError::ForeignCache)
}

impl LanguageModel for Decoder {
    fn new_cache(&self) -> Box<dyn Cache> {
        Box::new(Self::new_cache(self))
    }

    fn forward(&self, cache: &mut dyn Cache, tokens: &[u32]) -> Result<Vec<f32>, SessionError> {
        Self::forward(self, own(cache)?, tokens).map_err(SessionError::from)
    }

    fn forward_batch(&self, caches: &mut [&mut dyn Cache], tokens: &[u32]) -> Result<Vec<Vec<f32>>, SessionError> {
        let mut own_caches = caches.iter_mut().map(|cache| own(*cache)).collect::<Result<Vec<_>, _>>()?;
        Self::forward_batch(self, &mut own_caches, tokens).map_err(SessionError::from)
    }

    fn context_length(&self) -> usize {
        self.config().context_length
    }

    fn vocab_size(&self) -> usize {
        self.config().vocab_size
    }
}
