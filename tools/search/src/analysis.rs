//! How text becomes terms: the same for passages and for queries.

mod stems;
mod words;

use std::collections::HashSet;

use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, TextAnalyzer, TokenStream as _};

use self::{stems::Stems, words::Words};

/// The analyzer's name in the schema. A change of the analysis needs a new name, so that old indexes are built again.
pub(crate) const ANALYZER: &str = "words-2";

/// Words that say little about what is asked. They find nothing alone, and count little in the ranking.
const STOP_WORDS: &str = "a an and are as at be been being but by can could did do does for from had has have he her him \
    his how i if in into is it its me my not of on or our s she should such than that the their then there these they this \
    to was we were what when where which who whom whose why will with would you your about may might";

/// What is asked for with `how`. Answers give a number instead.
const MEASURES: &str = "many much far big long old large high tall deep heavy fast wide hot cold often small thick";

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Stem, in lower case and ASCII where that is possible.
    pub(crate) term: String,
    /// Where it stands, in bytes.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The analyzer with the stop words in its own terms.
#[derive(Clone)]
pub(crate) struct Analysis {
    analyzer: TextAnalyzer,
    stop: HashSet<String>,
    measures: HashSet<String>,
}

impl Analysis {
    pub(crate) fn new() -> Self {
        let mut analysis = Self { analyzer: analyzer(), stop: HashSet::new(), measures: HashSet::new() };
        let terms = |words| analysis.words(words).into_iter().map(|word| word.term).collect();
        (analysis.stop, analysis.measures) = (terms(STOP_WORDS), terms(MEASURES));
        analysis
    }

    /// The words of `text`, in order.
    pub(crate) fn words(&self, text: &str) -> Vec<Word> {
        let mut analyzer = self.analyzer.clone();
        let mut stream = analyzer.token_stream(text);
        let mut words = Vec::with_capacity(text.len() / 6);
        while let Some(token) = stream.next() {
            words.push(Word { term: token.text.clone(), start: token.offset_from, end: token.offset_to });
        }
        words
    }

    pub(crate) fn is_stop_word(&self, term: &str) -> bool {
        self.stop.contains(term)
    }

    /// Whether this word behind `how` asks for a number.
    pub(crate) fn is_measure(&self, term: &str) -> bool {
        self.measures.contains(term)
    }
}

pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Words::default()).filter(LowerCaser).filter(AsciiFoldingFilter).filter(Stems).build()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(text: &str) -> Vec<String> {
        Analysis::new().words(text).into_iter().map(|word| word.term).collect()
    }

    #[test]
    fn words_are_what_people_ask_for() {
        assert_eq!(terms("Warsaw's Bogusławski theatres"), ["warsaw", "boguslawski", "theater"]);
        assert_eq!(terms("711,988 people, 3.14 and 1,2,3"), ["711988", "peopl", "3.14", "and", "1", "2", "3"]);
        assert_eq!(terms("the U.S. e.g. in the end. So"), ["the", "us", "eg", "in", "the", "end", "so"]);
        assert_eq!(terms("C++ \"unclosed ( C# a+b"), ["c++", "unclos", "c#", "a", "b"]);
        assert_eq!(terms("don't O’Brien parse_config"), ["dont", "obrien", "pars", "config"]);
        assert_eq!(terms("Colour of 2 kilometres"), terms("color of 2 kilometers"));
        assert!(terms(&"x".repeat(1000)).is_empty());
    }

    #[test]
    fn other_scripts_and_encodings_have_words_too() {
        assert_eq!(terms("東京 タワー"), ["東", "京", "タ", "ワ", "ー"]);
        assert_eq!(terms("서울의 인구"), ["서", "울", "의", "인", "구"]);
        assert_eq!(terms("กรุงเทพ").len(), 7);
        assert_eq!(terms("Москва, Москвы, Москве"), ["москв"; 3]);
        assert_eq!(terms("мой мои\u{306}")[0], terms("мой мои\u{306}")[1]);
        assert_eq!(terms("ΑΘΗΝΑ Αθήνα")[0], terms("ΑΘΗΝΑ Αθήνα")[1]);
        // The article and the vowel signs of Arabic.
        assert_eq!(terms("القاهرة")[0], terms("اَلْقَاهِرَة")[0]);
        assert_eq!(terms("विज्ञान हिन्दी").len(), 2);
        // Composed and decomposed, hyphens that are not seen, letters of full width.
        assert_eq!(terms("café caf\u{e9}s cafe\u{301}"), ["cafe"; 3]);
        assert_eq!(terms("hy\u{ad}phen\u{ad}ation"), terms("hyphenation"));
        assert_eq!(terms("ＡＢＣ１２"), ["abc12"]);
    }

    #[test]
    fn a_text_of_points_is_read_once() {
        assert_eq!(terms(&format!("{}xx", "a.".repeat(200_000))).len(), 200_001);
    }

    proptest! {
        #[test]
        fn words_stand_where_they_say_and_in_order(text in "\\PC{0,200}|[a-z0-9'.,+# UéÀ東서й\u{301}\u{ad}\u{640}्ก]{0,80}") {
            let mut last = 0;
            for word in Analysis::new().words(&text) {
                prop_assert!(word.start >= last && word.start < word.end);
                prop_assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
                prop_assert!(!word.term.is_empty());
                last = word.end;
            }
        }
    }
}
