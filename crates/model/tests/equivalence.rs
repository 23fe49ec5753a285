//! A sequence's logits depend on its tokens alone: not on how they were cut into calls, on forks, on what was taken
//! back, or on who else was in the batch.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use candle_core::quantized::{GgmlDType, gguf_file::Value};
use common::{Random, Spec, assert_close};
use serde_json::json;
use toolwright_model::{Decoder, KvCache, ModelError};

const TOLERANCE: f32 = 1e-4;

/// With quantised weights, activations are rounded to 8 bits for every product. A difference in the last digit of an
/// `f32` can move one of them by a whole step, which is far more than 1e-4. Forks end in blocks of other lengths, which
/// makes such differences.
const QUANTISED: f32 = 6e-2;

struct Family {
    name: &'static str,
    decoder: Decoder,
    tolerance: f32,
    /// Whether candle's kernels compute a row in the same way whatever the number of rows, so that nothing makes a
    /// difference in the last digit, and logits are equal in any chunking even with quantised weights.
    exact: bool,
}

fn families() -> Vec<Family> {
    let mut families = Vec::new();
    let mut add = |name, decoder, tolerance| families.push(Family { name, decoder, tolerance, exact: false });
    let yarn = || {
        vec![
            ("rope.scaling.type", Value::String("yarn".to_owned())),
            ("rope.scaling.factor", Value::F32(4.0)),
            ("rope.scaling.original_context_length", Value::U32(128)),
        ]
    };
    add("llama, GGUF", Spec::new("llama").loaded_from_gguf(1, GgmlDType::F32), TOLERANCE);
    add("llama, GGUF, F16", Spec::new("llama").loaded_from_gguf(1, GgmlDType::F16), TOLERANCE);
    add("llama, GGUF, BF16", Spec::new("llama").loaded_from_gguf(1, GgmlDType::BF16), TOLERANCE);
    add("llama, safetensors", Spec::new("llama").loaded_from_safetensors(2), TOLERANCE);
    let single = Spec { kv_heads: 4, ..Spec::new("llama") };
    add("llama, as many key-value heads as heads", single.loaded_from_gguf(3, GgmlDType::F32), TOLERANCE);
    let factors = Spec { rope_factors: Some((1..9).map(|i| i as f32).collect()), ..Spec::new("llama") };
    add("llama, rotary factors", factors.loaded_from_gguf(4, GgmlDType::F32), TOLERANCE);
    let llama3 = Spec {
        config: json!({"rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 128}}),
        ..Spec::new("llama")
    };
    add("llama 3 rotary scaling", llama3.loaded_from_safetensors(5), TOLERANCE);
    let window = Spec { config: json!({"sliding_window": 13}), ..Spec::new("mistral") };
    add("mistral, window", window.loaded_from_safetensors(6), TOLERANCE);
    let window = Spec { metadata: vec![("attention.sliding_window", Value::U32(300))], ..Spec::new("llama") };
    add("mistral, GGUF, window wider than a block", window.loaded_from_gguf(6, GgmlDType::F32), TOLERANCE);
    add("qwen2", Spec { tied: true, ..Spec::new("qwen2") }.loaded_from_gguf(7, GgmlDType::F32), TOLERANCE);
    add("qwen2, yarn", Spec { metadata: yarn(), ..Spec::new("qwen2") }.loaded_from_gguf(8, GgmlDType::F32), TOLERANCE);
    add("qwen3", Spec::new("qwen3").loaded_from_gguf(9, GgmlDType::F32), TOLERANCE);
    let smollm3 = Spec { layers: 5, tied: true, ..Spec::new("smollm3") };
    add("smollm3", smollm3.loaded_from_gguf(10, GgmlDType::F32), TOLERANCE);
    for (name, dtype) in [
        ("llama, Q4_0", GgmlDType::Q4_0),
        ("llama, Q4_1", GgmlDType::Q4_1),
        ("llama, Q5_0", GgmlDType::Q5_0),
        ("llama, Q5_1", GgmlDType::Q5_1),
        ("llama, Q8_0", GgmlDType::Q8_0),
        ("llama, Q2_K", GgmlDType::Q2K),
        ("llama, Q3_K", GgmlDType::Q3K),
        ("llama, Q4_K", GgmlDType::Q4K),
        ("llama, Q5_K", GgmlDType::Q5K),
        ("llama, Q6_K", GgmlDType::Q6K),
    ] {
        let decoder = Spec { tied: true, ..Spec::new("llama") }.wide().loaded_from_gguf(11, dtype);
        let exact = cfg!(target_arch = "x86_64") && EXACT.contains(&dtype);
        families.push(Family { name, decoder, tolerance: QUANTISED, exact });
    }
    families
}

/// On x86; what was found by trying.
const EXACT: [GgmlDType; 6] =
    [GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1, GgmlDType::Q8_0, GgmlDType::Q4K];

/// Without those that differ only in the number format of their weights.
fn distinct_families() -> impl Iterator<Item = Family> {
    families().into_iter().filter(|family| family.tolerance == TOLERANCE || family.name == "llama, Q8_0")
}

impl Family {
    fn tokens(&self, seed: u64, count: usize) -> Vec<u32> {
        Random(seed).tokens(count, self.decoder.config().vocab_size)
    }

    /// Logits after every token, computed in one call on an empty cache.
    fn at_once(&self, tokens: &[u32]) -> Vec<Vec<f32>> {
        self.decoder.forward_all(&mut self.decoder.new_cache(), tokens).unwrap()
    }

    /// Appends in random chunks and compares with `expected` after each.
    fn append(&self, cache: &mut KvCache, tokens: &[u32], expected: &[Vec<f32>], random: &mut Random) {
        while cache.len() < tokens.len() {
            let start = cache.len();
            let size = [1, 1, 2, 5, 32, 67, 300][random.below(7)].min(tokens.len() - start);
            let logits = self.decoder.forward(cache, &tokens[start..start + size]).unwrap();
            let what = format!("{}, tokens {start}..{}", self.name, start + size);
            assert_close(&what, &logits, &expected[start + size - 1], self.tolerance);
        }
    }
}

#[test]
fn any_chunking_gives_equal_logits() {
    for family in families() {
        // More than one pass (512) and more than two blocks of the cache (256).
        let tokens = family.tokens(21, 600);
        let expected = family.at_once(&tokens);
        let tolerance = if family.exact { 0.0 } else { family.tolerance };
        let family = Family { tolerance, ..family };
        for seed in 0..2 {
            family.append(&mut family.decoder.new_cache(), &tokens, &expected, &mut Random(seed));
        }
    }
}

#[test]
fn forks_are_independent() {
    for family in distinct_families() {
        let mut random = Random(31);
        let prefix = family.tokens(32, 290);
        let mut cache = family.decoder.new_cache();
        family.decoder.forward(&mut cache, &prefix).unwrap();
        // Both lines go on after the fork, in turns, and one of them is forked again.
        let mut fork = cache.fork();
        let mut lines = [(&mut cache, 33), (&mut fork, 34)].map(|(cache, seed)| {
            let mut tokens = prefix.clone();
            tokens.extend(family.tokens(seed, 60));
            let expected = family.at_once(&tokens);
            (cache, tokens, expected)
        });
        for end in [300, 320, 350] {
            for (cache, tokens, expected) in &mut lines {
                family.append(cache, &tokens[..end], &expected[..end], &mut random);
            }
        }
        let (cache, tokens, expected) = &mut lines[1];
        let mut third = cache.fork();
        third.truncate(310);
        cache.truncate(0);
        family.append(&mut third, tokens, expected, &mut random);
    }
}

#[test]
fn what_is_truncated_was_never_there() {
    for family in distinct_families() {
        let mut random = Random(41);
        let tokens = family.tokens(42, 400);
        let expected = family.at_once(&tokens);
        for kept in [0, 1, 255, 256, 257, 300] {
            let mut cache = family.decoder.new_cache();
            family.decoder.forward(&mut cache, &tokens[..kept.max(1)]).unwrap();
            cache.truncate(kept);
            family.decoder.forward(&mut cache, &family.tokens(43, 90)).unwrap();
            cache.truncate(kept);
            assert_eq!(cache.len(), kept);
            family.append(&mut cache, &tokens, &expected, &mut random);
        }
    }
}

#[test]
fn a_batch_gives_what_each_would_alone() {
    for family in distinct_families() {
        let prefix = family.tokens(51, 270);
        let mut trunk = family.decoder.new_cache();
        family.decoder.forward(&mut trunk, &prefix).unwrap();
        let mut caches: Vec<KvCache> = (0..9).map(|_| trunk.fork()).collect();
        // One that shares nothing, and one of another length.
        caches.push(family.decoder.new_cache());
        family.decoder.forward(&mut caches[9], &family.tokens(52, 3)).unwrap();
        caches[4].truncate(100);
        for round in 0..4 {
            // The last of them only now and then, so that the others share their prefix in most rounds.
            let count = if round % 2 == 0 { 10 } else { 4 };
            let mut alone: Vec<KvCache> = caches[..count].iter_mut().map(KvCache::fork).collect();
            let tokens = family.tokens(53 + round, count);
            let mut batch: Vec<&mut KvCache> = caches[..count].iter_mut().collect();
            let logits = family.decoder.forward_batch(&mut batch, &tokens).unwrap();
            for (index, (cache, &token)) in alone.iter_mut().zip(&tokens).enumerate() {
                let expected = family.decoder.forward(cache, &[token]).unwrap();
                let what = format!("{}, round {round}, branch {index}", family.name);
                assert_close(&what, &logits[index], &expected, family.tolerance);
            }
        }
        assert_eq!(caches[0].len(), 274);
    }
}

#[test]
fn after_an_error_the_cache_is_as_before() {
    let family = &families()[0];
    let decoder = &family.decoder;
    let tokens = family.tokens(61, 40);
    let expected = family.at_once(&tokens);
    let mut cache = decoder.new_cache();
    decoder.forward(&mut cache, &tokens[..30]).unwrap();

    let long = family.tokens(62, 995);
    assert!(matches!(
        decoder.forward(&mut cache, &long),
        Err(ModelError::ContextOverflow { needed: 1025, limit: 1024 })
    ));
    assert!(matches!(decoder.forward(&mut cache, &[]), Err(ModelError::NoTokens)));
    assert!(matches!(
        decoder.forward(&mut cache, &[5, 96]),
        Err(ModelError::TokenOutOfRange { token: 96, vocab_size: 96 })
    ));
    // Cancelled in the middle of the second pass of the same call.
    let asked = std::cell::Cell::new(0);
    let cancelled = || asked.replace(asked.get() + 1) == 4;
    assert!(matches!(decoder.forward_unless(&mut cache, &long[..700], &cancelled), Err(ModelError::Cancelled)));

    let mut full = decoder.new_cache();
    decoder.forward(&mut full, &family.tokens(63, 1024)).unwrap();
    let batch = decoder.forward_batch(&mut [&mut cache, &mut full], &[1, 2]);
    assert!(matches!(batch, Err(ModelError::ContextOverflow { .. })));
    let batch = decoder.forward_batch(&mut [&mut cache], &[1, 2]);
    assert!(matches!(batch, Err(ModelError::BatchMismatch { .. })));
    let mut foreign = Spec { layers: 2, ..Spec::new("llama") }.loaded_from_gguf(1, GgmlDType::F32).new_cache();
    assert!(matches!(decoder.forward(&mut foreign, &[1]), Err(ModelError::ForeignCache { .. })));

    assert_eq!((cache.len(), full.len()), (30, 1024));
    family.append(&mut cache, &tokens, &expected, &mut Random(64));
}

#[test]
fn both_file_formats_give_the_same_model() {
    for architecture in ["llama", "qwen2", "qwen3", "smollm3"] {
        let spec = Spec { layers: 4, ..Spec::new(architecture) };
        let tokens = Random(71).tokens(50, spec.vocab);
        let from_gguf = spec.loaded_from_gguf(72, GgmlDType::F32);
        let dir = tempfile::tempdir().unwrap();
        spec.write_safetensors(72, dir.path(), 3);
        let from_shards = Decoder::from_safetensors(dir.path()).unwrap();
        let expected = from_gguf.forward(&mut from_gguf.new_cache(), &tokens).unwrap();
        let found = from_shards.forward(&mut from_shards.new_cache(), &tokens).unwrap();
        assert_close(architecture, &found, &expected, TOLERANCE);
    }
}
