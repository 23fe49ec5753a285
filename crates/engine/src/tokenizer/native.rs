//! The encoder for GGUF vocabularies.
//!
//! There is one encoder of ordinary text, built without any control token: not in its lookups, and not as the result
//! of a merge. Trusted text is first cut at control tokens, then the pieces go through the same encoder. So no
//! untrusted text can become a control token, by construction, and text without markers encodes equally either way.

use std::collections::BTreeSet;

use super::{
    TokenType, TokenizerError,
    bpe::{Merges, Scratch},
    byte_alphabet,
    pre_tokenize::{self, Splitter},
    sentence_piece::{self, Pieces},
    special::{self, Fragment, SpecialTokens},
    table::{TokenClass, TokenTable},
    vocabulary::{Vocabulary, key},
};

/// SentencePiece's visible space, U+2581. Tables and texts hold a plain space in its place, which comes to the same:
/// the two are not told apart in any vocabulary of this kind.
const VISIBLE_SPACE: char = '▁';

pub(super) struct NativeEncoder {
    special: SpecialTokens,
    kind: Kind,
}

enum Kind {
    /// Byte-level BPE (GPT-2 and most after it).
    Bytes { splitter: Splitter, merges: Merges, byte_ids: Box<[Option<u32>; 256]>, whole_words: bool },
    /// BPE over characters, with a byte's own token for what is no token (Gemma 4).
    Characters { splitter: Splitter, merges: Merges, byte_ids: Box<[u32; 256]> },
    /// Merging by score (Llama 2, Phi-3, Gemma 3).
    SentencePiece { scores: Vec<f32>, byte_ids: Box<[u32; 256]>, space_prefix: bool },
}

/// What a vocabulary becomes.
pub(super) struct Loaded {
    pub(super) table: TokenTable,
    pub(super) encoder: NativeEncoder,
    pub(super) adds_bos: bool,
    /// Whether decoding drops the space that encoding put first.
    pub(super) strips_space: bool,
}

pub(super) fn load(vocabulary: &Vocabulary) -> Result<Loaded, TokenizerError> {
    vocabulary.check()?;
    match vocabulary.model.as_str() {
        "gpt2" => {
            let entry = pre_tokenize::find(vocabulary.pre.as_deref().unwrap_or("default"))?;
            let (table, special) = build_table(vocabulary, byte_level_bytes)?;
            let merges = read_merges(vocabulary, &table, byte_level_bytes)?;
            let byte_ids = Box::new(std::array::from_fn(|byte| table.find_ordinary(&[byte as u8])));
            let missing = byte_ids.iter().filter(|id| id.is_none()).count();
            if missing > 128 {
                let problem = format!("{missing} of the 256 bytes have no token: this is not a byte-level vocabulary");
                return Err(TokenizerError::invalid(key::TOKENS, problem));
            }
            let splitter = Splitter::new(entry)?;
            let kind = Kind::Bytes { splitter, merges, byte_ids, whole_words: entry.whole_words };
            let adds_bos = vocabulary.add_bos.unwrap_or(entry.adds_bos);
            Ok(Loaded { table, encoder: NativeEncoder { special, kind }, adds_bos, strips_space: false })
        }
        "gemma4" => {
            let entry = pre_tokenize::find("gemma4")?;
            let (table, special) = build_table(vocabulary, sentence_piece_bytes)?;
            let merges = read_merges(vocabulary, &table, sentence_piece_bytes)?;
            let byte_ids = byte_tokens(vocabulary)?;
            let kind = Kind::Characters { splitter: Splitter::new(entry)?, merges, byte_ids };
            Ok(Loaded { table, encoder: NativeEncoder { special, kind }, adds_bos: true, strips_space: false })
        }
        "llama" => {
            if vocabulary.scores.is_empty() {
                return Err(TokenizerError::invalid(
                    key::SCORES,
                    "is missing; a SentencePiece vocabulary needs scores",
                ));
            }
            let (table, special) = build_table(vocabulary, sentence_piece_bytes)?;
            let byte_ids = byte_tokens(vocabulary)?;
            let space_prefix = vocabulary.add_space_prefix.unwrap_or(true);
            let kind = Kind::SentencePiece { scores: vocabulary.scores.clone(), byte_ids, space_prefix };
            let encoder = NativeEncoder { special, kind };
            Ok(Loaded { table, encoder, adds_bos: vocabulary.add_bos.unwrap_or(true), strips_space: space_prefix })
        }
        other => Err(TokenizerError::UnsupportedModel {
            key: key::MODEL,
            found: other.to_owned(),
            known: "gpt2 (byte-level BPE), llama (SentencePiece), gemma4",
        }),
    }
}

