//! From a file to text and its parts. What a file holds is not trusted: sizes and times are bounded, and whatever cannot
//! be read is skipped with a reason.

mod code;
mod html;
pub(crate) mod markdown;
mod pdf;
mod text;

use std::path::Path;

use crate::passages::{self, Block, Span};

/// Larger files are skipped.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// Changes when the same file would give another text or other passages, so that indexes take it in again.
pub(crate) const VERSION: u32 = 1;

/// Bytes that tell text from binary.
const SNIFF: usize = 8192;

/// The text of a file.
#[derive(Debug)]
pub(crate) struct Extracted {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
    /// Where the text begins in the file, if it stands there byte for byte.
    pub(crate) in_file: Option<usize>,
    is_code: bool,
}

impl Extracted {
    /// The passages, in order.
    pub(crate) fn passages(&self) -> Vec<Span> {
        let mut spans = passages::split(&self.text, &self.blocks);
        if self.is_code {
            code::name(&self.text, &mut spans);
        }
        spans
    }
}

/// Whether the beginning of a file says that it is no text, and why.
pub(crate) fn refuse(head: &[u8]) -> Option<String> {
    let head = &head[..head.len().min(SNIFF)];
    if is_pdf(head) || text::byte_order_mark(head).is_some() {
        return None;
    }
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    let zeros = head.contains(&0);
    let is_noise = head.iter().filter(is_control).count() * 20 > head.len();
    (zeros || is_noise).then(|| "binary file".to_owned())
}

/// The text of a file with these bytes.
///
/// # Errors
/// In words, why the file is skipped.
pub(crate) fn extract(path: &Path, bytes: Vec<u8>) -> Result<Extracted, String> {
    if let Some(reason) = refuse(&bytes) {
        return Err(reason);
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if is_pdf(&bytes) {
        let (title, text) = pdf::text(bytes)?;
        let blocks = text::blocks(&text);
        return Ok(Extracted { title: title.unwrap_or(stem), text, blocks, in_file: None, is_code: false });
    }
    if matches!(ending.as_str(), "html" | "htm" | "xhtml") || html::is_html(&bytes) {
        let (title, text) = html::text(&bytes);
        let blocks = markdown::blocks(&text);
        return Ok(Extracted { title: title.unwrap_or(stem), text, blocks, in_file: None, is_code: false });
    }
    let (text, in_file) = text::decode(bytes);
    if matches!(ending.as_str(), "md" | "markdown" | "mdown" | "mkd" | "qmd" | "rmd") {
        let blocks = markdown::blocks(&text);
        let title = markdown::title(&text, &blocks).unwrap_or(stem);
        Ok(Extracted { title, text, blocks, in_file, is_code: false })
    } else if code::is_code(&ending, &name) {
        let blocks = code::blocks(&text);
        Ok(Extracted { title: name, text, blocks, in_file, is_code: true })
    } else {
        let blocks = text::blocks(&text);
        let title = text::title(&text).unwrap_or(stem);
        Ok(Extracted { title, text, blocks, in_file, is_code: false })
    }
}

/// A text that is in no file.
pub(crate) fn from_memory(title: String, text: String) -> Extracted {
    let blocks = text::blocks(&text);
    Extracted { title, text, blocks, in_file: None, is_code: false }
}

/// The text of a piece of HTML, on one line for each of its paragraphs.
pub(crate) fn html_text(piece: &str) -> String {
    html::text(piece.as_bytes()).1
}

fn is_pdf(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-")
}

#[cfg(test)]
#[path = "extract_tests.rs"]
mod tests;
