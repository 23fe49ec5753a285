//! Byte-pair encoding of one word: the pair with the lowest rank is merged first, of equal ones the leftmost.
//!
//! This is `tokenizers`' algorithm (Sennrich et al., arXiv 1508.07909, with a heap in place of a scan) on a table
//! built straight from GGUF metadata. It is written here because the library's BPE panics on a merge that is longer
//! than every token, and keeps a cache per thread that outlives the tokenizer.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    hash::{BuildHasherDefault, Hasher},
};

/// Hashes the one `u64` of a pair of ids by multiplication. The keys come from the vocabulary file, not from text, so
/// nobody who writes text can choose collisions.
#[derive(Default)]
pub(super) struct PairHasher(u64);

impl Hasher for PairHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// Merge rules: which pair of ids becomes which id, and how early.
#[derive(Default)]
pub(super) struct Merges(HashMap<u64, (u32, u32), BuildHasherDefault<PairHasher>>);

const fn pair_key(left: u32, right: u32) -> u64 {
    ((left as u64) << 32) | right as u64
}

impl Merges {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self(HashMap::with_capacity_and_hasher(count, BuildHasherDefault::default()))
    }

    /// Adds the rule `left + right → merged`; of two rules for one pair the earlier rank stays.
    pub(super) fn insert(&mut self, left: u32, right: u32, rank: u32, merged: u32) {
        self.0.entry(pair_key(left, right)).or_insert((rank, merged));
    }

    fn get(&self, left: u32, right: u32) -> Option<(u32, u32)> {
        self.0.get(&pair_key(left, right)).copied()
    }
}

const END: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Symbol {
    id: u32,
    previous: u32,
    next: u32,
    alive: bool,
}

/// Working memory for [`merge`], kept from word to word.
#[derive(Default)]
pub(super) struct Scratch {
    symbols: Vec<Symbol>,
    /// (rank, position, merged id), smallest first.
    queue: BinaryHeap<Reverse<(u32, u32, u32)>>,
}

impl Scratch {
    /// Starts a new word.
    pub(super) fn clear(&mut self) {
        self.symbols.clear();
        self.queue.clear();
    }

    /// Appends the next symbol of the word.
    pub(super) fn push(&mut self, id: u32) {
        let at = u32::try_from(self.symbols.len()).unwrap_or(END);
        if let Some(last) = self.symbols.last_mut() {
            last.next = at;
        }
        self.symbols.push(Symbol { id, previous: at.checked_sub(1).unwrap_or(END), next: END, alive: true });
    }

    /// Merges the pushed symbols as far as `merges` go and appends the ids to `out`.
    pub(super) fn merge_into(&mut self, merges: &Merges, out: &mut Vec<u32>) {
        for position in 0..self.symbols.len() {
            self.propose(position, merges);
        }
        while let Some(Reverse((_, position, merged))) = self.queue.pop() {
            let position = position as usize;
            let Symbol { id, previous, next, alive } = self.symbols[position];
            if !alive || next == END {
                continue;
            }
            let right = self.symbols[next as usize];
            // The proposal is stale when one side has been merged with something else since.
            if merges.get(id, right.id).is_none_or(|(_, now)| now != merged) {
                continue;
            }
            self.symbols[next as usize].alive = false;
            self.symbols[position].id = merged;
            self.symbols[position].next = right.next;
            if right.next != END {
                self.symbols[right.next as usize].previous = position as u32;
            }
            if previous != END {
                self.propose(previous as usize, merges);
            }
            self.propose(position, merges);
        }
        out.extend(self.symbols.iter().filter(|symbol| symbol.alive).map(|symbol| symbol.id));
    }

    /// Queues the merge of the symbol at `position` with the one after it, if there is a rule.
    fn propose(&mut self, position: usize, merges: &Merges) {
        let Symbol { id, next, .. } = self.symbols[position];
        if next == END {
            return;
        }
        if let Some((rank, merged)) = merges.get(id, self.symbols[next as usize].id) {
            self.queue.push(Reverse((rank, position as u32, merged)));
        }
    }
}