/// What a token that is neither control nor user-defined stands for, and what may be done with it.
type TokenBytes = fn(&str, TokenType) -> (Vec<u8>, TokenClass);

fn byte_level_bytes(text: &str, _kind: TokenType) -> (Vec<u8>, TokenClass) {
    match byte_alphabet::bytes_of(text) {
        Some(bytes) => (bytes, TokenClass::Ordinary),
        None => (text.as_bytes().to_vec(), TokenClass::Inert),
    }
}

fn sentence_piece_bytes(text: &str, kind: TokenType) -> (Vec<u8>, TokenClass) {
    match (kind, named_byte(text)) {
        (TokenType::Byte, Some(byte)) => (vec![byte], TokenClass::Byte),
        _ => (text.replace(VISIBLE_SPACE, " ").into_bytes(), TokenClass::Ordinary),
    }
}

/// The byte that a token of the form `<0x0A>` names.
pub(super) fn named_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

fn token_type(vocabulary: &Vocabulary, id: usize) -> TokenType {
    vocabulary.token_types.get(id).map_or(TokenType::Normal, |&value| TokenType::from_gguf(value))
}

fn build_table(vocabulary: &Vocabulary, bytes_of: TokenBytes) -> Result<(TokenTable, SpecialTokens), TokenizerError> {
    let named: BTreeSet<u32> = vocabulary.named().collect();
    let mut table = TokenTable::with_capacity(vocabulary.tokens.len());
    let mut special = Vec::new();
    for (id, text) in vocabulary.tokens.iter().enumerate() {
        let kind = token_type(vocabulary, id);
        let id = id as u32;
        if text.is_empty() {
            table.push(&[], TokenClass::Inert);
        } else if special::is_control(text, kind) || named.contains(&id) && special::is_bracketed(text) {
            table.push(text.as_bytes(), TokenClass::Control);
            special.push((id, text.clone(), true));
        } else if kind == TokenType::UserDefined {
            table.push(text.as_bytes(), TokenClass::Shorthand);
            special.push((id, text.clone(), false));
        } else {
            let (bytes, class) = bytes_of(text, kind);
            // Two tokens of one text make it chance which of them merges give.
            if let (TokenClass::Ordinary, Some(first)) = (class, table.find_ordinary(&bytes)) {
                let problem = format!("tokens {first} and {id} are both {text:?}");
                return Err(TokenizerError::invalid(key::TOKENS, problem));
            }
            table.push(&bytes, class);
        }
    }
    // Token attributes are not in GGUF files; llama.cpp goes by the model's name, and so must we.
    let name = vocabulary.name.as_deref().unwrap_or_default().to_lowercase();
    let mut strips_right = BTreeSet::new();
    if name.contains("phi-3") || name.contains("phi3") {
        let keeps = ["<unk>", "<s>", "<|endoftext|>"];
        strips_right.extend(special.iter().filter(|(_, text, _)| !keeps.contains(&text.as_str())).map(|(id, ..)| *id));
    }
    Ok((table, SpecialTokens::new(special.into_iter(), strips_right)))
}

fn byte_tokens(vocabulary: &Vocabulary) -> Result<Box<[u32; 256]>, TokenizerError> {
    let mut ids = [None; 256];
    for (id, text) in vocabulary.tokens.iter().enumerate() {
        if let (TokenType::Byte, Some(byte)) = (token_type(vocabulary, id), named_byte(text)) {
            ids[usize::from(byte)].get_or_insert(id as u32);
        }
    }
    if let Some(byte) = ids.iter().position(Option::is_none) {
        let problem = format!("there is no byte token <0x{byte:02X}> (of type 6 in {})", key::TOKEN_TYPE);
        return Err(TokenizerError::invalid(key::TOKENS, problem));
    }
    Ok(Box::new(ids.map(Option::unwrap_or_default)))
}

