use proptest::prelude::*;

use super::*;

proptest! {
    /// Against the standard library: what is unique is replaced as `str::replacen` does, all else is refused.
    #[test]
    fn only_a_unique_place_is_replaced(text in "[ab\n]{0,40}", old in "[ab\n]{1,4}", new in "[abc\n]{0,5}") {
        let count = (0..text.len()).filter(|at| text[*at..].starts_with(&old)).count();
        match find(text.as_bytes(), &old, &new) {
            Ok(change) => {
                prop_assert_eq!(count, 1);
                prop_assert_eq!(apply(text.as_bytes(), &change), text.replacen(&old, &new, 1).into_bytes());
            }
            Err(places) => {
                prop_assert_ne!(count, 1);
                prop_assert_eq!(places.len(), count);
            }
        }
    }
}

#[test]
fn a_file_keeps_its_line_breaks_and_its_odd_bytes() {
    let bytes = b"a\r\nb\r\n\xff\xfe\r\n";
    let change = find(bytes, "a\nb\n", "a\nc\nb\n").unwrap();
    assert_eq!(apply(bytes, &change), b"a\r\nc\r\nb\r\n\xff\xfe\r\n");
    let change = find(b"a\r\nb", "", "c\n").unwrap();
    assert_eq!(apply(b"a\r\nb", &change), b"a\r\nb\r\nc\r\n");
}

#[test]
fn the_similar_lines_are_those_that_were_meant() {
    let file = b"fn main() {\n    let total = prices.iter().sum();\n    print(total);\n}\n";
    let similar = similar(file, "\n  let total=price.iter().sum()\n");
    assert_eq!(similar, " Similar lines:\n2\t    let total = prices.iter().sum();");
}
