//! Text to tokens and back.
//!
//! [`Tokenizer::encode_trusted`] is for text that the program wrote (chat templates): control tokens in it are obeyed.
//! [`Tokenizer::encode_untrusted`] is for everything else, and cannot yield a control token whatever the text says:
//! the encoder behind it has none. Which tokens are control tokens is a rule, written down in [`special`].

mod bpe;
mod byte_alphabet;
mod error;
mod gguf;
mod hugging_face;
mod native;
mod pre_tokenize;
mod sentence_piece;
pub mod special;
mod stream;
mod table;
mod vocabulary;

use std::{fmt, sync::Arc};

use toolwright_model::Metadata;

pub use self::{error::TokenizerError, special::TokenType, stream::DecodeStream, vocabulary::Vocabulary};
use self::{hugging_face::HuggingFaceEncoder, native::NativeEncoder, table::TokenTable};

/// A vocabulary with its encoder. Cheap to clone, and shared between threads.
#[derive(Clone)]
pub struct Tokenizer(Arc<Inner>);

struct Inner {
    table: TokenTable,
    encoder: Encoder,
    bos: Option<u32>,
    eos: Option<u32>,
    adds_bos: bool,
    end_of_generation: Vec<u32>,
    /// Whether decoding drops one space at the start, which encoding put there.
    strips_space: bool,
}

enum Encoder {
    Native(NativeEncoder),
    HuggingFace(Box<HuggingFaceEncoder>),
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer").field("vocab_size", &self.vocab_size()).finish_non_exhaustive()
    }
}

impl Tokenizer {
    /// Loads the tokenizer of a GGUF model file.
    ///
    /// # Errors
    /// If a `tokenizer.ggml.*` key is missing or contradicts another, or names a kind of vocabulary or a
    /// pre-tokenizer that is not known.
    pub fn from_gguf(metadata: &Metadata) -> Result<Self, TokenizerError> {
        Self::from_vocabulary(&gguf::read(metadata)?)
    }

    /// Builds a tokenizer from the parts of GGUF metadata.
    ///
    /// # Errors
    /// As for [`Tokenizer::from_gguf`].
    pub fn from_vocabulary(vocabulary: &Vocabulary) -> Result<Self, TokenizerError> {
        let native::Loaded { table, encoder, adds_bos, strips_space } = native::load(vocabulary)?;
        let Vocabulary { bos, eos, eot, eom, .. } = *vocabulary;
        let named = [eos, eot, eom].into_iter().flatten();
        let end_of_generation = special::end_of_generation(named, table.controls());
        let encoder = Encoder::Native(encoder);
        Ok(Self(Arc::new(Inner { table, encoder, bos, eos, adds_bos, end_of_generation, strips_space })))
    }

    /// Loads a Hugging Face `tokenizer.json` of a BPE model. It does not say which token ends a sequence: tokens known
    /// to do so by their text are taken ([`Tokenizer::end_of_generation`]), and [`Tokenizer::eos`] is `None`.
    ///
    /// # Errors
    /// If the JSON is not a tokenizer, or one of another kind than BPE, or contradicts itself.
    pub fn from_tokenizer_json(json: &[u8]) -> Result<Self, TokenizerError> {
        Self::from_tokenizer_json_and_config(json, b"{}")
    }

    /// Loads a `tokenizer.json` together with the `tokenizer_config.json` beside it, which names the tokens that begin
    /// and end a sequence.
    ///
    /// # Errors
    /// As for [`Tokenizer::from_tokenizer_json`], and if the configuration names a token that does not exist.
    pub fn from_tokenizer_json_and_config(json: &[u8], config: &[u8]) -> Result<Self, TokenizerError> {
        let hugging_face::Loaded { table, encoder, bos, strips_space } = hugging_face::load(json)?;
        let config = hugging_face::Config::read(config, &table)?;
        let adds_bos = config.add_bos.unwrap_or(bos.is_some());
        let end_of_generation = special::end_of_generation(config.eos, table.controls());
        let (bos, eos) = (config.bos.or(bos), config.eos);
        let encoder = Encoder::HuggingFace(Box::new(encoder));
        Ok(Self(Arc::new(Inner { table, encoder, bos, eos, adds_bos, end_of_generation, strips_space })))
    }

    /// Encodes text that the program itself wrote; control tokens in it become their ids. Nothing is put first or
    /// last; see [`Tokenizer::adds_bos`].
    ///
    /// SentencePiece vocabularies put a space before text at the start and after a control token; use
    /// [`Tokenizer::encode_trusted_after`] for text that continues other text.
    #[must_use]
    pub fn encode_trusted(&self, text: &str) -> Vec<u32> {
        self.encode(None, text, true)
    }

