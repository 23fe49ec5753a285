//! Against Hugging Face transformers: `oracle/make_fixtures.py` made the models and computed the logits.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{collections::BTreeMap, path::Path};

use common::assert_close;
use toolwright_model::Decoder;

#[derive(serde::Deserialize)]
struct Expected {
    tokens: Vec<u32>,
    /// By position.
    logits: BTreeMap<usize, Vec<f32>>,
}

#[test]
fn logits_are_those_of_transformers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut count = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let decoder = Decoder::from_safetensors(&folder).unwrap();
        let expected: Expected = serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let logits = decoder.forward_all(&mut decoder.new_cache(), &expected.tokens).unwrap();
        for (position, expected) in &expected.logits {
            assert_close(&format!("{name}, position {position}"), &logits[*position], expected, 1e-4);
        }
        // Decoding, one by one, gives the same last logits as prefill.
        let mut cache = decoder.new_cache();
        let mut last = Vec::new();
        for &token in &expected.tokens {
            last = decoder.forward(&mut cache, &[token]).unwrap();
        }
        assert_close(&format!("{name}, one by one"), &last, &expected.logits[&(expected.tokens.len() - 1)], 1e-4);
        count += 1;
    }
    assert_eq!(count, 8, "fixtures are missing");
}
