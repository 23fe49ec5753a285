use std::collections::HashMap;

/// What may be done with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TokenClass {
    /// A hole in the ids, or a text that no encoder can reach.
    Inert,
    /// Stands for one byte that is no character of its own.
    Byte,
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
    /// Of tokens with equal bytes the one of the highest class, of these the first.
    ids: HashMap<Box<[u8]>, u32>,
}

impl TokenTable {
    pub(super) fn with_capacity(tokens: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(tokens * 8),
            ends: Vec::with_capacity(tokens),
            classes: Vec::with_capacity(tokens),
            ids: HashMap::with_capacity(tokens),
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
        if let Some(known) = self.ids.get_mut(bytes) {
            if self.classes[*known as usize] < class {
                *known = id;
            }
        } else {
            self.ids.insert(bytes.into(), id);
        }
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
        self.ids.get(bytes).copied()
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