/// Reads the merge rules. Rules that touch a control token are left out: this is what keeps merges from making one.
fn read_merges(vocabulary: &Vocabulary, table: &TokenTable, bytes_of: TokenBytes) -> Result<Merges, TokenizerError> {
    if vocabulary.merges.is_empty() {
        return Err(TokenizerError::invalid(key::MERGES, "is missing or empty; a BPE vocabulary needs merges"));
    }
    let mut merges = Merges::with_capacity(vocabulary.merges.len());
    for (rank, rule) in vocabulary.merges.iter().enumerate() {
        let fail = |problem: String| TokenizerError::invalid(key::MERGES, format!("entry {rank}, {rule:?}: {problem}"));
        // A space may be the first character of a rule, where it belongs to the left side.
        let first = rule.chars().next().map_or(0, char::len_utf8);
        let space = rule[first..].find(' ').ok_or_else(|| fail("there is no space between two tokens".to_owned()))?;
        let (left, right) = rule.split_at(first + space);
        let (mut joined, left_class) = bytes_of(left, TokenType::Normal);
        let (right_bytes, right_class) = bytes_of(&right[1..], TokenType::Normal);
        if [left_class, right_class].contains(&TokenClass::Inert) {
            continue; // Characters that no text is written in: the rule could never apply.
        }
        let find = |bytes: &[u8]| {
            let missing = || fail(format!("{:?} is not a token", String::from_utf8_lossy(bytes)));
            table.find(bytes).ok_or_else(missing)
        };
        let (left, right) = (find(&joined)?, find(&right_bytes)?);
        joined.extend_from_slice(&right_bytes);
        let merged = find(&joined)?;
        if [left, right, merged].into_iter().all(|id| table.class(id) == TokenClass::Ordinary) {
            merges.insert(left, right, rank as u32, merged);
        }
    }
    Ok(merges)
}

impl NativeEncoder {
    /// Appends the tokens of `text` to `out`. `at_start` says that nothing or a control token stands before it.
    pub(super) fn encode(&self, table: &TokenTable, text: &str, trusted: bool, at_start: bool, out: &mut Vec<u32>) {
        let mut after_special = at_start;
        for fragment in self.special.partition(text, trusted) {
            match fragment {
                Fragment::Token(id) => out.push(id),
                Fragment::Text(text) => self.encode_ordinary(table, text, after_special, out),
            }
            after_special = matches!(fragment, Fragment::Token(_));
        }
    }

    fn encode_ordinary(&self, table: &TokenTable, text: &str, after_special: bool, out: &mut Vec<u32>) {
        let mut scratch = Scratch::default();
        match &self.kind {
            Kind::Bytes { splitter, merges, byte_ids, whole_words } => splitter.split(text, &mut |word| {
                if *whole_words && let Some(id) = table.find_ordinary(word.as_bytes()) {
                    out.push(id);
                    return;
                }
                scratch.clear();
                word.bytes().filter_map(|byte| byte_ids[usize::from(byte)]).for_each(|id| scratch.push(id));
                scratch.merge_into(merges, out);
            }),
            Kind::Characters { splitter, merges, byte_ids } => {
                let text = text.replace(VISIBLE_SPACE, " ");
                splitter.split(&text, &mut |word| {
                    if word.starts_with('\n')
                        && let Some(id) = table.find_ordinary(word.as_bytes())
                    {
                        out.push(id);
                        return;
                    }
                    scratch.clear();
                    for character in word.chars() {
                        let mut buffer = [0; 4];
                        let bytes = character.encode_utf8(&mut buffer).as_bytes();
                        match table.find_ordinary(bytes) {
                            Some(id) => scratch.push(id),
                            None => bytes.iter().for_each(|&byte| scratch.push(byte_ids[usize::from(byte)])),
                        }
                    }
                    scratch.merge_into(merges, out);
                });
            }
            Kind::SentencePiece { scores, byte_ids, space_prefix } => {
                let mut spaced = String::with_capacity(text.len() + 1);
                if *space_prefix && after_special {
                    spaced.push(' ');
                }
                spaced.extend(text.chars().map(|c| if c == VISIBLE_SPACE { ' ' } else { c }));
                sentence_piece::encode(&ScoredPieces { table, scores, byte_ids }, &spaced, out);
            }
        }
    }
}

struct ScoredPieces<'a> {
    table: &'a TokenTable,
    scores: &'a [f32],
    byte_ids: &'a [u32; 256],
}

impl Pieces for ScoredPieces<'_> {
    fn find(&self, text: &[u8]) -> Option<(u32, f32)> {
        let id = self.table.find_ordinary(text)?;
        Some((id, self.scores.get(id as usize).copied().unwrap_or_default()))
    }

    fn byte(&self, byte: u8) -> u32 {
        self.byte_ids[usize::from(byte)]
    }
}
