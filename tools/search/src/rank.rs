//! Which passages answer a query: BM25 over the index finds candidates, and a closer look at their words orders them.

use std::collections::{HashMap, HashSet};

use tantivy::{
    Searcher, Term,
    query::{Bm25StatisticsProvider, BooleanQuery, FuzzyTermQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use crate::{
    analysis::{Analysis, Word},
    error::SearchError,
    passages,
    schema::{Fields, Passage},
};

/// BM25's saturation of repeated words.
const K1: f32 = 1.2;
/// BM25's normalisation by length: a little less than usual, since passages are of similar length.
const B: f32 = 0.6;
/// Weight of a stop word beside others.
const STOP_WEIGHT: f32 = 0.3;
/// Weight of a word that is one or two letters off.
const FUZZY_WEIGHT: f32 = 0.7;
/// Weight of neighbours in the query that are near each other in the passage.
const PAIRS: f32 = 0.4;
/// How far apart they may stand there, in words.
const NEAR: usize = 8;
/// Weight of the best stretch of this many words.
const STRETCH: f32 = 0.4;
const STRETCH_WORDS: usize = 20;
/// Weight of words of the title or the headings.
const HEADING: f32 = 0.15;
/// Weight of the words that name the passage, if the query holds the whole name: what is called `Sudan` answers a
/// question about Sudan better than what is called `South Sudan`.
const NAME: f32 = 0.7;
/// Distinct words of a query that are looked at; a text pasted in whole has more.
const MAX_TERMS: usize = 32;
/// Words in place of one that no document holds.
const MAX_ALTERNATIVES: usize = 3;

/// Counts over several indexes at once, so that their scores can be compared.
pub(crate) struct Statistics<'a> {
    pub(crate) searchers: &'a [Searcher],
    pub(crate) fields: &'a Fields,
}

impl Statistics<'_> {
    fn sum(&self, count: impl Fn(&Searcher) -> tantivy::Result<u64>) -> tantivy::Result<u64> {
        self.searchers.iter().map(count).sum()
    }
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        self.sum(|searcher| searcher.total_num_tokens(field))
    }

    /// Passages; the documents that stand for files are not counted.
    fn total_num_docs(&self) -> tantivy::Result<u64> {
        let files = self.fields.file_term();
        self.sum(|searcher| Ok(searcher.total_num_docs()?.saturating_sub(searcher.doc_freq(&files)?)))
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        self.sum(|searcher| searcher.doc_freq(term))
    }
}

/// A word of a query.
struct QueryTerm {
    /// As it stands in the index, or the words in its place.
    terms: Vec<String>,
    /// Where it stands in the query; nothing for a stop word.
    position: Option<usize>,
    weight: f32,
}

/// A query, weighed against what the indexes hold.
pub(crate) struct Question {
    terms: Vec<QueryTerm>,
    by_term: HashMap<String, usize>,
    average_length: f32,
    /// Words that no document holds, as they stand in the query.
    pub(crate) unknown: Vec<String>,
}

impl Question {
    pub(crate) fn new(query: &str, analysis: &Analysis, statistics: &Statistics<'_>) -> Result<Self, SearchError> {
        let fields = statistics.fields;
        let passages = statistics.total_num_docs()?;
        let tokens = statistics.total_num_tokens(fields.body)?;
        let average_length = if passages == 0 { 1.0 } else { tokens as f32 / passages as f32 };
        let words = analysis.words(query);
        // `how far`, `how many`: an answer holds a number in place of the second word.
        let is_measure = |position: usize, word: &Word| {
            position > 0 && words[position - 1].term == "how" && analysis.is_measure(&word.term)
        };
        let says_little =
            |position: usize, word: &Word| analysis.is_stop_word(&word.term) || is_measure(position, word);
        let only_stop_words = words.iter().enumerate().all(|(position, word)| says_little(position, word));
        let mut question = Self { terms: Vec::new(), by_term: HashMap::new(), average_length, unknown: Vec::new() };
        for (position, word) in words.iter().enumerate() {
            if question.by_term.contains_key(&word.term) || question.terms.len() == MAX_TERMS {
                continue;
            }
            let is_stop_word = says_little(position, word) && !only_stop_words;
            let mut terms = vec![word.term.clone()];
            let mut count = statistics.doc_freq(&Term::from_field_text(fields.body, &word.term))?;
            let mut weight = if is_stop_word { STOP_WEIGHT } else { 1.0 };
            if count == 0 && !is_stop_word {
                (terms, count) = alternatives(&word.term, statistics)?;
                weight *= FUZZY_WEIGHT;
                if terms.is_empty() {
                    question.unknown.push(query[word.start..word.end].to_owned());
                    continue;
                }
            }
            let count = count.min(passages) as f32;
            weight *= (1.0 + (passages as f32 - count + 0.5) / (count + 0.5)).ln();
            let number = question.terms.len();
            question.by_term.extend(terms.iter().map(|term| (term.clone(), number)));
            let position = (!is_stop_word).then_some(position);
            question.terms.push(QueryTerm { terms, position, weight });
        }
        Ok(question)
    }

