use super::Tokenizer;

/// Decodes tokens one by one and hands out text only in complete characters, so that half an emoji never reaches a
/// screen. What it gave out, joined, is what [`Tokenizer::decode`] gives for all the tokens, for any tokens.
#[derive(Debug, Clone)]
pub struct DecodeStream {
    tokenizer: Tokenizer,
    /// The beginning of a character whose last bytes have not come yet: at most 3 bytes.
    tail: Vec<u8>,
    strips_space: bool,
}

impl DecodeStream {
    pub(super) fn new(tokenizer: Tokenizer, strips_space: bool) -> Self {
        Self { tokenizer, tail: Vec::new(), strips_space }
    }

    /// Takes one token and returns the characters that it completes, which may be none. Bytes that can no longer
    /// become a character are U+FFFD.
    pub fn push(&mut self, id: u32) -> String {
        let mut bytes = self.tokenizer.token_bytes(id);
        if std::mem::take(&mut self.strips_space) {
            bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
        }
        self.tail.extend_from_slice(bytes);
        let mut text = String::new();
        let mut done = 0;
        for chunk in self.tail.utf8_chunks() {
            text.push_str(chunk.valid());
            done += chunk.valid().len();
            let rest = &self.tail[done..];
            let broken = chunk.invalid();
            if broken.is_empty() {
                continue;
            }
            // Broken bytes at the very end may be the first bytes of a character.
            if broken.len() == rest.len() && std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none()) {
                break;
            }
            text.push(char::REPLACEMENT_CHARACTER);
            done += broken.len();
        }
        self.tail.drain(..done);
        text
    }

    /// Ends the stream: an incomplete character becomes U+FFFD.
    #[must_use]
    pub fn finish(self) -> String {
        String::from_utf8_lossy(&self.tail).into_owned()
    }
}
