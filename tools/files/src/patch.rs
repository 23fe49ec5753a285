//! Changing one place of a file.

use std::{fmt::Write as _, io::Read as _};

use toolwright_tool::{CallContext, ToolOutput};

use crate::{
    FileError, FilesConfig,
    encoding::{self, Encoding},
    error::grouped,
    place::{self, Inside},
    write,
};

/// Lines shown before and after the change.
const CONTEXT: usize = 2;
/// Changed lines shown.
const MAX_CHANGED: usize = 40;
/// Characters shown of a line.
const MAX_LINE: usize = 160;
/// Places and lines that an error names.
const MAX_NAMED: usize = 5;
/// How alike a line must be to be shown, from 0 to 1.
const ALIKE: f64 = 0.5;

/// The tool: replaces the one place where `old` stands. An empty `old` appends.
pub(crate) fn patch_file(
    context: &CallContext,
    config: &FilesConfig,
    path: &Inside,
    old: &str,
    new: &str,
) -> Result<ToolOutput, FileError> {
    write::check_writable(context, path)?;
    let (file, metadata) = place::open(context, path)?;
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    write::check_size(config, path.as_str(), size)?;
    let mut bytes = Vec::with_capacity(size);
    let failed = |source| place::failure("reading", path.as_str(), source);
    file.take(config.max_write_bytes as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    // It may have grown since its size was asked for.
    write::check_size(config, path.as_str(), bytes.len())?;

    let not_text =
        |kind| FileError::Binary { path: path.as_str().to_owned(), kind, bytes: grouped(bytes.len() as u64) };
    if let Some(kind) = encoding::binary(&bytes) {
        return Err(not_text(kind));
    }
    let encoding = Encoding::of(&bytes);
    let text = encoding.decode(&bytes).ok_or_else(|| not_text("broken UTF-16 text"))?;
    let change = find(&text, old, new).map_err(|found| refusal(path, &text, old, &found))?;
    let changed = apply(&text, &change);
    let shown = show(path.as_str(), &changed, &change);
    let content = encoding.encode(changed).map_err(|character| FileError::NoCharacter {
        path: path.as_str().to_owned(),
        encoding: encoding.name(),
        character,
    })?;
    write::check_size(config, path.as_str(), content.len())?;

    let dir = place::open_folder(&context.workspace)?;
    let dir = dir.ok_or_else(|| FileError::NotFound { path: path.as_str().to_owned(), hint: String::new() })?;
    write::replace(&dir, path.as_str(), &content, context)?;
    Ok(shown.into())
}

/// What is replaced: `old` bytes at `at` by `new`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub at: usize,
    pub old: usize,
    pub new: Vec<u8>,
}

fn apply(bytes: &[u8], change: &Change) -> Vec<u8> {
    let (before, after) = (bytes.get(..change.at), bytes.get(change.at + change.old..));
    [before.unwrap_or_default(), &change.new, after.unwrap_or_default()].concat()
}

/// The one place of `old`, or all the places where there is not exactly one.
pub(crate) fn find(bytes: &[u8], old: &str, new: &str) -> Result<Change, Vec<usize>> {
    let crlf = bytes.windows(2).any(|pair| pair == b"\r\n");
    let unix = |text: &str| text.replace("\r\n", "\n");
    let dos = |text: &str| unix(text).replace('\n', "\r\n");
    if old.is_empty() {
        let newline = if crlf { "\r\n" } else { "\n" };
        let gap = if bytes.is_empty() || bytes.ends_with(b"\n") { "" } else { newline };
        let new = if crlf { dos(new) } else { new.to_owned() };
        return Ok(Change { at: bytes.len(), old: 0, new: format!("{gap}{new}").into_bytes() });
    }
    let mut places = occurrences(bytes, old.as_bytes());
    let (mut old, mut new) = (old.to_owned(), new.to_owned());
    // The model writes \n; a file of another convention keeps its own.
    if places.is_empty() && crlf {
        (old, new) = (dos(&old), dos(&new));
        places = occurrences(bytes, old.as_bytes());
    }
    match places.as_slice() {
        [at] => Ok(Change { at: *at, old: old.len(), new: new.into_bytes() }),
        _ => Err(places),
    }
}

