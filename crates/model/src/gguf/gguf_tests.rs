use std::io::Cursor;

use candle_core::{
    Device, Tensor,
    quantized::{GgmlDType, QTensor, gguf_file},
};

use super::*;

/// A valid file with one of everything, written by candle, whose reader and writer are not ours.
fn sample() -> Vec<u8> {
    use gguf_file::Value as V;
    let weight = Tensor::randn(0f32, 1., (4, 256), &Device::Cpu).unwrap();
    let tensors: Vec<(String, QTensor)> = [GgmlDType::F32, GgmlDType::F16, GgmlDType::Q4_0, GgmlDType::Q6K]
        .into_iter()
        .map(|dtype| (format!("w.{dtype:?}"), QTensor::quantize(&weight, dtype).unwrap()))
        .collect();
    let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let strings = V::Array(["a", "bc", "é"].map(|s| V::String(s.to_owned())).to_vec());
    let metadata = [
        ("a.u8", V::U8(1)),
        ("a.i8", V::I8(-1)),
        ("a.u64", V::U64(1 << 40)),
        ("a.f32", V::F32(0.5)),
        ("a.f64", V::F64(0.25)),
        ("a.bool", V::Bool(true)),
        ("a.text", V::String("text".to_owned())),
        ("a.strings", strings),
        ("a.floats", V::Array(vec![V::F32(1.), V::F32(2.)])),
        ("a.integers", V::Array(vec![V::I32(-1), V::I32(7)])),
    ];
    let metadata: Vec<(&str, &V)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let mut out = Cursor::new(Vec::new());
    gguf_file::write(&mut out, &metadata, &tensors).unwrap();
    out.into_inner()
}

fn open(bytes: Vec<u8>) -> Result<GgufFile, ModelError> {
    GgufFile::from_static(bytes.leak())
}

#[test]
fn reads_what_candle_wrote() {
    let file = open(sample()).unwrap();
    let metadata = file.metadata();
    assert_eq!(metadata.get_u32("a.u8").unwrap(), 1);
    assert_eq!(metadata.get_u64("a.u64").unwrap(), 1 << 40);
    assert_eq!(metadata.get_f32("a.f32").unwrap(), 0.5);
    assert_eq!(metadata.get_f32("a.f64").unwrap(), 0.25);
    assert!(metadata.get_bool("a.bool").unwrap());
    assert_eq!(metadata.get_str("a.text").unwrap(), "text");
    assert_eq!(metadata.get_str_array("a.strings").unwrap(), ["a", "bc", "é"]);
    assert_eq!(metadata.get_f32_array("a.floats").unwrap(), [1., 2.]);
    assert_eq!(metadata.get_i32_array("a.integers").unwrap(), [-1, 7]);
    assert_eq!(metadata.opt_u32("a.absent").unwrap(), None);
    let tensor = file.tensor("w.Q4_0").unwrap();
    assert_eq!((tensor.shape.as_slice(), tensor.dtype, tensor.byte_len), (&[4, 256][..], TensorType::Q4_0, 4 * 8 * 18));
    assert_eq!(file.tensors().count(), 4);
}

#[test]
fn errors_name_the_key() {
    let file = open(sample()).unwrap();
    let metadata = file.metadata();
    for (error, key) in [
        (metadata.get_u32("a.absent").unwrap_err(), "a.absent"),
        (metadata.get_u32("a.text").unwrap_err(), "a.text"),
        (metadata.get_u32("a.u64").unwrap_err(), "a.u64"),
        (metadata.get_u32("a.i8").unwrap_err(), "a.i8"),
        (metadata.get_u8_array("a.integers").unwrap_err(), "a.integers[0]"),
        (metadata.get_str_array("a.floats").unwrap_err(), "a.floats"),
    ] {
        assert!(error.to_string().contains(key), "{error}");
    }
}

/// SplitMix64, for tests that must give the same on every run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

#[test]
fn damage_gives_an_error_or_a_file_that_stays_within_its_bounds() {
    let good = sample();
    let header_len = open(good.clone()).unwrap().tensors().map(|tensor| tensor.start).min().unwrap();
    let mut state = 1;
    let mut refused = 0;
    for round in 0..2000 {
        let mut bytes = good.clone();
        match round % 4 {
            0 => bytes.truncate(next(&mut state) % good.len()),
            1 => {
                let at = next(&mut state) % header_len;
                bytes[at..(at + 8).min(good.len())].fill(0xff);
            }
            _ => {
                for _ in 0..=next(&mut state) % 3 {
                    let at = next(&mut state) % header_len;
                    bytes[at] ^= 1 << (next(&mut state) % 8);
                }
            }
        }
        match reader::read(&bytes) {
            Ok(header) => {
                assert!(header.tensors.iter().all(|tensor| tensor.start + tensor.byte_len <= bytes.len()));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 1000, "only {refused} of 2000 damaged files were refused");
}

#[test]
fn every_truncation_is_refused() {
    let good = sample();
    for len in 0..good.len() - 32 {
        assert!(reader::read(&good[..len]).is_err(), "{len} bytes of {} were accepted", good.len());
    }
}

#[test]
fn lying_counts_are_refused_before_anything_is_allocated() {
    for at in [8, 16] {
        let mut bytes = sample();
        bytes[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        let error = open(bytes).unwrap_err().to_string();
        assert!(error.contains("count") && error.contains("18446744073709551615"), "{error}");
    }
}
