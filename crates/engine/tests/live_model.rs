//! The session over a real decoder: a tiny llama with random weights. The bookkeeping is tested against a stricter model
//! in the crate itself; here the question is whether a session drives the decoder and its cache rightly.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::HashMap, fs, sync::Arc};

use safetensors::{Dtype, tensor::TensorView};
use toolwright_engine::{Sampler, SamplerConfig, Session, Tokenizer, Vocabulary};
use toolwright_model::Decoder;
use toolwright_protocol::Provenance::{Model, Template, User};

const VOCAB: usize = 256;
const HIDDEN: usize = 32;
const KV: usize = 16;
const FEED_FORWARD: usize = 48;
const LAYERS: usize = 2;

fn weights() -> Vec<(String, Vec<usize>)> {
    let mut tensors = vec![
        ("model.embed_tokens.weight".to_owned(), vec![VOCAB, HIDDEN]),
        ("model.norm.weight".to_owned(), vec![HIDDEN]),
        ("lm_head.weight".to_owned(), vec![VOCAB, HIDDEN]),
    ];
    for layer in 0..LAYERS {
        for (name, shape) in [
            ("self_attn.q_proj", vec![HIDDEN, HIDDEN]),
            ("self_attn.k_proj", vec![KV, HIDDEN]),
            ("self_attn.v_proj", vec![KV, HIDDEN]),
            ("self_attn.o_proj", vec![HIDDEN, HIDDEN]),
            ("mlp.gate_proj", vec![FEED_FORWARD, HIDDEN]),
            ("mlp.up_proj", vec![FEED_FORWARD, HIDDEN]),
            ("mlp.down_proj", vec![HIDDEN, FEED_FORWARD]),
            ("input_layernorm", vec![HIDDEN]),
            ("post_attention_layernorm", vec![HIDDEN]),
        ] {
            tensors.push((format!("model.layers.{layer}.{name}.weight"), shape));
        }
    }
    tensors
}

fn decoder() -> Decoder {
    let folder = tempfile::tempdir().unwrap();
    let config = serde_json::json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": VOCAB, "hidden_size": HIDDEN,
        "intermediate_size": FEED_FORWARD, "num_hidden_layers": LAYERS, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "tie_word_embeddings": false, "hidden_act": "silu",
    });
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = weights()
        .into_iter()
        .map(|(name, shape)| {
            let norm = shape.len() == 1;
            let count = shape.iter().product();
            let bytes =
                (0..count).flat_map(|_| if norm { 1.0 + random() / 4.0 } else { random() }.to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views: HashMap<&str, TensorView<'_>> = data
        .iter()
        .map(|(name, shape, bytes)| (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()))
        .collect();
    fs::write(folder.path().join("model.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
    Decoder::from_safetensors(folder.path()).unwrap()
}

fn session(decoder: &Decoder) -> Session {
    let tokens = (0..VOCAB).map(|id| format!("<0x{id:02X}>")).collect();
    let vocabulary = Vocabulary {
        model: "llama".to_owned(),
        tokens,
        token_types: vec![6; VOCAB],
        scores: vec![0.0; VOCAB],
        ..Vocabulary::default()
    };
    Session::new(Arc::new(decoder.clone()), Tokenizer::from_vocabulary(&vocabulary).unwrap())
}

#[track_caller]
fn assert_close(actual: &[f32], expected: &[f32]) {
    let scale = expected.iter().fold(0.0f32, |max, logit| max.max(logit.abs()));
    let worst = actual.iter().zip(expected).map(|(a, e)| (a - e).abs()).fold(0.0, f32::max);
    assert!(worst <= 1e-4 * scale, "off by {worst} at a scale of {scale}");
}

#[test]
fn splice_rollback_fork_and_batch_equal_a_fresh_prompt() {
    let decoder = decoder();
    let fresh = |tokens: &[u32]| {
        let mut session = session(&decoder);
        session.prompt(&[(tokens.to_vec(), Template)]).unwrap();
        session.logits().unwrap().to_vec()
    };
    let mut session = session(&decoder);
    session.prompt(&[(vec![1, 2, 3], Template), (vec![4, 5], User)]).unwrap();
    session.push(6).unwrap();
    let checkpoint = session.checkpoint();
    session.push(7).unwrap();
    session.splice(&[(vec![8, 9], Template), (vec![10, 11, 12], User)]).unwrap();
    let spliced = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    assert_close(session.logits().unwrap(), &fresh(&spliced));
    assert_eq!(session.spans(), [(3, Template), (2, User), (2, Model), (2, Template), (3, User)]);

    let mut fork = session.fork();
    session.rollback(&checkpoint).unwrap();
    assert_close(session.logits().unwrap(), &fresh(&[1, 2, 3, 4, 5, 6]));
    session.push(20).unwrap();
    fork.push(21).unwrap();
    let mut third = fork.fork();
    Session::advance_batch(&mut [&mut session, &mut fork, &mut third]).unwrap();
    assert_close(session.logits().unwrap(), &fresh(&[1, 2, 3, 4, 5, 6, 20]));
    let forked: Vec<u32> = spliced.into_iter().chain([21]).collect();
    assert_close(fork.logits().unwrap(), &fresh(&forked));
    assert_close(third.logits().unwrap(), &fresh(&forked));

    // Sampling is of these logits, and greedy is the largest.
    let mut sampler = Sampler::new(SamplerConfig::default());
    let token = session.sample(&mut sampler, None, None).unwrap() as usize;
    let logits = session.logits().unwrap();
    assert!(logits.iter().all(|&logit| logit <= logits[token]));

    assert_eq!(session.prompt(&[(vec![1, 2, 3, 9], User)]).unwrap().cached, 3);
    assert_close(session.logits().unwrap(), &fresh(&[1, 2, 3, 9]));
    assert_eq!(session.remaining(), 60);
}
