//! Which passages are near a query in meaning: every vector is compared with the query's, which is exact, and fast enough
//! for as many passages as one person has.

use std::{
    collections::HashSet,
    num::NonZero,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tantivy::{DocAddress, Searcher, SearcherGeneration};

use crate::{
    error::SearchError,
    vectors::{Embedder, Vectors},
};

/// Fewer vectors than this are not worth another thread.
const PER_THREAD: usize = 10_000;

/// More threads than this wait for the memory.
const MAX_THREADS: usize = 8;

/// A passage of one of the searchers.
pub(crate) type Place = (usize, DocAddress);

/// A passage and its score.
pub(crate) type Ranked = (Place, f32);

/// The best first; the same order whenever scores are equal.
pub(crate) fn sort(ranking: &mut [Ranked]) {
    ranking.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}

/// The number of the content of every passage.
pub(crate) fn for_each_key(searcher: &Searcher, mut each: impl FnMut(DocAddress, u64)) -> Result<(), SearchError> {
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        let keys = segment.fast_fields().u64("key")?;
        for document in segment.doc_ids_alive() {
            if let Some(key) = keys.first(document) {
                each(DocAddress::new(number as u32, document), key);
            }
        }
    }
    Ok(())
}

/// An embedding model, and the vectors that it has made.
pub(crate) struct Meaning {
    pub(crate) embedder: Arc<dyn Embedder>,
    ready: Mutex<Option<Arc<Ready>>>,
}

/// Where the vectors of what some searchers hold are.
struct Ready {
    generations: Vec<SearcherGeneration>,
    vectors: Vectors,
    /// In the order of the file, so that it is read from front to back.
    places: Vec<(usize, Place)>,
    without: u64,
}

impl Meaning {
    pub(crate) fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder, ready: Mutex::new(None) }
    }

    /// The passages nearest to the query, at most `limit`, by the vectors beside the index in `folder`; and how many
    /// passages have no vector.
    pub(crate) fn nearest(
        &self,
        folder: &Path,
        searchers: &[Searcher],
        query: &str,
        limit: usize,
    ) -> Result<(Vec<Ranked>, u64), SearchError> {
        let ready = self.ready(folder, searchers)?;
        if ready.places.is_empty() {
            return Ok((Vec::new(), ready.without));
        }
        let query = self.embedder.embed(&[query]).map_err(SearchError::Embedding)?;
        let Some(query) = query.first() else { return Ok((Vec::new(), ready.without)) };
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
        let part = ready.places.len().div_ceil(threads).max(PER_THREAD);
        let best = |places: &[(usize, Place)]| best(&ready.vectors, places, query, limit);
        let mut ranking = thread::scope(|scope| {
            let mut parts = ready.places.chunks(part);
            let first = parts.next().unwrap_or_default();
            let others: Vec<_> = parts.map(|places| scope.spawn(move || best(places))).collect();
            let mut ranking = best(first);
            for other in others {
                ranking.extend(other.join().unwrap_or_default());
            }
            ranking
        });
        sort(&mut ranking);
        ranking.truncate(limit);
        Ok((ranking, ready.without))
    }

    fn ready(&self, folder: &Path, searchers: &[Searcher]) -> Result<Arc<Ready>, SearchError> {
        let generations: Vec<_> = searchers.iter().map(|searcher| searcher.generation().clone()).collect();
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = &*ready
            && ready.generations == generations
            && !ready.vectors.is_stale()
        {
            return Ok(Arc::clone(ready));
        }
        let vectors = Vectors::open(folder, self.embedder.as_ref())?;
        let mut places = Vec::new();
        let mut without = 0;
        for (number, searcher) in searchers.iter().enumerate() {
            for_each_key(searcher, |address, key| match vectors.place(key) {
                Some(at) => places.push((at, (number, address))),
                None => without += 1,
            })?;
        }
        places.sort_unstable();
        Ok(Arc::clone(ready.insert(Arc::new(Ready { generations, vectors, places, without }))))
    }

    /// The vectors, to be added to, and the passages of these searchers that have none. Where the index is `whole`, the
    /// vectors of passages that are gone may go. The caller holds the index's lock.
    pub(crate) fn missing(
        &self,
        folder: &Path,
        searchers: &[Searcher],
        whole: bool,
    ) -> Result<(Vectors, Vec<(Place, u64)>), SearchError> {
        let vectors = Vectors::open_to_write(folder, self.embedder.as_ref())?;
        let mut missing = Vec::new();
        let mut wanted = HashSet::new();
        for (number, searcher) in searchers.iter().enumerate() {
            for_each_key(searcher, |address, key| {
                if wanted.insert(key) && vectors.place(key).is_none() {
                    missing.push(((number, address), key));
                }
            })?;
        }
        // What a half-built index does not hold may come back.
        let vectors = if whole { vectors.prune(&wanted, folder, self.embedder.as_ref())? } else { vectors };
        Ok((vectors, missing))
    }
}

/// The best of these places.
fn best(vectors: &Vectors, places: &[(usize, Place)], query: &[f32], limit: usize) -> Vec<Ranked> {
    let similarity = |(at, place): &(usize, Place)| Some((*place, vectors.similarity(*at, query)?));
    let mut ranking: Vec<Ranked> = places.iter().filter_map(similarity).collect();
    if ranking.len() > limit {
        ranking.select_nth_unstable_by(limit, |a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranking.truncate(limit);
    }
    ranking
}
