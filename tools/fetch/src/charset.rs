//! From bytes to text.

use std::str::Utf8Error;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Bytes at the start of a page in which its own word on its encoding is looked for.
const DECLARATION: usize = 4_096;

/// The text of a body: by its byte order mark, the header, what the page says of itself, else UTF-8 or Windows-1252.
/// What is UTF-8 by its bytes is taken as that, whatever it is called: other encodings do not look like it by chance.
pub(crate) fn decode(body: &[u8], header: Option<&str>) -> String {
    let labelled = || header.and_then(label).or_else(|| declared(body));
    let encoding = match Encoding::for_bom(body) {
        Some((encoding, _)) => encoding,
        None if is_utf8(body) && !body.is_ascii() => UTF_8,
        None => labelled().unwrap_or(if is_utf8(body) { UTF_8 } else { WINDOWS_1252 }),
    };
    encoding.decode(body).0.into_owned()
}

fn label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.trim().as_bytes())
}

/// UTF-8 from start to end; where it showed itself as that before, a character at the end may be cut.
fn is_utf8(body: &[u8]) -> bool {
    let cut = |error: Utf8Error| error.error_len().is_none() && !body[..error.valid_up_to()].is_ascii();
    std::str::from_utf8(body).map_or_else(cut, |_| true)
}

/// `<meta charset=…>`, `<meta … content="text/html; charset=…">` or `<?xml … encoding="…"?>`.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&body[..body.len().min(DECLARATION)]).to_ascii_lowercase();
    ["charset", "encoding"].iter().find_map(|word| {
        start.match_indices(word).find_map(|(at, _)| {
            let value = start[at + word.len()..].trim_start().strip_prefix('=')?;
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.+".contains(c))).unwrap_or(value.len());
            // A page that can be searched for this word as ASCII is not in UTF-16.
            label(&value[..end]).map(|encoding| if encoding.is_ascii_compatible() { encoding } else { UTF_8 })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_and_a_wrong_label_is_not_believed() {
        let cases: [(&[u8], Option<&str>, &str); 11] = [
            (b"caf\xe9", None, "café"),
            (b"caf\xe9", Some("iso-8859-1"), "café"),
            (b"caf\xe9", Some("nonsense"), "café"),
            ("café".as_bytes(), Some("iso-8859-1"), "café"),
            ("café".as_bytes(), None, "café"),
            (b"\xef\xbb\xbfcaf\xc3\xa9", Some("koi8-r"), "café"),
            (b"\xff\xfec\x00a\x00f\x00\xe9\x00", None, "café"),
            (b"<meta charset='koi8-r'>\xc4\xc1", None, "<meta charset='koi8-r'>да"),
            (
                b"<?xml version='1.0' encoding='windows-1251'?>\xe4\xe0",
                None,
                "<?xml version='1.0' encoding='windows-1251'?>да",
            ),
            (b"<meta charset=utf-16>\xe9", Some(""), "<meta charset=utf-16>\u{fffd}"),
            (b"\x1b$B$\"\x1b(B", Some("iso-2022-jp"), "あ"),
        ];
        for (bytes, header, expected) in cases {
            assert_eq!(decode(bytes, header), expected);
        }
        assert_eq!(decode(&"éé".as_bytes()[..3], None), "é\u{fffd}");
    }
}
