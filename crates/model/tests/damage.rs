//! A damaged file gives an error or a model that runs; never a panic, an abort or a huge allocation.
#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use candle_core::quantized::GgmlDType;
use common::{Random, Spec};
use toolwright_model::{Decoder, GgufFile};

fn small() -> Spec {
    Spec { layers: 1, vocab: 32, hidden: 32, feed_forward: 32, head_dim: 8, ..Spec::new("llama") }
}

/// What a model that still opens has to survive.
fn run(decoder: &Decoder) {
    let mut cache = decoder.new_cache();
    let _ = decoder.forward(&mut cache, &[1, 2, 3]);
    let _ = decoder.forward(&mut cache, &[4]);
}

#[test]
fn gguf() {
    let good = small().gguf(1, GgmlDType::Q8_0);
    let file = GgufFile::from_static(good.clone().leak()).unwrap();
    let header = good.len() - file.tensors().map(|tensor| tensor.byte_len).sum::<usize>();
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random(2);
    let (mut opened, mut refused) = (0, 0);
    for round in 0..2000 {
        let mut bytes = good.clone();
        match round % 4 {
            0 => bytes.truncate(random.below(good.len())),
            1 => {
                let at = random.below(header - 4);
                bytes[at..at + 4].copy_from_slice(&(random.next() as u32).to_le_bytes());
            }
            _ => bytes[random.below(header)] ^= 1 << random.below(8),
        }
        let path = dir.path().join("model.gguf");
        std::fs::write(&path, bytes).unwrap();
        match GgufFile::open(&path).and_then(|file| Decoder::from_gguf(&file)) {
            Ok(decoder) => {
                opened += 1;
                run(&decoder);
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() > 20, "{error}");
            }
        }
    }
    assert!(opened > 50 && refused > 1000, "{opened} opened, {refused} refused");
}

#[test]
fn safetensors() {
    let dir = tempfile::tempdir().unwrap();
    small().write_safetensors(1, dir.path(), 1);
    let mut random = Random(3);
    for name in ["config.json", "model.safetensors"] {
        let path = dir.path().join(name);
        let good = std::fs::read(&path).unwrap();
        for round in 0..400 {
            let mut bytes = good.clone();
            let at = random.below(good.len().min(3000));
            match round % 3 {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << random.below(8),
                // In JSON, sizes with more digits, less digits and other signs.
                _ => bytes[at] = b"0123456789-e.\"{}[],:"[random.below(20)],
            }
            std::fs::write(&path, bytes).unwrap();
            if let Ok(decoder) = Decoder::from_safetensors(dir.path()) {
                run(&decoder);
            }
        }
        std::fs::write(&path, good).unwrap();
    }
    run(&Decoder::from_safetensors(dir.path()).unwrap());
}

#[test]
fn errors_name_what_is_wrong() {
    let lacks = |spec: Spec| Decoder::from_gguf(&GgufFile::from_static(spec.gguf(1, GgmlDType::F32).leak()).unwrap());
    let wrong_size =
        Spec { metadata: vec![("feed_forward_length", candle_core::quantized::gguf_file::Value::U32(64))], ..small() };
    // Keys may not stand twice, so the file itself is refused.
    let error = GgufFile::from_static(wrong_size.gguf(1, GgmlDType::F32).leak()).unwrap_err().to_string();
    assert!(error.contains("llama.feed_forward_length"), "{error}");
    let error = lacks(Spec { architecture: "rwkv", ..small() }).unwrap_err().to_string();
    assert!(error.contains("rwkv"), "{error}");
    let error = lacks(Spec { architecture: "qwen2", qkv_bias: false, ..small() }).unwrap_err().to_string();
    assert!(error.contains("blk.0.attn_q.bias"), "{error}");
    let dir = tempfile::tempdir().unwrap();
    Spec { config: serde_json::json!({"intermediate_size": 48}), ..small() }.write_safetensors(1, dir.path(), 1);
    let error = Decoder::from_safetensors(dir.path()).unwrap_err().to_string();
    assert!(error.contains("model.layers.0.mlp.gate_proj.weight") && error.contains("48"), "{error}");
}
