use std::{collections::HashMap, hash::BuildHasherDefault};

use super::bpe::PairHasher;

/// What may be done with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TokenClass {
    /// A hole in the ids, or a text that no encoder can reach.
    Inert,
    /// Stands for one byte that is no character of its own.
    Byte,
    /// A user-defined token for common text: cut out of the text before everything else, never merged to.
    Shorthand,
    /// Ordinary text.
    Ordinary,
    /// See the rule in [`super::special`].
    Control,
}

/// All tokens by id, and the ids by the bytes that the tokens stand for.
pub(super) struct TokenTable {
    /// The bytes of all tokens, one after the other.
    bytes: Vec<u8>,
    /// Where each token's bytes end.
    ends: Vec<u32>,
    classes: Vec<TokenClass>,
    /// Ids by [`hash`] of the bytes: of tokens with equal bytes the one of the highest class, of these the first.
    /// Where two texts have one hash the later is under the next free number. Boxed keys would cost an allocation per
    /// token and a jump through memory per lookup, which is most of the time that loading takes.
    ids: HashMap<u64, u32, BuildHasherDefault<PairHasher>>,
}

/// Hashes text eight bytes at a time. Collisions hurt only whoever wrote the vocabulary, so there is no secret in it.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x517C_C1B7_2722_0A95;
    let mut state = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
    }
    state
}

impl TokenTable {
    pub(super) fn with_capacity(tokens: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(tokens * 8),
            ends: Vec::with_capacity(tokens),
            classes: Vec::with_capacity(tokens),
            ids: HashMap::with_capacity_and_hasher(tokens, BuildHasherDefault::default()),
        }
    }

    /// Appends the token of the next id.
    pub(super) fn push(&mut self, bytes: &[u8], class: TokenClass) {
        let id = self.ends.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len() as u32);
        self.classes.push(class);
        if class == TokenClass::Inert {
            return;
        }
        let (slot, known) = self.slot(bytes);
        if known.is_none_or(|known| self.class(known) < class) {
            self.ids.insert(slot, id);
        }
    }

    /// Under which number these bytes are or would be, and the id that is there.
    fn slot(&self, bytes: &[u8]) -> (u64, Option<u32>) {
        let mut slot = hash(bytes);
        while let Some(&id) = self.ids.get(&slot) {
            if self.bytes(id) == bytes {
                return (slot, Some(id));
            }
            slot = slot.wrapping_add(1);
        }
        (slot, None)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a token; none for an id that is not in the vocabulary.
    pub(super) fn bytes(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let Some(&end) = self.ends.get(id) else { return &[] };
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..end as usize]
    }

    pub(super) fn class(&self, id: u32) -> TokenClass {
        self.classes.get(id as usize).copied().unwrap_or(TokenClass::Inert)
    }

    pub(super) fn is_control(&self, id: u32) -> bool {
        self.class(id) == TokenClass::Control
    }

    /// The token that stands for exactly these bytes.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<u32> {
        self.slot(bytes).1
    }

    /// The same, if it is ordinary text.
    pub(super) fn find_ordinary(&self, bytes: &[u8]) -> Option<u32> {
        self.find(bytes).filter(|&id| self.class(id) == TokenClass::Ordinary)
    }

    /// Ids and texts of all control tokens.
    pub(super) fn controls(&self) -> impl Iterator<Item = (u32, &str)> + Clone {
        (0..self.len() as u32)
            .filter(|&id| self.is_control(id))
            .filter_map(|id| Some((id, std::str::from_utf8(self.bytes(id)).ok()?)))
    }
}