    /// Encodes text from anyone else. No id in the result is a control token ([`Tokenizer::is_control`]), for any
    /// text. For text without markers it equals [`Tokenizer::encode_trusted`].
    #[must_use]
    pub fn encode_untrusted(&self, text: &str) -> Vec<u32> {
        self.encode(None, text, false)
    }

    /// Encodes trusted text that follows the token `previous`.
    #[must_use]
    pub fn encode_trusted_after(&self, previous: Option<u32>, text: &str) -> Vec<u32> {
        self.encode(previous, text, true)
    }

    /// Encodes untrusted text that follows the token `previous`.
    #[must_use]
    pub fn encode_untrusted_after(&self, previous: Option<u32>, text: &str) -> Vec<u32> {
        self.encode(previous, text, false)
    }

    fn encode(&self, previous: Option<u32>, text: &str, trusted: bool) -> Vec<u32> {
        let at_start = previous.is_none_or(|id| self.is_control(id));
        let mut ids = Vec::with_capacity(text.len() / 3 + 1);
        match &self.0.encoder {
            Encoder::Native(encoder) => encoder.encode(&self.0.table, text, trusted, at_start, &mut ids),
            Encoder::HuggingFace(encoder) => encoder.encode(text, trusted, at_start, &mut ids),
        }
        debug_assert!(trusted || !ids.iter().any(|&id| self.is_control(id)), "control token out of untrusted text");
        ids
    }

    /// The text of tokens, control tokens included as their literal text. Bytes that are no UTF-8 become U+FFFD.
    /// SentencePiece's space at the start is dropped, as llama.cpp does.
    #[must_use]
    pub fn decode(&self, ids: &[u32]) -> String {
        let mut bytes = Vec::with_capacity(ids.len() * 4);
        ids.iter().for_each(|&id| bytes.extend_from_slice(self.token_bytes(id)));
        let strips = self.0.strips_space && ids.first().is_some_and(|&id| self.token_bytes(id).starts_with(b" "));
        String::from_utf8_lossy(&bytes[usize::from(strips)..]).into_owned()
    }

    /// Decodes token by token; gives the same text as [`Tokenizer::decode`].
    #[must_use]
    pub fn stream(&self) -> DecodeStream {
        DecodeStream::new(self.clone(), self.0.strips_space)
    }

    /// Decodes tokens that follow the token `previous`: a space at the start is dropped only where encoding would have
    /// put one.
    #[must_use]
    pub fn stream_after(&self, previous: Option<u32>) -> DecodeStream {
        let at_start = previous.is_none_or(|id| self.is_control(id));
        DecodeStream::new(self.clone(), self.0.strips_space && at_start)
    }

    /// The bytes that a token stands for, which need not be whole characters; for control tokens their literal text.
    /// Empty for an id that is not in the vocabulary.
    #[must_use]
    pub fn token_bytes(&self, id: u32) -> &[u8] {
        self.0.table.bytes(id)
    }

    /// Whether a token means something other than the text it spells; see [`special`].
    #[must_use]
    pub fn is_control(&self, id: u32) -> bool {
        self.0.table.is_control(id)
    }

    /// The token that stands for exactly this text, control tokens before others.
    #[must_use]
    pub fn token_id(&self, text: &str) -> Option<u32> {
        self.0.table.find(text.as_bytes())
    }

    /// The number of ids, holes included. A model's logits may be longer (padded).
    #[must_use]
    pub fn vocab_size(&self) -> usize {
        self.0.table.len()
    }

    /// The beginning-of-sequence token.
    #[must_use]
    pub fn bos(&self) -> Option<u32> {
        self.0.bos
    }

    /// The end-of-sequence token.
    #[must_use]
    pub fn eos(&self) -> Option<u32> {
        self.0.eos
    }

    /// Whether the model expects [`Tokenizer::bos`] before the first token of a context. `encode_*` never add it.
    #[must_use]
    pub fn adds_bos(&self) -> bool {
        self.0.adds_bos && self.0.bos.is_some()
    }

    /// All tokens that end a turn or a document, in ascending order.
    #[must_use]
    pub fn end_of_generation(&self) -> &[u32] {
        &self.0.end_of_generation
    }
}

#[cfg(test)]
#[path = "tokenizer_tests.rs"]
mod tests;
