//! Which facts fit a query: by their words without endings, else by how many runs of three letters they share.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use crate::{Fact, read, text};

/// Of a query, characters and words that count. Words beyond these are repetition or noise.
const QUERY_CHARACTERS: usize = 1_000;
const QUERY_WORDS: usize = 32;

/// How much of a query's letters a fact must share where it shares no word.
const LIKENESS: f64 = 0.5;

/// Words that say nothing of what a question is about.
const COMMON: &[&str] = &[
    "a", "about", "am", "an", "and", "are", "at", "be", "by", "can", "did", "do", "does", "for", "from", "had", "has",
    "have", "he", "her", "his", "how", "i", "in", "is", "it", "its", "me", "my", "of", "on", "or", "our", "she", "s",
    "that", "the", "their", "they", "this", "to", "user", "was", "we", "were", "what", "when", "where", "which", "who",
    "whose", "why", "will", "with", "you", "your",
];

/// The facts that fit best, best first.
pub(crate) fn search(
    connection: &Connection,
    query: &str,
    topic: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<Fact>> {
    let query = text::head(query, QUERY_CHARACTERS);
    let found = match expression(query) {
        Some(expression) => by_words(connection, &expression, topic, limit)?,
        None => Vec::new(),
    };
    if found.is_empty() { by_letters(connection, query, topic, limit) } else { Ok(found) }
}

/// The query as FTS5 takes it: each word a string of its own, so that no word is an operator.
fn expression(query: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text::words(query) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.iter().any(|word| !COMMON.contains(&word.as_str())) {
        words.retain(|word| !COMMON.contains(&word.as_str()));
    }
    let strings: Vec<String> = words.iter().take(QUERY_WORDS).map(|word| format!("\"{word}\"")).collect();
    (!strings.is_empty()).then(|| strings.join(" OR "))
}

fn by_words(
    connection: &Connection,
    expression: &str,
    topic: Option<&str>,
    limit: usize,
) -> rusqlite::Result<Vec<Fact>> {
    let sql = "SELECT facts.id, facts.text, facts.topic, created_ms, updated_ms, run, call
               FROM words JOIN facts ON facts.id = words.rowid
               WHERE words MATCH ?1 AND (?2 IS NULL OR facts.topic = ?2 COLLATE NOCASE)
               ORDER BY bm25(words, 1.0, 0.5), updated_ms DESC, facts.id DESC LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.query_map(params![expression, topic, limit], read)?.collect()
}

/// For scripts without blanks between words, parts of words and slips of the pen.
fn by_letters(connection: &Connection, query: &str, topic: Option<&str>, limit: usize) -> rusqlite::Result<Vec<Fact>> {
    let wanted = runs(query);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, text, topic, created_ms, updated_ms, run, call FROM facts
               WHERE ?1 IS NULL OR topic = ?1 COLLATE NOCASE ORDER BY updated_ms DESC, id DESC";
    let mut scored = Vec::new();
    let mut statement = connection.prepare_cached(sql)?;
    for fact in statement.query_map(params![topic], read)? {
        let fact = fact?;
        let there = runs(&fact.text);
        let score = wanted.intersection(&there).count() as f64 / wanted.len() as f64;
        if score >= LIKENESS {
            scored.push((score, fact));
        }
    }
    // Stable: among equals the newest stays first.
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Ok(scored.into_iter().take(limit).map(|(_, fact)| fact).collect())
}

/// The runs of three characters in a text's words; a shorter word is a run of its own.
fn runs(text: &str) -> HashSet<String> {
    let mut runs = HashSet::new();
    for word in text::words(text) {
        let letters: Vec<char> = word.chars().collect();
        let size = if letters.first().is_some_and(|c| *c >= '\u{2e80}') { 2 } else { 3 };
        match letters.windows(size) {
            windows if windows.len() == 0 => runs.extend([word]),
            windows => runs.extend(windows.map(String::from_iter)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_and_never_an_expression() {
        let written = |query: &str| expression(query).unwrap_or_default();
        assert_eq!(written("what is Ada's birthday?"), r#""ada" OR "birthday""#);
        assert_eq!(
            written("a AND NOT b* NEAR(c) ^d text:e \"f"),
            r#""not" OR "b" OR "near" OR "c" OR "d" OR "text" OR "e" OR "f""#
        );
        assert_eq!(written("who is it"), r#""who" OR "is" OR "it""#);
        assert_eq!(written("\"*(){}^:-+ \0"), "");
        assert_eq!(written(&"x1 x2 ".repeat(1000)).split(" OR ").count(), 2);
    }
}
