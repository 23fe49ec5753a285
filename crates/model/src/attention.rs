//! Attention of some new positions to everything in their caches.
//!
//! Softmax is computed block by block with a running maximum (Milakov and Gimelshein, arXiv 1805.02867; the order of
//! FlashAttention, arXiv 2205.14135), so scores never exist for more than one block of keys, keys and values are used
//! where they lie, and a prefix that several forks share is gone through once for all of them. The query heads that
//! share a key-value head are folded into the rows of one product.

use std::ops::Range;

use crate::{
    cache::{BLOCK, BlockView, CacheShape},
    gemm::{self, Output, View},
    ops, parallel,
};

/// The fewest keys that are multiplied at a time. For fewer, `gemm` has ways of its own that sum in another order, and
/// the last digits of a sequence's logits would depend on how it was cut.
const MIN_WIDTH: usize = 4;

/// Rows of queries that go through the blocks together. Fixed, so that results do not depend on the machine.
const TILE_ROWS: usize = 128;

/// One layer's attention for all branches. Every branch appends equally many tokens.
pub(crate) struct Attention<'a> {
    pub shape: CacheShape,
    pub layer: usize,
    /// Query heads for each key-value head.
    pub group: usize,
    pub scale: f32,
    pub window: Option<usize>,
    pub branches: &'a [Branch<'a>],
    /// How many blocks at the start of every branch are one and the same.
    pub shared_blocks: usize,
    pub tokens_per_branch: usize,
}

/// One sequence: its blocks, the new tokens' keys and values among them, and the position of its first new token.
pub(crate) struct Branch<'a> {
    pub views: &'a [BlockView],
    pub start: usize,
}

/// The number of blocks that all branches begin with.
pub(crate) fn shared_blocks(branches: &[Branch<'_>]) -> usize {
    match branches {
        [] | [_] => 0,
        [first, rest @ ..] => (0..first.views.len())
            .take_while(|&i| {
                rest.iter().all(|branch| branch.views.get(i).is_some_and(|view| view.same(&first.views[i])))
            })
            .count(),
    }
}

impl Attention<'_> {
    /// `queries` is `[kv_heads, tokens, group, head_dim]`, tokens counted through the branches one after the other; so
    /// is the result.
    pub fn run(&self, queries: &[f32]) -> Vec<f32> {
        let d = self.shape.head_dim;
        let tokens = self.branches.len() * self.tokens_per_branch;
        let tile_tokens = (TILE_ROWS / self.group).clamp(1, tokens.max(1));
        let tiles: Vec<(usize, Range<usize>)> = (0..self.shape.kv_heads)
            .flat_map(|head| (0..tokens).step_by(tile_tokens).map(move |first| (head, first)))
            .map(|(head, first)| (head, first..tokens.min(first + tile_tokens)))
            .collect();
        let row = self.group * d;
        let parts: Vec<_> = tiles
            .iter()
            .map(|(head, tile)| (head * tokens + tile.start) * row..(head * tokens + tile.end) * row)
            .collect();
        let longest = self.branches.iter().map(|branch| branch.start).max().unwrap_or(0) + self.tokens_per_branch;
        let mut out = vec![0.0; queries.len()];
        parallel::for_each_part(&mut out, &parts, 2 * queries.len() * longest, |index, out| {
            let (head, tile) = &tiles[index];
            self.tile(*head, tile.clone(), &queries[parts[index].clone()], out);
        });
        out
    }

    fn tile(&self, head: usize, tokens: Range<usize>, queries: &[f32], out: &mut [f32]) {
        let rows = tokens.len() * self.group;
        let queries = transpose(queries, self.shape.head_dim);
        let mut state = State {
            attention: self,
            head,
            first: tokens.start,
            rows,
            queries: &queries,
            out,
            maxima: vec![f32::NEG_INFINITY; rows],
            sums: vec![0.0; rows],
            scores: vec![0.0; rows * BLOCK],
        };
        let mut position = 0;
        if let Some(branch) = self.branches.first() {
            for view in &branch.views[..self.shared_blocks] {
                state.block(view, position, tokens.clone());
                position += view.len;
            }
        }
        let per_branch = self.tokens_per_branch;
        let first_branch = tokens.start / per_branch;
        for (index, branch) in self.branches.iter().enumerate().skip(first_branch) {
            let own = tokens.start.max(index * per_branch)..tokens.end.min((index + 1) * per_branch);
            if own.is_empty() {
                break;
            }
            let mut position = position;
            for view in &branch.views[self.shared_blocks..] {
                state.block(view, position, own.clone());
                position += view.len;
            }
        }
        state.finish();
    }

    /// The position of a token in its own sequence.
    fn position(&self, token: usize) -> usize {
        self.branches[token / self.tokens_per_branch].start + token % self.tokens_per_branch
    }

    /// Which of the positions of a block a query at `position` sees.
    fn visible(&self, position: usize, block: &Range<usize>) -> Range<usize> {
        let first = self.window.map_or(0, |window| (position + 1).saturating_sub(window));
        let start = first.clamp(block.start, block.end) - block.start;
        let end = (position + 1).clamp(block.start, block.end) - block.start;
        start..end.max(start)
    }
}