/// Where `needle` begins, overlapping places too: `aa` stands in `aaa` twice.
fn occurrences(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    let Some(first) = needle.first() else { return Vec::new() };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first).map(|(at, _)| at);
    starts.filter(|at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(needle))).collect()
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes.get(..at).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count() + 1
}

fn refusal(path: &Inside, bytes: &[u8], old: &str, places: &[usize]) -> FileError {
    let path = path.as_str().to_owned();
    if places.is_empty() {
        return FileError::NoMatch { path, similar: similar(bytes, old) };
    }
    let mut lines: Vec<_> = places.iter().take(MAX_NAMED).map(|at| format!("line {}", line_of(bytes, *at))).collect();
    if places.len() > MAX_NAMED {
        lines.push("…".into());
    }
    FileError::ManyMatches { path, count: places.len(), lines: lines.join(", ") }
}

/// The lines that are most like the first telling line of `old`.
fn similar(bytes: &[u8], old: &str) -> String {
    let Some(wanted) = old.lines().find(|line| !line.trim().is_empty()) else { return String::new() };
    let wanted = pairs(wanted);
    let text = String::from_utf8_lossy(bytes);
    let scored = text.lines().enumerate().map(|(index, line)| (likeness(&wanted, &pairs(line)), index + 1, line));
    let mut best: Vec<_> = scored.filter(|(score, ..)| *score >= ALIKE).collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    best.truncate(3);
    best.sort_by_key(|(_, number, _)| *number);
    if best.is_empty() {
        return " No line is like it; read the file first.".into();
    }
    let mut shown = " Similar lines:".to_owned();
    for (_, number, line) in best {
        let _ = write!(shown, "\n{number}\t{}", shorten(line));
    }
    shown
}

/// The pairs of neighbouring characters without blanks, sorted.
fn pairs(line: &str) -> Vec<(char, char)> {
    let letters: Vec<char> = line.chars().filter(|c| !c.is_whitespace()).take(400).collect();
    let mut pairs: Vec<_> = letters.iter().copied().zip(letters.iter().copied().skip(1)).collect();
    if let [only] = letters.as_slice() {
        pairs.push((*only, ' '));
    }
    pairs.sort_unstable();
    pairs
}

/// The Sørensen–Dice coefficient of two sorted lists: 1 where they are equal.
fn likeness(a: &[(char, char)], b: &[(char, char)]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    let size = a.len() + b.len();
    if size == 0 { 0.0 } else { f64::from(2 * common) / size as f64 }
}

fn shorten(line: &str) -> String {
    let mut shown: String = line.trim_end_matches('\r').chars().take(MAX_LINE).collect();
    if line.chars().nth(MAX_LINE).is_some() {
        shown.push('…');
    }
    shown
}

/// The changed lines, numbered, among their neighbours.
fn show(path: &str, content: &[u8], change: &Change) -> String {
    let first = line_of(content, change.at);
    // A newline at the end of the new text begins no further changed line.
    let body = change.new.strip_suffix(b"\n").unwrap_or(&change.new);
    let last = line_of(content, change.at + body.len());
    let text = String::from_utf8_lossy(content);
    if text.is_empty() {
        return format!("changed {path}: it is empty now");
    }
    let mut shown = format!("changed {path}:");
    let from = first.saturating_sub(CONTEXT).max(1);
    for (index, line) in text.lines().enumerate().skip(from - 1).take(last - from + 1 + CONTEXT) {
        let number = index + 1;
        if number == first + MAX_CHANGED && number <= last {
            let _ = write!(shown, "\n… ({} more changed lines)", last + 1 - number);
        }
        if number >= first + MAX_CHANGED && number <= last {
            continue;
        }
        let _ = write!(shown, "\n{number}\t{}", shorten(line));
    }
    shown
}

#[cfg(test)]
#[path = "patch_tests.rs"]
mod tests;
