//! Everything that is searched together: the user's documents and the almanac.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{Arc, OnceLock},
};

use serde::Serialize;
use tantivy::{DocAddress, Searcher, TantivyDocument, collector::TopDocs, query::Bm25StatisticsProvider as _};
use toolwright_tool::CancellationToken;

use crate::{
    almanac::{self, Almanac},
    analysis::Analysis,
    error::SearchError,
    extract,
    index::{Index, find_passage},
    meaning::{Meaning, Ranked, sort},
    rank::{Question, Statistics},
    schema::{Fields, Passage},
    vectors::Embedder,
};

/// Candidates that are looked at closely, of each index and each way of searching.
const CANDIDATES: usize = 40;

/// What the almanac's scores are multiplied with: the user's documents come first where both know.
const ALMANAC: f32 = 0.8;

/// Reciprocal rank fusion's constant (Cormack, Clarke, Büttcher 2009).
const FUSION: f32 = 60.0;

/// Passages that are embedded together.
const BATCH: usize = 64;

/// A passage that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The passage.
    pub passage: Passage,
    /// How well it fits; only the order means something.
    pub score: f32,
    /// The part of the passage's text that fits best, in bytes.
    pub excerpt: std::ops::Range<usize>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The best first.
    pub hits: Vec<Hit>,
    /// Words of the query that are in no document.
    pub unknown: Vec<String>,
    /// Why passages were compared by words only though an embedding model is configured.
    pub notice: Option<String>,
}

/// Whether a quotation still stands where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Word for word.
    Stands,
    /// Something else stands there.
    Changed,
    /// The source is gone or cannot be read.
    Gone,
}

/// The user's documents and the almanac, searched together.
pub struct Library {
    index: Option<Index>,
    with_almanac: bool,
    almanac: OnceLock<Almanac>,
    fields: Fields,
    analysis: Analysis,
    meaning: Option<Meaning>,
}

impl Library {
    /// Of an index, if there is one, and the almanac, if it is wanted. With an embedder, passages are also found by
    /// meaning, once [`Library::embed`] has made their vectors.
    #[must_use]
    pub fn new(index: Option<Index>, with_almanac: bool, embedder: Option<Arc<dyn Embedder>>) -> Self {
        Self {
            index,
            with_almanac,
            almanac: OnceLock::new(),
            fields: Fields::new(),
            analysis: Analysis::new(),
            meaning: embedder.map(Meaning::new),
        }
    }

    /// The index.
    #[must_use]
    pub fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// The user's documents first, then the almanac.
    fn searchers(&self) -> Result<Vec<Searcher>, SearchError> {
        let mut searchers = Vec::new();
        if let Some(index) = &self.index {
            searchers.push(index.searcher()?);
        }
        if self.with_almanac {
            if self.almanac.get().is_none() {
                // Two threads may build it at once; one of the two stays.
                let _ = self.almanac.set(Almanac::new(&self.fields)?);
            }
            searchers.extend(self.almanac.get().map(Almanac::searcher));
        }
        Ok(searchers)
    }

    fn is_almanac(&self, searcher: usize) -> bool {
        self.index.is_none() || searcher > 0
    }

    /// Damage of the index's files shows as an error or a panic of the engine.
    fn guard<T>(&self, work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
        match &self.index {
            Some(index) => index.guard(work),
            None => work(),
        }
    }

    /// The passages that fit the query best, at most `limit`, with excerpts of at most `budget` bytes. Nothing in a query
    /// has a special meaning.
    ///
    /// # Errors
    /// [`SearchError::Damaged`], [`SearchError::Embedding`].
    pub fn search(&self, query: &str, limit: usize, budget: usize) -> Result<Found, SearchError> {
        let searchers = self.searchers()?;
        self.guard(|| self.search_in(&searchers, query, limit, budget))
    }

    fn search_in(
        &self,
        searchers: &[Searcher],
        query: &str,
        limit: usize,
        budget: usize,
    ) -> Result<Found, SearchError> {
        let statistics = Statistics { searchers, fields: &self.fields };
        if statistics.total_num_docs()? == 0 {
            return Ok(Found::default());
        }
        let question = Question::new(query, &self.analysis, &statistics)?;
        let mut candidates: HashMap<(usize, DocAddress), (Passage, f32)> = HashMap::new();
        let mut by_words = Vec::new();
        if let Some(engine_query) = question.engine_query(&self.fields) {
            for (number, searcher) in searchers.iter().enumerate() {
                let best = TopDocs::with_limit(CANDIDATES).order_by_score();
                for (_, address) in searcher.search_with_statistics_provider(&engine_query, &best, &statistics)? {
                    let Some(passage) = self.load(searcher, address)? else { continue };
                    let mut score = question.score(&self.analysis, &passage);
                    if self.is_almanac(number) {
                        score *= ALMANAC;
                    }
                    by_words.push(((number, address), score));
                    candidates.insert((number, address), (passage, score));
                }
            }
        }
        sort(&mut by_words);
        let (by_meaning, notice) = match self.search_by_meaning(searchers, query) {
            Ok((by_meaning, 0)) => (by_meaning, None),
            Ok((by_meaning, without)) => (by_meaning, Some(missing_vectors(without))),
            Err(error @ SearchError::Embedding(_)) => (Vec::new(), Some(format!("only words were compared: {error}"))),
            Err(error) => return Err(error),
        };
        if !by_meaning.is_empty() {
            let mut fused: HashMap<(usize, DocAddress), f32> = HashMap::new();
            for ranking in [&by_words, &by_meaning] {
                for (rank, (place, _)) in ranking.iter().enumerate() {
                    *fused.entry(*place).or_default() += 1.0 / (FUSION + 1.0 + rank as f32);
                }
            }
            for (place, score) in fused {
                if let Some(known) = candidates.get_mut(&place) {
                    known.1 = score;
                } else if let Some(passage) = self.load(&searchers[place.0], place.1)? {
                    candidates.insert(place, (passage, score));
                }
            }
        }
        let mut ranking: Vec<_> =
            candidates.into_iter().map(|(place, (passage, score))| (place, score, passage)).collect();
        ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut texts = HashSet::new();
        let hits = ranking.into_iter().filter(|(_, _, passage)| texts.insert(passage.text.clone())).take(limit);
        let hits = hits.map(|(_, score, passage)| {
            let excerpt = question.excerpt(&self.analysis, &passage.text, budget);
            Hit { passage, score, excerpt }
        });
        Ok(Found { hits: hits.collect(), unknown: question.unknown, notice })
    }