/// A tile's rows on their way through the blocks.
struct State<'a> {
    attention: &'a Attention<'a>,
    head: usize,
    /// The token of the first row.
    first: usize,
    rows: usize,
    /// `[head_dim, rows]`: `gemm` would take another way, with another order of summation, for small products of
    /// row-major queries and keys.
    queries: &'a [f32],
    /// The sum of values so far, weighted by e^(score − maximum).
    out: &'a mut [f32],
    maxima: Vec<f32>,
    sums: Vec<f32>,
    scores: Vec<f32>,
}

impl State<'_> {
    /// Takes the block that begins at `position` into account for some of the tile's tokens.
    fn block(&mut self, view: &BlockView, position: usize, tokens: Range<usize>) {
        let Attention { shape, layer, group, scale, .. } = *self.attention;
        let d = shape.head_dim;
        // What any of the tokens sees: the rest of the block is not even multiplied.
        let whole = position..position + view.len;
        let seen = tokens.clone().map(|token| self.attention.visible(self.attention.position(token), &whole));
        let Some(seen) = seen.filter(|seen| !seen.is_empty()).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
        else {
            return;
        };
        // A block's capacity is never below this; what is not seen weighs nothing.
        let seen = if seen.len() >= MIN_WIDTH {
            seen
        } else {
            let start = seen.start.min(view.block.capacity() - MIN_WIDTH);
            start..seen.end.max(start + MIN_WIDTH)
        };
        let width = seen.len();
        // What lies behind the view's end is in the product, but not in the sequence.
        let block = position + seen.start..position + seen.end.min(view.len);
        let keys = view.block.keys(shape, layer, self.head, seen.clone());
        let values = View::row_major(view.block.values(shape, layer, self.head, seen), width, d);

        let rows = (tokens.start - self.first) * group..(tokens.end - self.first) * group;
        let queries = View {
            data: &self.queries[rows.start..],
            rows: rows.len(),
            columns: d,
            row_stride: 1,
            column_stride: self.rows,
        };
        let scores = &mut self.scores[..rows.len() * width];
        gemm::multiply_at_least_two_rows(scores, width, Output::Overwrite, scale, queries, keys);

        let out = &mut self.out[rows.start * d..rows.end * d];
        for (index, row) in scores.chunks_exact_mut(width).enumerate() {
            let token = tokens.start + index / group;
            let visible = self.attention.visible(self.attention.position(token), &block);
            row[..visible.start].fill(0.0);
            row[visible.end..].fill(0.0);
            if visible.is_empty() {
                continue;
            }
            let row = &mut row[visible];
            let (maximum, sum) = (&mut self.maxima[rows.start + index], &mut self.sums[rows.start + index]);
            let larger = ops::max(row);
            if larger > *maximum {
                // e^(−∞) is not exactly 0 in our `exp`, but then there is nothing yet to be scaled.
                let factor = if *sum > 0.0 { ops::exp(*maximum - larger) } else { 0.0 };
                *sum *= factor;
                ops::scale(&mut out[index * d..(index + 1) * d], factor);
                *maximum = larger;
            }
            *sum += ops::exp_minus(row, *maximum);
        }
        let weights = View::row_major(scores, rows.len(), width);
        gemm::multiply_at_least_two_rows(out, d, Output::Add, 1.0, weights, values);
    }

    fn finish(self) {
        for (row, sum) in self.out.chunks_exact_mut(self.attention.shape.head_dim).zip(self.sums) {
            ops::scale(row, 1.0 / sum);
        }
    }
}

/// `[rows, columns]` to `[columns, rows]`.
fn transpose(data: &[f32], columns: usize) -> Vec<f32> {
    let rows = data.len() / columns;
    let mut out = vec![0.0; data.len()];
    for (r, row) in data.chunks_exact(columns).enumerate() {
        for (c, &value) in row.iter().enumerate() {
            out[c * rows + r] = value;
        }
    }
    out
}
