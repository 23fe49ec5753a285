//! What the bytes of a file are: text in one of the usual encodings, or no text.

use std::{borrow::Cow, iter};

use encoding_rs::{Encoding as Table, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are looked at to tell text from the rest.
pub(crate) const SNIFFED: usize = 8 * 1024;

/// How a text file is written. What is not named is UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8, also where some bytes of it are broken: they stay as they are.
    Utf8,
    /// One byte for each character. Every byte means something there, so that nothing gets lost on the way and back.
    Windows1252,
    /// Two bytes or four, the lower one first. It has a byte order mark.
    Utf16Le,
    /// The same with the higher one first.
    Utf16Be,
}

/// The first bytes of files that are no text, or no UTF-8, and what they are.
const KINDS: [(&[u8], &str); 10] = [
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x7fELF", "an executable"),
    (b"\0asm", "WebAssembly"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"(\xb5/\xfd", "zstd data"),
];

/// What a file that begins like this is if it is no text; `None` for text.
pub(crate) fn binary(start: &[u8]) -> Option<&'static str> {
    let known = KINDS.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, kind)| *kind);
    let start = start.get(..SNIFFED).unwrap_or(start);
    known.or_else(|| (utf16(start).is_none() && start.contains(&0)).then_some("binary data"))
}

/// UTF-16, which is taken for that by its byte order mark alone.
pub(crate) fn utf16(start: &[u8]) -> Option<Encoding> {
    match start {
        // Followed by two zeros it would be UTF-32, which nobody writes.
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] => Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
        _ => None,
    }
}

impl Encoding {
    /// The encoding of text that is there as a whole, or as a page of whole characters.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if let Some(encoding) = utf16(bytes) {
            return encoding;
        }
        // Bytes that are UTF-8 outside of ASCII are not so by chance; if there are some, the others are damage.
        let chunks = || bytes.utf8_chunks();
        let broken = chunks().any(|chunk| !chunk.invalid().is_empty());
        let meant = chunks().any(|chunk| !chunk.valid().is_ascii());
        if broken && !meant { Self::Windows1252 } else { Self::Utf8 }
    }

    /// Its name, as a note gives it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Windows1252 => "Windows-1252",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
        }
    }

    fn table(self) -> Option<&'static Table> {
        match self {
            Self::Utf8 => None,
            Self::Windows1252 => Some(WINDOWS_1252),
            Self::Utf16Le => Some(UTF_16LE),
            Self::Utf16Be => Some(UTF_16BE),
        }
    }

    /// The bytes as UTF-8, without the byte order mark of UTF-16. `None` if they could not be turned back.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
        let Some(table) = self.table() else { return Some(Cow::Borrowed(bytes)) };
        let bytes = if self == Self::Windows1252 { bytes } else { bytes.get(2..).unwrap_or_default() };
        let text = table.decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(Cow::Owned(text.into_owned().into_bytes()))
    }

    /// What [`Encoding::decode`] gave, or was made of it, back in this encoding.
    ///
    /// # Errors
    /// The first character that this encoding does not have.
    pub(crate) fn encode(self, text: Vec<u8>) -> Result<Vec<u8>, char> {
        let units = |bytes: fn(u16) -> [u8; 2]| {
            let text = String::from_utf8_lossy(&text);
            iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        match self {
            Self::Utf8 => Ok(text),
            Self::Utf16Le => Ok(units(u16::to_le_bytes)),
            Self::Utf16Be => Ok(units(u16::to_be_bytes)),
            Self::Windows1252 => {
                let text = String::from_utf8_lossy(&text);
                let missing = |c: &char| WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4])).2;
                match text.chars().find(missing) {
                    Some(c) => Err(c),
                    None => Ok(WINDOWS_1252.encode(&text).0.into_owned()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_encodings_are_told_apart() {
        for (bytes, expected) in [
            (b"plain".as_slice(), Encoding::Utf8),
            ("Öl für Ä".as_bytes(), Encoding::Utf8),
            ("\u{feff}Öl".as_bytes(), Encoding::Utf8),
            (b"\xd6l f\xfcr \xc4", Encoding::Windows1252),
            // Damaged UTF-8 is not Windows-1252.
            (b"\xc3\x96l f\xfcr", Encoding::Utf8),
            (b"\xff\xfea\0b\0", Encoding::Utf16Le),
            (b"\xfe\xff\0a\0b", Encoding::Utf16Be),
        ] {
            assert_eq!(Encoding::of(bytes), expected, "{bytes:?}");
            assert_eq!(binary(bytes), None, "{bytes:?}");
        }
        assert_eq!(Encoding::Windows1252.decode(b"\xd6l \x80"), Some(Cow::Borrowed("Öl €".as_bytes())));
        assert_eq!(Encoding::Windows1252.encode("Öl → Fass".into()), Err('→'));
        assert_eq!(binary(b"a\0b"), Some("binary data"));
        assert_eq!(binary(b"\xff\xfe\0\0a\0\0\0"), Some("binary data"));
        assert_eq!(binary(b"%PDF-1.7\n"), Some("a PDF document"));
        // Half a character cannot be turned back, so it is not turned at all.
        assert_eq!(Encoding::Utf16Le.decode(b"\xff\xfe\0\xd8"), None);
    }

    proptest! {
        /// A file that is changed nowhere is the same file afterwards.
        #[test]
        fn what_is_decoded_is_encoded_back(text in "[a-z äöü漢😀\n]{0,30}", bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
                let file = encoding.encode(text.clone().into_bytes()).unwrap();
                prop_assert_eq!(Encoding::of(&file), encoding);
                prop_assert_eq!(encoding.decode(&file).unwrap().into_owned(), text.as_bytes());
            }
            let decoded = Encoding::Windows1252.decode(&bytes).unwrap().into_owned();
            prop_assert_eq!(Encoding::Windows1252.encode(decoded).unwrap(), bytes);
        }
    }
}
