//! Wordings written by hand, as `data/phrasings/FORMAT.md` describes them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Condition, Draw};

/// One entry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry {
    /// A calculation.
    Calc(Problem),
    /// A story that asks for a number.
    Word(Problem),
    /// A problem of GSM8K, its numbers drawn anew.
    #[serde(skip)]
    Gsm(Problem),
    /// A relation that passages tell of.
    Relation(Relation),
    /// What needs no tool.
    Direct(Direct),
    /// A task for a program.
    Code(CodeTask),
    /// A goal that is split into tasks.
    Plan(Plan),
    /// A question about dates.
    Date(DateQuestion),
    /// A tool that somebody might bring.
    Tool(ForeignTool),
    /// A conversation of several turns.
    Chat(Chat),
    /// A text with sums in it.
    Inline(Inline),
    /// A text and what is asked about it.
    Reading(Reading),
    /// A question that the almanac answers.
    Lookup(Lookup),
}

/// A question with numbers that are drawn anew each time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Problem {
    /// The question, with slots.
    pub text: String,
    /// How numbers are drawn, by slot.
    pub slots: BTreeMap<String, Slot>,
    /// What must hold of them.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// The calculations in order; `#1` is the first result.
    pub steps: Vec<String>,
    /// The reply, with `{=}` for the last result.
    pub answer: String,
}

/// How a number is drawn.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Slot {
    /// `int 2..90`, `dec 0.5..20`, `pct`, `year`.
    Range(String),
    /// One of these.
    Among(Vec<f64>),
}

/// Something that one thing is of another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Relation {
    /// Its name.
    pub relation: String,
    /// What kind of thing `{s}` is.
    pub subject: String,
    /// What kind of thing `{o}` is: person, place, number, date, title or phrase.
    pub object: String,
    /// Ways to ask.
    pub questions: Vec<String>,
    /// What to search for.
    pub query: String,
    /// Texts that tell it.
    pub passages: Vec<String>,
    /// The reply.
    pub answer: String,
    /// What objects are drawn from, where it is not the usual for their kind.
    #[serde(default)]
    pub values: Option<Value>,
    /// What must hold of `o`, `d1`, `d2`.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
}

/// A reply without a tool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Direct {
    /// What is said.
    pub text: String,
    /// The reply.
    pub answer: String,
}

/// A small program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CodeTask {
    /// The function's name.
    pub task: String,
    /// Ways to ask for it.
    pub requests: Vec<String>,
    /// Python that does it.
    pub solution: String,
    /// Assertions, one each.
    pub tests: Vec<String>,
    /// Programs that look right and are not.
    #[serde(default)]
    pub bugs: Vec<Bug>,
}

/// A mistake and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bug {
    /// The program.
    pub code: String,
    /// The error's type.
    pub error: String,
}

/// A goal and its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Plan {
    /// The goal.
    pub goal: String,
    /// In order.
    pub tasks: Vec<PlannedTask>,
}

/// A task of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlannedTask {
    /// What is to be done.
    pub task: String,
    /// With which tool; `none` is thinking or writing.
    pub tool: String,
    /// Indices of the tasks that must be done before.
    #[serde(default)]
    pub after: Vec<usize>,
}

/// A question about dates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DateQuestion {
    /// The question, with slots.
    pub text: String,
    /// How numbers are drawn.
    #[serde(default)]
    pub slots: BTreeMap<String, Slot>,
    /// The tool.
    pub tool: String,
    /// Its arguments, with slots.
    pub arguments: Value,
    /// The reply, with `{=}` for the result.
    pub answer: String,
}

/// A tool of somebody else's.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ForeignTool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
    /// Requests that call it.
    pub requests: Vec<ToolRequest>,
    /// Requests that look alike and must not.
    #[serde(default)]
    pub near_misses: Vec<String>,
}

/// A request and the call that it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ToolRequest {
    /// What is said.
    pub text: String,
    /// The arguments.
    pub arguments: Value,
}

/// Turns that lean on each other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Chat {
    /// How numbers are drawn.
    #[serde(default)]
    pub slots: BTreeMap<String, Slot>,
    /// What must hold of them.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// In order.
    pub turns: Vec<ChatTurn>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChatTurn {
    /// What is said.
    pub text: String,
    /// The calculations; `#n` counts through the whole chat. None where no tool is needed.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The reply.
    pub answer: String,
}

/// A request for a text, and the text, with `[[a*b]]` where a result belongs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Inline {
    /// The request.
    pub text: String,
    /// How numbers are drawn.
    #[serde(default)]
    pub slots: BTreeMap<String, Slot>,
    /// What must hold of them.
    #[serde(default, rename = "where")]
    pub condition: Option<String>,
    /// The text.
    pub answer: String,
}

