//! Passages, and questions that one sentence of them answers: the answer is that sentence, with the number of its source.

use crate::{
    Call, Draw, Episode, Gold, Names, paraphrase,
    phrasing::{Entry, Reading},
    sources::{
        Offered, Source,
        relations::{Found, shown},
    },
};

const TOPICS: &str = "What does it say about {}?|What is known about {}?|Find the passage on {}.|Look up {}.|{}?|\
    Is there anything on {}?|Search for {}|Please find {} in the documents.|What do my notes say about {}?|\
    Where is {} mentioned, and what does it say?";
const SMALL_WORDS: &str = "|a|an|the|and|or|but|of|to|in|on|at|by|for|from|with|as|is|are|was|were|be|been|being|it|its|\
    this|that|these|those|he|she|they|his|her|their|has|have|had|not|no|so|than|then|there|which|who|whom|when|where|\
    while|about|into|over|under|after|before|during|one|also|only|more|most|some|any|each|every|all|such|other|can|may|\
    could|would|will|did|does|do|i|you|we|me|my|our|your|if|because|up|down|out|off|";

/// Passages, of which each episode asks about one.
pub struct Readings {
    passages: Vec<Reading>,
}

impl Readings {
    /// The passages among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let passages = entries.into_iter().filter_map(|entry| match entry {
            Entry::Reading(reading) => Some(reading),
            _ => None,
        });
        Self { passages: passages.collect() }
    }
}

impl Source for Readings {
    fn name(&self) -> &'static str {
        "reading"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let passage = (!self.passages.is_empty()).then(|| draw.pick(&self.passages))?;
        let sentences = sentences(&passage.text);
        let (question, query, sentence, span) = if draw.chance(0.25) && names == Names::Trained {
            let sentence = *draw.pick(&sentences);
            let topic = topic(sentence, draw)?;
            (draw.of(TOPICS).replace("{}", &topic), topic, sentence, sentence)
        } else {
            let question = draw.pick(&passage.questions);
            let sentence = *sentences.iter().find(|sentence| sentence.contains(&question.span))?;
            (question.text.clone(), question.query.clone(), sentence, question.span.as_str())
        };
        let found =
            |passage: &Reading, answers| Found { title: passage.title.clone(), text: passage.text.clone(), answers };
        let mut passages = vec![found(passage, true)];
        for _ in 0..draw.weighted(&[0.45, 0.35, 0.2]) {
            let other = draw.pick(&self.passages);
            if other.title != passage.title {
                passages.push(found(other, false));
            }
        }
        draw.shuffle(&mut passages);
        let number = passages.iter().position(|found| found.answers)? + 1;
        let result = shown(&passages, &query, draw);
        let question = paraphrase::mistyped(&question, names, draw);
        let way = (None, Call::search(&query), result);
        let tools = tools.with(Some("search"), draw);
        let gold = Gold::Text(span.to_owned());
        Some(Episode::with_call(self.name(), tools, question, way, format!("{sentence} [{number}]")).measured_by(gold))
    }
}

/// Sentences of a passage: what ends with a full stop before a capital.
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(['.', '?', '!', '"']) {
        let behind = &text[at + 1..];
        let ends = at > 0 && (!text[at..].starts_with('"') || text[..at].ends_with(['.', '?', '!']));
        let mut letters = behind.trim_start().chars();
        let next = letters.next();
        let begins = next.is_none_or(|c| c.is_uppercase() || c == '"' || c.is_ascii_digit());
        // "J. Smith", "St. Ives"
        let word = text[start..at].rsplit(' ').next().unwrap_or_default();
        let short = word.len() < 3 && word.starts_with(char::is_uppercase);
        if ends && behind.starts_with(' ') && begins && !short {
            parts.push(text[start..=at].trim());
            start = at + 1;
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// Some words that carry a sentence, in its order: what somebody would search for.
fn topic(sentence: &str, draw: &mut Draw) -> Option<String> {
    let words: Vec<&str> =
        sentence.split(' ').map(|word| word.trim_matches([',', '.', ';', ':', '"', '(', ')', '?', '!'])).collect();
    let carries = |word: &&str| word.len() > 1 && !SMALL_WORDS.contains(&format!("|{}|", word.to_lowercase()));
    let places: Vec<usize> = (0..words.len()).filter(|at| carries(&words[*at])).collect();
    let count = draw.int(2, 5) as usize;
    if places.len() < count {
        return None;
    }
    let from = draw.int(0, (places.len() - count) as i64) as usize;
    let chosen: Vec<&str> = places[from..from + count].iter().map(|at| words[*at]).collect();
    Some(chosen.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_apart_from_initials() {
        let text = "It was built by J. Smith in 1890. \"Never again,\" he said. It is 3.5 m high. Nobody knows why.";
        assert_eq!(
            sentences(text),
            [
                "It was built by J. Smith in 1890.",
                "\"Never again,\" he said.",
                "It is 3.5 m high.",
                "Nobody knows why."
            ]
        );
        let topic =
            topic("The red bridge over the Tarn was opened in 1901 by a baker.", &mut Draw::new(1, "", 3)).unwrap();
        assert!(!topic.contains("the") && topic.split(' ').count() >= 2, "{topic}");
    }
}
