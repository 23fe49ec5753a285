//! How often the passage that answers a question is found: `xquad PASSAGES.jsonl QUESTIONS.jsonl`, in the form of XQuAD
//! with a line for each passage (`id`, `title`, `text`) and each question (`question`, `passage_id`).

use std::{error::Error, fs};

use serde::Deserialize;
use toolwright_search::{Index, Library};

#[derive(Deserialize)]
struct Passage {
    id: String,
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct Question {
    question: String,
    passage_id: String,
}

fn read<T: for<'a> Deserialize<'a>>(path: &str) -> Result<Vec<T>, Box<dyn Error>> {
    Ok(fs::read_to_string(path)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [passages, questions, rest @ ..] = arguments.as_slice() else {
        return Err("usage: xquad PASSAGES.jsonl QUESTIONS.jsonl [--misses] [--almanac]".into());
    };
    let has = |flag: &str| rest.iter().any(|argument| argument == flag);
    let passages: Vec<Passage> = read(passages)?;
    let questions: Vec<Question> = read(questions)?;
    let folder = tempfile::tempdir()?;
    let index = Index::open(folder.path())?;
    let report = index.insert(passages.into_iter().map(|passage| (passage.id, passage.title, passage.text)))?;
    let library = Library::new(Some(index), has("--almanac"), None);
    let (mut first, mut in_five) = (0, 0);
    for question in &questions {
        let found = library.search(&question.question, 10, 500)?;
        let mut sources: Vec<&str> = found.hits.iter().map(|hit| hit.passage.source.as_str()).collect();
        let mut seen = std::collections::HashSet::new();
        sources.retain(|source| seen.insert(*source));
        let rank = sources.iter().position(|source| *source == question.passage_id);
        first += usize::from(rank == Some(0));
        in_five += usize::from(rank.is_some_and(|rank| rank < 5));
        if rank != Some(0) && has("--misses") {
            println!("{rank:?} {} {} ({:?})", question.passage_id, question.question, sources.first());
        }
    }
    let percent = |count: usize| 100.0 * count as f64 / questions.len() as f64;
    println!("{} documents in {} passages, {} questions", report.added, report.passages, questions.len());
    println!("first: {:.2} %, in the first five: {:.2} %", percent(first), percent(in_five));
    Ok(())
}
