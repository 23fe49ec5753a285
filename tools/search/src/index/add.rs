//! Taking files in: only what is new or changed is read again, and what is gone from a folder goes from the index.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use ignore::WalkBuilder;
use toolwright_tool::CancellationToken;

use super::{Index, sources, sources::Sources, writer::Writer};
use crate::{
    error::SearchError,
    extract::{self, MAX_FILE},
    schema::FileState,
};

/// Told how an adding goes on.
pub trait Progress: Send + Sync {
    /// There are so many files, of so many bytes in all.
    fn found(&self, files: u64, bytes: u64);
    /// So many of them are done, with `path` the last one.
    fn done(&self, files: u64, bytes: u64, path: &Path);
}

/// Nobody is told.
impl Progress for () {
    fn found(&self, _: u64, _: u64) {}
    fn done(&self, _: u64, _: u64, _: &Path) {}
}

/// What an adding did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddReport {
    /// Files that were not in the index.
    pub added: u64,
    /// Files that are as they were.
    pub unchanged: u64,
    /// Files that had changed.
    pub updated: u64,
    /// Files that are gone, or that cannot be read as text any more.
    pub removed: u64,
    /// What is not in the index, and why.
    pub skipped: Vec<(PathBuf, String)>,
    /// Passages that were taken in.
    pub passages: u64,
    /// Bytes of the files that were read.
    pub bytes: u64,
    /// Whether it was cancelled before it was done; the same call goes on from there.
    pub cancelled: bool,
}

impl AddReport {
    /// In a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let Self { added, unchanged, updated, removed, skipped, passages, .. } = self;
        let skipped = skipped.len();
        let end = if self.cancelled { "; stopped before the end" } else { "" };
        format!(
            "{added} files added, {updated} updated, {unchanged} unchanged, {removed} removed, {skipped} skipped; \
             {passages} new passages{end}"
        )
    }
}

/// A file that was found.
struct Found {
    path: PathBuf,
    size: u64,
    modified: u64,
}

impl Index {
    /// Takes in files, and all files below folders: what `.gitignore` names is left out, hidden files too, and symbolic
    /// links are not followed. Files that have not changed are not read again; those that are gone from a folder are
    /// removed. What was done before a crash or a cancellation stays done.
    ///
    /// # Errors
    /// [`SearchError::Busy`], [`SearchError::Io`], [`SearchError::Engine`]. What is wrong with one file is in the report.
    pub fn add(
        &self,
        paths: &[PathBuf],
        progress: &dyn Progress,
        cancel: &CancellationToken,
    ) -> Result<AddReport, SearchError> {
        let mut report = AddReport::default();
        let writer = Writer::new(self)?;
        let mut sources = Sources::read(&self.folder)?;
        let mut roots = Vec::new();
        let files = self.list()?;
        for path in paths {
            match canonical(path) {
                Ok(root) if root.exists() => {
                    sources.add(&root);
                    roots.push(root);
                }
                // What was in the index and is gone goes from the index.
                Ok(root) if files.iter().any(|file| Path::new(&file.source).starts_with(&root)) => {
                    sources.remove(&root);
                    roots.push(root);
                }
                Ok(_) => report.skipped.push((path.clone(), "no such file or folder".into())),
                Err(reason) => report.skipped.push((path.clone(), reason)),
            }
        }
        sources.write(&self.folder)?;
        self.take_in(&roots, &sources, writer, &mut report, (progress, cancel))?;
        Ok(report)
    }

    /// Takes in again what was added before: files and folders that are still there.
    ///
    /// # Errors
    /// As [`Index::add`].
    pub fn add_again(&self, progress: &dyn Progress, cancel: &CancellationToken) -> Result<AddReport, SearchError> {
        let mut report = AddReport::default();
        let writer = Writer::new(self)?;
        let sources = Sources::read(&self.folder)?;
        self.take_in(&sources.added(), &sources, writer, &mut report, (progress, cancel))?;
        if !report.cancelled {
            sources::set_rebuilding(&self.folder, false)?;
        }
        Ok(report)
    }

