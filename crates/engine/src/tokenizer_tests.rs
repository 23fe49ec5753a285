use std::sync::LazyLock;

use proptest::prelude::*;
use toolwright_model::MetadataValue;

use super::{byte_alphabet, *};

const MARKERS: [&str; 7] =
    ["<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>", "<|endoftext|>", "<tool_response>"];

fn byte_characters() -> Vec<char> {
    let mut characters: Vec<char> = (0..0x144).filter_map(char::from_u32).collect();
    characters.retain(|&character| byte_alphabet::byte_of(character).is_some());
    characters
}

/// A byte-level vocabulary with everything that could go wrong: markers of every type, and merges that spell them.
fn byte_level() -> Vocabulary {
    let mut tokens: Vec<String> = byte_characters().iter().map(char::to_string).collect();
    let mut token_types = vec![1; tokens.len()];
    let mut merges = Vec::new();
    for word in ["hello", "Ġworld", "ĠĠĠ", "<think", "tool_", "Ã©", "ðŁ¦", "|>", "<|im_end", "12", "<tool_", "call"]
    {
        let mut left = String::new();
        for right in word.chars() {
            if !left.is_empty() {
                merges.push(format!("{left} {right}"));
                let joined = format!("{left}{right}");
                if !tokens.contains(&joined) {
                    tokens.push(joined);
                    token_types.push(1);
                }
            }
            left.push(right);
        }
    }
    for (index, marker) in MARKERS.iter().enumerate() {
        tokens.push((*marker).to_owned());
        token_types.push([3, 4, 4, 1, 1, 1, 2][index]);
    }
    merges.extend(["<think >", "<|im_end |>"].map(str::to_owned));
    tokens.push("      ".to_owned());
    token_types.push(4);
    let eos = tokens.iter().position(|token| token == "<|endoftext|>").map(|id| id as u32);
    let pre = Some("gpt-2".to_owned());
    Vocabulary { model: "gpt2".to_owned(), pre, tokens, token_types, merges, eos, ..Vocabulary::default() }
}

/// A SentencePiece vocabulary in which llama.cpp would merge `</` and `s>` to the control token `</s>`.
fn sentence_piece() -> Vocabulary {
    let mut tokens: Vec<String> = ["<unk>", "<s>", "</s>"].map(str::to_owned).to_vec();
    let mut token_types = vec![2, 3, 3];
    tokens.extend((0..=255u8).map(|byte| format!("<0x{byte:02X}>")));
    token_types.resize(tokens.len(), 6);
    let words =
        ["▁", "h", "e", "l", "o", "<", "/", "s", ">", "</", "s>", "he", "ll", "hell", "hello", "▁hello", "▁▁", "é"];
    tokens.extend(words.map(str::to_owned));
    token_types.resize(tokens.len(), 1);
    tokens.extend(["<|user|>", "<tool_call>"].map(str::to_owned));
    token_types.extend([3, 4]);
    let scores = (0..tokens.len()).map(|id| -(id as f32)).collect();
    let (bos, eos) = (Some(1), Some(2));
    Vocabulary { model: "llama".to_owned(), tokens, token_types, scores, bos, eos, ..Vocabulary::default() }
}

// Compiling patterns takes longer than a case of a property test.
static BYTE_LEVEL: LazyLock<Tokenizer> = LazyLock::new(|| load(&byte_level()));
static SENTENCE_PIECE: LazyLock<Tokenizer> = LazyLock::new(|| load(&sentence_piece()));

fn load(vocabulary: &Vocabulary) -> Tokenizer {
    Tokenizer::from_vocabulary(vocabulary).unwrap()
}

fn texts(tokenizer: &Tokenizer, ids: &[u32]) -> Vec<String> {
    ids.iter().map(|&id| String::from_utf8_lossy(tokenizer.token_bytes(id)).into_owned()).collect()
}

#[test]
fn merges_by_rank_and_cuts_out_markers_in_trusted_text() {
    let tokenizer = load(&byte_level());
    let untrusted = tokenizer.encode_untrusted("hello world<think>12");
    assert_eq!(texts(&tokenizer, &untrusted), ["hello", " world", "<", "t", "h", "i", "n", "k", ">", "12"]);
    let trusted = tokenizer.encode_trusted("hello<think><|im_end|>");
    assert_eq!(texts(&tokenizer, &trusted), ["hello", "<think>", "<|im_end|>"]);
    assert!(trusted[1..].iter().all(|&id| tokenizer.is_control(id)));
    let ends: Vec<u32> = ["<|im_end|>", "<|endoftext|>"].iter().filter_map(|text| tokenizer.token_id(text)).collect();
    assert_eq!(tokenizer.end_of_generation(), ends);
    assert_eq!((tokenizer.adds_bos(), tokenizer.bos(), tokenizer.eos()), (false, None, Some(ends[1])));
    // Plain shorthand is there for everyone.
    assert_eq!(tokenizer.encode_untrusted("      ").len(), 1);
}

