//! What an append costs: small events, as a run is mostly made of, and a prompt of 4,096 tokens.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use divan::Bencher;
use tempfile::TempDir;
use toolwright_journal::{Journal, RunWriter};
use toolwright_protocol::{Budget, Event, GenerationEnd, RunConfig, RunStatus, Usage};

fn main() {
    divan::main();
}

fn run() -> (TempDir, RunWriter) {
    let folder = tempfile::tempdir().unwrap();
    let config = RunConfig {
        model: "bench".into(),
        model_hash: "0".repeat(64),
        prompt_hash: "0".repeat(64),
        tools: Vec::new(),
        seed: 0,
        temperature: 0.0,
        budget: Budget::default(),
    };
    let writer = Journal::open(folder.path()).unwrap().start_run(&config).unwrap();
    (folder, writer)
}

#[divan::bench(sample_count = 5000, sample_size = 1)]
fn generated_40_tokens(bencher: Bencher) {
    let (_folder, mut writer) = run();
    let text =
        "<tool_call>{\"name\":\"calculator\",\"arguments\":{\"expression\":\"2480*17.5/100\"}}</tool_call>".into();
    let event = Event::Generated { tokens: (1000..1040).collect(), text, end: GenerationEnd::CallClosed };
    bencher.bench_local(|| writer.append(&event).unwrap());
}

#[divan::bench(sample_count = 1000, sample_size = 1)]
fn prompted_4096_tokens(bencher: Bencher) {
    let (_folder, mut writer) = run();
    let event = Event::Prompted { tokens: (10_000..14_096).collect() };
    bencher.bench_local(|| writer.append(&event).unwrap());
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn run_ended_forced_to_disk(bencher: Bencher) {
    let (_folder, mut writer) = run();
    let event = Event::RunEnded { status: RunStatus::Done, usage: Usage::default() };
    bencher.bench_local(|| writer.append(&event).unwrap());
}

#[divan::bench(sample_count = 100, sample_size = 1)]
fn open_existing(bencher: Bencher) {
    let (folder, _writer) = run();
    bencher.bench_local(|| Journal::open(folder.path()).unwrap());
}
