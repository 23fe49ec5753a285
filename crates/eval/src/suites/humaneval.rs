//! HumanEval: a function's head and description; its tests decide.

use std::path::Path;

use serde::Deserialize;

use super::{SuiteError, values};
use crate::{Case, Check, Offer};

const PROMPT: &str = include_str!("../../../../prompts/eval/humaneval.md");

#[derive(Deserialize)]
struct Line {
    task_id: String,
    prompt: String,
    entry_point: String,
    test: String,
}

pub fn cases(path: &Path) -> Result<Vec<Case>, SuiteError> {
    let lines: Vec<Line> = values(path)?;
    let case = |line: Line| Case {
        id: line.task_id,
        category: "humaneval".into(),
        question: PROMPT.trim_end().replace("{prompt}", line.prompt.trim_end()),
        since: Vec::new(),
        offer: Offer::Usual,
        check: Check::Program(format!("{}\n\ncheck({})\n", line.test, line.entry_point)),
    };
    Ok(lines.into_iter().map(case).collect())
}
