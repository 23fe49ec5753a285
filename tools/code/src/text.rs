//! Bytes of a program's as text that a model can be shown.

/// Decodes what can be decoded, with one kind of line end, and without control characters: those move cursors, and mean
/// nothing to a model.
pub(crate) fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// The text without its middle if it is longer than `limit` bytes; `note` says what stands there instead, given the bytes
/// left out.
pub(crate) fn without_middle(text: &str, limit: usize, note: impl Fn(usize) -> String) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub(note(text.len()).len() + 2);
    // Two thirds of it for the beginning.
    let head = &text[..text.floor_char_boundary(room - room / 3)];
    let tail = &text[text.ceil_char_boundary(text.len() - room / 3)..];
    // At ends of lines, if the lines are not long.
    let head = head.rfind('\n').filter(|at| head.len() - at < 200).map_or(head, |at| &head[..at]);
    let tail = tail.find('\n').filter(|at| *at < 200).map_or(tail, |at| &tail[at + 1..]);
    format!("{head}\n{}\n{tail}", note(text.len() - head.len() - tail.len()))
}

/// The beginning of the text, with a mark where it was cut.
pub(crate) fn beginning(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(limit.saturating_sub(3))])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_shown_fits_and_is_the_beginning_and_the_end(text in "[a-zé\n]{0,400}", limit in 60..300_usize) {
            let shown = without_middle(&text, limit, |bytes| format!("[{bytes} bytes left out]"));
            prop_assert!(shown.len() <= limit);
            match shown.split_once("\n[") {
                Some((head, rest)) if text.len() > limit => {
                    prop_assert!(text.starts_with(head));
                    let (note, tail) = rest.split_once(" bytes left out]\n").unwrap();
                    prop_assert!(text.ends_with(tail));
                    prop_assert_eq!(note.parse::<usize>().unwrap(), text.len() - head.len() - tail.len());
                }
                _ => prop_assert_eq!(shown, text),
            }
        }

        #[test]
        fn no_control_character_is_left(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(clean(&bytes).chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        }
    }

    #[test]
    fn line_ends_are_of_one_kind_and_halves_of_characters_are_marked() {
        assert_eq!(clean(b"a\r\nb\x1b[31mc\0\xff\t"), "a\nb[31mc\u{fffd}\t");
    }
}
