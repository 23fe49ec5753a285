//! A grammar of paraphrase over wordings: other words for the same, politeness, order of sentences, facts beside the point,
//! slips of the keyboard. Held-out wordings stay as they were written: they are what is measured.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::{Draw, Names, cast, phrasing::fill};

const DATA: &str = include_str!("../data/paraphrase.toml");

#[derive(Deserialize)]
struct Lists {
    synonyms: Vec<Vec<String>>,
    before: Vec<String>,
    behind: Vec<String>,
    asides: Vec<String>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| toml::from_str(DATA).unwrap_or_else(|error| panic!("data/paraphrase.toml: {error}")))
}

/// A calculation in other words.
#[must_use]
pub fn reworded(text: &str, names: Names, draw: &mut Draw) -> String {
    if names == Names::HeldOut {
        return text.to_owned();
    }
    let text = synonyms(text, 0.15, draw);
    mistyped(&framed(text, 0.12, draw), names, draw)
}

/// A story in other words: sentences may change places with the question, and facts beside the point come in.
#[must_use]
pub fn retold(text: &str, names: Names, draw: &mut Draw) -> String {
    if names == Names::HeldOut {
        return text.to_owned();
    }
    let mut text = synonyms(text, 0.2, draw);
    if draw.chance(0.15) {
        text = with_aside(&text, names, draw);
    }
    if draw.chance(0.05) {
        text = question_first(&text);
    }
    mistyped(&framed(text, 0.07, draw), names, draw)
}

/// As a hasty hand types it.
#[must_use]
pub fn mistyped(text: &str, names: Names, draw: &mut Draw) -> String {
    if names == Names::HeldOut {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    if draw.chance(0.08) {
        text = text.to_lowercase();
    }
    if draw.chance(0.08) {
        text.truncate(text.trim_end_matches(['.', '?', '!']).len());
    }
    if draw.chance(0.06) {
        text = slip(&text, draw);
    }
    text
}

fn framed(text: String, often: f64, draw: &mut Draw) -> String {
    let mut text = text;
    if draw.chance(often) {
        let before = draw.pick(&lists().before);
        // "So, what is": but names and "I" stay large, and cannot be told apart from other words here.
        text = format!("{before}{text}");
    }
    if draw.chance(often) {
        text.push_str(draw.pick::<String>(&lists().behind));
    }
    text
}

/// Each word that has others for it is replaced with this probability.
fn synonyms(text: &str, often: f64, draw: &mut Draw) -> String {
    let mut text = text.to_owned();
    for group in &lists().synonyms {
        let Some((word, others)) = group.split_first() else { continue };
        if let Some(at) = find_word(&text, word)
            && draw.chance(often)
        {
            text.replace_range(at..at + word.len(), draw.pick::<String>(others));
        }
    }
    text
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '\'' || c == '-');
    let found = text.match_indices(word).map(|(at, _)| at);
    let mut whole =
        found.filter(|at| !part(text[..*at].chars().next_back()) && !part(text[at + word.len()..].chars().next()));
    whole.next()
}

/// Where sentences end.
fn sentences(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, mark) in text.match_indices(['.', '?', '!']) {
        let behind = &text[at + mark.len()..];
        if behind.starts_with(' ') && behind[1..].starts_with(|c: char| c.is_uppercase() || c == '"') {
            parts.push(text[start..=at].trim());
            start = at + 1;
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn with_aside(text: &str, names: Names, draw: &mut Draw) -> String {
    let aside = draw.pick(&lists().asides).clone();
    let (number, name) = (draw.int(2, 60).to_string(), cast::person(names, draw));
    let aside = fill(&aside, &|slot| match slot {
        "n" => Some(number.clone()),
        _ => Some(name.clone()),
    });
    let mut parts = sentences(text);
    if parts.len() < 2 {
        return text.to_owned();
    }
    // Behind the first sentence at the earliest, before the last at the latest.
    let at = draw.int(1, parts.len() as i64 - 1) as usize;
    parts.insert(at, &aside);
    parts.join(" ")
}

/// "How many are left? Tom had 9, …"
fn question_first(text: &str) -> String {
    let mut parts = sentences(text);
    match parts.last() {
        Some(last) if parts.len() > 1 && last.ends_with('?') => {
            parts.rotate_right(1);
            parts.join(" ")
        }
        _ => text.to_owned(),
    }
}

/// One slip in one word of letters only: two letters swapped, one left out, or one twice.
fn slip(text: &str, draw: &mut Draw) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let at = draw.int(0, words.len() as i64 - 1) as usize;
    let word = words[at];
    if word.len() < 4 || !word.chars().all(|c| c.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let mut letters: Vec<char> = word.chars().collect();
    let place = draw.int(1, letters.len() as i64 - 2) as usize;
    match draw.int(0, 2) {
        0 => letters.swap(place, place + 1),
        1 => drop(letters.remove(place)),
        _ => letters.insert(place, letters[place]),
    }
    let word: String = letters.into_iter().collect();
    let mut words = words;
    words[at] = &word;
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "Tom buys 12 pens and 7 kids get one each. How many pens are left?";

    #[test]
    fn numbers_stay_and_held_out_wordings_are_left_alone() {
        let mut different = 0;
        for index in 0..500 {
            let draw = || Draw::new(3, "retold", index);
            assert_eq!(retold(STORY, Names::HeldOut, &mut draw()), STORY);
            let told = retold(STORY, Names::Trained, &mut draw());
            assert!(told.contains("12") && told.contains('7'), "{told}");
            assert_eq!(told, retold(STORY, Names::Trained, &mut draw()));
            different += usize::from(told != STORY);
        }
        assert!(different > 250, "{different}");
    }

    #[test]
    fn sentences_end_where_another_begins() {
        assert_eq!(sentences("It is 3.5 m. No? Yes."), ["It is 3.5 m.", "No?", "Yes."]);
        assert_eq!(question_first("A is 2. What is A?"), "What is A? A is 2.");
        assert_eq!(find_word("cartons in a carton", "carton"), Some(13));
    }
}
