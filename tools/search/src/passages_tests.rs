use proptest::prelude::*;

use super::*;
use crate::extract::markdown;

fn passages(text: &str) -> Vec<Span> {
    split(text, &markdown::blocks(text))
}

#[test]
fn sections_stay_apart_and_carry_their_headings() {
    let body = "A sentence of the section that says enough to stand alone. ".repeat(6);
    let text = format!("# Guide\n\n## Install\n{body}\n\n## Use\n### Search\n{body}\n");
    let spans = passages(&text);
    let headings: Vec<_> = spans.iter().map(|span| span.heading.as_str()).collect();
    assert_eq!(headings, ["Guide", "Guide › Use"]);
    assert!(text[spans[0].start..spans[0].end].starts_with("# Guide\n\n## Install"));
    assert!(text[spans[1].start..spans[1].end].starts_with("## Use\n### Search\nA sentence"));
}

#[test]
fn a_long_paragraph_is_cut_between_sentences_and_repeats_one() {
    let text: String = (0..200).map(|n| format!("Sentence number {n} stands in a long paragraph. ")).collect();
    let spans = passages(&text);
    assert!(spans.len() > 5);
    for pair in spans.windows(2) {
        assert!(pair[1].start < pair[0].end, "no overlap at {}", pair[0].end);
        assert!(pair[0].end - pair[1].start <= OVERLAP);
        assert!(text[pair[1].start..].starts_with("Sentence number"));
        assert!(text[..pair[0].end].ends_with('.'));
    }
}

#[test]
fn a_small_table_stays_whole_and_a_large_one_is_cut_between_lines() {
    let row = "| a cell | another cell | a third |\n";
    let small = format!("Text before.\n\n{}", row.repeat(30));
    assert_eq!(passages(&small).iter().filter(|span| small[span.start..span.end].contains('|')).count(), 1);
    let large = row.repeat(300);
    let spans = passages(&large);
    assert!(spans.len() > 5);
    assert!(spans.iter().all(|span| large[span.start..span.end].starts_with("| a cell")));
}

#[test]
fn a_word_without_end_is_cut_anyway() {
    let text = "é".repeat(1_000_000);
    let spans = passages(&text);
    assert!(spans.iter().all(|span| span.end - span.start <= WHOLE));
    assert_eq!(spans.iter().map(|span| span.end - span.start).sum::<usize>(), text.len());
}

/// Letters of words, so that a cut inside of one shows.
fn words() -> impl Strategy<Value = String> {
    prop::collection::vec("[a-zé]{1,12}[.,!?]?( |\n|\n\n|\n# |\n- |\n\\| |\r\n)", 0..600)
        .prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn passages_cover_all_words_and_cut_none(text in words()) {
        let spans = passages(&text);
        let mut covered = vec![false; text.len()];
        for span in &spans {
            let passage = &text[span.start..span.end];
            prop_assert_eq!(passage.trim(), passage);
            prop_assert!(passage.len() <= 2 * WHOLE);
            prop_assert!(!text[..span.start].ends_with(char::is_alphanumeric));
            prop_assert!(!text[span.end..].starts_with(char::is_alphanumeric));
            covered[span.start..span.end].fill(true);
        }
        for (at, c) in text.char_indices() {
            prop_assert!(covered[at] || !c.is_alphanumeric(), "not covered: {at}");
        }
        prop_assert!(spans.windows(2).all(|pair| pair[0].start < pair[1].start && pair[0].end < pair[1].end));
    }

    #[test]
    fn any_text_is_cut_without_a_panic(text in "\\PC{0,3000}|[.!? \"a\n。#|`-]{0,3000}") {
        for span in passages(&text) {
            prop_assert!(!text[span.start..span.end].is_empty());
        }
        let sentences = sentences(&text);
        prop_assert_eq!(sentences.iter().map(|range| range.len()).sum::<usize>(), text.len());
    }
}
