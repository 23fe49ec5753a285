//! The key-value cache: a list of blocks that forks share and only their sole owner writes.

use std::{ops::Range, sync::Arc};

use crate::gemm::View;

/// Positions in a full block. Attention works block by block, so this is also the width of its inner products: large
/// enough for them to run at full speed, small enough for their scores to stay in the L2 cache.
pub(crate) const BLOCK: usize = 256;
/// Positions in the smallest block; a block doubles until it is full.
const SMALLEST_BLOCK: usize = 32;

/// Sizes that a cache has in common with its decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheShape {
    pub layers: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
}

impl CacheShape {
    /// Floats that one position takes for keys, and again for values.
    fn position_len(self) -> usize {
        self.layers * self.kv_heads * self.head_dim
    }
}

impl std::fmt::Display for CacheShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} layers of {} heads of {}", self.layers, self.kv_heads, self.head_dim)
    }
}

/// Keys and values of up to [`BLOCK`] positions following each other. Values are `[layers, kv_heads, capacity, head_dim]`;
/// keys are transposed, `[layers, kv_heads, head_dim, capacity]`, so that neither product of attention has to repack them.
pub(crate) struct Block {
    keys: Vec<f32>,
    values: Vec<f32>,
    capacity: usize,
}

impl Block {
    fn new(shape: CacheShape, capacity: usize) -> Self {
        let len = shape.position_len() * capacity;
        Self { keys: vec![0.0; len], values: vec![0.0; len], capacity }
    }

    fn grow(&mut self, shape: CacheShape, used: usize, capacity: usize) {
        let mut larger = Self::new(shape, capacity);
        larger.copy_from(shape, 0, self, used);
        *self = larger;
    }

    /// Copies the first `len` positions of `from` to position `at`.
    fn copy_from(&mut self, shape: CacheShape, at: usize, from: &Self, len: usize) {
        let d = shape.head_dim;
        for head in 0..shape.layers * shape.kv_heads {
            let to = (head * self.capacity + at) * d;
            let source = head * from.capacity * d;
            self.values[to..to + len * d].copy_from_slice(&from.values[source..source + len * d]);
            for row in head * d..(head + 1) * d {
                let to = row * self.capacity + at;
                let source = row * from.capacity;
                self.keys[to..to + len].copy_from_slice(&from.keys[source..source + len]);
            }
        }
    }

    fn range(&self, shape: CacheShape, layer: usize, head: usize, positions: Range<usize>) -> Range<usize> {
        let start = (layer * shape.kv_heads + head) * self.capacity;
        (start + positions.start) * shape.head_dim..(start + positions.end) * shape.head_dim
    }

    /// Positions that there is room for, at least 32.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Keys of some of its positions, `[head_dim, positions]`.
    pub fn keys(&self, shape: CacheShape, layer: usize, head: usize, positions: Range<usize>) -> View<'_> {
        let start = (layer * shape.kv_heads + head) * shape.head_dim * self.capacity;
        View {
            data: &self.keys[start + positions.start..start + shape.head_dim * self.capacity],
            rows: shape.head_dim,
            columns: positions.len(),
            row_stride: self.capacity,
            column_stride: 1,
        }
    }

    /// Values of some of its positions, `[positions, head_dim]`.
    pub fn values(&self, shape: CacheShape, layer: usize, head: usize, positions: Range<usize>) -> &[f32] {
        &self.values[self.range(shape, layer, head, positions)]
    }
}

/// How many positions of a block a cache sees. What lies behind them belongs to other caches, or to nobody.
#[derive(Clone)]
pub(crate) struct BlockView {
    pub block: Arc<Block>,
    pub len: usize,
}

impl BlockView {
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.block, &other.block) && self.len == other.len
    }
}

/// Keys and values of the tokens that a sequence has gone through, for [`crate::Decoder`]'s forward passes.
///
/// Forks share blocks of memory and never copy them; appending to one writes to memory that only it holds. Memory grows
/// with the tokens held, by up to 256 positions at a time.
pub struct KvCache {
    shape: CacheShape,
    views: Vec<BlockView>,
    len: usize,
}

impl KvCache {
    pub(crate) fn new(shape: CacheShape) -> Self {
        Self { shape, views: Vec::new(), len: 0 }
    }

