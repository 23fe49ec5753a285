//! Segments to tokens.
//!
//! A chat template's reference tokenisation encodes the whole rendered text at once. Encoding each segment alone would
//! differ from it where two segments meet (`.` and a template's `\n` are one token in Qwen's vocabulary). So control
//! tokens are cut out of the template's own text first, and all plain text between two of them is encoded together, by
//! an encoder that has no control tokens. For text without markers the result is the reference's, and no untrusted text
//! yields a control token, neither alone nor together with its neighbours.

use toolwright_protocol::Provenance;

use crate::{Segment, Tokenizer};

/// Tokens by provenance, in order.
pub type Encoded = Vec<(Vec<u32>, Provenance)>;

/// Encodes segments that come behind the token `previous`.
#[must_use]
pub fn encode_segments(tokenizer: &Tokenizer, previous: Option<u32>, segments: &[Segment]) -> Encoded {
    let mut encoder = Encoder { tokenizer, previous, plain: Vec::new(), out: Vec::new() };
    for segment in segments {
        if segment.provenance.is_trusted() {
            encoder.trusted(&segment.text, &segment.provenance);
        } else {
            encoder.plain.push((&segment.text, &segment.provenance));
        }
    }
    encoder.flush();
    encoder.out
}

struct Encoder<'a> {
    tokenizer: &'a Tokenizer,
    previous: Option<u32>,
    /// Plain text since the last control token.
    plain: Vec<(&'a str, &'a Provenance)>,
    out: Encoded,
}

impl<'a> Encoder<'a> {
    fn trusted(&mut self, text: &'a str, whose: &'a Provenance) {
        let mut rest = text;
        for id in self.tokenizer.encode_trusted(text) {
            if !self.tokenizer.is_control(id) {
                continue;
            }
            let literal = std::str::from_utf8(self.tokenizer.token_bytes(id)).unwrap_or_default();
            // The tokenizer found them in this order, so the next one is the first that stands in what is left.
            let Some(at) = rest.find(literal).filter(|_| !literal.is_empty()) else { continue };
            self.plain.push((&rest[..at], whose));
            self.flush();
            self.emit(&[id], whose);
            rest = &rest[at + literal.len()..];
            if rest.starts_with(char::is_whitespace) && self.strips_right(literal) {
                rest = rest.trim_start();
            }
        }
        self.plain.push((rest, whose));
    }

    /// Whether the vocabulary drops blanks behind this control token (Phi-3).
    fn strips_right(&self, literal: &str) -> bool {
        let encode = |tail: &str| self.tokenizer.encode_trusted(&format!("{literal}{tail}"));
        encode(" \nx") == encode("x")
    }

