//! SentencePiece vocabularies as llama.cpp reads them (`llm_tokenizer_spm` in its `src/llama-vocab.cpp`): characters
//! are merged pairwise, the pair that makes the token with the highest score first, and of equal ones the leftmost;
//! a character that is no token is written as its bytes.
//!
//! This is not BPE over a list of merges: which pair may merge depends on the text that both sides spell, not on which
//! tokens they are, so it stays an algorithm of its own.

use std::{cmp::Ordering, collections::BinaryHeap};

/// What the algorithm needs to know of a vocabulary.
pub(super) trait Pieces {
    /// The id and score of the token that spells exactly `text`, if ordinary text may become it.
    fn find(&self, text: &[u8]) -> Option<(u32, f32)>;
    /// The token for one byte.
    fn byte(&self, byte: u8) -> u32;
}

const END: usize = usize::MAX;

/// A stretch `start..end` of the text; empty when it was merged into the one before.
#[derive(Clone, Copy)]
struct Symbol {
    start: usize,
    end: usize,
    previous: usize,
    next: usize,
    /// The token that it spells so far; single characters may have none.
    id: Option<u32>,
}

struct Candidate {
    score: f32,
    left: usize,
    right: usize,
    length: usize,
    id: u32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| other.left.cmp(&self.left))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// Appends the tokens of `text` to `out`.
pub(super) fn encode(vocabulary: &impl Pieces, text: &str, out: &mut Vec<u32>) {
    let bytes = text.as_bytes();
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
    for (index, (start, character)) in text.char_indices().enumerate() {
        let end = start + character.len_utf8();
        let id = vocabulary.find(&bytes[start..end]).map(|(id, _)| id);
        let next = if end == text.len() { END } else { index + 1 };
        symbols.push(Symbol { start, end, previous: index.checked_sub(1).unwrap_or(END), next, id });
    }
    let mut queue = BinaryHeap::new();
    let propose = |symbols: &[Symbol], queue: &mut BinaryHeap<Candidate>, left: usize, right: usize| {
        if left == END || right == END {
            return;
        }
        let (start, end) = (symbols[left].start, symbols[right].end);
        if let Some((id, score)) = vocabulary.find(&bytes[start..end]) {
            queue.push(Candidate { score, left, right, length: end - start, id });
        }
    };
    for right in 1..symbols.len() {
        propose(&symbols, &mut queue, right - 1, right);
    }
    while let Some(Candidate { left, right, length, id, .. }) = queue.pop() {
        let (a, b) = (symbols[left], symbols[right]);
        // Stale when either side has been merged away or has grown since.
        if a.start == a.end || b.start == b.end || (a.end - a.start) + (b.end - b.start) != length {
            continue;
        }
        symbols[left] = Symbol { end: b.end, next: b.next, id: Some(id), ..a };
        symbols[right].end = b.start;
        if b.next != END {
            symbols[b.next].previous = left;
        }
        propose(&symbols, &mut queue, a.previous, left);
        propose(&symbols, &mut queue, left, b.next);
    }
    for symbol in symbols.iter().filter(|symbol| symbol.start < symbol.end) {
        match symbol.id {
            Some(id) => out.push(id),
            None => out.extend(bytes[symbol.start..symbol.end].iter().map(|&byte| vocabulary.byte(byte))),
        }
    }
}
