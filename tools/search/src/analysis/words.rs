//! Where words begin and end.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Longer words are no words that anybody asks for: base64, minified code.
const MAX_WORD: usize = 120;

/// Letters of an abbreviation with points; the bound keeps a text of nothing else from being read again and again.
const MAX_ABBREVIATION: usize = 10;

/// Splits text into words: runs of letters and digits, with three liberties. A number keeps its point and loses its
/// thousands separators; apostrophes fall, with a possessive `'s`; abbreviations such as `U.S.` and names such as `C++`
/// are one word. Letters of scripts that write no spaces between words stand alone; nearness in the ranking puts them
/// together. Signs above and below letters are a part of their word, whichever way they are encoded.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    token: Token,
}

pub(super) struct WordStream<'a> {
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
            if letters == MAX_ABBREVIATION || self.peek(after) != Some('.') {
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
            if is_silent(c) {
                // Й, which many systems write as two.
                if c == '\u{306}' && self.token.text.ends_with(['и', 'И']) {
                    self.token.text.pop();
                    self.token.text.push('й');
                }
                self.at = after;
                continue;
            }
            if (c.is_alphanumeric() && !stands_alone(c)) || is_sign(c) {
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

/// Letters of scripts without spaces between words, and of Korean, where endings grow onto words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Burmese
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3040}'..='\u{30ff}' // kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // ideographs
        | '\u{ac00}'..='\u{d7a3}') // Hangul
}

/// Signs within a word that people leave out: accents that stand behind their letter, vowels of Hebrew and Arabic,
/// hyphens and joiners that are not seen.
fn is_silent(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
        | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Signs of the scripts of India within a word that Unicode does not count as letters.
fn is_sign(c: char) -> bool {
    ('\u{900}'..='\u{dff}').contains(&c) && matches!(u32::from(c) & 0x7f, 0x3c | 0x4d) || c == '\u{dca}'
}