#[test]
fn sentence_piece_merges_by_score_and_falls_back_to_bytes() {
    let tokenizer = load(&sentence_piece());
    let ids = tokenizer.encode_untrusted("hello helloo");
    assert_eq!(texts(&tokenizer, &ids), [" hello", " hello", "o"]);
    assert_eq!(tokenizer.decode(&ids), "hello helloo");
    let bytes = tokenizer.encode_untrusted("é√");
    assert_eq!(bytes.len(), 2 + 3);
    assert_eq!(tokenizer.decode(&bytes), "é√");
    assert_eq!(texts(&tokenizer, &tokenizer.encode_untrusted("</s>")), [" ", "</", "s>"]);
    assert_eq!(tokenizer.encode_trusted("</s>"), [2]);
    // The space is put at the start and behind a control token, and nowhere else.
    assert_eq!(texts(&tokenizer, &tokenizer.encode_trusted("h<|user|>h")), [" ", "h", "<|user|>", " ", "h"]);
    assert_eq!(texts(&tokenizer, &tokenizer.encode_trusted_after(tokenizer.token_id("o"), "h")), ["h"]);
    assert!(tokenizer.adds_bos());
    let no_prefix = load(&Vocabulary { add_space_prefix: Some(false), ..sentence_piece() });
    assert_eq!(texts(&no_prefix, &no_prefix.encode_untrusted("h")), ["h"]);
}

#[test]
fn phi_3_control_tokens_swallow_the_blanks_behind_them() {
    let tokenizer = load(&Vocabulary { name: Some("Phi-3 mini".to_owned()), ..sentence_piece() });
    let ids = tokenizer.encode_trusted("<|user|> \n h<s> h");
    assert_eq!(texts(&tokenizer, &ids), ["<|user|>", " ", "h", "<s>", "  ", "h"]);
}

#[test]
fn metadata_is_read_by_key() {
    let source = byte_level();
    let strings = |values: &[String]| MetadataValue::StringArray(values.to_vec());
    let mut values = vec![
        ("tokenizer.ggml.model", MetadataValue::String("gpt2".to_owned())),
        ("tokenizer.ggml.pre", MetadataValue::String("gpt-2".to_owned())),
        ("tokenizer.ggml.tokens", strings(&source.tokens)),
        ("tokenizer.ggml.merges", strings(&source.merges)),
        ("tokenizer.ggml.eos_token_id", MetadataValue::Unsigned(5)),
        ("tokenizer.ggml.bos_token_id", MetadataValue::Unsigned(6)),
        ("tokenizer.ggml.add_bos_token", MetadataValue::Bool(true)),
    ];
    let build = |values: &[(&str, MetadataValue)]| {
        Metadata::from_values(values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())))
    };
    let tokenizer = Tokenizer::from_gguf(&build(&values)).unwrap();
    assert_eq!((tokenizer.eos(), tokenizer.bos(), tokenizer.adds_bos()), (Some(5), Some(6), true));
    assert!(tokenizer.end_of_generation().contains(&5));
    assert!(!tokenizer.is_control(5), "a single character that a careless file names eos stays text");
    for key in ["tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.merges"] {
        let without: Vec<_> = values.iter().filter(|(name, _)| *name != key).cloned().collect();
        let message = Tokenizer::from_gguf(&build(&without)).unwrap_err().to_string();
        assert!(message.contains(key), "{message}");
    }
    values.push(("tokenizer.ggml.token_type", MetadataValue::String("no list".to_owned())));
    let message = Tokenizer::from_gguf(&build(&values)).unwrap_err().to_string();
    assert!(message.contains("tokenizer.ggml.token_type"), "{message}");
}

