//! Questions that the almanac answers, with what the search really finds.

use crate::{
    Call, Draw, Episode, Gold, Names, paraphrase,
    phrasing::{Entry, Lookup},
    sources::{Offered, Source, reading::sentences},
};

/// Questions with their results, of which each episode takes one.
pub struct Lookups(Vec<(Lookup, String, String)>);

impl Lookups {
    /// The questions among these entries whose answer the search finds; `run` gives the result for a query.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>, run: &dyn Fn(&str) -> Option<String>) -> Self {
        let lookups = entries.into_iter().filter_map(|entry| match entry {
            Entry::Lookup(lookup) => {
                let result = run(&lookup.query)?;
                let answer = quoted(&result, &lookup.span)?;
                Some((lookup, result, answer))
            }
            _ => None,
        });
        Self(lookups.collect())
    }

    /// Number of questions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The first sentence of the results with these words, and the number of its result.
fn quoted(result: &str, span: &str) -> Option<String> {
    let mut number = 0;
    for line in result.lines() {
        if let Some((head, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']'))
            && let Ok(head) = head.parse::<usize>()
        {
            number = head;
            continue;
        }
        if let Some(sentence) = sentences(line).into_iter().find(|sentence| sentence.contains(span)) {
            return (number > 0).then(|| format!("{sentence} [{number}]"));
        }
    }
    None
}

impl Source for Lookups {
    fn name(&self) -> &'static str {
        "lookups"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let (lookup, result, answer) = (!self.0.is_empty()).then(|| draw.pick(&self.0))?;
        let question = draw.pick::<String>(&lookup.questions);
        let question = paraphrase::mistyped(question, names, draw);
        let way = (None, Call::search(&lookup.query), result.clone());
        let tools = tools.with(Some("search"), draw);
        let gold = Gold::Text(lookup.span.clone());
        Some(Episode::with_call(self.name(), tools, question, way, answer.clone()).measured_by(gold))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sentence_is_quoted_with_the_number_of_its_result() {
        let result = "[1] Oslo (almanac/cities)\nOslo is old. It is cold.\n\n[2] Norway (almanac/countries)\nNorway is long. \
                      The capital of Norway is Oslo. It snows.";
        assert_eq!(super::quoted(result, "Norway is Oslo").unwrap(), "The capital of Norway is Oslo. [2]");
        assert_eq!(super::quoted(result, "Bergen"), None);
    }
}
