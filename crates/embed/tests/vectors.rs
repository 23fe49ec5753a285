//! Vectors against Hugging Face transformers, on tiny random models; see oracle/make_fixture.py.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::{fs, path::PathBuf};

use serde_json::Value;
use toolwright_embed::{EmbedError, Embedder};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[test]
fn vectors_are_those_of_transformers_alone_and_in_batches() {
    for name in ["mean", "first"] {
        let embedder = Embedder::open(&fixture(name)).unwrap();
        let expected: Value = serde_json::from_slice(&fs::read(fixture(name).join("expected.json")).unwrap()).unwrap();
        let texts: Vec<&str> =
            expected["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        let together = embedder.embed(&texts).unwrap();
        for ((text, vector), want) in texts.iter().zip(&together).zip(expected["vectors"].as_array().unwrap()) {
            assert_eq!(vector.len(), embedder.dimensions());
            for (got, want) in vector.iter().zip(want.as_array().unwrap()) {
                assert!((f64::from(*got) - want.as_f64().unwrap()).abs() < 1e-5, "{name} {text:?}: {got} for {want}");
            }
            let alone = embedder.embed(&[*text]).unwrap();
            let apart = alone[0].iter().zip(vector).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-5, "{name} {text:?}: padding moves a vector by {apart}");
        }
    }
}

#[test]
fn a_name_stands_for_the_vectors() {
    let copy = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors", "sentence_bert_config.json"] {
        fs::copy(fixture("mean").join(name), copy.path().join(name)).unwrap();
    }
    let name = |folder: PathBuf| Embedder::open(&folder).unwrap().name().to_owned();
    assert_eq!(name(copy.path().to_owned()), name(fixture("mean")), "the mean is taken where nothing is said");
    assert_ne!(name(fixture("first")), name(fixture("mean")), "the same weights, pooled otherwise");
    fs::write(copy.path().join("sentence_bert_config.json"), b"{\"max_seq_length\": 8}").unwrap();
    assert_ne!(name(copy.path().to_owned()), name(fixture("mean")), "the same weights, cut otherwise");
}

#[test]
fn a_folder_that_is_no_model_is_refused_with_the_file_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let error = Embedder::open(folder.path()).err().unwrap();
    assert!(matches!(&error, EmbedError::Read { path, .. } if path.ends_with("config.json")), "{error}");
    for (file, bytes) in [
        ("model.safetensors", &b"\xff\xff\xff\xff\xff\xff\xff\x7fnothing"[..]),
        ("tokenizer.json", b"{}"),
        ("config.json", b"{\"hidden_size\": 3}"),
        ("1_Pooling/config.json", b"{\"pooling_mode_max_tokens\": true}"),
    ] {
        fs::create_dir_all(folder.path().join("1_Pooling")).unwrap();
        for name in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
            fs::copy(fixture("mean").join(name), folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join(file), bytes).unwrap();
        let error = Embedder::open(folder.path()).err().unwrap();
        assert!(matches!(&error, EmbedError::Unusable { path, .. } if path.ends_with(file)), "{file}: {error}");
    }
}