    fn load(&self, searcher: &Searcher, address: DocAddress) -> Result<Option<Passage>, SearchError> {
        let document: TantivyDocument = searcher.doc(address)?;
        Ok(self.fields.read_passage(&document))
    }

    /// The passages nearest in meaning, and how many have no vector. Nothing without an embedder.
    fn search_by_meaning(&self, searchers: &[Searcher], query: &str) -> Result<(Vec<Ranked>, u64), SearchError> {
        match (&self.meaning, &self.index) {
            (Some(meaning), Some(index)) => meaning.nearest(index.folder(), searchers, query, CANDIDATES),
            _ => Ok((Vec::new(), 0)),
        }
    }

    /// Makes the vectors that are missing, of the almanac too. `progress` is told how many of how many are done. Gives
    /// the number of new ones; without an index or an embedder there are none. What was done before a crash or a
    /// cancellation stays done.
    ///
    /// # Errors
    /// [`SearchError::Embedding`], [`SearchError::Busy`], [`SearchError::Io`].
    pub fn embed(&self, progress: &dyn Fn(u64, u64), cancel: &CancellationToken) -> Result<u64, SearchError> {
        let (Some(meaning), Some(index)) = (&self.meaning, &self.index) else { return Ok(0) };
        let _lock = index.lock()?;
        let searchers = self.searchers()?;
        let (vectors, missing) = meaning.missing(index.folder(), &searchers, index.is_whole())?;
        let total = missing.len() as u64;
        let mut done = 0;
        for batch in missing.chunks(BATCH) {
            if cancel.is_cancelled() {
                break;
            }
            let mut texts = Vec::new();
            for ((number, address), _) in batch {
                let passage = self.load(&searchers[*number], *address)?;
                texts.push(passage.map(|p| format!("{}\n{}\n{}", p.title, p.heading, p.text)).unwrap_or_default());
            }
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let embedded = meaning.embedder.embed(&texts).map_err(SearchError::Embedding)?;
            if embedded.len() != batch.len() {
                return Err(SearchError::Embedding(format!("{} vectors for {} texts", embedded.len(), batch.len())));
            }
            let records: Vec<_> = batch.iter().map(|(_, key)| *key).zip(embedded).collect();
            vectors.append(&records)?;
            done += batch.len() as u64;
            progress(done, total);
        }
        Ok(done)
    }

    /// The passage with this id, if it is still there.
    ///
    /// # Errors
    /// [`SearchError::Damaged`].
    pub fn passage(&self, id: &str) -> Result<Option<Passage>, SearchError> {
        for searcher in self.searchers()? {
            if let Some(passage) = self.guard(|| find_passage(&searcher, &self.fields, id))? {
                return Ok(Some(passage));
            }
        }
        Ok(None)
    }

    /// Whether `text` stands at these bytes of the text of `source`: of the file as it is now, of the almanac, or of a
    /// document in the index that is in no file.
    ///
    /// # Errors
    /// [`SearchError::Damaged`].
    pub fn verify(&self, source: &str, start: usize, end: usize, text: &str) -> Result<Verdict, SearchError> {
        let judge = |whole: &str| if whole.get(start..end) == Some(text) { Verdict::Stands } else { Verdict::Changed };
        if start > end {
            return Ok(Verdict::Changed);
        }
        if source.starts_with(almanac::SCHEME) {
            return Ok(almanac::volume(source).map_or(Verdict::Gone, judge));
        }
        let path = Path::new(source);
        if path.is_file() {
            let bytes = std::fs::metadata(path).ok().filter(|meta| meta.len() <= extract::MAX_FILE);
            let extracted = bytes.and_then(|_| std::fs::read(path).ok()).map(|bytes| extract::extract(path, bytes));
            return Ok(extracted.and_then(Result::ok).map_or(Verdict::Gone, |document| judge(&document.text)));
        }
        let mut ordinal = 0;
        while let Some(passage) = self.passage(&crate::schema::passage_id(source, ordinal))? {
            if passage.start <= start && end <= passage.end {
                return Ok(match passage.text.get(start - passage.start..end - passage.start) {
                    Some(stands) if stands == text => Verdict::Stands,
                    _ => Verdict::Changed,
                });
            }
            ordinal += 1;
        }
        Ok(if ordinal == 0 { Verdict::Gone } else { Verdict::Changed })
    }
}

fn missing_vectors(passages: u64) -> String {
    format!(
        "{passages} passages have no vectors yet and were compared by words only; `index add` makes them, with whatever \
         document"
    )
}
