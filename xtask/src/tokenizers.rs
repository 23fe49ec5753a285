//! `cargo xtask tokenizers DIR`: our tokenizers against llama.cpp's vocabularies.
//!
//! llama.cpp's source distribution holds `models/ggml-vocab-*.gguf`, most with a list of texts (`.inp`) and the ids
//! that the models' original tokenizers gave for them (`.out`). Its own test (`tests/test-tokenizer-0.cpp`) encodes
//! them with `add_special = false, parse_special = false`, which is our `encode_untrusted`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use toolwright_engine::Tokenizer;
use toolwright_model::GgufFile;

/// What must pass completely; the others are shown.
const REQUIRED: &[&str] = &["qwen2", "llama-bpe", "llama-spm", "phi-3", "gpt-2"];

const SEPARATOR: &str = "\n__ggml_vocab_test__\n";

/// Checks every vocabulary that has texts and fails if one of [`REQUIRED`] is not right in all of them.
pub fn run(dir: &Path, verbose: bool) -> Result<()> {
    let models = find_models(dir)?;
    let mut vocabularies: Vec<PathBuf> = fs::read_dir(&models)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| name_of(path).is_some() && with_suffix(path, ".inp").is_file())
        .collect();
    vocabularies.sort();
    let mut missing: Vec<&str> = REQUIRED.to_vec();
    for path in &vocabularies {
        let name = name_of(path).unwrap_or_default();
        match check(path, verbose) {
            Ok(Outcome { passed, total, load, .. }) => {
                println!("{name:16} {passed}/{total}  loaded in {:.1} ms", load.as_secs_f64() * 1e3);
                if passed == total {
                    missing.retain(|required| *required != name);
                }
            }
            Err(error) => println!("{name:16} unsupported ({error:#})"),
        }
    }
    ensure!(missing.is_empty(), "not right in all texts, or not found: {}", missing.join(", "));
    Ok(())
}

struct Outcome {
    passed: usize,
    total: usize,
    load: Duration,
}

fn check(path: &Path, verbose: bool) -> Result<Outcome> {
    let file = GgufFile::open(path)?;
    let started = Instant::now();
    let tokenizer = Tokenizer::from_gguf(file.metadata())?;
    let load = started.elapsed();
    let texts = fs::read_to_string(with_suffix(path, ".inp"))?;
    let expected = fs::read_to_string(with_suffix(path, ".out"))?;
    let texts: Vec<&str> = texts.split(SEPARATOR).collect();
    let expected: Vec<&str> = expected.lines().collect();
    // The file ends with a separator when the last text is empty, and llama.cpp does not count that one.
    let texts = &texts[..texts.len() - usize::from(texts.last() == Some(&"") && texts.len() > expected.len())];
    ensure!(texts.len() == expected.len(), "{} texts, but {} lines of ids", texts.len(), expected.len());
    let mut passed = 0;
    for (text, line) in texts.iter().zip(&expected) {
        let ids: Vec<u32> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>().context("bad .out")?;
        let found = tokenizer.encode_untrusted(text);
        if found == ids {
            passed += 1;
        } else if verbose {
            println!("  {text:?}\n    expected {ids:?}\n    found    {found:?}");
        }
    }
    Ok(Outcome { passed, total: texts.len(), load })
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix("ggml-vocab-")?.strip_suffix(".gguf")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// `dir` may be the unpacked distribution of llama.cpp, of a package that carries it in `vendor/`, or `models` itself.
fn find_models(dir: &Path) -> Result<PathBuf> {
    for candidate in ["", "models", "vendor/llama.cpp/models"] {
        let models = dir.join(candidate);
        if models.join("ggml-vocab-gpt-2.gguf").is_file() {
            return Ok(models);
        }
    }
    bail!("{}: no models/ggml-vocab-gpt-2.gguf in it or in vendor/llama.cpp", dir.display())
}
