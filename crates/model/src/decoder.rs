//! The forward pass: one implementation for every family, every chunking and every batch.

use std::sync::Arc;

use crate::{
    KvCache, ModelConfig, ModelError,
    attention::{self, Attention, Branch},
    cache::CacheShape,
    linear::{Activations, Linear, Weight},
    ops, parallel,
    rope::{Rope, Rotations},
};

/// Tokens that go through the layers together. Bounds the memory of a long prompt; more would not be faster.
const CHUNK: usize = 512;

/// A dense decoder-only transformer with its weights. Clones share them.
///
/// Logits do not depend on how a sequence was cut into calls, but for the last digits of `f32` (tests hold 1e-4
/// relative). A call that returns an error leaves its caches as they were.
#[derive(Clone)]
pub struct Decoder {
    parts: Arc<Parts>,
    rope: Arc<Rope>,
}

/// What a file is read into.
pub(crate) struct Parts {
    pub config: ModelConfig,
    pub embedding: Weight,
    pub layers: Vec<Layer>,
    pub output_norm: Vec<f32>,
    /// `None` if the embedding is used.
    pub output: Option<Weight>,
}

pub(crate) struct Layer {
    pub attention_norm: Vec<f32>,
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub query_norm: Option<Vec<f32>>,
    pub key_norm: Option<Vec<f32>>,
    pub attention_output: Linear,
    pub feed_forward_norm: Vec<f32>,
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

/// Which positions' logits a pass is to give.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nothing,
    Last,
    All,
}

