//! The index of local documents: passages in tantivy, and beside it the list of what was added.

mod add;
mod check;
mod sources;
pub(crate) mod writer;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

pub use add::{AddReport, Progress};
use tantivy::{
    IndexReader, ReloadPolicy, Searcher, TantivyDocument,
    collector::{DocSetCollector, TopDocs},
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};
use toolwright_tool::CancellationToken;

use crate::{
    analysis::{self, ANALYZER},
    error::SearchError,
    schema::{Fields, FileState, Passage, split_id},
};

/// Folder of the search engine's own files.
const ENGINE: &str = "engine";

/// How often an index is opened that another process keeps changing.
const ATTEMPTS: u32 = 4;

/// An index in a folder. Several processes may read it while one writes.
pub struct Index {
    folder: PathBuf,
    engine: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
    /// When the reader was last brought up to date, by the file that every commit replaces.
    seen: Mutex<Option<(SystemTime, u64)>>,
}

impl Index {
    /// Opens the index in `folder`, or makes an empty one where there is none. The files are checked if anything but a
    /// finished change of this crate wrote them last.
    ///
    /// # Errors
    /// [`SearchError::Damaged`] if a file is missing or is not what was written, [`SearchError::Io`].
    pub fn open(folder: &Path) -> Result<Self, SearchError> {
        let engine_folder = folder.join(ENGINE);
        fs::create_dir_all(&engine_folder).map_err(SearchError::io(&engine_folder))?;
        if !engine_folder.join("meta.json").exists() {
            if !sources::Sources::read(folder)?.is_empty() {
                return Err(damaged(folder, "meta.json is missing"));
            }
            let _lock = writer::Lock::take(folder)?;
            return match Self::open_engine(folder, true) {
                Err(SearchError::Engine(reason)) => Err(damaged(folder, &reason)),
                other => other,
            };
        }
        let mut attempts = 0;
        loop {
            let before = stamp(folder);
            let opened = catch_unwind(AssertUnwindSafe(|| {
                let index = Self::open_engine(folder, false)?;
                check::check(&index)?;
                Ok(index)
            }));
            let opened = opened.unwrap_or_else(|_| Err(damaged(folder, "a file cannot be read")));
            attempts += 1;
            // Another process may have replaced files while this one was looking at them.
            if opened.is_ok() || attempts == ATTEMPTS || stamp(folder) == before {
                return opened;
            }
        }
    }

    /// Opens the index in `folder`. A damaged one is thrown away and built again from the files that had been added;
    /// then the text says so.
    ///
    /// # Errors
    /// [`SearchError::Busy`] if another process is writing to a damaged index, [`SearchError::Io`].
    pub fn open_or_rebuild(
        folder: &Path,
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<(Self, Option<String>), SearchError> {
        match Self::open(folder) {
            Ok(index) if !sources::is_rebuilding(folder) => Ok((index, None)),
            Ok(index) => {
                let report = index.add_again(progress, cancel)?;
                let notice = format!("the index was being built again; {}", report.summary());
                Ok((index, Some(notice)))
            }
            Err(SearchError::Damaged { reason, .. }) => {
                let (index, report) = Self::rebuild(folder, progress, cancel)?;
                let notice = format!("the index was damaged ({reason}) and has been built again: {}", report.summary());
                Ok((index, Some(notice)))
            }
            Err(error) => Err(error),
        }
    }

    /// Throws the index away and builds it again from the files and folders that were added. Documents that were put in
    /// with [`Index::insert`] are gone.
    ///
    /// # Errors
    /// [`SearchError::Busy`], [`SearchError::Io`], [`SearchError::Engine`].
    pub fn rebuild(
        folder: &Path,
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<(Self, AddReport), SearchError> {
        let index = {
            let _lock = writer::Lock::take(folder)?;
            sources::set_rebuilding(folder, true)?;
            let engine = folder.join(ENGINE);
            if engine.exists() {
                fs::remove_dir_all(&engine).map_err(SearchError::io(&engine))?;
            }
            fs::create_dir_all(&engine).map_err(SearchError::io(&engine))?;
            Self::open_engine(folder, true)?
        };
        let report = index.add_again(progress, cancel)?;
        Ok((index, report))
    }

    fn open_engine(folder: &Path, create: bool) -> Result<Self, SearchError> {
        let fields = Fields::new();
        let engine_folder = folder.join(ENGINE);
        let engine = if create {
            tantivy::Index::create_in_dir(&engine_folder, fields.schema.clone())?
        } else {
            let opened = tantivy::Index::open_in_dir(&engine_folder);
            opened.map_err(|error| damaged(folder, &error.to_string()))?
        };
        if engine.schema() != fields.schema {
            return Err(damaged(folder, "it was made by another version"));
        }
        engine.tokenizers().register(ANALYZER, analysis::analyzer());
        let reader = engine.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
        let reader: IndexReader = reader.map_err(|error| damaged(folder, &error.to_string()))?;
        let index = Self { folder: folder.to_owned(), engine, reader, fields, seen: Mutex::new(None) };
        *index.seen.lock().unwrap_or_else(PoisonError::into_inner) = stamp(folder);
        Ok(index)
    }

    /// The folder of the index.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps other processes from writing beside the index.
    pub(crate) fn lock(&self) -> Result<writer::Lock, SearchError> {
        writer::Lock::take(&self.folder)
    }

    /// Whether no building of it is unfinished.
    pub(crate) fn is_whole(&self) -> bool {
        !sources::is_rebuilding(&self.folder)
    }

    /// A view of the last commit, whichever process made it.
    pub(crate) fn searcher(&self) -> Result<Searcher, SearchError> {
        let stamp = stamp(&self.folder);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen != stamp || stamp.is_none() {
            self.guard(|| Ok(self.reader.reload()?))?;
            *seen = stamp;
        }
        Ok(self.reader.searcher())
    }

    /// What fails or panics inside of the engine does so on damaged files.
    pub(crate) fn guard<T>(&self, work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Err(SearchError::Engine(reason))) => Err(damaged(&self.folder, &reason)),
            Ok(result) => result,
            Err(_) => Err(damaged(&self.folder, "a file cannot be read")),
        }
    }

