//! Against candle-transformers, for one prefill on an empty cache. (What it computes for several tokens after that is
//! wrong on CPU for some families, and its smollm3 rounds its weights again, so neither can be compared.)
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::io::Cursor;

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, gguf_file},
};
use candle_transformers::models::{quantized_llama, quantized_qwen2, quantized_qwen3};
use common::{Random, Spec, assert_close};
use toolwright_model::{Decoder, GgufFile};

/// Last logits of a prefill of all tokens.
fn candle_logits(spec: &Spec, bytes: &[u8], tokens: &[u32]) -> Vec<f32> {
    let device = Device::Cpu;
    let mut reader = Cursor::new(bytes);
    let content = gguf_file::Content::read(&mut reader).unwrap();
    let input = Tensor::new(tokens, &device).unwrap().unsqueeze(0).unwrap();
    let logits = match spec.architecture {
        "llama" => quantized_llama::ModelWeights::from_gguf(content, &mut reader, &device).unwrap().forward(&input, 0),
        "qwen2" => quantized_qwen2::ModelWeights::from_gguf(content, &mut reader, &device).unwrap().forward(&input, 0),
        _ => quantized_qwen3::ModelWeights::from_gguf(content, &mut reader, &device).unwrap().forward(&input, 0),
    };
    let logits = logits.unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    logits[logits.len() - spec.vocab..].to_vec()
}

#[test]
fn prefill_gives_the_logits_of_candle_transformers() {
    for architecture in ["llama", "qwen2", "qwen3"] {
        for (dtype, tolerance) in [(GgmlDType::F32, 1e-4), (GgmlDType::Q8_0, 3e-2), (GgmlDType::Q4K, 3e-2)] {
            let spec = Spec::new(architecture).wide();
            let bytes = spec.gguf(81, dtype);
            let tokens = Random(82).tokens(70, spec.vocab);
            let expected = candle_logits(&spec, &bytes, &tokens);
            let decoder = Decoder::from_gguf(&GgufFile::from_static(bytes.leak()).unwrap()).unwrap();
            let found = decoder.forward(&mut decoder.new_cache(), &tokens).unwrap();
            assert_close(&format!("{architecture}, {dtype:?}"), &found, &expected, tolerance);
        }
    }
}