    /// The query that finds candidates; nothing if no word of it is in any document.
    pub(crate) fn engine_query(&self, fields: &Fields) -> Option<BooleanQuery> {
        let words = self.terms.iter().filter(|term| term.position.is_some()).flat_map(|term| &term.terms);
        let query = |word: &String| -> (Occur, Box<dyn Query>) {
            let term = Term::from_field_text(fields.body, word);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
        };
        let words: Vec<_> = words.map(query).collect();
        (!words.is_empty()).then(|| BooleanQuery::new(words))
    }

    /// How well a passage fits.
    pub(crate) fn score(&self, analysis: &Analysis, passage: &Passage) -> f32 {
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut position = 0;
        let mut in_headings = vec![false; self.terms.len()];
        for (part, is_heading) in [(&passage.title, true), (&passage.heading, true), (&passage.text, false)] {
            for word in analysis.words(part) {
                if let Some(number) = self.by_term.get(&word.term) {
                    places.push((position, *number));
                    in_headings[*number] |= is_heading;
                }
                position += 1;
            }
        }
        let name = analysis.words(passage.name()).into_iter().map(|word| word.term);
        let name: HashSet<String> = name.filter(|term| !analysis.is_stop_word(term)).collect();
        let mut counts = vec![0.0_f32; self.terms.len()];
        for (_, number) in &places {
            counts[*number] += 1.0;
        }
        let norm = K1 * (1.0 - B + B * position as f32 / self.average_length);
        let mut score = 0.0;
        for ((term, count), in_heading) in self.terms.iter().zip(counts).zip(in_headings) {
            score += term.weight * count * (K1 + 1.0) / (count + norm);
            if in_heading && term.position.is_some() {
                score += HEADING * term.weight;
            }
        }
        score + NAME * self.named(&name) + PAIRS * self.pairs(&places) + STRETCH * self.best_stretch(&places)
    }

    /// The weight of the words of a name that the query holds, times their share of the name.
    fn named(&self, name: &HashSet<String>) -> f32 {
        let found: HashSet<usize> = name.iter().filter_map(|term| self.by_term.get(term).copied()).collect();
        let found = found.into_iter().map(|number| &self.terms[number]).filter(|term| term.position.is_some());
        let (mut weight, mut count) = (0.0, 0.0);
        for term in found {
            weight += term.weight;
            count += 1.0;
        }
        if name.is_empty() { 0.0 } else { weight * count / name.len() as f32 }
    }

    /// Neighbours in the query that stand near each other in the passage as well.
    fn pairs(&self, places: &[(usize, usize)]) -> f32 {
        let content: Vec<_> =
            self.terms.iter().enumerate().filter_map(|(number, term)| Some((number, term, term.position?))).collect();
        let mut sum = 0.0;
        for pair in content.windows(2) {
            let [(left, left_term, from), (right, right_term, to)] = pair else { continue };
            let mut last = [None; 2];
            let mut nearest = usize::MAX;
            for (position, number) in places {
                let side = if number == left {
                    0
                } else if number == right {
                    1
                } else {
                    continue;
                };
                last[side] = Some(*position);
                if let Some(other) = last[1 - side] {
                    nearest = nearest.min(position - other);
                }
            }
            if nearest <= NEAR {
                let beyond = nearest.saturating_sub((to - from).max(1));
                sum += left_term.weight.min(right_term.weight) / (1.0 + beyond as f32).sqrt();
            }
        }
        sum
    }

