//! What was added, so that the index can be built again: `sources.jsonl`, a line for each path.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::error::SearchError;

const SOURCES: &str = "sources.jsonl";
const REBUILDING: &str = "rebuilding";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    path: PathBuf,
    /// Removed, though a folder above it was added.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    excluded: bool,
}

/// Added and excluded paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    paths: BTreeMap<PathBuf, bool>,
}

impl Sources {
    /// A line that is no JSON is left out: the other ones still help.
    pub(super) fn read(folder: &Path) -> Result<Self, SearchError> {
        let path = folder.join(SOURCES);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other.map_err(SearchError::io(&path))?,
        };
        let lines = String::from_utf8_lossy(&bytes);
        let lines = lines.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        Ok(Self { paths: lines.map(|line| (line.path, line.excluded)).collect() })
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), SearchError> {
        let mut text = String::new();
        for (path, excluded) in &self.paths {
            let line = Line { path: path.clone(), excluded: *excluded };
            text.push_str(&serde_json::to_string(&line).map_err(|error| SearchError::Engine(error.to_string()))?);
            text.push('\n');
        }
        replace(&folder.join(SOURCES), text.as_bytes())
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.paths.values().any(|excluded| !excluded)
    }

    pub(super) fn added(&self) -> Vec<PathBuf> {
        self.paths.iter().filter(|(_, excluded)| !**excluded).map(|(path, _)| path.clone()).collect()
    }

    /// What was taken out below `path` stays out; `path` itself does not.
    pub(super) fn add(&mut self, path: &Path) {
        self.paths.retain(|other, excluded| !(*excluded && other == path));
        let is_covered = self.judge(path) == Some(false);
        if !is_covered {
            self.paths.insert(path.to_owned(), false);
        }
    }

    pub(super) fn remove(&mut self, path: &Path) {
        self.paths.retain(|other, _| !other.starts_with(path));
        if self.judge(path) == Some(false) {
            self.paths.insert(path.to_owned(), true);
        }
    }

    pub(super) fn is_excluded(&self, path: &Path) -> bool {
        self.judge(path) == Some(true)
    }

    /// Whether the nearest path at or above this one is excluded.
    fn judge(&self, path: &Path) -> Option<bool> {
        path.ancestors().find_map(|above| self.paths.get(above).copied())
    }
}

/// Whether a rebuilding has begun and not ended.
pub(super) fn is_rebuilding(folder: &Path) -> bool {
    folder.join(REBUILDING).exists()
}

pub(super) fn set_rebuilding(folder: &Path, on: bool) -> Result<(), SearchError> {
    let path = folder.join(REBUILDING);
    if on {
        return fs::write(&path, b"").map_err(SearchError::io(&path));
    }
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(SearchError::io(&path)(error)),
        _ => Ok(()),
    }
}

/// Writes a file so that it is whole, old or new, whenever the process ends.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), SearchError> {
    let new = path.with_extension("new");
    let write = || {
        fs::write(&new, bytes)?;
        fs::File::open(&new)?.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(SearchError::io(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_what_was_added_can_be_taken_out_and_in() {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::default();
        sources.add(Path::new("/docs"));
        sources.remove(Path::new("/docs/old"));
        sources.write(folder.path()).unwrap();
        let mut sources = Sources::read(folder.path()).unwrap();
        assert!(sources.is_excluded(Path::new("/docs/old/a.md")));
        assert!(!sources.is_excluded(Path::new("/docs/older.md")));
        assert_eq!(sources.added(), [Path::new("/docs")]);
        sources.add(Path::new("/docs/old/a.md"));
        assert!(!sources.is_excluded(Path::new("/docs/old/a.md")) && sources.is_excluded(Path::new("/docs/old/b.md")));
        sources.add(Path::new("/docs"));
        assert!(sources.is_excluded(Path::new("/docs/old/b.md")));
        sources.add(Path::new("/docs/old"));
        assert!(!sources.is_excluded(Path::new("/docs/old/b.md")));
        sources.remove(Path::new("/docs"));
        assert!(sources.is_empty());
    }

    #[test]
    fn a_garbled_line_does_not_cost_the_others() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SOURCES), b"{\"path\":\"/a\"}\n\xff{\"pa\n{\"path\":\"/b\"}\n").unwrap();
        let sources = Sources::read(folder.path()).unwrap();
        assert_eq!(sources.added(), [Path::new("/a"), Path::new("/b")]);
    }
}