    pub(crate) fn shape(&self) -> CacheShape {
        self.shape
    }

    pub(crate) fn views(&self) -> &[BlockView] {
        &self.views
    }

    /// Tokens held.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no token is held.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets all tokens from position `len` on; nothing happens if there are none. Other forks keep theirs.
    pub fn truncate(&mut self, len: usize) {
        let mut kept = 0;
        self.views.retain_mut(|view| {
            view.len = view.len.min(len - kept);
            kept += view.len;
            view.len > 0
        });
        self.len = self.len.min(len);
    }

    /// A second cache with the same tokens, which both then continue independently. Copies no keys or values.
    pub fn fork(&mut self) -> Self {
        Self { shape: self.shape, views: self.views.clone(), len: self.len }
    }

    /// Bytes of keys and values that this cache keeps alive, those that it shares with forks included.
    pub fn memory_bytes(&self) -> usize {
        let floats: usize = self.views.iter().map(|view| view.block.keys.len() + view.block.values.len()).sum();
        floats * size_of::<f32>()
    }

    /// Makes room for `count` positions behind the last. They are seen by [`Self::views`] at once, but belong to the
    /// sequence only after [`Self::commit`]; [`Self::truncate`] takes them away again.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.merge();
        let mut missing = count;
        if let Some(last) = self.views.last_mut()
            && let Some(block) = Arc::get_mut(&mut last.block)
        {
            let taken = missing.min(BLOCK - last.len);
            if last.len + taken > block.capacity {
                let capacity = (last.len + taken).next_power_of_two().clamp(SMALLEST_BLOCK, BLOCK);
                block.grow(self.shape, last.len, capacity);
            }
            last.len += taken;
            missing -= taken;
        }
        while missing > 0 {
            let len = missing.min(BLOCK);
            let capacity = len.next_power_of_two().clamp(SMALLEST_BLOCK, BLOCK);
            self.views.push(BlockView { block: Arc::new(Block::new(self.shape, capacity)), len });
            missing -= len;
        }
    }

    /// The `count` positions behind the last are part of the sequence from now on.
    pub(crate) fn commit(&mut self, count: usize) {
        self.len += count;
    }

    /// Many forks and truncations leave many small blocks. Those that only this cache holds become one again.
    fn merge(&mut self) {
        let mut index = 0;
        while index + 1 < self.views.len() {
            let [first, second] = &mut self.views[index..index + 2] else { return };
            let len = first.len + second.len;
            match (Arc::get_mut(&mut first.block), Arc::get_mut(&mut second.block)) {
                (Some(to), Some(from)) if len <= BLOCK => {
                    if len > to.capacity {
                        to.grow(self.shape, first.len, len.next_power_of_two().clamp(SMALLEST_BLOCK, BLOCK));
                    }
                    to.copy_from(self.shape, first.len, from, second.len);
                    first.len = len;
                    self.views.remove(index + 1);
                }
                _ => index += 1,
            }
        }
    }

    /// Writes one layer's keys and values, `[count, kv_heads · head_dim]` each, to the reserved positions from `start`
    /// on. False, and nothing reliable written, if they were not reserved by this cache.
    #[must_use]
    pub(crate) fn write(&mut self, layer: usize, start: usize, keys: &[f32], values: &[f32]) -> bool {
        let CacheShape { kv_heads, head_dim: d, .. } = self.shape;
        let width = kv_heads * d;
        let count = keys.len() / width;
        let mut block_start = 0;
        for view in &mut self.views {
            let block_end = block_start + view.len;
            let wanted = start.max(block_start)..(start + count).min(block_end);
            if !wanted.is_empty() {
                let Some(block) = Arc::get_mut(&mut view.block) else { return false };
                for head in 0..kv_heads {
                    let to = block.range(self.shape, layer, head, wanted.start - block_start..wanted.end - block_start);
                    let rows = (wanted.start - start) * width..(wanted.end - start) * width;
                    let part = head * d..(head + 1) * d;
                    let keys_start = (layer * kv_heads + head) * d * block.capacity + wanted.start - block_start;
                    for (column, from) in keys[rows.clone()].chunks_exact(width).enumerate() {
                        for (row, &key) in from[part.clone()].iter().enumerate() {
                            block.keys[keys_start + row * block.capacity + column] = key;
                        }
                    }
                    for (to, from) in block.values[to].chunks_exact_mut(d).zip(values[rows].chunks_exact(width)) {
                        to.copy_from_slice(&from[part.clone()]);
                    }
                }
            }
            block_start = block_end;
        }
        block_start >= start + count
    }
}