    /// The files in the index, by name.
    ///
    /// # Errors
    /// [`SearchError::Damaged`].
    pub fn list(&self) -> Result<Vec<FileState>, SearchError> {
        let searcher = self.searcher()?;
        self.guard(|| {
            let query = TermQuery::new(self.fields.file_term(), IndexRecordOption::Basic);
            let mut files = Vec::new();
            for address in searcher.search(&query, &DocSetCollector)? {
                let document: TantivyDocument = searcher.doc(address)?;
                files.extend(self.fields.read_file(&document));
            }
            files.sort_by(|a, b| a.source.cmp(&b.source));
            Ok(files)
        })
    }

    /// The passage with this id, if it is still there.
    ///
    /// # Errors
    /// [`SearchError::Damaged`].
    pub fn passage(&self, id: &str) -> Result<Option<Passage>, SearchError> {
        let searcher = self.searcher()?;
        self.guard(|| find_passage(&searcher, &self.fields, id))
    }

    /// Passages in the index.
    ///
    /// # Errors
    /// [`SearchError::Damaged`].
    pub fn len(&self) -> Result<u64, SearchError> {
        let searcher = self.searcher()?;
        let query = TermQuery::new(self.fields.file_term(), IndexRecordOption::Basic);
        let files = self.guard(|| Ok(searcher.search(&query, &tantivy::collector::Count)?))?;
        Ok(searcher.num_docs().saturating_sub(files as u64))
    }

    /// Whether there are no passages.
    ///
    /// # Errors
    /// [`SearchError::Damaged`].
    pub fn is_empty(&self) -> Result<bool, SearchError> {
        Ok(self.len()? == 0)
    }
}

/// The passage with this id.
pub(crate) fn find_passage(searcher: &Searcher, fields: &Fields, id: &str) -> Result<Option<Passage>, SearchError> {
    let Some((source, ordinal)) = split_id(id) else { return Ok(None) };
    let term = |term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
    let terms = [fields.source_term(source), fields.ordinal_term(ordinal)];
    let query = BooleanQuery::new(terms.into_iter().map(|one| (Occur::Must, term(one))).collect());
    let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    let Some((_, address)) = found.first() else { return Ok(None) };
    let document: TantivyDocument = searcher.doc(*address)?;
    Ok(fields.read_passage(&document))
}

/// Time and length of the file that every commit replaces.
fn stamp(folder: &Path) -> Option<(SystemTime, u64)> {
    let meta = fs::metadata(folder.join(ENGINE).join("meta.json")).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn damaged(folder: &Path, reason: &str) -> SearchError {
    SearchError::Damaged { path: folder.to_owned(), reason: reason.to_owned() }
}