    /// Takes files out, and all files below folders. Gives how many.
    ///
    /// # Errors
    /// As [`Index::add`].
    pub fn remove(&self, paths: &[PathBuf]) -> Result<u64, SearchError> {
        let mut writer = Writer::new(self)?;
        let mut sources = Sources::read(&self.folder)?;
        let mut gone = Vec::new();
        for path in paths {
            let path = canonical(path).unwrap_or_else(|_| path.clone());
            sources.remove(&path);
            gone.push(path);
        }
        let mut removed = 0;
        for file in self.list()? {
            if gone.iter().any(|path| Path::new(&file.source).starts_with(path)) {
                writer.delete(&file.source)?;
                removed += 1;
            }
        }
        writer.finish()?;
        sources.write(&self.folder)?;
        Ok(removed)
    }

    /// Takes in documents that are in no file, as `(source, title, text)`. A document replaces the one of the same
    /// source. They are not built again when the index is.
    ///
    /// # Errors
    /// As [`Index::add`].
    pub fn insert(
        &self,
        documents: impl IntoIterator<Item = (String, String, String)>,
    ) -> Result<AddReport, SearchError> {
        let mut report = AddReport::default();
        let mut writer = Writer::new(self)?;
        for (source, title, text) in documents {
            let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
            let state = state(source, text.len() as u64, 0, hash);
            report.bytes += state.size;
            report.passages += writer.put(&extract::from_memory(title, text), state)?;
            report.added += 1;
        }
        writer.finish()?;
        Ok(report)
    }

    fn take_in(
        &self,
        roots: &[PathBuf],
        sources: &Sources,
        mut writer: Writer<'_>,
        report: &mut AddReport,
        (progress, cancel): (&dyn Progress, &CancellationToken),
    ) -> Result<(), SearchError> {
        let mut known: HashMap<String, FileState> =
            self.list()?.into_iter().map(|file| (file.source.clone(), file)).collect();
        // Below these nothing is known to be gone.
        let mut unseen = Vec::new();
        let found = self.walk(roots, sources, report, &mut unseen, cancel);
        let total = found.iter().map(|file| file.size).sum();
        progress.found(found.len() as u64, total);
        let (mut files, mut bytes) = (0, 0);
        let mut seen = HashSet::new();
        for file in found {
            if cancel.is_cancelled() {
                report.cancelled = true;
                break;
            }
            let Some(source) = file.path.to_str().map(str::to_owned) else {
                report.skipped.push((file.path, "the name is not UTF-8".into()));
                continue;
            };
            if seen.insert(source.clone()) {
                let before = known.remove(&source);
                self.take_file(&mut writer, &file, source, before, report)?;
            }
            files += 1;
            bytes += file.size;
            progress.done(files, bytes, &file.path);
        }
        if !report.cancelled {
            for source in known.into_keys() {
                let path = Path::new(&source);
                let is_below = |above: &PathBuf| path.starts_with(above);
                if roots.iter().any(is_below) && !unseen.iter().any(is_below) {
                    writer.delete(&source)?;
                    report.removed += 1;
                }
            }
        }
        writer.finish()
    }

    fn take_file(
        &self,
        writer: &mut Writer<'_>,
        file: &Found,
        source: String,
        before: Option<FileState>,
        report: &mut AddReport,
    ) -> Result<(), SearchError> {
        let before = before.filter(|before| before.version == extract::VERSION);
        if before.as_ref().is_some_and(|before| (before.size, before.modified) == (file.size, file.modified)) {
            report.unchanged += 1;
            return Ok(());
        }
        let skip = |report: &mut AddReport, reason| report.skipped.push((file.path.clone(), reason));
        let read = match read(&file.path) {
            Ok(read) => read,
            // It may be readable again; what is in the index stays.
            Err(error) => {
                skip(report, error.to_string());
                return Ok(());
            }
        };
        let extracted = read.and_then(|bytes| {
            let hash = blake3::hash(&bytes).to_hex().to_string();
            report.bytes += bytes.len() as u64;
            if before.as_ref().is_some_and(|before| before.hash == hash) {
                return Ok(None);
            }
            let state = state(source.clone(), file.size, file.modified, hash);
            Ok(Some((extract::extract(&file.path, bytes)?, state)))
        });
        match extracted {
            Ok(None) => report.unchanged += 1,
            Ok(Some((document, state))) => {
                report.passages += writer.put(&document, state)?;
                if before.is_some() {
                    report.updated += 1;
                } else {
                    report.added += 1;
                }
            }
            Err(reason) => {
                skip(report, reason);
                if before.is_some() {
                    writer.delete(&source)?;
                    report.removed += 1;
                }
            }
        }
        Ok(())
    }