impl std::fmt::Debug for KvCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KvCache({} tokens in {} blocks, {})", self.len, self.views.len(), self.shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: CacheShape = CacheShape { layers: 2, kv_heads: 2, head_dim: 2 };

    /// Appends positions whose keys and values are made from `tag`.
    fn append(cache: &mut KvCache, count: usize, tag: usize) {
        let start = cache.len();
        cache.reserve(count);
        for layer in 0..SHAPE.layers {
            let rows: Vec<f32> =
                (0..count * 4).map(|i| (tag * 100_000 + (start + i / 4) * 10 + layer * 5 + i % 4) as f32).collect();
            assert!(cache.write(layer, start, &rows, &rows));
        }
        cache.commit(count);
    }

    /// The tags of all positions, after checking that every number of each is where it belongs.
    fn tags(cache: &KvCache) -> Vec<usize> {
        let mut start = 0;
        let mut tags = Vec::new();
        for view in cache.views() {
            for position in 0..view.len {
                let at = |layer, head| {
                    let keys = view.block.keys(SHAPE, layer, head, position..position + 1);
                    [keys.data[0], keys.data[keys.row_stride]]
                };
                let tag = at(0, 0)[0] as usize / 100_000;
                for (layer, head) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let first = (tag * 100_000 + (start + position) * 10 + layer * 5 + head * 2) as f32;
                    assert_eq!(at(layer, head), [first, first + 1.0]);
                    assert_eq!(view.block.values(SHAPE, layer, head, position..position + 1), [first, first + 1.0]);
                }
                tags.push(tag);
            }
            start += view.len;
        }
        assert_eq!(tags.len(), cache.len());
        tags
    }

    #[test]
    fn any_order_of_operations_keeps_every_fork_as_if_it_were_alone() {
        let mut state = 7u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut caches = vec![(KvCache::new(SHAPE), Vec::new())];
        for step in 0..600 {
            let index = random(caches.len());
            match random(8) {
                0 if caches.len() < 6 => {
                    let (cache, expected) = &mut caches[index];
                    let fork = (cache.fork(), expected.clone());
                    caches.push(fork);
                }
                1 if caches.len() > 1 => drop(caches.swap_remove(index)),
                2 => {
                    let (cache, expected) = &mut caches[index];
                    let len = random(expected.len() + 2);
                    cache.truncate(len);
                    expected.truncate(len);
                }
                _ => {
                    let count = [1, 1, 3, 40, 300][random(5)];
                    let (cache, expected) = &mut caches[index];
                    append(cache, count, step % 150);
                    expected.extend(std::iter::repeat_n(step % 150, count));
                    if expected.len() > 2000 {
                        cache.truncate(100);
                        expected.truncate(100);
                    }
                }
            }
            for (cache, expected) in &caches {
                assert_eq!(tags(cache), *expected);
            }
        }
    }

    #[test]
    fn memory_follows_the_tokens_held() {
        let mut cache = KvCache::new(SHAPE);
        assert_eq!(cache.memory_bytes(), 0);
        append(&mut cache, 1, 1);
        let position = 2 * 2 * 2 * 2 * 4;
        assert_eq!(cache.memory_bytes(), SMALLEST_BLOCK * position);
        append(&mut cache, 1000, 1);
        assert!(cache.memory_bytes() <= (1001 + BLOCK) * position);
        let mut fork = cache.fork();
        append(&mut fork, 1, 2);
        assert_eq!(fork.memory_bytes() - cache.memory_bytes(), SMALLEST_BLOCK * position);
    }

    #[test]
    fn small_blocks_of_one_owner_become_one() {
        let mut cache = KvCache::new(SHAPE);
        for _ in 0..20 {
            append(&mut cache, 5, 3);
            let fork = cache.fork();
            append(&mut cache, 1, 4);
            drop(fork);
        }
        assert!(cache.views().len() <= 2, "{cache:?}");
        assert_eq!(tags(&cache).len(), 120);
    }
}
