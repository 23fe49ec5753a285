//! The last steps from a word to its term: one spelling for British and American English, and the stem by the language
//! that the script suggests.

use std::mem;

use frostem::{Algorithm, Stemmer};
use tantivy::tokenizer::{Token, TokenFilter, TokenStream, Tokenizer};

/// British and American spellings that no rule covers, as the beginnings of words, sorted. The first becomes the second.
const SPELLINGS: &[(&str, &str)] = &[
    ("aeroplane", "airplane"),
    ("aesthetic", "esthetic"),
    ("aluminium", "aluminum"),
    ("anaem", "anem"),
    ("anaesth", "anesth"),
    ("archaeol", "archeol"),
    ("armour", "armor"),
    ("behaviour", "behavior"),
    ("caesium", "cesium"),
    ("calibre", "caliber"),
    ("catalogue", "catalog"),
    ("centre", "center"),
    ("centred", "centered"),
    ("cheque", "check"),
    ("colour", "color"),
    ("cosy", "cozy"),
    ("defence", "defense"),
    ("dialogue", "dialog"),
    ("diarrhoea", "diarrhea"),
    ("draught", "draft"),
    ("encyclopaed", "encycloped"),
    ("endeavour", "endeavor"),
    ("favour", "favor"),
    ("fibre", "fiber"),
    ("flavour", "flavor"),
    ("foetus", "fetus"),
    ("gaol", "jail"),
    ("grey", "gray"),
    ("gynaecol", "gynecol"),
    ("haem", "hem"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("humour", "humor"),
    ("jewellery", "jewelry"),
    ("judgement", "judgment"),
    ("kerb", "curb"),
    ("labour", "labor"),
    ("leukaem", "leukem"),
    ("licence", "license"),
    ("litre", "liter"),
    ("lustre", "luster"),
    ("manoeuvre", "maneuver"),
    ("meagre", "meager"),
    ("metre", "meter"),
    ("mould", "mold"),
    ("neighbour", "neighbor"),
    ("odour", "odor"),
    ("oesophag", "esophag"),
    ("oestrogen", "estrogen"),
    ("offence", "offense"),
    ("orthopaed", "orthoped"),
    ("paediatr", "pediatr"),
    ("parlour", "parlor"),
    ("plough", "plow"),
    ("practise", "practice"),
    ("pretence", "pretense"),
    ("pyjama", "pajama"),
    ("rumour", "rumor"),
    ("sabre", "saber"),
    ("savour", "savor"),
    ("sceptic", "skeptic"),
    ("sombre", "somber"),
    ("spectre", "specter"),
    ("splendour", "splendor"),
    ("sulph", "sulf"),
    ("theatre", "theater"),
    ("tumour", "tumor"),
    ("tyre", "tire"),
    ("vapour", "vapor"),
    ("vigour", "vigor"),
];

/// Endings of the metric system's units, which follow a prefix: kilometre, millilitre.
const UNITS: &[(&str, &str)] = &[("metre", "meter"), ("metres", "meters"), ("litre", "liter"), ("litres", "liters")];

/// Endings with `s` in British and with `z` in American English.
const ENDINGS: &[(&str, &str)] = &[
    ("isation", "ization"),
    ("isations", "izations"),
    ("ise", "ize"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("isers", "izers"),
    ("ises", "izes"),
    ("ising", "izing"),
    ("lyse", "lyze"),
    ("lysed", "lyzed"),
    ("lyser", "lyzer"),
    ("lysers", "lyzers"),
    ("lysing", "lyzing"),
];

/// Words that end so in all English, and have relatives that do not: advertisement, compromising, treatises.
const EVERYWHERE: &[&str] = &[
    "advert", "chast", "compr", "comprom", "desp", "enterpr", "expert", "franch", "merchand", "parad", "prem", "prom",
    "surm", "surpr", "treat",
];

/// Words whose last consonant is doubled in British English before some endings.
const DOUBLED: &[&str] = &[
    "cancell", "channell", "counsell", "diall", "equall", "fuell", "jewell", "labell", "levell", "libell", "marshall",
    "marvell", "modell", "panell", "pedall", "quarrell", "rivall", "shovell", "signall", "spirall", "travell",
    "tunnell",
];

/// The American spelling of a word in lower case and ASCII. It changes words in an index and in queries alike, so a word
/// that is spelled the same everywhere loses nothing.
fn unify(word: &mut String) {
    let (Some(first), true) = (word.bytes().next(), word.len() >= 4 && word.is_ascii()) else { return };
    let from = SPELLINGS.partition_point(|(british, _)| british.as_bytes()[0] < first);
    let to = SPELLINGS.partition_point(|(british, _)| british.as_bytes()[0] <= first);
    // The longest entry of those that are the beginning of one another is the last.
    if let Some((british, american)) = SPELLINGS[from..to].iter().rev().find(|(british, _)| word.starts_with(british)) {
        word.replace_range(..british.len(), american);
    } else if let "programme" | "programmes" = word.as_str() {
        *word = word.replace("mme", "m");
    }
    let end = |word: &str, ending: &str| word.ends_with(ending).then(|| word.len() - ending.len());
    if let Some((at, american)) = UNITS.iter().find_map(|(british, american)| Some((end(word, british)?, american))) {
        word.replace_range(at.., american);
        return;
    }
    for (british, american) in ENDINGS {
        let Some(at) = end(word, british) else { continue };
        // `revise`, `precise`: relatives have an `s` everywhere. `raise`, `rise`: no such ending at all.
        let is_ending = british.starts_with('l')
            || (at >= 3 && !b"aeiouvcw".contains(&word.as_bytes()[at - 1]) && !EVERYWHERE.contains(&&word[..at]));
        if is_ending {
            word.replace_range(at.., american);
        }
        return;
    }
    for doubled in DOUBLED {
        if let Some("ed" | "er" | "ers" | "ing" | "ings" | "ist" | "ists") = word.strip_prefix(doubled) {
            word.remove(doubled.len() - 1);
            return;
        }
    }
}

/// The language of a word by its first letter. Latin letters count as English; other languages of that script lose
/// little by it.
fn language(word: &str) -> Option<Algorithm> {
    match word.chars().find(|c| c.is_alphabetic())? {
        'a'..='z' => Some(Algorithm::English),
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Algorithm::Greek),
        '\u{400}'..='\u{4ff}' => Some(Algorithm::Russian),
        '\u{600}'..='\u{6ff}' => Some(Algorithm::Arabic),
        _ => None,
    }
}

#[derive(Debug, Clone)]
pub(super) struct Stems;

#[derive(Clone)]
pub(super) struct StemTokenizer<T>(T);

pub(super) struct StemStream<T> {
    tail: T,
    buffer: String,
}

impl TokenFilter for Stems {
    type Tokenizer<T: Tokenizer> = StemTokenizer<T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> StemTokenizer<T> {
        StemTokenizer(tokenizer)
    }
}

impl<T: Tokenizer> Tokenizer for StemTokenizer<T> {
    type TokenStream<'a> = StemStream<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        StemStream { tail: self.0.token_stream(text), buffer: String::new() }
    }
}

