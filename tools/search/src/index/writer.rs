//! The one writer of an index.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use tantivy::IndexWriter;

use super::{Index, check};
use crate::{
    error::SearchError,
    extract::{self, Extracted},
    schema::FileState,
};

/// Memory in which new passages gather before they become a segment.
const HEAP: usize = 64 << 20;

/// Bytes of text after which a commit is made: what a killed process loses at most.
const COMMIT: u64 = 16 << 20;

/// Held while something is written; the operating system takes it back when a process dies.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub(crate) fn take(folder: &Path) -> Result<Self, SearchError> {
        let path = folder.join("lock");
        std::fs::create_dir_all(folder).map_err(SearchError::io(folder))?;
        let file = File::options().create(true).append(true).open(&path).map_err(SearchError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(SearchError::Busy(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(SearchError::io(&path)(error)),
        }
    }
}

/// Changes of an index, committed every so often.
pub(super) struct Writer<'a> {
    index: &'a Index,
    inner: IndexWriter,
    uncommitted: u64,
    _lock: Lock,
}

impl<'a> Writer<'a> {
    pub(super) fn new(index: &'a Index) -> Result<Self, SearchError> {
        let lock = Lock::take(&index.folder)?;
        let inner = index.engine.writer_with_num_threads(1, HEAP)?;
        Ok(Self { index, inner, uncommitted: 0, _lock: lock })
    }

    /// Takes a document in, in place of what its source had before. Gives its number of passages.
    pub(super) fn put(&mut self, document: &Extracted, mut state: FileState) -> Result<u64, SearchError> {
        let fields = &self.index.fields;
        self.inner.delete_term(fields.source_term(&state.source));
        let spans = document.passages();
        for (ordinal, span) in spans.iter().enumerate() {
            let place = (state.source.as_str(), ordinal);
            let passage = fields.passage(place, &document.title, &document.text, span, document.in_file);
            self.inner.add_document(passage)?;
        }
        state.passages = spans.len() as u64;
        state.title.clone_from(&document.title);
        state.version = extract::VERSION;
        self.inner.add_document(fields.file(&state))?;
        self.written(document.text.len() as u64)?;
        Ok(state.passages)
    }

    pub(super) fn delete(&mut self, source: &str) -> Result<(), SearchError> {
        self.inner.delete_term(self.index.fields.source_term(source));
        self.written(source.len() as u64)
    }

    fn written(&mut self, bytes: u64) -> Result<(), SearchError> {
        self.uncommitted += bytes.max(200);
        if self.uncommitted >= COMMIT {
            self.inner.commit()?;
            self.uncommitted = 0;
        }
        Ok(())
    }

    /// Commits what is left and waits until the engine has put its files in order.
    pub(super) fn finish(mut self) -> Result<(), SearchError> {
        self.inner.commit()?;
        self.inner.wait_merging_threads()?;
        check::remember(self.index)
    }
}
