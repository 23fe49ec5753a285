use proptest::prelude::*;

use super::*;

const START: Position = Position { line: 1, column: 1 };

/// Every page from the first on, put together again.
fn all_pages(file: &[u8], limit: u64, room: usize) -> (Vec<u8>, usize) {
    let (mut whole, mut at, mut pages) = (Vec::new(), START, 0);
    loop {
        let page = page(file, at, limit, room, MAX_READ, &CancellationToken::new()).unwrap();
        assert!(page.bytes.len() <= room.max(4) + 1, "{} bytes on a page of {room}", page.bytes.len());
        assert!(page.bytes.iter().filter(|b| **b == b'\n').count() as u64 <= limit);
        whole.extend_from_slice(&page.bytes);
        pages += 1;
        let Some(next) = page.next else { return (whole, pages) };
        assert!((next.line, next.column) > (at.line, at.column), "{at:?} is followed by {next:?}");
        at = next;
    }
}

/// Text with short, long, empty and odd lines.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just(Vec::new()),
        "[a-z ]{0,30}".prop_map(String::into_bytes),
        "[äöü漢字😀a]{0,60}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..40),
        Just(b"x".repeat(500)),
        Just(b"windows\r".to_vec()),
    ];
    (prop::collection::vec(line, 0..40), any::<bool>()).prop_map(|(lines, newline)| {
        let mut file = lines.join(&b'\n');
        if newline {
            file.push(b'\n');
        }
        file
    })
}

proptest! {
    #[test]
    fn the_pages_cover_the_file_exactly_once(file in file(), limit in 1..9_u64, room in 1..200_usize) {
        let (whole, _) = all_pages(&file, limit, room);
        prop_assert_eq!(whole, file);
    }

    #[test]
    fn no_page_ends_inside_a_character(text in "[a漢😀\n]{0,300}", room in 4..40_usize) {
        let mut at = Some(START);
        while let Some(start) = at {
            let page = page(text.as_bytes(), start, 3, room, MAX_READ, &CancellationToken::new()).unwrap();
            prop_assert!(String::from_utf8(page.bytes).is_ok());
            at = page.next;
        }
    }

    #[test]
    fn lines_are_counted_as_text_has_them(file in file()) {
        let page = page(file.as_slice(), START, 1, 100, MAX_READ, &CancellationToken::new()).unwrap();
        let lines = file.split_inclusive(|b| *b == b'\n').count() as u64;
        prop_assert_eq!((page.lines, page.whole), (lines, true));
    }
}

#[test]
fn a_page_holds_whole_lines_where_it_can() {
    let page = page(&b"one\ntwo\nthree\n"[..], START, 10, 9, MAX_READ, &CancellationToken::new()).unwrap();
    assert_eq!((page.bytes.as_slice(), page.last), (&b"one\ntwo\n"[..], 2));
    assert_eq!(page.next, Some(Position { line: 3, column: 1 }));
}

#[test]
fn a_file_without_end_is_read_up_to_the_bound_and_no_further() {
    let endless = || std::io::repeat(b'a');
    let cancel = CancellationToken::new();
    let read =
        |source: &mut dyn Read, line| page(source, Position { line, column: 1 }, 10, 5, 100_000, &cancel).unwrap();
    let first = read(&mut endless(), 1);
    assert_eq!((first.bytes.as_slice(), first.whole, first.lines), (&b"aaaaa"[..], false, 1));
    assert_eq!(first.next, Some(Position { line: 1, column: 6 }));
    assert!(
        answer(START, &first, Encoding::Utf8)
            .text
            .ends_with("of more than 1; the line goes on; next: offset 1, column 6]")
    );
    let beyond = read(&mut endless(), 2);
    assert!(beyond.bytes.is_empty() && beyond.last < 2 && !beyond.whole);
    // The last page that can be read does not say that the file ends there.
    let mut lines = b"ab\n".chain(endless());
    let last = page(&mut lines, START, 10, 200_000, 100_000, &cancel).unwrap();
    assert_eq!((last.bytes.len(), last.next), (100_000, None));
    assert!(
        answer(START, &last, Encoding::Utf8)
            .text
            .ends_with("of more than 2; only the first 268,435,456 bytes of the file can be read]")
    );
}
