//! Texts are searched by passages: pieces of about 150 words that begin and end where the text itself pauses.

use crate::schema::HEADING_SEPARATOR;

/// A passage is full at this many bytes, about 150 words of English.
const TARGET: usize = 900;
/// What would make a passage longer than this goes to the next one.
const MAX: usize = 1300;
/// A paragraph, list, table or function up to this size is not cut.
const WHOLE: usize = 2000;
/// A section with less text than this is joined with what follows.
const MIN: usize = 200;
/// No cut leaves a piece shorter than this. Larger than [`OVERLAP`], so that every cut makes progress.
const MIN_PIECE: usize = 300;
/// The last sentence of a piece is repeated in the next one, if it is no longer than this.
const OVERLAP: usize = 200;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of this level, 1 to 6.
    Heading(u8),
    /// Sentences.
    Prose,
    /// Lines that belong together: a list, a table, code. Cut between lines if at all.
    Lines,
}

/// A part of a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

/// Where a passage stands in its text, and the headings above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) heading: String,
}

/// Cuts a text into passages. They are in order, overlap by at most a sentence, and begin and end at no white space.
pub(crate) fn split(text: &str, blocks: &[Block]) -> Vec<Span> {
    let mut splitter = Splitter { text, headings: Vec::new(), current: None, spans: Vec::new() };
    for block in blocks {
        splitter.add(*block);
    }
    splitter.flush();
    splitter.spans
}

struct Open {
    start: usize,
    end: usize,
    heading: String,
    /// Whether there is more than headings in it.
    has_body: bool,
}

struct Splitter<'a> {
    text: &'a str,
    headings: Vec<(u8, String)>,
    current: Option<Open>,
    spans: Vec<Span>,
}

impl Splitter<'_> {
    fn add(&mut self, block: Block) {
        if let Kind::Heading(level) = block.kind {
            if self.current.as_ref().is_some_and(|open| open.has_body && open.end - open.start >= MIN) {
                self.flush();
            }
            self.headings.retain(|(above, _)| *above < level);
            self.headings.push((level, heading_text(&self.text[block.start..block.end])));
            self.extend(block, false);
            return;
        }
        let would_be = self.current.as_ref().map(|open| block.end - open.start);
        if would_be.is_some_and(|size| size > MAX) && self.current.as_ref().is_some_and(|open| open.has_body) {
            self.flush();
        }
        if block.end - block.start > WHOLE {
            self.cut(block);
        } else {
            self.extend(block, true);
        }
        if self.current.as_ref().is_some_and(|open| open.end - open.start >= TARGET) {
            self.flush();
        }
    }

    fn extend(&mut self, block: Block, has_body: bool) {
        match &mut self.current {
            Some(open) => {
                open.end = block.end;
                open.has_body |= has_body;
            }
            None => {
                let heading =
                    self.headings.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(HEADING_SEPARATOR);
                self.current = Some(Open { start: block.start, end: block.end, heading, has_body });
            }
        }
    }

    /// A block that is too long for one passage.
    fn cut(&mut self, block: Block) {
        let mut start = block.start;
        loop {
            let end = piece_end(self.text, start, block.end, block.kind);
            self.extend(Block { start, end, ..block }, true);
            if end >= block.end {
                return;
            }
            self.flush();
            start = match block.kind {
                Kind::Prose => last_sentence(self.text, start, end),
                _ => end,
            };
        }
    }

    fn flush(&mut self) {
        let Some(open) = self.current.take() else { return };
        let text = &self.text[open.start..open.end];
        let start = open.start + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        if start < end {
            self.spans.push(Span { start, end, heading: open.heading });
        }
    }
}

/// Where the piece that begins at `start` ends: at the last pause before [`MAX`], else at white space, else behind the
/// word that stands there, and only inside of a word that never ends.
fn piece_end(text: &str, start: usize, end: usize, kind: Kind) -> usize {
    if end - start <= MAX {
        return end;
    }
    let least = text.ceil_char_boundary(start + MIN_PIECE);
    let most = text.floor_char_boundary(start + MAX);
    let window = &text[least..most];
    let sentence = || (kind == Kind::Prose).then(|| sentence_ends(window).last()).flatten();
    let line = || window.rfind('\n').map(|at| at + 1);
    let space = || window.rfind(char::is_whitespace).map(|at| text.ceil_char_boundary(least + at + 1) - least);
    if let Some(at) = sentence().or_else(line).or_else(space) {
        return least + at;
    }
    let limit = text.floor_char_boundary(end.min(start + WHOLE));
    match text[most..limit].find(char::is_whitespace) {
        Some(at) => most + at,
        None if limit == end => end,
        None => most,
    }
}

/// Where the last sentence of a piece begins, if it is short enough to be repeated; else the end of the piece.
fn last_sentence(text: &str, start: usize, end: usize) -> usize {
    let from = text.ceil_char_boundary(end.saturating_sub(OVERLAP).max(start + 1));
    let piece = text[from.min(end)..end].trim_end();
    match sentence_ends(piece).next() {
        Some(at) if at < piece.len() => from + at,
        _ => end,
    }
}

/// Offsets just behind the white space that follows the end of a sentence.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().filter_map(|(at, c)| {
        let after = at + c.len_utf8();
        if matches!(c, '。' | '！' | '？') {
            return Some(after);
        }
        if !matches!(c, '.' | '!' | '?') {
            return None;
        }
        let rest = text[after..].trim_start_matches(['"', '\'', '”', '’', ')', ']']);
        let next = rest.trim_start();
        let is_end = next.len() < rest.len() && !next.starts_with(char::is_lowercase);
        is_end.then_some(text.len() - next.len())
    })
}

/// A heading without its marks.
fn heading_text(line: &str) -> String {
    let line = line.lines().next().unwrap_or_default().trim();
    let text = line.trim_matches('#').trim();
    text.chars().take(120).collect()
}

/// The sentences of a passage, as ranges that cover it.
pub(crate) fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut ends: Vec<usize> = sentence_ends(text).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    ends.push(text.len());
    ends.sort_unstable();
    ends.dedup();
    let mut start = 0;
    let mut ranges = Vec::new();
    for end in ends {
        if end > start {
            ranges.push(start..end);
        }
        start = start.max(end);
    }
    ranges
}

#[cfg(test)]
#[path = "passages_tests.rs"]
mod tests;