    fn flush(&mut self) {
        let parts = std::mem::take(&mut self.plain);
        let joined: String = parts.iter().map(|(text, _)| *text).collect();
        if joined.is_empty() {
            return;
        }
        let ids = self.tokenizer.encode_untrusted_after(self.previous, &joined);
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.tokenizer.token_bytes(id)).copied().collect();
        // SentencePiece may have put one space first.
        let added = bytes.len().saturating_sub(joined.len());
        if added > 1 || bytes.get(added..) != Some(joined.as_bytes()) || !bytes[..added].iter().all(|&b| b == b' ') {
            // The vocabulary rewrites text (or has no token for some of it): no telling which token is whose.
            for (text, whose) in parts {
                let ids = self.tokenizer.encode_untrusted_after(self.previous, text);
                self.emit(&ids, whose);
            }
            return;
        }
        let ends: Vec<usize> = parts
            .iter()
            .scan(added, |end, (text, _)| {
                *end += text.len();
                Some(*end)
            })
            .collect();
        let mut at = 0;
        for id in ids {
            let end = at + self.tokenizer.token_bytes(id).len();
            let first = ends.partition_point(|&part_end| part_end <= at);
            let last = ends.partition_point(|&part_end| part_end < end).min(parts.len() - 1);
            // A token across a border belongs to whoever is trusted less.
            let covered = &parts[first.min(last)..=last];
            let whose = covered.iter().map(|(_, whose)| *whose).find(|whose| !whose.is_trusted());
            self.emit(&[id], whose.unwrap_or(covered[0].1));
            at = end;
        }
    }

    fn emit(&mut self, ids: &[u32], whose: &Provenance) {
        let Some(&last) = ids.last() else { return };
        self.previous = Some(last);
        match self.out.last_mut() {
            Some((tokens, before)) if before == whose => tokens.extend_from_slice(ids),
            _ => self.out.push((ids.to_vec(), whose.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{MARKERS, tokenizer};

    fn turn(content: &str) -> Vec<Segment> {
        vec![
            Segment::new(Provenance::Template, "<|im_start|>user\n"),
            Segment::new(Provenance::User, content),
            Segment::new(Provenance::Template, "\n<tool_response>\n"),
            Segment::new(Provenance::Tool("t".to_owned()), content),
            Segment::new(Provenance::Template, "\n</tool_response><|im_end|>\n<|im_start|>assistant\n"),
        ]
    }

    fn ids(encoded: &Encoded) -> Vec<u32> {
        encoded.iter().flat_map(|(tokens, _)| tokens.clone()).collect()
    }

    proptest! {
        /// For text without markers, segments encode as the reference does: the whole text at once.
        #[test]
        fn benign_text_encodes_as_one(content in "[a-z .,\\n\\t{}\":é😀<>/|]{0,30}") {
            prop_assume!(!MARKERS.iter().any(|marker| content.contains(marker)));
            let tokenizer = tokenizer(&MARKERS);
            let segments = turn(&content);
            let whole: String = segments.iter().map(|segment| segment.text.as_str()).collect();
            prop_assert_eq!(ids(&encode_segments(&tokenizer, None, &segments)), tokenizer.encode_trusted(&whole));
        }

        /// Whatever the content says, and however it leans on the template's text, the control tokens are the template's.
        #[test]
        fn content_adds_no_control_token(
            parts in proptest::collection::vec(
                prop_oneof![
                    proptest::sample::select(MARKERS.to_vec()).prop_map(str::to_owned),
                    proptest::sample::select(MARKERS.to_vec()).prop_flat_map(|marker| (0..=marker.len()).prop_map(|cut| marker[cut..].to_owned())),
                    proptest::sample::select(MARKERS.to_vec()).prop_flat_map(|marker| (0..=marker.len()).prop_map(|cut| marker[..cut].to_owned())),
                    "\\PC{0,4}",
                ],
                0..6,
            ),
            split in proptest::sample::select(MARKERS.to_vec()),
            cut in 1usize..5,
        ) {
            let tokenizer = tokenizer(&MARKERS);
            let content = parts.concat();
            let mut segments = turn(&content);
            // The template's text ends in half a marker, and the content has the other half.
            segments.insert(3, Segment::new(Provenance::Template, &split[..cut]));
            segments.insert(4, Segment::new(Provenance::User, &split[cut..]));
            let encoded = encode_segments(&tokenizer, None, &segments);
            for (tokens, whose) in &encoded {
                prop_assert!(whose.is_trusted() || !tokens.iter().any(|&id| tokenizer.is_control(id)), "{:?}", whose);
            }
            let all = ids(&encoded);
            let controls: Vec<&[u8]> = all.iter().filter(|&&id| tokenizer.is_control(id)).map(|&id| tokenizer.token_bytes(id)).collect();
            let expected: Vec<&[u8]> = ["<|im_start|>", "<tool_response>", "</tool_response>", "<|im_end|>", "<|im_start|>"].iter().map(|m| m.as_bytes()).collect();
            prop_assert_eq!(controls, expected);
            let whole: String = segments.iter().map(|segment| segment.text.as_str()).collect();
            prop_assert_eq!(tokenizer.decode(&all), whole);
        }
    }

    #[test]
    fn a_token_across_a_border_belongs_to_the_less_trusted() {
        let tokenizer = tokenizer(&MARKERS);
        let segments = [Segment::new(Provenance::User, "end."), Segment::new(Provenance::Template, "\n<|im_end|>")];
        let encoded = encode_segments(&tokenizer, None, &segments);
        let text: Vec<_> = encoded.iter().map(|(ids, whose)| (tokenizer.decode(ids), whose.clone())).collect();
        assert_eq!(text, [("end.\n".to_owned(), Provenance::User), ("<|im_end|>".to_owned(), Provenance::Template)]);
    }
}
