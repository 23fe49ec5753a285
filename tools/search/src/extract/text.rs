use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::passages::{Block, Kind};

/// The encoding that a byte order mark names, and the length of the mark.
pub(super) fn byte_order_mark(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    Encoding::for_bom(bytes)
}

/// The text, and where it begins in the bytes if it stands there as it is. UTF-8, else what the byte order mark says,
/// else Windows-1252, which every byte means something in.
pub(super) fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    match byte_order_mark(&bytes) {
        Some((encoding, skip)) if encoding == UTF_8 => match std::str::from_utf8(&bytes[skip..]) {
            Ok(text) => (text.to_owned(), Some(skip)),
            Err(_) => (String::from_utf8_lossy(&bytes[skip..]).into_owned(), None),
        },
        Some((encoding, skip)) => (encoding.decode_without_bom_handling(&bytes[skip..]).0.into_owned(), None),
        None => match String::from_utf8(bytes) {
            Ok(text) => (text, Some(0)),
            Err(error) => (decode_broken(error.as_bytes()), None),
        },
    }
}

/// Mostly UTF-8 is UTF-8 with faults; else it is the most common of the old encodings.
fn decode_broken(bytes: &[u8]) -> String {
    let (mut sound, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if sound > broken {
        String::from_utf8_lossy(bytes).into_owned()
    } else {
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Paragraphs: what stands between blank lines.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    let mut is_open = false;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if line.trim().is_empty() {
            is_open = false;
        } else if let Some(block) = blocks.last_mut().filter(|_| is_open) {
            block.end = end;
        } else {
            blocks.push(Block { start: at, end, kind: Kind::Prose });
            is_open = true;
        }
        at = end;
    }
    blocks
}

/// The first line, if it stands alone and is short.
pub(super) fn title(text: &str) -> Option<String> {
    let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
    let first = lines.next()?.trim();
    let stands_alone = lines.next().is_some_and(|line| line.trim().is_empty());
    (stands_alone && first.len() <= 100).then(|| first.to_owned())
}