/// A passage.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reading {
    /// Its heading.
    pub title: String,
    /// The text.
    pub text: String,
    /// Questions that it answers.
    pub questions: Vec<ReadingQuestion>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReadingQuestion {
    /// The question.
    pub text: String,
    /// The words of the passage that answer it.
    pub span: String,
    /// What to search for.
    pub query: String,
}

/// A fact of the almanac.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Lookup {
    /// Ways to ask for it.
    pub questions: Vec<String>,
    /// What to search for.
    pub query: String,
    /// Words of the sentence that answers it.
    pub span: String,
}

/// Why a file of wordings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PhrasingError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is no entry.
    #[error("{path}:{line}: {reason}")]
    Entry {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Entry {
    /// The first phrasing's text, which decides whether the entry is held out.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Calc(problem) | Self::Word(problem) | Self::Gsm(problem) => &problem.text,
            Self::Relation(relation) => relation.questions.first().map_or("", String::as_str),
            Self::Direct(direct) => &direct.text,
            Self::Code(task) => task.requests.first().map_or("", String::as_str),
            Self::Plan(plan) => &plan.goal,
            Self::Date(question) => &question.text,
            Self::Tool(tool) => tool.requests.first().map_or("", |request| request.text.as_str()),
            Self::Chat(chat) => chat.turns.first().map_or("", |turn| turn.text.as_str()),
            Self::Inline(inline) => &inline.text,
            Self::Lookup(lookup) => lookup.questions.first().map_or("", String::as_str),
            Self::Reading(reading) => reading.questions.first().map_or("", |question| question.text.as_str()),
        }
    }

    /// Whether it is kept for measuring: about one in eight, by the rule of `FORMAT.md`.
    #[must_use]
    pub fn is_held_out(&self) -> bool {
        is_held_out(self.text())
    }
}

/// The rule: the SHA-256 of the text begins with `0` or `1` in hexadecimal.
#[must_use]
pub fn is_held_out(text: &str) -> bool {
    Sha256::digest(text.as_bytes())[0] >> 4 <= 1
}

/// Every entry of the `*.jsonl` files in a folder, the files in the order of their names.
///
/// # Errors
/// [`PhrasingError`] with the file and the line.
pub fn read_folder(folder: &Path) -> Result<Vec<Entry>, PhrasingError> {
    let reading = |source| PhrasingError::Read { path: folder.to_owned(), source };
    let files = fs::read_dir(folder).map_err(reading)?.map(|entry| Ok(entry.map_err(reading)?.path()));
    let mut files = files.collect::<Result<Vec<_>, PhrasingError>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let mut entries = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|source| PhrasingError::Read { path: path.clone(), source })?;
        for (number, line) in (1..).zip(text.lines()) {
            let entry = serde_json::from_str(line).map_err(|error| PhrasingError::Entry {
                path: path.clone(),
                line: number,
                reason: error.to_string(),
            })?;
            entries.push(entry);
        }
    }
    Ok(entries)
}

impl Slot {
    /// A number, or `None` where the range is none.
    pub fn draw(&self, draw: &mut Draw) -> Option<f64> {
        let spec = match self {
            Self::Among(values) if values.is_empty() => return None,
            Self::Among(values) => return Some(*draw.pick(values)),
            Self::Range(spec) => spec,
        };
        let (kind, range) = spec.split_once(' ').unwrap_or((spec, ""));
        let bounds = || -> Option<(f64, f64)> {
            let (low, high) = range.split_once("..")?;
            Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
        };
        Some(match kind {
            "pct" => draw.int(5, 95) as f64,
            "year" => draw.int(1700, 2030) as f64,
            "int" => {
                let (low, high) = bounds()?;
                draw.int(low as i64, high as i64) as f64
            }
            "dec" => {
                let (low, high) = bounds()?;
                let scale = if draw.chance(0.35) { 10.0 } else { 100.0 };
                (draw.real(low, high) * scale).round() / scale
            }
            _ => return None,
        })
    }
}

/// The text with what `of` has for its slots; a slot that it has nothing for is left empty.
pub fn fill(text: &str, of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let Some((slot, after)) = behind.split_once('}') else {
            out.push('{');
            rest = behind;
            continue;
        };
        out.push_str(&of(slot).unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Values for slots under a condition, or `None` where a few dozen draws found none.
pub fn draw_slots(
    slots: &BTreeMap<String, Slot>,
    condition: Option<&str>,
    draw: &mut Draw,
) -> Option<BTreeMap<String, f64>> {
    let condition = condition.map(Condition::parse).transpose().ok()?;
    for _ in 0..80 {
        let values: BTreeMap<String, f64> =
            slots.iter().map(|(name, slot)| Some((name.clone(), slot.draw(draw)?))).collect::<Option<_>>()?;
        let holds = condition
            .as_ref()
            .is_none_or(|condition| condition.holds(&|name| values.get(name).copied()).unwrap_or(false));
        if holds {
            return Some(values);
        }
    }
    None
}
