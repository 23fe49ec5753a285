//! `tokenizer.json` against Hugging Face's own library, whose answers `oracle/make_tokenizer_fixture.py` wrote down,
//! and the two ways to load one vocabulary against each other.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use toolwright_engine::{Tokenizer, Vocabulary};

const BYTE_LEVEL: &str = include_str!("tokenizer/byte_level.json");
const METASPACE: &str = include_str!("tokenizer/metaspace.json");
const MARKERS: [&str; 6] = ["<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>"];

fn load(json: &str) -> Tokenizer {
    Tokenizer::from_tokenizer_json(json.as_bytes()).unwrap()
}

fn ids(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn compare(json: &str, expected: &str) {
    let tokenizer = load(json);
    let rows: Vec<Value> = serde_json::from_str(expected).unwrap();
    assert!(rows.len() > 30);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        assert_eq!(tokenizer.encode_trusted(text), ids(&row["ids"]), "trusted {text:?}");
        assert_eq!(tokenizer.encode_untrusted(text), ids(&row["plain"]), "untrusted {text:?}");
    }
}

#[test]
fn encodes_as_the_reference_does() {
    compare(BYTE_LEVEL, include_str!("tokenizer/byte_level.expected.json"));
    compare(METASPACE, include_str!("tokenizer/metaspace.expected.json"));
}

#[test]
fn markers_are_control_tokens_whatever_their_special_flag() {
    for json in [BYTE_LEVEL, METASPACE] {
        let tokenizer = load(json);
        for marker in MARKERS {
            let id = tokenizer.token_id(marker).unwrap();
            assert!(tokenizer.is_control(id));
            assert_eq!(tokenizer.token_bytes(id), marker.as_bytes());
            assert_eq!(tokenizer.encode_trusted(marker), [id]);
            assert_eq!(tokenizer.decode(&tokenizer.encode_untrusted(marker)), marker);
        }
        assert!(tokenizer.end_of_generation().contains(&tokenizer.token_id("<|im_end|>").unwrap()));
        assert!(!tokenizer.is_control(tokenizer.encode_untrusted("    ")[0]));
    }
}

