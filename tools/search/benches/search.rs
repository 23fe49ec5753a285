//! Searching the almanac, and building its index.
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use toolwright_search::Library;

fn main() {
    divan::main();
}

#[divan::bench]
fn first_search(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(|| Library::new(None, true, None).search("melting point of tungsten", 3, 1500).unwrap());
}

#[divan::bench(args = ["tungsten", "melting point of tungsten", "how many metres are in a mile", "melting point of tungstne"])]
fn search(bencher: divan::Bencher<'_, '_>, query: &str) {
    let library = Library::new(None, true, None);
    library.search(query, 3, 1500).unwrap();
    bencher.bench(|| library.search(query, 3, 1500).unwrap());
}