    fn walk(
        &self,
        roots: &[PathBuf],
        sources: &Sources,
        report: &mut AddReport,
        unseen: &mut Vec<PathBuf>,
        cancel: &CancellationToken,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        for root in roots.iter().filter(|root| root.exists()) {
            let own = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
            let walk = WalkBuilder::new(root)
                .follow_links(false)
                .git_global(false)
                .require_git(false)
                .filter_entry(move |entry| entry.path() != own)
                .build();
            for entry in walk {
                if cancel.is_cancelled() {
                    report.cancelled = true;
                    return found;
                }
                match entry {
                    Err(error) => {
                        let path = error_path(&error).unwrap_or_else(|| root.clone());
                        if path.exists() {
                            unseen.push(path.clone());
                        }
                        report.skipped.push((path, error.to_string()));
                    }
                    Ok(entry) if sources.is_excluded(entry.path()) => {}
                    Ok(entry) => match look(&entry) {
                        Ok(Some(file)) => found.push(file),
                        Ok(None) => {}
                        Err(reason) => report.skipped.push((entry.into_path(), reason)),
                    },
                }
            }
        }
        found
    }
}

fn state(source: String, size: u64, modified: u64, hash: String) -> FileState {
    FileState { source, title: String::new(), size, modified, hash, passages: 0, version: 0 }
}

/// The one name of a path. What does not exist has its written name, made absolute.
fn canonical(path: &Path) -> Result<PathBuf, String> {
    match path.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let absolute = std::path::absolute(path).map_err(|error| error.to_string())?;
            // The folder above may be there under another name.
            let above = absolute.parent().and_then(|above| above.canonicalize().ok());
            Ok(above.zip(absolute.file_name()).map_or_else(|| absolute.clone(), |(above, name)| above.join(name)))
        }
        other => other.map_err(|error| error.to_string()),
    }
}

/// A file to read, nothing to read, or why it is not read.
fn look(entry: &ignore::DirEntry) -> Result<Option<Found>, String> {
    let Some(kind) = entry.file_type() else { return Ok(None) };
    if kind.is_dir() {
        return Ok(None);
    }
    if kind.is_symlink() {
        return Err("a symbolic link; add what it points to".into());
    }
    if !kind.is_file() {
        return Err("not a regular file".into());
    }
    let meta = entry.metadata().map_err(|error| error.to_string())?;
    if meta.len() > MAX_FILE {
        return Err(format!("larger than {} MiB", MAX_FILE >> 20));
    }
    let since = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = since.and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0);
    Ok(Some(Found { path: entry.path().to_owned(), size: meta.len(), modified }))
}

/// The bytes of a file that may be text; the inner error says why it is not.
fn read(path: &Path) -> std::io::Result<Result<Vec<u8>, String>> {
    // What is no regular file any more could block.
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(Err("not a regular file".into()));
    }
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    (&file).take(8192).read_to_end(&mut bytes)?;
    if let Some(reason) = extract::refuse(&bytes) {
        return Ok(Err(reason));
    }
    (&file).take(MAX_FILE + 1 - bytes.len() as u64).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Ok(Err(format!("larger than {} MiB", MAX_FILE >> 20)));
    }
    Ok(Ok(bytes))
}

fn error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}
