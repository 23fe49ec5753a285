//! Reading a file page by page.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read},
};

use serde_json::json;
use toolwright_tool::{CallContext, CancellationToken, ToolOutput};

use crate::{
    FileError, FilesConfig,
    encoding::{self, Encoding},
    error::grouped,
    place::{self, Inside},
};

/// Bytes of a file that can be read; what is beyond them is told of.
const MAX_READ: u64 = 256 << 20;
/// The same for UTF-16, which is read as a whole.
const MAX_UTF16: u64 = 8 << 20;

/// A place in a file: the line, and the byte in it, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub line: u64,
    pub column: u64,
}

/// Part of a file. The pages from one [`Page::next`] to the next hold every byte once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub bytes: Vec<u8>,
    pub last: u64,
    /// Lines of the file, or of what was read of it.
    pub lines: u64,
    /// Whether the source ended, rather than what may be read of it.
    pub whole: bool,
    pub next: Option<Position>,
}

/// Reads the page that begins at `start`: at most `limit` lines and `room` bytes, whole lines where one fits. Only the
/// first `most` bytes of the source are read.
pub(crate) fn page(
    source: impl Read,
    start: Position,
    limit: u64,
    room: usize,
    most: u64,
    cancel: &CancellationToken,
) -> std::io::Result<Page> {
    let room = room.max(4);
    let mut reader = BufReader::with_capacity(64 * 1024, source.take(most));
    let mut page = Page { bytes: Vec::new(), last: start.line, lines: 0, whole: false, next: None };
    let (mut line, mut column, mut read) = (1, 1, 0);
    // What the page holds up to its last whole line.
    let mut whole = 0;
    let mut whole_lines = 0;
    let mut closed = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() || cancel.is_cancelled() {
            break;
        }
        let mut rest = buffer;
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let (text, after) = rest.split_at(end.unwrap_or(rest.len()));
            let length = text.len() as u64;
            if !closed && line >= start.line {
                let skipped = if line == start.line { start.column.saturating_sub(column).min(length) } else { 0 };
                let text = text.get(skipped as usize..).unwrap_or_default();
                if whole_lines == limit {
                    page.next = Some(Position { line, column: 1 });
                    closed = true;
                } else {
                    // One byte more than there is room for tells that the line is too long.
                    let taken = text.len().min(room + 1 - page.bytes.len().min(room));
                    page.bytes.extend_from_slice(text.get(..taken).unwrap_or_default());
                    page.last = line;
                    if page.bytes.len() > room {
                        closed = true;
                        page.next = Some(overflow(&mut page, whole, whole_lines, line, start));
                    } else if end.is_some() {
                        whole_lines += 1;
                        page.bytes.push(b'\n');
                        whole = page.bytes.len();
                    }
                }
            }
            match end {
                Some(_) => (line, column) = (line + 1, 1),
                None => column += length,
            }
            rest = after.get(1..).unwrap_or_default();
        }
        let consumed = buffer.len();
        read += consumed as u64;
        reader.consume(consumed);
    }
    page.lines = if column > 1 { line } else { line - 1 };
    page.whole = read < most;
    page.last = page.last.min(page.lines);
    Ok(page)
}

/// Takes back what did not fit: the line that was begun, or a part of it if it is the page's first.
fn overflow(page: &mut Page, whole: usize, whole_lines: u64, line: u64, start: Position) -> Position {
    if whole_lines > 0 {
        page.bytes.truncate(whole);
        page.last = line - 1;
        return Position { line, column: 1 };
    }
    // Not in the middle of a character; at most three bytes can be missing from one.
    let mut cut = page.bytes.len() - 1;
    let floor = cut.saturating_sub(3);
    while cut > floor && page.bytes.get(cut).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {
        cut -= 1;
    }
    page.bytes.truncate(cut);
    let column = if line == start.line { start.column } else { 1 };
    Position { line, column: column + cut as u64 }
}