#[test]
fn beginning_of_sequence_comes_from_the_post_processor_or_the_configuration() {
    assert_eq!((load(BYTE_LEVEL).bos(), load(BYTE_LEVEL).adds_bos()), (None, false));
    let tokenizer = load(METASPACE);
    assert_eq!((tokenizer.bos(), tokenizer.adds_bos()), (tokenizer.token_id("<s>"), true));
    let config = br#"{"bos_token":null,"eos_token":{"content":"<|im_end|>"},"add_bos_token":false}"#;
    let tokenizer = Tokenizer::from_tokenizer_json_and_config(METASPACE.as_bytes(), config).unwrap();
    assert_eq!((tokenizer.eos(), tokenizer.adds_bos()), (tokenizer.token_id("<|im_end|>"), false));
    let unknown = Tokenizer::from_tokenizer_json_and_config(METASPACE.as_bytes(), br#"{"eos_token":"<|no|>"}"#);
    assert!(unknown.unwrap_err().to_string().contains("eos_token"));
}

#[test]
fn text_inside_a_context_gets_no_space_before_it() {
    let tokenizer = load(METASPACE);
    let (user, word) = (tokenizer.token_id("<|user|>"), tokenizer.encode_trusted("the").pop());
    let start = tokenizer.encode_untrusted("the them");
    assert_eq!(tokenizer.encode_untrusted_after(user, "the them"), start);
    let inside = tokenizer.encode_untrusted_after(word, "the them");
    assert_ne!(inside, start);
    let mut stream = tokenizer.stream_after(word);
    let text: String = inside.iter().map(|&id| stream.push(id)).collect();
    assert_eq!(text + &stream.finish(), "the them");
}

#[test]
fn damaged_files_are_refused_with_the_place() {
    let edit = |change: &dyn Fn(&mut Value)| {
        let mut file: Value = serde_json::from_str(BYTE_LEVEL).unwrap();
        change(&mut file);
        Tokenizer::from_tokenizer_json(&serde_json::to_vec(&file).unwrap()).unwrap_err().to_string()
    };
    type Case<'a> = (&'a str, &'a dyn Fn(&mut Value));
    let cases: &[Case] = &[
        ("model.merges: entry 0", &|file| file["model"]["merges"][0] = json!(["a", "nowhere"])),
        // Both sides exist, but together they are longer than every token.
        ("model.merges: entry 1", &|file| {
            let longest = file["model"]["vocab"].as_object().unwrap().keys().max_by_key(|text| text.len()).cloned();
            file["model"]["merges"][1] = json!([longest, longest]);
        }),
        ("model.vocab", &|file| file["model"]["vocab"]["a"] = json!(4_000_000_000_u32)),
        ("model.vocab", &|file| file["model"]["vocab"]["a"] = json!(70)),
        ("added_tokens", &|file| file["added_tokens"][0]["id"] = json!(70)),
        ("pre_tokenizer", &|file| file["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = json!("(")),
        ("Unigram", &|file| file["model"]["type"] = json!("Unigram")),
        ("byte_fallback", &|file| file["pre_tokenizer"] = Value::Null),
        ("missing field `model`", &|file| *file = json!({})),
    ];
    for (expected, change) in cases {
        let message = edit(*change);
        assert!(message.contains(expected), "{message}");
    }
    for length in [0, 1, 100, BYTE_LEVEL.len() / 2] {
        assert!(Tokenizer::from_tokenizer_json(&BYTE_LEVEL.as_bytes()[..length]).is_err());
    }
}

/// The byte-level fixture as GGUF metadata would hold it.
fn as_vocabulary() -> Vocabulary {
    let file: Value = serde_json::from_str(BYTE_LEVEL).unwrap();
    let vocab = file["model"]["vocab"].as_object().unwrap();
    let added = file["added_tokens"].as_array().unwrap();
    let mut tokens = vec![String::new(); vocab.len() + added.len()];
    let mut token_types = vec![1; tokens.len()];
    for (text, id) in vocab {
        tokens[id.as_u64().unwrap() as usize].clone_from(text);
    }
    for token in added {
        let id = token["id"].as_u64().unwrap() as usize;
        tokens[id] = token["content"].as_str().unwrap().to_owned();
        token_types[id] = if token["special"] == json!(true) { 3 } else { 4 };
    }
    let merge = |pair: &Value| format!("{} {}", pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    let merges = file["model"]["merges"].as_array().unwrap().iter().map(merge).collect();
    Vocabulary {
        model: "gpt2".to_owned(),
        pre: Some("qwen2".to_owned()),
        tokens,
        token_types,
        merges,
        ..Vocabulary::default()
    }
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(MARKERS.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec!["<tool", "_call>", "<|", "|>", "im_end", "    ", "\u{200D}", "<0x41>", "</s>", "▁"])
            .prop_map(str::to_owned),
        "[a-zA-Z' \n0-9.]{0,12}",
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

static LOADED: LazyLock<[Tokenizer; 2]> = LazyLock::new(|| [load(BYTE_LEVEL), load(METASPACE)]);
static FROM_VOCABULARY: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::from_vocabulary(&as_vocabulary()).unwrap());

proptest! {
    #[test]
    fn both_ways_to_load_encode_alike(text in text()) {
        let (json, gguf) = (&LOADED[0], &*FROM_VOCABULARY);
        prop_assert_eq!(gguf.encode_untrusted(&text), json.encode_untrusted(&text));
        prop_assert_eq!(gguf.encode_trusted(&text), json.encode_trusted(&text));
    }

    #[test]
    fn untrusted_text_reaches_no_control_token(text in text()) {
        for tokenizer in &*LOADED {
            for previous in [None, tokenizer.token_id("a")] {
                let ids = tokenizer.encode_untrusted_after(previous, &text);
                prop_assert!(ids.iter().all(|&id| !tokenizer.is_control(id)), "{:?}", ids);
            }
        }
        let tokenizer = &LOADED[0];
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode_untrusted(&text)), text);
    }
}