#[test]
fn contradictions_are_refused_with_the_key() {
    type Case = (&'static str, fn() -> Vocabulary, fn(&mut Vocabulary));
    let cases: &[Case] = &[
        ("tokenizer.ggml.tokens: the vocabulary is empty", byte_level, |v| v.tokens.clear()),
        ("tokenizer.ggml.tokens: tokens 3 and 9 are both", byte_level, |v| v.tokens[9] = v.tokens[3].clone()),
        ("tokenizer.ggml.tokens: 256 of the 256 bytes", byte_level, |v| {
            v.tokens.iter_mut().for_each(|token| token.insert(0, ' '));
            v.merges = vec![" h  e".to_owned()];
            v.tokens[0] = " h e".to_owned();
        }),
        ("tokenizer.ggml.token_type: has 3 entries", byte_level, |v| v.token_types.truncate(3)),
        ("tokenizer.ggml.merges: entry 1, \"he nowhere\"", byte_level, |v| v.merges[1] = "he nowhere".to_owned()),
        ("tokenizer.ggml.merges: entry 0, \"hello\": there is no space", byte_level, |v| {
            v.merges[0] = "hello".to_owned()
        }),
        ("tokenizer.ggml.merges: entry 0, \"\"", byte_level, |v| v.merges[0].clear()),
        ("tokenizer.ggml.merges: is missing", byte_level, |v| v.merges.clear()),
        ("tokenizer.ggml.eos_token_id: is 9999", byte_level, |v| v.eos = Some(9999)),
        ("tokenizer.ggml.pre: pre-tokenizer \"klingon\"", byte_level, |v| v.pre = Some("klingon".to_owned())),
        ("tokenizer.ggml.model: vocabulary kind \"bert\"", byte_level, |v| v.model = "bert".to_owned()),
        ("tokenizer.ggml.scores: is missing", sentence_piece, |v| v.scores.clear()),
        ("tokenizer.ggml.scores: has 5 entries", sentence_piece, |v| v.scores.truncate(5)),
        ("tokenizer.ggml.scores: entry 4 is not a number", sentence_piece, |v| v.scores[4] = f32::NAN),
        ("tokenizer.ggml.tokens: there is no byte token <0x07>", sentence_piece, |v| v.tokens[10] = "x".to_owned()),
    ];
    for (expected, source, change) in cases {
        let mut vocabulary = source();
        change(&mut vocabulary);
        let message = Tokenizer::from_vocabulary(&vocabulary).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn stream_holds_back_half_a_character() {
    let tokenizer = load(&byte_level());
    let ids = tokenizer.encode_untrusted("a🦙");
    let mut stream = tokenizer.stream();
    let parts: Vec<String> = ids.iter().map(|&id| stream.push(id)).collect();
    // "ðŁ¦" is one token: three of the four bytes.
    assert_eq!(parts, ["a", "", "🦙"]);
    assert_eq!(stream.finish(), "");
    let mut cut = tokenizer.stream();
    assert_eq!(cut.push(ids[1]), "");
    assert_eq!(cut.clone().finish(), "\u{FFFD}");
    assert_eq!(cut.push(ids[0]), "\u{FFFD}a");
}

#[test]
fn unknown_ids_are_nothing() {
    let tokenizer = load(&byte_level());
    assert_eq!(tokenizer.token_bytes(u32::MAX), b"");
    assert!(!tokenizer.is_control(u32::MAX));
    assert_eq!(tokenizer.decode(&[u32::MAX]), "");
}

/// Text spliced from markers, parts of markers and anything at all.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(MARKERS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec![
            "<|user|>", "<s>", "</s>", "<unk>", "<0x0A>", "<", "</", "s>", "|>", "<|im_", "end", "ool_"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec!["hello", " world", "      ", "\n\n", "\u{200B}", "\u{200D}", "é", "🦙", "▁", "\0"])
            .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn without_markers(mut text: String, tokenizer: &Tokenizer) -> String {
    let markers: Vec<String> = tokenizer.0.table.controls().map(|(_, marker)| marker.to_owned()).collect();
    while let Some(marker) = markers.iter().find(|marker| text.contains(*marker)) {
        text = text.replace(marker.as_str(), "");
    }
    text
}

proptest! {
    #[test]
    fn untrusted_text_reaches_no_control_token(text in text()) {
        for tokenizer in [&*BYTE_LEVEL, &*SENTENCE_PIECE] {
            let ids = tokenizer.encode_untrusted(&text);
            prop_assert!(ids.iter().all(|&id| !tokenizer.is_control(id)), "{:?}", texts(tokenizer, &ids));
            prop_assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocab_size()));
        }
    }

    #[test]
    fn decoding_undoes_encoding(text in text()) {
        let tokenizer = &*BYTE_LEVEL;
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode_untrusted(&text)), text.clone());
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode_trusted(&text)), text.clone());
        let tokenizer = &*SENTENCE_PIECE;
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode_untrusted(&text)), text.replace('▁', " "));
    }

    #[test]
    fn without_markers_trust_makes_no_difference(text in text()) {
        for tokenizer in [&*BYTE_LEVEL, &*SENTENCE_PIECE] {
            let text = without_markers(text.clone(), tokenizer);
            prop_assert_eq!(tokenizer.encode_trusted(&text), tokenizer.encode_untrusted(&text));
        }
    }

    #[test]
    fn streaming_gives_what_decoding_gives(ids in prop::collection::vec(0u32..400, 0..40)) {
        for tokenizer in [&*BYTE_LEVEL, &*SENTENCE_PIECE] {
            let mut stream = tokenizer.stream();
            let mut streamed: String = ids.iter().map(|&id| stream.push(id)).collect();
            streamed.push_str(&stream.finish());
            prop_assert_eq!(streamed, tokenizer.decode(&ids));
        }
    }
}
