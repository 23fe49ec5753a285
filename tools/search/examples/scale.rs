//! How the index grows: `scale N [D]` puts N passages of words by Zipf's law into an index and searches it; with D, also by
//! vectors of D random numbers. Prints the rate of indexing, the most memory used, and the times of queries.

use std::{error::Error, fs, sync::Arc, time::Instant};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use toolwright_search::{Embedder, Index, Library};
use toolwright_tool::CancellationToken;

/// Distinct words.
const VOCABULARY: usize = 200_000;
const WORDS: usize = 120;
const QUERIES: usize = 500;

/// Vectors of random numbers, of so many each: what searching by vectors costs without the model.
struct Random(usize);

impl Embedder for Random {
    fn name(&self) -> &str {
        "random"
    }

    fn dimensions(&self) -> usize {
        self.0
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String> {
        let vector = |text: &&str| {
            let mut random = ChaCha8Rng::seed_from_u64(text.len() as u64);
            (0..self.0).map(|_| random.random::<f32>() - 0.5).collect()
        };
        Ok(texts.iter().map(vector).collect())
    }
}

/// The most memory that this process has had, in MiB; of Linux only.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map_or("unknown".into(), |kib| format!("{} MiB", kib / 1024))
}

/// A word by its rank; rank is distributed so that word n is n times rarer than the first.
fn word(random: &mut ChaCha8Rng) -> String {
    let rank = (VOCABULARY as f64).powf(random.random::<f64>()) as usize;
    let mut number = rank * 7919 % 1_000_003;
    let mut word = String::new();
    for _ in 0..4 {
        word.push(char::from(b"bcdfglmnprst"[number % 12]));
        number /= 12;
        word.push(char::from(b"aeiou"[number % 5]));
        number /= 5;
    }
    word
}

fn words(random: &mut ChaCha8Rng, count: usize) -> String {
    (0..count).map(|_| word(random)).collect::<Vec<_>>().join(" ")
}

#[allow(clippy::print_stdout, reason = "a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).ok_or("usage: scale N [D]")?.parse()?;
    let folder = tempfile::tempdir()?;
    let index = Index::open(folder.path())?;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let start = Instant::now();
    let report = index.insert((0..count).map(|number| {
        (format!("doc{number}"), format!("{} {number}", word(&mut random)), words(&mut random, WORDS))
    }))?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{} passages in {seconds:.1} s: {:.0} per second", report.passages, report.passages as f64 / seconds);
    println!("most memory while indexing: {}", peak());
    drop(index);
    let start = Instant::now();
    let dimensions = std::env::args().nth(2).map(|dimensions| dimensions.parse()).transpose()?;
    let embedder = dimensions.map(|dimensions| -> Arc<dyn Embedder> { Arc::new(Random(dimensions)) });
    let library = Library::new(Some(Index::open(folder.path())?), true, embedder);
    println!("opened in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    let vectors = library.embed(&|_, _| (), &CancellationToken::new())?;
    println!("{vectors} vectors in {:.1} s", start.elapsed().as_secs_f64());
    let mut times = Vec::new();
    for number in 0..QUERIES {
        let length = 2 + number % 7;
        let query = words(&mut random, length);
        let start = Instant::now();
        library.search(&query, 3, 1500)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    println!("first query (with the almanac's index built): {:.1} ms", times[0]);
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[(times.len() as f64 * part) as usize];
    println!("{QUERIES} queries of 2 to 8 words: median {:.2} ms, p95 {:.2} ms", at(0.5), at(0.95));
    println!("most memory in all: {}", peak());
    Ok(())
}
