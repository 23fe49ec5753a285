//! Answers of providers on the disk: a file for each query, bounded in age and in all.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::WebResult;

pub(super) struct Cache {
    folder: PathBuf,
    keep: Duration,
    most: u64,
}

impl Cache {
    pub(super) fn new(folder: &Path, keep: Duration, most: u64) -> Self {
        Self { folder: folder.to_owned(), keep, most }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{}.json", blake3::hash(key.as_bytes()).to_hex()))
    }

    /// What was found for this key not too long ago. A file that cannot be read is as good as none.
    pub(super) fn get(&self, key: &str) -> Option<Vec<WebResult>> {
        let path = self.path(key);
        let age = fs::metadata(&path).ok()?.modified().ok()?.elapsed().ok()?;
        if age >= self.keep {
            return None;
        }
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// A cache that cannot be written to costs time, and nothing else.
    pub(super) fn put(&self, key: &str, results: &[WebResult]) {
        let Ok(bytes) = serde_json::to_vec(results) else { return };
        if self.keep.is_zero() || fs::create_dir_all(&self.folder).is_err() {
            return;
        }
        let path = self.path(key);
        let new = path.with_extension(format!("{}.new", std::process::id()));
        if fs::write(&new, bytes).is_ok() {
            let _ = fs::rename(&new, path);
        }
        self.shrink();
    }

    /// Removes the oldest files until the rest fits.
    fn shrink(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let meta = entry.metadata().ok()?;
                Some((meta.modified().ok()?, meta.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut size: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, bytes, path) in files {
            if size <= self.most {
                return;
            }
            let _ = fs::remove_file(path);
            size -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(title: &str) -> Vec<WebResult> {
        vec![WebResult { title: title.into(), url: "https://example.org".into(), text: "t".repeat(1000) }]
    }

    #[test]
    fn keeps_the_newest_within_its_bound_and_nothing_for_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), Duration::from_secs(3600), 5000);
        for number in 0..10 {
            cache.put(&number.to_string(), &result(&number.to_string()));
        }
        let size: u64 =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
        assert!(size <= 5000 && size > 2000, "{size}");
        assert_eq!(cache.get("9"), Some(result("9")));
        assert_eq!(cache.get("0"), None);
        fs::write(cache.path("9"), "[{").unwrap();
        assert_eq!(cache.get("9"), None);
        let old = fs::File::options().write(true).open(cache.path("8")).unwrap();
        old.set_modified(SystemTime::now() - Duration::from_secs(7200)).unwrap();
        assert_eq!(cache.get("8"), None);
    }
}
