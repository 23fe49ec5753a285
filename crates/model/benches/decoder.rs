//! Speed of the decoder on a model of Qwen2.5-0.5B's shape with random weights (speed does not depend on them).
//!
//! `cargo bench -p toolwright-model` makes the model in memory, with Q4_0 matrices and a Q8_0 embedding;
//! `BENCH_GGUF=model.gguf` takes a file instead. Look at ratios within one run: splicing at 8192 against 512 tokens of
//! history should be at most 2, a batch of 8 forks against 8 single decodes far below 1.

#![allow(clippy::unwrap_used, reason = "a benchmark may stop at the first error")]

use std::{io::Cursor, sync::OnceLock};

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QTensor, gguf_file},
};
use divan::{Bencher, black_box};
use toolwright_model::{Decoder, GgufFile, KvCache};

fn main() {
    divan::main();
}

/// Tokens made up from their position.
fn tokens(count: usize) -> Vec<u32> {
    (0..count).map(|i| (i * 7919 % 10_000) as u32).collect()
}

fn decoder() -> &'static Decoder {
    static DECODER: OnceLock<Decoder> = OnceLock::new();
    DECODER.get_or_init(|| {
        #[allow(clippy::disallowed_methods, reason = "a benchmark is a program of its own")]
        let file = match std::env::var_os("BENCH_GGUF") {
            Some(path) => GgufFile::open(path.as_ref()),
            None => GgufFile::from_static(random_model().leak()),
        };
        Decoder::from_gguf(&file.unwrap()).unwrap()
    })
}

fn random_model() -> Vec<u8> {
    use gguf_file::Value as V;
    const HIDDEN: usize = 896;
    const FEED_FORWARD: usize = 4864;
    const KV: usize = 128;
    let matrix = |outputs: usize, inputs: usize, dtype| {
        let weight = Tensor::rand(-0.05f32, 0.05, (outputs, inputs), &Device::Cpu).unwrap();
        QTensor::quantize(&weight, dtype).unwrap()
    };
    let vector = |len: usize| {
        QTensor::quantize(&Tensor::ones(len, candle_core::DType::F32, &Device::Cpu).unwrap(), GgmlDType::F32).unwrap()
    };
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), matrix(151_936, HIDDEN, GgmlDType::Q8_0)),
        ("output_norm.weight".to_owned(), vector(HIDDEN)),
    ];
    for layer in 0..24 {
        let mut add = |name: &str, tensor| tensors.push((format!("blk.{layer}.{name}"), tensor));
        for (name, outputs, inputs) in [
            ("attn_q", HIDDEN, HIDDEN),
            ("attn_k", KV, HIDDEN),
            ("attn_v", KV, HIDDEN),
            ("attn_output", HIDDEN, HIDDEN),
            ("ffn_gate", FEED_FORWARD, HIDDEN),
            ("ffn_up", FEED_FORWARD, HIDDEN),
            ("ffn_down", HIDDEN, FEED_FORWARD),
        ] {
            add(&format!("{name}.weight"), matrix(outputs, inputs, GgmlDType::Q4_0));
        }
        for (name, len) in [
            ("attn_q.bias", HIDDEN),
            ("attn_k.bias", KV),
            ("attn_v.bias", KV),
            ("attn_norm.weight", HIDDEN),
            ("ffn_norm.weight", HIDDEN),
        ] {
            add(name, vector(len));
        }
    }
    let metadata = [
        ("general.architecture", V::String("qwen2".to_owned())),
        ("qwen2.embedding_length", V::U32(HIDDEN as u32)),
        ("qwen2.block_count", V::U32(24)),
        ("qwen2.feed_forward_length", V::U32(FEED_FORWARD as u32)),
        ("qwen2.attention.head_count", V::U32(14)),
        ("qwen2.attention.head_count_kv", V::U32(2)),
        ("qwen2.attention.layer_norm_rms_epsilon", V::F32(1e-6)),
        ("qwen2.context_length", V::U32(32_768)),
        ("qwen2.rope.freq_base", V::F32(1e6)),
    ];
    let metadata: Vec<(&str, &V)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut out = Cursor::new(Vec::new());
    gguf_file::write(&mut out, &metadata, &tensors).unwrap();
    out.into_inner()
}

/// A cache with so many tokens, filled once for the longest and cut for the others.
fn history(len: usize) -> KvCache {
    static LONGEST: OnceLock<std::sync::Mutex<KvCache>> = OnceLock::new();
    let longest = LONGEST.get_or_init(|| std::sync::Mutex::new(decoder().new_cache()));
    let mut longest = longest.lock().unwrap();
    if longest.len() < len {
        let missing = tokens(len - longest.len());
        decoder().forward(&mut longest, &missing).unwrap();
    }
    let mut cache = longest.fork();
    cache.truncate(len);
    cache
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn prefill_512(bencher: Bencher) {
    let tokens = tokens(512);
    bencher
        .counter(divan::counter::ItemsCount::new(tokens.len()))
        .with_inputs(|| decoder().new_cache())
        .bench_values(|mut cache| black_box(decoder().forward(&mut cache, &tokens).unwrap()));
}

#[divan::bench(sample_count = 20, sample_size = 1, args = [0, 512, 8192])]
fn decode(bencher: Bencher, len: usize) {
    let mut cache = history(len);
    bencher.counter(divan::counter::ItemsCount::new(1usize)).bench_local(|| {
        black_box(decoder().forward(&mut cache, &[1]).unwrap());
    });
}

#[divan::bench(sample_count = 5, sample_size = 1, args = [256, 512, 2048, 8192])]
fn splice_32(bencher: Bencher, len: usize) {
    let tokens = tokens(32);
    let cache = std::cell::RefCell::new(history(len));
    bencher
        .with_inputs(|| cache.borrow_mut().fork())
        .bench_local_values(|mut cache| black_box(decoder().forward(&mut cache, &tokens).unwrap()));
}

#[divan::bench(sample_count = 10, sample_size = 1, args = [512, 8192])]
fn eight_forks_in_a_batch(bencher: Bencher, len: usize) {
    let mut trunk = history(len);
    let mut caches: Vec<KvCache> = (0..8).map(|_| trunk.fork()).collect();
    bencher.bench_local(|| {
        let mut caches: Vec<&mut KvCache> = caches.iter_mut().collect();
        black_box(decoder().forward_batch(&mut caches, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap())
    });
}

#[divan::bench(sample_count = 10, sample_size = 1, args = [512, 8192])]
fn eight_forks_one_by_one(bencher: Bencher, len: usize) {
    let mut trunk = history(len);
    let mut caches: Vec<KvCache> = (0..8).map(|_| trunk.fork()).collect();
    bencher.bench_local(|| {
        for (token, cache) in caches.iter_mut().enumerate() {
            black_box(decoder().forward(cache, &[token as u32]).unwrap());
        }
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn fork_of_8192(bencher: Bencher) {
    let mut cache = history(8192);
    bencher.bench_local(|| black_box(cache.fork()));
}
