use super::TokenizerError;

/// GGUF metadata keys, for reading and for naming them in errors.
pub(super) mod key {
    pub(in crate::tokenizer) const MODEL: &str = "tokenizer.ggml.model";
    pub(in crate::tokenizer) const TOKENS: &str = "tokenizer.ggml.tokens";
    pub(in crate::tokenizer) const TOKEN_TYPE: &str = "tokenizer.ggml.token_type";
    pub(in crate::tokenizer) const SCORES: &str = "tokenizer.ggml.scores";
    pub(in crate::tokenizer) const MERGES: &str = "tokenizer.ggml.merges";
}

/// A vocabulary as GGUF metadata holds it: the input of [`super::Tokenizer::from_vocabulary`]. Field names follow the
/// `tokenizer.ggml.*` keys of the GGUF specification.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// The kind: `gpt2` (byte-level BPE), `llama` (SentencePiece) or `gemma4` (BPE over characters).
    pub model: String,
    /// The name of the pre-tokenizer, for BPE; missing means `default`.
    pub pre: Option<String>,
    /// `general.name`: Phi-3's control tokens swallow the blanks after them, and only the name tells.
    pub name: Option<String>,
    /// The texts of the tokens by id, written as the kind writes them (`Ġhello`, `▁hello`, `<0x0A>`).
    pub tokens: Vec<String>,
    /// [`super::TokenType`] numbers by id; empty means all are normal.
    pub token_types: Vec<i32>,
    /// Log probabilities by id, for SentencePiece.
    pub scores: Vec<f32>,
    /// `left right` pairs, most important first, for BPE.
    pub merges: Vec<String>,
    /// Beginning of sequence.
    pub bos: Option<u32>,
    /// End of sequence.
    pub eos: Option<u32>,
    /// End of turn.
    pub eot: Option<u32>,
    /// End of message.
    pub eom: Option<u32>,
    /// Further ids that the metadata names: unknown, separator, padding, mask.
    pub other_control: Vec<u32>,
    /// Whether a beginning-of-sequence token is put first; the default depends on the kind.
    pub add_bos: Option<bool>,
    /// Whether text gets a space before it, for SentencePiece; default true.
    pub add_space_prefix: Option<bool>,
}

impl Vocabulary {
    /// Checks that lists have fitting lengths and ids exist.
    pub(super) fn check(&self) -> Result<(), TokenizerError> {
        let count = self.tokens.len();
        if count == 0 {
            return Err(TokenizerError::invalid(key::TOKENS, "the vocabulary is empty"));
        }
        // Ids are u32, the table's offsets too; no real vocabulary comes near.
        if u32::try_from(self.tokens.iter().map(String::len).sum::<usize>()).is_err() {
            return Err(TokenizerError::invalid(key::TOKENS, "more than 4 GiB of token text"));
        }
        for (key, length) in [(key::TOKEN_TYPE, self.token_types.len()), (key::SCORES, self.scores.len())] {
            if length != 0 && length != count {
                let problem = format!("has {length} entries, but {} has {count}", key::TOKENS);
                return Err(TokenizerError::invalid(key, problem));
            }
        }
        if let Some(at) = self.scores.iter().position(|score| score.is_nan()) {
            return Err(TokenizerError::invalid(key::SCORES, format!("entry {at} is not a number")));
        }
        let named = [
            ("tokenizer.ggml.bos_token_id", self.bos),
            ("tokenizer.ggml.eos_token_id", self.eos),
            ("tokenizer.ggml.eot_token_id", self.eot),
            ("tokenizer.ggml.eom_token_id", self.eom),
        ];
        for (key, id) in named {
            if let Some(id) = id.filter(|&id| id as usize >= count) {
                let problem = format!("is {id}, but {} has {count} entries", key::TOKENS);
                return Err(TokenizerError::invalid(key, problem));
            }
        }
        Ok(())
    }

    /// All ids that the metadata names as special in some way.
    pub(super) fn named(&self) -> impl Iterator<Item = u32> {
        [self.bos, self.eos, self.eot, self.eom].into_iter().flatten().chain(self.other_control.iter().copied())
    }
}
