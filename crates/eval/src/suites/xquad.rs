//! XQuAD's English half: questions about passages, which the real search finds among all of them.

use std::{path::Path, sync::Arc};

use serde::Deserialize;
use toolwright_search::{Index, SearchTool};
use toolwright_tool::Tool;

use super::{SuiteError, values};
use crate::{Case, Check, Offer};

#[derive(Deserialize)]
struct Passage {
    id: String,
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct Question {
    id: String,
    question: String,
    answers: Vec<String>,
    passage_id: String,
}

pub fn cases(folder: &Path, scratch: &Path) -> Result<Vec<Case>, SuiteError> {
    let passages: Vec<Passage> = values(&folder.join("passages.jsonl"))?;
    let questions: Vec<Question> = values(&folder.join("questions.jsonl"))?;
    let index_folder = scratch.join("index");
    let failed =
        |error: toolwright_search::SearchError| SuiteError::Other(format!("the passages cannot be indexed: {error}"));
    let index = Index::open(&index_folder).map_err(failed)?;
    let documents = passages
        .iter()
        .map(|passage| (passage.id.replace(['#', ' '], "_"), passage.title.replace('_', " "), passage.text.clone()));
    index.insert(documents).map_err(failed)?;
    drop(index);
    let search: Arc<dyn Tool> = Arc::new(SearchTool::with_web(false, &index_folder, None, None));
    let case = |question: Question| Case {
        category: question.passage_id.split('#').next().unwrap_or_default().to_owned(),
        id: question.id,
        question: question.question,
        since: Vec::new(),
        offer: Offer::Instead(vec![Arc::clone(&search)]),
        check: Check::Contains(question.answers),
    };
    Ok(questions.into_iter().map(case).collect())
}
