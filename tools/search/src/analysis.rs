//! How text becomes terms: the same for passages and for queries.

use std::collections::HashSet;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};

/// The analyzer's name in the schema. A change of the analysis needs a new name, so that old indexes are built again.
pub(crate) const ANALYZER: &str = "words-1";

/// Longer words are no words that anybody asks for: base64, minified code.
const MAX_WORD: usize = 80;

/// Words that say little about what is asked. They find nothing alone, and count little in the ranking.
const STOP_WORDS: &str = "a an and are as at be been being but by can could did do does for from had has have he her him \
    his how i if in into is it its me my not of on or our s she should such than that the their then there these they this \
    to was we were what when where which who whom whose why will with would you your about may might";

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
}

impl Analysis {
    pub(crate) fn new() -> Self {
        let mut analysis = Self { analyzer: analyzer(), stop: HashSet::new() };
        analysis.stop = analysis.words(STOP_WORDS).into_iter().map(|word| word.term).collect();
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
}

pub(crate) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Words::default())
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// Splits text into words: runs of letters and digits, with three liberties. A number keeps its point and loses its
/// thousands separators; apostrophes fall, with a possessive `'s`; abbreviations such as `U.S.` and names such as `C++`
/// are one word. Ideographs and kana stand alone, since nothing separates their words.
#[derive(Debug, Clone, Default)]
struct Words {
    token: Token,
}

struct WordStream<'a> {
    text: &'a str,
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { text, at: 0, token: &mut self.token }
    }
}

impl WordStream<'_> {
    fn peek(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// Reads the word that begins at `self.at` into the token; says whether it is one to keep.
    fn read(&mut self, first: char) -> bool {
        let start = self.at;
        self.token.text.clear();
        if stands_alone(first) {
            self.at += first.len_utf8();
            self.token.text.push(first);
        } else if let Some(end) = self.abbreviation() {
            self.token.text.extend(self.text[start..end].chars().filter(|c| *c != '.'));
            self.at = end;
        } else {
            self.run();
        }
        self.token.offset_from = start;
        self.token.offset_to = self.at;
        self.token.text.len() <= MAX_WORD && !self.token.text.is_empty()
    }

    /// `U.S.`, `e.g.`: single letters, each with a point; where it ends.
    fn abbreviation(&self) -> Option<usize> {
        let mut at = self.at;
        let mut letters = 0;
        while let Some(letter) = self.peek(at).filter(|c| c.is_alphabetic() && !stands_alone(*c)) {
            let after = at + letter.len_utf8();
            if self.peek(after) != Some('.') {
                break;
            }
            letters += 1;
            at = after + 1;
        }
        let is_whole = !self.peek(at).is_some_and(char::is_alphanumeric);
        (letters >= 2 && is_whole).then_some(at)
    }

    fn run(&mut self) {
        let mut previous = ' ';
        while let Some(c) = self.peek(self.at) {
            let after = self.at + c.len_utf8();
            let next = self.peek(after);
            if c.is_alphanumeric() && !stands_alone(c) {
                self.push(c);
            } else if matches!(c, '\'' | '’') && previous.is_alphabetic() && next.is_some_and(char::is_alphabetic) {
                let rest = &self.text[after..];
                let mut letters = rest.chars();
                if matches!(letters.next(), Some('s' | 'S')) && !letters.next().is_some_and(char::is_alphanumeric) {
                    self.at = after + 1;
                    return;
                }
            } else if previous.is_ascii_digit() && c == '.' && next.is_some_and(|c| c.is_ascii_digit()) {
                self.push(c);
            } else if previous.is_ascii_digit() && c == ',' && self.is_thousand(after) {
                // falls
            } else {
                break;
            }
            previous = c;
            self.at = after;
        }
        let rest = &self.text[self.at..];
        for sign in ["++", "#"] {
            let is_name = self.token.text.chars().count() <= 2 && previous.is_alphabetic() && rest.starts_with(sign);
            if is_name && !rest[sign.len()..].starts_with(char::is_alphanumeric) {
                self.token.text.push_str(sign);
                self.at += sign.len();
                break;
            }
        }
    }

    /// Three digits, and no fourth.
    fn is_thousand(&self, at: usize) -> bool {
        let digits = self.text.as_bytes()[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        digits == 3
    }

    /// What is beyond [`MAX_WORD`] is read over, so that a token does not grow with a hostile text.
    fn push(&mut self, c: char) {
        if self.token.text.len() <= MAX_WORD {
            self.token.text.push(c);
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some(c) = self.peek(self.at) {
            if c.is_alphanumeric() {
                if self.read(c) {
                    self.token.position = self.token.position.wrapping_add(1);
                    return true;
                }
            } else {
                self.at += c.len_utf8();
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
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
        assert_eq!(terms("Warsaw's Bogusławski theatres"), ["warsaw", "boguslawski", "theatr"]);
        assert_eq!(terms("711,988 people, 3.14 and 1,2,3"), ["711988", "peopl", "3.14", "and", "1", "2", "3"]);
        assert_eq!(terms("the U.S. e.g. in the end. So"), ["the", "us", "eg", "in", "the", "end", "so"]);
        assert_eq!(terms("C++ \"unclosed ( C# a+b"), ["c++", "unclos", "c#", "a", "b"]);
        assert_eq!(terms("don't O’Brien parse_config"), ["dont", "obrien", "pars", "config"]);
        assert_eq!(terms("東京 タワー"), ["東", "京", "タ", "ワ", "ー"]);
        assert!(terms(&"x".repeat(1000)).is_empty());
    }

    proptest! {
        #[test]
        fn words_stand_where_they_say_and_in_order(text in "\\PC{0,200}|[a-z0-9'.,+# UéÀ東]{0,80}") {
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