    /// The most weight of distinct words that [`STRETCH_WORDS`] words of the passage hold.
    fn best_stretch(&self, places: &[(usize, usize)]) -> f32 {
        let mut counts = vec![0_usize; self.terms.len()];
        let (mut first, mut sum, mut best) = (0, 0.0_f32, 0.0_f32);
        for (position, number) in places {
            let weight =
                |number: usize| if self.terms[number].position.is_some() { self.terms[number].weight } else { 0.0 };
            if counts[*number] == 0 {
                sum += weight(*number);
            }
            counts[*number] += 1;
            while places[first].0 + STRETCH_WORDS < *position {
                let gone = places[first].1;
                counts[gone] -= 1;
                if counts[gone] == 0 {
                    sum -= weight(gone);
                }
                first += 1;
            }
            best = best.max(sum);
        }
        best
    }

    /// The part of a passage of at most `budget` bytes that fits best, in whole sentences where they are short enough.
    pub(crate) fn excerpt(&self, analysis: &Analysis, text: &str, budget: usize) -> std::ops::Range<usize> {
        if text.len() <= budget {
            return 0..text.len();
        }
        let sentences = passages::sentences(text);
        let score = |sentence: &std::ops::Range<usize>| {
            let mut found = vec![false; self.terms.len()];
            for word in analysis.words(&text[sentence.clone()]) {
                if let Some(number) = self.by_term.get(&word.term) {
                    found[*number] = true;
                }
            }
            self.terms.iter().zip(found).map(|(term, found)| if found { term.weight } else { 0.0 }).sum::<f32>()
        };
        let scores: Vec<f32> = sentences.iter().map(score).collect();
        // The first of the best.
        let best = (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
        let (mut from, mut to) = (best, best + 1);
        let length = |from: usize, to: usize| sentences[to - 1].end - sentences[from].start;
        loop {
            let before = (from > 0 && length(from - 1, to) <= budget).then(|| scores[from - 1]);
            let after = (to < sentences.len() && length(from, to + 1) <= budget).then(|| scores[to]);
            match (before, after) {
                (None, None) => break,
                (Some(left), Some(right)) if left > right => from -= 1,
                (Some(_), None) => from -= 1,
                (_, Some(_)) => to += 1,
            }
        }
        let start = sentences.get(from).map_or(0, |sentence| sentence.start);
        let end = sentences.get(to - 1).map_or(text.len(), |sentence| sentence.end);
        start..text.floor_char_boundary(end.min(start + budget))
    }
}

/// Words of the indexes that are one letter off, or two if the word is long; and how many passages hold one of them.
fn alternatives(word: &str, statistics: &Statistics<'_>) -> Result<(Vec<String>, u64), SearchError> {
    let letters = word.chars().count();
    if !(5..=40).contains(&letters) || word.contains(|c: char| c.is_ascii_digit()) {
        return Ok((Vec::new(), 0));
    }
    for distance in [1, 2] {
        if distance == 2 && letters < 8 {
            break;
        }
        let term = Term::from_field_text(statistics.fields.body, word);
        let automaton = FuzzyTermQuery::new(term, distance, true).automaton()?;
        let mut found: HashMap<String, u64> = HashMap::new();
        for segment in statistics.searchers.iter().flat_map(Searcher::segment_readers) {
            let index = segment.inverted_index(statistics.fields.body)?;
            let mut terms = index.terms().search(&automaton).into_stream().map_err(tantivy::TantivyError::from)?;
            while terms.advance() {
                if let Ok(term) = std::str::from_utf8(terms.key()) {
                    *found.entry(term.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                }
            }
        }
        if !found.is_empty() {
            let mut found: Vec<_> = found.into_iter().collect();
            found.sort_by(|(a, x), (b, y)| y.cmp(x).then_with(|| a.cmp(b)));
            found.truncate(MAX_ALTERNATIVES);
            let count = found.iter().map(|(_, count)| count).sum();
            return Ok((found.into_iter().map(|(term, _)| term).collect(), count));
        }
    }
    Ok((Vec::new(), 0))
}
