//! Which tokens are control tokens, and finding them in trusted text.
//!
//! # The rule
//!
//! A control token is one that means something other than the text it spells: a turn marker, a tool-call marker, the
//! end of the sequence, padding. Untrusted text must never become one. Files mark them unreliably (Qwen's
//! `<tool_call>` and `<think>` are "special": false, user-defined in GGUF; some converters call `<|im_end|>` normal),
//! so the rule errs towards control:
//!
//! 1. GGUF token types CONTROL (3) and UNKNOWN (2), and every id that the metadata names as bos, eos, eot, eom,
//!    unk, sep, pad or mask if it is written in brackets (some files name id 0, an exclamation mark, as padding).
//! 2. USER_DEFINED (4) tokens, and all `added_tokens` of a `tokenizer.json`, except *plain* ones: blanks only, or one
//!    single character that is not ASCII punctuation. Those are shorthand for common text (GPT-NeoX has runs of
//!    spaces, DeepSeek single letters), carry no authority, and untrusted text may use them.
//! 3. NORMAL and UNUSED tokens that look like markers: `<|…|>`, `<｜…｜>`, or a name of [`KNOWN_MARKERS`].
//!
//! What is *not* control: `<s>` and `</s>` where the file calls them normal, for they are HTML tags there (Qwen).

use std::collections::BTreeSet;

/// GGUF `tokenizer.ggml.token_type` values, from the GGUF specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// Ordinary text.
    Normal,
    /// What text that has no token becomes.
    Unknown,
    /// Means something other than its text.
    Control,
    /// Added after the vocabulary was trained.
    UserDefined,
    /// A place kept free.
    Unused,
    /// One byte, `<0x0A>`.
    Byte,
}

impl TokenType {
    /// Reads the number of the GGUF specification; 0 (undefined) and numbers not in it count as normal.
    #[must_use]
    pub fn from_gguf(value: i32) -> Self {
        match value {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }
}

/// Markers of the dialects that the engine speaks, for files that call them normal text.
const KNOWN_MARKERS: &[&str] = &[
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<tools>",
    "</tools>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<end_of_utterance>",
    "<EOT>",
    "[EOT]",
    "[EOS]",
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "<<SYS>>",
    "<</SYS>>",
    "<|tool_call>",
    "<tool_call|>",
    "<|tool_response>",
    "<tool_response|>",
    "<|turn>",
    "<turn|>",
];

/// Tokens that end a turn or a document, by text: files often name only one of them in their metadata. The list is
/// llama.cpp's (`special_eog_ids`), fill-in-the-middle ends included.
const END_OF_GENERATION: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "<|fim_pad|>",
    "<fim-pad>",
    "<fim_pad>",
    "<|fim_repo|>",
    "<|repo_name|>",
    "<fim-repo>",
    "<reponame>",
    "<|file_sep|>",
];

fn looks_like_marker(text: &str) -> bool {
    let inside = |open: &str, close: &str| {
        text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|name| !name.is_empty())
    };
    inside("<|", "|>") || inside("<｜", "｜>") || KNOWN_MARKERS.contains(&text)
}

/// Whether a text is written like a marker, `<…>` or `[…]`.
pub(super) fn is_bracketed(text: &str) -> bool {
    text.len() > 2 && (text.starts_with('<') && text.ends_with('>') || text.starts_with('[') && text.ends_with(']'))
}

/// Whether an added token is mere shorthand for common text (rule 2).
pub(super) fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => !only.is_ascii_punctuation() && !only.is_control() || only.is_whitespace(),
        _ => !text.is_empty() && text.chars().all(char::is_whitespace),
    }
}

/// The rule for one token, without the ids that the metadata names.
pub(super) fn is_control(text: &str, kind: TokenType) -> bool {
    match kind {
        TokenType::Control | TokenType::Unknown => true,
        TokenType::UserDefined => !is_plain(text),
        TokenType::Normal | TokenType::Unused => looks_like_marker(text),
        TokenType::Byte => false,
    }
}

/// The ids that end generation: the named ones, and every control token known by text to do so. Sorted.
pub(super) fn end_of_generation<'t>(
    named: impl IntoIterator<Item = u32>,
    controls: impl Iterator<Item = (u32, &'t str)> + Clone,
) -> Vec<u32> {
    let find = |text: &str| controls.clone().find(|(_, other)| *other == text).map(|(id, _)| id);
    let mut ids: BTreeSet<u32> =
        controls.clone().filter(|(_, text)| END_OF_GENERATION.contains(text)).map(|(id, _)| id).collect();
    // In the Harmony format `<|end|>` closes a message, not the turn.
    let harmony = find("<|return|>").is_some() && (find("<|call|>").or_else(|| find("<|calls|>"))).is_some()
        || find("<|calls|>").is_some() && find("<|flush|>").is_some();
    if let (true, Some(end)) = (harmony, find("<|end|>")) {
        ids.remove(&end);
    }
    ids.extend(named);
    ids.into_iter().collect()
}

/// A piece of text between special tokens, or one of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fragment<'t> {
    Text(&'t str),
    Token(u32),
}

struct Special {
    id: u32,
    text: String,
    control: bool,
}

