//! Vectors of passages for searching by meaning, beside the index: a file that grows or is replaced, read by memory mapping.
//!
//! A vector is kept under the number of its passage's content. So a passage that moves keeps its vector, one that is
//! removed is simply not asked for and goes when many have, and an embedding that was cut short goes on where it stopped.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use memmap2::Mmap;
use serde::{Deserialize, Serialize};

use crate::error::SearchError;

/// The name of the file in the folder of the index.
pub(crate) const FILE: &str = "vectors";

/// So many vectors of passages that are gone never matter.
const SPARE: usize = 1000;

/// The longest first line that is looked for.
const MAX_HEADER: usize = 4096;

/// A model that turns text into vectors whose dot product says how near two texts are in meaning.
pub trait Embedder: Send + Sync {
    /// Names the model; vectors of another name are thrown away.
    fn name(&self) -> &str;

    /// Numbers in a vector.
    fn dimensions(&self) -> usize;

    /// A vector of length 1 for each text.
    ///
    /// # Errors
    /// In words, why not.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, String>;
}

/// The first line of the file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    embedder: String,
    dimensions: usize,
}

/// The vectors that are there.
pub(crate) struct Vectors {
    path: PathBuf,
    dimensions: usize,
    map: Option<Mmap>,
    /// Where the vector of a content begins in the file.
    places: HashMap<u64, usize>,
    /// Where the first record begins.
    begin: usize,
    /// Where the last whole record ends.
    end: u64,
}

impl Header {
    fn of(embedder: &dyn Embedder) -> Self {
        Self { format: 1, embedder: embedder.name().to_owned(), dimensions: embedder.dimensions() }
    }
}

impl Vectors {
    /// The vectors of this model. What is missing, damaged or another model's counts as none.
    #[allow(unsafe_code)]
    pub(crate) fn open(folder: &Path, embedder: &dyn Embedder) -> Result<Self, SearchError> {
        let path = folder.join(FILE);
        let dimensions = embedder.dimensions();
        let mut vectors = Self { path, dimensions, map: None, places: HashMap::new(), begin: 0, end: 0 };
        let path = &vectors.path;
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vectors),
            other => other.map_err(SearchError::io(path))?,
        };
        // SAFETY: the file is private to the index. Whole records are never changed or cut off: the file is appended to,
        // or replaced by renaming; and nothing beyond the whole records is read. Any bytes are valid numbers.
        let map = unsafe { Mmap::map(&file) }.map_err(SearchError::io(path))?;
        let first = map[..map.len().min(MAX_HEADER)].split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        if !serde_json::from_slice::<Header>(first).is_ok_and(|known| known == Header::of(embedder)) {
            return Ok(vectors);
        }
        let record = vectors.record();
        let mut at = first.len();
        while let Some(key) = map.get(at..at + record).and_then(|record| record.first_chunk::<8>()) {
            vectors.places.insert(u64::from_le_bytes(*key), at + 8);
            at += record;
        }
        (vectors.begin, vectors.end) = (first.len(), at as u64);
        vectors.map = Some(map);
        Ok(vectors)
    }

    /// The same, ready to be appended to; the caller holds the index's lock.
    pub(crate) fn open_to_write(folder: &Path, embedder: &dyn Embedder) -> Result<Self, SearchError> {
        let vectors = Self::open(folder, embedder)?;
        if vectors.map.is_none() {
            begin(&vectors.path, &Header::of(embedder))?;
            return Self::open(folder, embedder);
        }
        // A record that a killed process left unfinished would shift those that follow.
        let cut = || File::options().write(true).open(&vectors.path)?.set_len(vectors.end);
        cut().map_err(SearchError::io(&vectors.path))?;
        Ok(vectors)
    }

    /// The same without the vectors of passages that are gone, once those are the greater part. The caller holds the
    /// index's lock.
    pub(crate) fn prune(
        self,
        wanted: &HashSet<u64>,
        folder: &Path,
        embedder: &dyn Embedder,
    ) -> Result<Self, SearchError> {
        let Some(map) = &self.map else { return Ok(self) };
        let mut kept: Vec<usize> =
            self.places.iter().filter(|(key, _)| wanted.contains(key)).map(|(_, at)| at - 8).collect();
        kept.sort_unstable();
        let records = (self.end as usize - self.begin) / self.record();
        if records <= 2 * kept.len() + SPARE {
            return Ok(self);
        }
        let mut bytes = map[..self.begin].to_vec();
        for at in kept {
            bytes.extend_from_slice(&map[at..at + self.record()]);
        }
        replace(&self.path, &bytes)?;
        Self::open(folder, embedder)
    }

    /// Whether the file has grown or been replaced since.
    pub(crate) fn is_stale(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|meta| meta.len() != self.end)
    }

    fn record(&self) -> usize {
        8 + 4 * self.dimensions
    }

    /// Where the vector of a content begins in the file, if there is one.
    pub(crate) fn place(&self, key: u64) -> Option<usize> {
        self.places.get(&key).copied()
    }

    /// The dot product of `query` with the vector that begins there.
    pub(crate) fn similarity(&self, at: usize, query: &[f32]) -> Option<f32> {
        let bytes = self.map.as_ref()?.get(at..at + 4 * self.dimensions)?;
        // Eight at a time, so that the additions do not wait for each other.
        let mut sums = [0.0_f32; 8];
        let (blocks, rest) = bytes.as_chunks::<32>();
        let (factors, factors_rest) = query.as_chunks::<8>();
        for (block, factors) in blocks.iter().zip(factors) {
            let (numbers, _) = block.as_chunks::<4>();
            for ((sum, number), factor) in sums.iter_mut().zip(numbers).zip(factors) {
                *sum += f32::from_le_bytes(*number) * factor;
            }
        }
        let rest = rest.as_chunks::<4>().0.iter().zip(factors_rest);
        let sum = sums.iter().sum::<f32>() + rest.map(|(number, f)| f32::from_le_bytes(*number) * f).sum::<f32>();
        sum.is_finite().then_some(sum)
    }

    /// Adds vectors to the file; they are found after it has been opened again.
    pub(crate) fn append(&self, vectors: &[(u64, Vec<f32>)]) -> Result<(), SearchError> {
        let mut bytes = Vec::with_capacity(vectors.len() * self.record());
        for (key, vector) in vectors {
            if vector.len() != self.dimensions {
                let (is, should) = (vector.len(), self.dimensions);
                return Err(SearchError::Embedding(format!("it gave {is} numbers where it promised {should}")));
            }
            bytes.extend_from_slice(&key.to_le_bytes());
            bytes.extend(vector.iter().flat_map(|number| number.to_le_bytes()));
        }
        let write = || File::options().append(true).open(&self.path)?.write_all(&bytes);
        write().map_err(SearchError::io(&self.path))
    }
}

fn begin(path: &Path, header: &Header) -> Result<(), SearchError> {
    let mut line = serde_json::to_vec(header).map_err(|error| SearchError::Embedding(error.to_string()))?;
    line.push(b'\n');
    replace(path, &line)
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), SearchError> {
    let new = path.with_extension("new");
    fs::write(&new, bytes).and_then(|()| fs::rename(&new, path)).map_err(SearchError::io(path))
}
