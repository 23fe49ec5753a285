//! The people, things and places of one story.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;

use crate::{Draw, phrasing::is_held_out};

/// `data/words.toml`.
#[derive(Debug, Deserialize)]
struct Words {
    people: Vec<String>,
    items: Vec<String>,
    foods: Vec<String>,
    animals: Vec<String>,
    jobs: Vec<String>,
    shops: Vec<String>,
    currencies: Vec<String>,
    units: Vec<String>,
}

/// Whose names are used: those of training, or those kept for measuring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// For training.
    Trained,
    /// For measuring.
    HeldOut,
}

const ONSETS: &str = "b|br|c|ch|cl|d|dr|f|fl|g|gr|h|j|k|l|m|n|p|pr|qu|r|s|sh|sl|st|t|tr|v|w|y|z|";
const NUCLEI: &str = "a|e|i|o|u|ai|ea|ie|ou|ee|oa";
const CODAS: &str = "|||n|r|l|s|m|t|nd|rk|ll|ck|st|x|ft|ng";
const PLACE_ENDINGS: &str =
    "ton|ford|by|wick|ham|burg|ville|field|mouth|haven|stead|dale|bridge|port|moor|holm|grad|mere";

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        // The file is part of this crate, and a test reads it.
        toml::from_str(include_str!("../data/words.toml")).unwrap_or_else(|error| panic!("data/words.toml: {error}"))
    })
}

/// Fillers for entity slots, drawn once for a whole episode, so that a name stays the same throughout.
#[derive(Debug, Clone)]
pub struct Cast(BTreeMap<&'static str, String>);

impl Cast {
    /// A cast with every slot of `FORMAT.md`.
    #[must_use]
    pub fn draw(names: Names, draw: &mut Draw) -> Self {
        let words = words();
        let person = person(names, draw);
        let mut other = self::person(names, draw);
        while other == person {
            other = self::person(names, draw);
        }
        let [he, him, his] = if draw.chance(0.5) { ["he", "him", "his"] } else { ["she", "her", "her"] };
        let items = draw.sample(&words.items, 2);
        let mut cast = BTreeMap::from([
            ("name", person),
            ("name2", other),
            ("he", he.to_owned()),
            ("him", him.to_owned()),
            ("his", his.to_owned()),
            ("place", place(names, draw)),
            ("place2", place(names, draw)),
        ]);
        for (slot, list) in [
            ("food", &words.foods),
            ("animal", &words.animals),
            ("shop", &words.shops),
            ("job", &words.jobs),
            ("cur", &words.currencies),
            ("unit", &words.units),
        ] {
            cast.insert(slot, draw.pick(list).clone());
        }
        for (slot, item) in ["item", "item2"].into_iter().zip(items) {
            cast.insert(slot, item.clone());
        }
        Self(cast)
    }

    /// What fills a slot.
    #[must_use]
    pub fn get(&self, slot: &str) -> Option<&str> {
        self.0.get(slot).map(String::as_str)
    }
}

/// A first name; now and then one that nobody has.
pub fn person(names: Names, draw: &mut Draw) -> String {
    if draw.chance(0.2) {
        return invented(names, draw);
    }
    let wanted = names == Names::HeldOut;
    loop {
        let name = draw.pick(&words().people);
        if is_held_out(name) == wanted {
            return name.clone();
        }
    }
}

/// A town that there is not.
pub fn place(names: Names, draw: &mut Draw) -> String {
    loop {
        let place = format!("{}{}", syllables(draw, 1), draw.of(PLACE_ENDINGS));
        let place = capitalised(&place);
        if is_held_out(&place) == (names == Names::HeldOut) {
            return place;
        }
    }
}

/// A name of two or three syllables that no text has.
pub fn invented(names: Names, draw: &mut Draw) -> String {
    loop {
        let count = draw.int(2, 3) as usize;
        let name = capitalised(&syllables(draw, count));
        if is_held_out(&name) == (names == Names::HeldOut) {
            return name;
        }
    }
}

/// Different ones: names whose syllables are alike loop in a small model ("kooskoos").
fn syllables(draw: &mut Draw, count: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    while parts.len() < count {
        let syllable = format!("{}{}{}", draw.of(ONSETS), draw.of(NUCLEI), draw.of(CODAS));
        if !parts.contains(&syllable) {
            parts.push(syllable);
        }
    }
    let mut text = parts.concat();
    text.truncate(11);
    text
}

/// A word with its first letter large.
pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_are_whole_and_measuring_names_are_apart() {
        let mut draw = Draw::new(1, "cast", 0);
        for names in [Names::Trained, Names::HeldOut] {
            for _ in 0..300 {
                let cast = Cast::draw(names, &mut draw);
                for slot in ["name", "name2", "place", "place2"] {
                    let name = cast.get(slot).unwrap();
                    assert_eq!(is_held_out(name), names == Names::HeldOut, "{name}");
                    assert!(name.len() >= 2 && name.chars().next().unwrap().is_uppercase(), "{name}");
                }
                for slot in ["he", "him", "his", "item", "item2", "food", "animal", "shop", "job", "cur", "unit"] {
                    assert!(cast.get(slot).is_some(), "{slot}");
                }
                assert_ne!(cast.get("item"), cast.get("item2"));
            }
        }
    }
}