impl<T: TokenStream> TokenStream for StemStream<T> {
    fn advance(&mut self) -> bool {
        if !self.tail.advance() {
            return false;
        }
        let text = &mut self.tail.token_mut().text;
        unify(text);
        if let Some(language) = language(text) {
            self.buffer.clear();
            self.buffer.push_str(&Stemmer::new(language).stem(text));
            // A stem of nothing would match everything that has none.
            if !self.buffer.is_empty() {
                mem::swap(text, &mut self.buffer);
            }
        }
        true
    }

    fn token(&self) -> &Token {
        self.tail.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.tail.token_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(word: &str) -> String {
        let mut word = word.to_owned();
        unify(&mut word);
        word
    }

    #[test]
    fn british_and_american_words_are_one() {
        assert!(SPELLINGS.is_sorted());
        for (british, american) in [
            ("colours", "colors"),
            ("kilometres", "kilometers"),
            ("metre", "meter"),
            ("centred", "centered"),
            ("organisation", "organization"),
            ("realised", "realized"),
            ("analysing", "analyzing"),
            ("travelled", "traveled"),
            ("sulphuric", "sulfuric"),
            ("haemoglobin", "hemoglobin"),
            ("theatres", "theaters"),
            ("programmes", "programs"),
            ("modelling", "modeling"),
        ] {
            let (left, right) = (unified(british), unified(american));
            let stem = |word: &str| Stemmer::new(Algorithm::English).stem(word).into_owned();
            assert_eq!(stem(&left), stem(&right), "{british} {american}");
        }
        for same in "revise precise raise wise rise promising advertised programmer four diameter analysis hour central"
            .split(' ')
        {
            assert_eq!(unified(same), same);
        }
    }
}