/// The tool: a page of a file, and where the next one begins.
pub(crate) fn read_file(
    context: &CallContext,
    config: &FilesConfig,
    path: &Inside,
    start: Position,
    limit: Option<u64>,
) -> Result<ToolOutput, FileError> {
    let (mut file, metadata) = place::open(context, path)?;
    let failed = |source| place::failure("reading", path.as_str(), source);
    let not_text = |kind| FileError::Binary { path: path.as_str().to_owned(), kind, bytes: grouped(metadata.len()) };
    let mut head = Vec::new();
    (&mut file).take(encoding::SNIFFED as u64).read_to_end(&mut head).map_err(failed)?;
    if let Some(kind) = encoding::binary(&head) {
        return Err(not_text(kind));
    }
    if head.is_empty() {
        return Ok("[the file is empty]".into());
    }
    let utf16 = encoding::utf16(&head);
    if utf16.is_some() {
        if metadata.len() > MAX_UTF16 {
            return Err(not_text("UTF-16 text, which is read up to 8 MiB only"));
        }
        (&mut file).take(MAX_UTF16).read_to_end(&mut head).map_err(failed)?;
        let text = utf16.and_then(|encoding| encoding.decode(&head)).map(Cow::into_owned);
        head = text.ok_or_else(|| not_text("broken UTF-16 text"))?;
    }
    let (limit, room) = (limit.unwrap_or(config.page_lines).max(1), config.page_bytes);
    let source = head.as_slice().chain(file);
    let page = page(source, start, limit, room, MAX_READ, &context.cancel).map_err(failed)?;
    if context.cancel.is_cancelled() {
        return Err(FileError::Cancelled);
    }
    if page.bytes.is_empty() && page.last < start.line {
        let (path, lines, offset) = (path.as_str().to_owned(), grouped(page.lines), start.line);
        return Err(match page.whole {
            true => FileError::BeyondEnd { path, lines, offset },
            false => FileError::BeyondReach { path, lines, offset, limit: grouped(MAX_READ) },
        });
    }
    let encoding = utf16.unwrap_or_else(|| Encoding::of(&page.bytes));
    Ok(answer(start, &page, encoding))
}

/// The page as the model sees it, with notes where there is more to say.
fn answer(start: Position, page: &Page, encoding: Encoding) -> ToolOutput {
    let data = json!({
        "first": start.line,
        "last": page.last,
        "lines": page.whole.then_some(page.lines),
        "next": page.next.map(|next| json!({ "offset": next.line, "column": next.column })),
        "encoding": encoding.name(),
    });
    let text = match encoding {
        Encoding::Windows1252 => encoding.decode(&page.bytes).unwrap_or_default(),
        _ => Cow::Borrowed(page.bytes.as_slice()),
    };
    let mut text = String::from_utf8_lossy(&text).into_owned();
    let begins = start == (Position { line: 1, column: 1 });
    if begins && text.starts_with('\u{feff}') {
        text.remove(0);
    }
    let mut notes = String::new();
    if !begins || page.next.is_some() || !page.whole {
        notes.push_str(&footer(start, page));
    }
    if encoding != Encoding::Utf8 {
        let gap = if notes.is_empty() { "" } else { "\n" };
        notes.push_str(&format!("{gap}[the file is in {}, not in UTF-8]", encoding.name()));
    }
    if !notes.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    ToolOutput::text(text + &notes).with_data(data)
}

/// `[lines 1–200 of 3,412; next: offset 201]`.
fn footer(start: Position, page: &Page) -> String {
    let range = match (start.line, page.last) {
        (first, last) if first == last => format!("line {}", grouped(first)),
        (first, last) => format!("lines {}–{}", grouped(first), grouped(last)),
    };
    let from = if start.column > 1 { format!(" from column {}", start.column) } else { String::new() };
    let next = match page.next {
        None if page.whole => "end of the file".to_owned(),
        None => format!("only the first {} bytes of the file can be read", grouped(MAX_READ)),
        Some(Position { line, column: 1 }) => format!("next: offset {line}"),
        Some(Position { line, column }) => format!("the line goes on; next: offset {line}, column {column}"),
    };
    let more = if page.whole { "" } else { "more than " };
    format!("[{range}{from} of {more}{}; {next}]", grouped(page.lines))
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