impl Decoder {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        let rope = Arc::new(Rope::new(&parts.config.rope));
        Self { parts: Arc::new(parts), rope }
    }

    /// Shape and features.
    pub fn config(&self) -> &ModelConfig {
        &self.parts.config
    }

    /// An empty cache. It takes no memory yet.
    pub fn new_cache(&self) -> KvCache {
        KvCache::new(self.cache_shape())
    }

    fn cache_shape(&self) -> CacheShape {
        let config = self.config();
        CacheShape { layers: config.layer_count, kv_heads: config.kv_head_count, head_dim: config.head_dim }
    }

    /// Appends tokens to a sequence and returns the logits, `[vocab_size]`, of what follows the last of them.
    ///
    /// # Errors
    /// If there is no token, one that is outside of the vocabulary, or more than fit into the context. The cache is
    /// unchanged after any error.
    pub fn forward(&self, cache: &mut KvCache, tokens: &[u32]) -> Result<Vec<f32>, ModelError> {
        self.forward_unless(cache, tokens, &|| false)
    }

    /// [`Self::forward`] that asks `cancelled` before every layer and gives up when it says so.
    ///
    /// # Errors
    /// As for [`Self::forward`], and [`ModelError::Cancelled`].
    pub fn forward_unless(
        &self,
        cache: &mut KvCache,
        tokens: &[u32],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, ModelError> {
        self.append(cache, tokens, Wanted::Last, cancelled)
    }

    /// Appends tokens and returns the logits of what follows each of them.
    ///
    /// # Errors
    /// As for [`Self::forward`].
    pub fn forward_all(&self, cache: &mut KvCache, tokens: &[u32]) -> Result<Vec<Vec<f32>>, ModelError> {
        let logits = self.append(cache, tokens, Wanted::All, &|| false)?;
        Ok(logits.chunks_exact(self.config().vocab_size).map(<[f32]>::to_vec).collect())
    }

    /// Appends one token to each of several sequences in one pass and returns the logits that follow each. A prefix
    /// that all of them share through [`KvCache::fork`] is attended to once.
    ///
    /// # Errors
    /// As for [`Self::forward`]; and if there are not as many tokens as caches. All caches are unchanged after any
    /// error.
    pub fn forward_batch(&self, caches: &mut [&mut KvCache], tokens: &[u32]) -> Result<Vec<Vec<f32>>, ModelError> {
        if caches.len() != tokens.len() {
            return Err(ModelError::BatchMismatch { caches: caches.len(), tokens: tokens.len() });
        }
        self.check_tokens(tokens)?;
        for cache in caches.iter() {
            self.check_cache(cache, 1)?;
        }
        let mut guards: Vec<_> = caches.iter_mut().map(|cache| Rollback::new(cache)).collect();
        let mut open: Vec<&mut KvCache> = guards.iter_mut().map(|guard| &mut *guard.cache).collect();
        let logits = self.pass(&mut open, tokens, Wanted::All, &|| false)?;
        guards.into_iter().for_each(Rollback::keep);
        Ok(logits.chunks_exact(self.config().vocab_size).map(<[f32]>::to_vec).collect())
    }

    fn append(
        &self,
        cache: &mut KvCache,
        tokens: &[u32],
        wanted: Wanted,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, ModelError> {
        self.check_tokens(tokens)?;
        self.check_cache(cache, tokens.len())?;
        let guard = Rollback::new(cache);
        let mut logits = Vec::new();
        let last = (tokens.len() - 1) / CHUNK;
        for (index, chunk) in tokens.chunks(CHUNK).enumerate() {
            let wanted = if wanted == Wanted::Last && index < last { Wanted::Nothing } else { wanted };
            logits.extend(self.pass(&mut [&mut *guard.cache], chunk, wanted, cancelled)?);
        }
        guard.keep();
        Ok(logits)
    }

    fn check_tokens(&self, tokens: &[u32]) -> Result<(), ModelError> {
        if tokens.is_empty() {
            return Err(ModelError::NoTokens);
        }
        let vocab_size = self.config().vocab_size;
        match tokens.iter().find(|&&token| token as usize >= vocab_size) {
            Some(&token) => Err(ModelError::TokenOutOfRange { token, vocab_size }),
            None => Ok(()),
        }
    }

    fn check_cache(&self, cache: &KvCache, count: usize) -> Result<(), ModelError> {
        let (expected, found) = (self.cache_shape(), cache.shape());
        if expected != found {
            return Err(ModelError::ForeignCache { expected: expected.to_string(), found: found.to_string() });
        }
        let (needed, limit) = (cache.len() + count, self.config().context_length);
        if needed > limit {
            return Err(ModelError::ContextOverflow { needed, limit });
        }
        Ok(())
    }

    /// One pass of equally many tokens for every cache, those of the first cache first. Commits them.
    fn pass(
        &self,
        caches: &mut [&mut KvCache],
        tokens: &[u32],
        wanted: Wanted,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, ModelError> {
        let Parts { config, embedding, layers, output_norm, output } = &*self.parts;
        let per_cache = tokens.len() / caches.len();
        let starts: Vec<usize> = caches.iter().map(|cache| cache.len()).collect();
        let positions: Vec<usize> = starts.iter().flat_map(|&start| start..start + per_cache).collect();
        let rotations = self.rope.rotations(&positions);
        for cache in caches.iter_mut() {
            cache.reserve(per_cache);
        }

        let mut stream = vec![0.0; tokens.len() * config.hidden_size];
        for (row, &token) in stream.chunks_exact_mut(config.hidden_size).zip(tokens) {
            embedding.row(token as usize, row);
        }
        for (index, layer) in layers.iter().enumerate() {
            if cancelled() {
                return Err(ModelError::Cancelled);
            }
            let normed = self.norm(&stream, &layer.attention_norm);
            let attended = self.attend(layer, index, &normed, caches, &starts, &rotations)?;
            ops::add(&mut stream, layer.attention_output.forward(&attended)?.as_slice());

            if index + 1 == layers.len() && wanted != Wanted::All {
                // Nothing follows but the logits, and those only of the last position.
                stream.drain(..stream.len() - config.hidden_size);
            }
            let normed = self.norm(&stream, &layer.feed_forward_norm);
            let mut gate = layer.gate.forward(&normed)?.into_vec();
            ops::silu_times(&mut gate, layer.up.forward(&normed)?.as_slice());
            let gate = Activations::new(gate, config.feed_forward_size);
            ops::add(&mut stream, layer.down.forward(&gate)?.as_slice());
        }
        for cache in caches.iter_mut() {
            cache.commit(per_cache);
        }
        if wanted == Wanted::Nothing {
            return Ok(Vec::new());
        }
        let normed = self.norm(&stream, output_norm);
        Ok(output.as_ref().unwrap_or(embedding).forward(&normed)?.into_vec())
    }

    fn norm(&self, stream: &[f32], weight: &[f32]) -> Activations {
        Activations::new(ops::rms_norm(stream, weight, self.config().norm_epsilon), weight.len())
    }

    fn attend(
        &self,
        layer: &Layer,
        index: usize,
        normed: &Activations,
        caches: &mut [&mut KvCache],
        starts: &[usize],
        rotations: &Rotations,
    ) -> Result<Activations, ModelError> {
        let config = self.config();
        let (d, kv_heads, group) = (config.head_dim, config.kv_head_count, config.group_size());
        let tokens = normed.rows();
        let per_cache = tokens / caches.len();
        let rotate = config.layers[index].rope.then_some(rotations);

        let mut keys = layer.key.forward(normed)?.into_vec();
        let values = layer.value.forward(normed)?.into_vec();
        self.prepare_heads(&mut keys, kv_heads, layer.key_norm.as_deref(), rotate);
        for (i, (cache, &start)) in caches.iter_mut().zip(starts).enumerate() {
            let rows = i * per_cache * kv_heads * d..(i + 1) * per_cache * kv_heads * d;
            if !cache.write(index, start, &keys[rows.clone()], &values[rows]) {
                return Err(ModelError::malformed("key-value cache", "a block is written by two caches"));
            }
        }

        let mut queries = layer.query.forward(normed)?.into_vec();
        self.prepare_heads(&mut queries, config.head_count, layer.query_norm.as_deref(), rotate);
        let branches: Vec<Branch<'_>> =
            caches.iter().zip(starts).map(|(cache, &start)| Branch { views: cache.views(), start }).collect();
        let attention = Attention {
            shape: self.cache_shape(),
            layer: index,
            group,
            scale: config.attention_scale,
            window: config.layers[index].window,
            shared_blocks: attention::shared_blocks(&branches),
            branches: &branches,
            tokens_per_branch: per_cache,
        };
        let attended = attention.run(&swap_outer(&queries, tokens, kv_heads, group * d));
        Ok(Activations::new(swap_outer(&attended, kv_heads, tokens, group * d), config.head_count * d))
    }

    /// Normalises and rotates the heads of every row in place.
    fn prepare_heads(&self, rows: &mut [f32], heads: usize, norm: Option<&[f32]>, rotations: Option<&Rotations>) {
        let d = self.config().head_dim;
        parallel::for_each_row_group(rows, heads * d, |first, rows| {
            for (index, row) in rows.chunks_exact_mut(heads * d).enumerate() {
                for head in row.chunks_exact_mut(d) {
                    if let Some(weight) = norm {
                        ops::rms_norm_row(head, weight, self.config().norm_epsilon);
                    }
                    if let Some(rotations) = rotations {
                        rotations.apply(first + index, head);
                    }
                }
            }
        });
    }
}

/// `[a, b, len]` to `[b, a, len]`.
fn swap_outer(data: &[f32], a: usize, b: usize, len: usize) -> Vec<f32> {
    if a == 1 || b == 1 {
        return data.to_vec();
    }
    let mut out = Vec::with_capacity(data.len());
    for j in 0..b {
        for i in 0..a {
            out.extend_from_slice(&data[(i * b + j) * len..][..len]);
        }
    }
    out
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("config", self.config()).finish_non_exhaustive()
    }
}

/// Takes a cache back to its old length, unless told to keep what came to it: after errors, and after panics too.
struct Rollback<'a> {
    cache: &'a mut KvCache,
    len: Option<usize>,
}

impl<'a> Rollback<'a> {
    fn new(cache: &'a mut KvCache) -> Self {
        let len = Some(cache.len());
        Self { cache, len }
    }

    fn keep(mut self) {
        self.len = None;
    }
}

impl Drop for Rollback<'_> {
    fn drop(&mut self) {
        if let Some(len) = self.len {
            self.cache.truncate(len);
        }
    }
}