/// The tokens that are looked for in the text before anything else happens to it.
#[derive(Default)]
pub(super) struct SpecialTokens {
    /// Longest first, of equal ones the lower id.
    tokens: Vec<Special>,
    /// Indices into `tokens` by the first byte of the text.
    by_first_byte: Vec<Vec<usize>>,
    /// Blanks after a control token are dropped (Phi-3).
    strips_right: BTreeSet<u32>,
}

impl SpecialTokens {
    /// `tokens` are id, text and whether it is a control token.
    pub(super) fn new(tokens: impl Iterator<Item = (u32, String, bool)>, strips_right: BTreeSet<u32>) -> Self {
        let mut tokens: Vec<Special> = tokens
            .filter(|(_, text, _)| !text.is_empty())
            .map(|(id, text, control)| Special { id, text, control })
            .collect();
        tokens.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then(a.id.cmp(&b.id)));
        let mut by_first_byte = vec![Vec::new(); 256];
        for (index, special) in tokens.iter().enumerate() {
            by_first_byte[usize::from(special.text.as_bytes()[0])].push(index);
        }
        Self { tokens, by_first_byte, strips_right }
    }

    /// Cuts `text` at special tokens; with `trusted` false at plain ones only. As in llama.cpp the longest token is
    /// cut out everywhere first, then the next longest from what is left.
    pub(super) fn partition<'t>(&self, text: &'t str, trusted: bool) -> Vec<Fragment<'t>> {
        let mut fragments = Vec::new();
        if !text.is_empty() {
            fragments.push(Fragment::Text(text));
        }
        for index in self.occurring(text, trusted) {
            let special = &self.tokens[index];
            let mut cut = Vec::with_capacity(fragments.len());
            for fragment in fragments {
                match fragment {
                    Fragment::Text(text) => self.cut_out(special, text, &mut cut),
                    token => cut.push(token),
                }
            }
            fragments = cut;
        }
        fragments
    }

    /// The indices of all special tokens that stand anywhere in `text`, in order.
    fn occurring(&self, text: &str, trusted: bool) -> Vec<usize> {
        if self.tokens.is_empty() {
            return Vec::new();
        }
        let mut found = vec![false; self.tokens.len()];
        for (at, byte) in text.bytes().enumerate() {
            for &index in &self.by_first_byte[usize::from(byte)] {
                let special = &self.tokens[index];
                if !found[index] && (trusted || !special.control) {
                    found[index] = text.as_bytes()[at..].starts_with(special.text.as_bytes());
                }
            }
        }
        (0..found.len()).filter(|&index| found[index]).collect()
    }

    fn cut_out<'t>(&self, special: &Special, text: &'t str, out: &mut Vec<Fragment<'t>>) {
        let mut rest = text;
        while let Some(at) = rest.find(&special.text) {
            if at > 0 {
                out.push(Fragment::Text(&rest[..at]));
            }
            out.push(Fragment::Token(special.id));
            rest = &rest[at + special.text.len()..];
            if self.strips_right.contains(&special.id) {
                rest = rest.trim_start_matches([' ', '\t', '\n', '\u{B}', '\u{C}', '\r']);
            }
        }
        if !rest.is_empty() {
            out.push(Fragment::Text(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule() {
        use TokenType::{Byte, Control, Normal, Unknown, Unused, UserDefined};
        for (text, kind) in [
            ("<tool_call>", UserDefined),
            ("<tool_call>", Normal),
            ("<|im_end|>", Normal),
            ("<｜User｜>", Unused),
            ("[PAD1]", UserDefined),
            ("|", UserDefined),
            ("hello", Control),
            ("<unk>", Unknown),
        ] {
            assert!(is_control(text, kind), "{text:?} {kind:?}");
        }
        for (text, kind) in [
            ("   ", UserDefined),
            ("\n\n", UserDefined),
            ("ø", UserDefined),
            ("÷", UserDefined),
            ("<|", Normal),
            ("<||>", Normal),
            ("<s>", Normal),
            ("<0x3C>", Byte),
        ] {
            assert!(!is_control(text, kind), "{text:?} {kind:?}");
        }
    }

    #[test]
    fn longest_token_is_cut_out_first_and_untrusted_text_keeps_its_markers() {
        let tokens = [(1, "<a>", true), (2, "<a><a>", true), (3, "  ", false), (4, "<b>", true)];
        let strips = BTreeSet::from([4]);
        let special = SpecialTokens::new(tokens.into_iter().map(|(id, text, c)| (id, text.to_owned(), c)), strips);
        use Fragment::{Text, Token};
        assert_eq!(special.partition("x<a><a><a>  y", true), [Text("x"), Token(2), Token(1), Token(3), Text("y")]);
        assert_eq!(special.partition("x<a>  y", false), [Text("x<a>"), Token(3), Text("y")]);
        assert_eq!(special.partition("<b> \n<a>é", true), [Token(4), Token(1), Text("é")]);
        assert_eq!(special.partition("", true), []);
    }

    #[test]
    fn harmony_end_is_not_the_end() {
        let harmony = [(1, "<|end|>"), (2, "<|return|>"), (3, "<|call|>")];
        assert_eq!(end_of_generation([9], harmony.into_iter()), [2, 3, 9]);
        assert_eq!(end_of_generation([], [(1, "<|end|>"), (2, "<|user|>")].into_iter()), [1]);
    }
}
