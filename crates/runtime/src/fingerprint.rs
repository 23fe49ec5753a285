//! Hashes of model files: a run's journal names the weights it was made with.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// blake3 of bytes, hex.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// blake3 over a model's file, or over the names and contents of a folder's model files in order of name. Hashing
/// gigabytes takes seconds, so results are remembered in `cache`, by path, size and time of change.
///
/// # Errors
/// When a file cannot be read. A cache that cannot be read or written only costs time.
pub fn of_model(path: &Path, cache: &Path) -> io::Result<String> {
    let files = model_files(path)?;
    let mut whole = blake3::Hasher::new();
    let mut known = Cache::load(cache);
    for file in &files {
        let metadata = fs::metadata(file)?;
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let key = format!("{}:{}:{changed}", fs::canonicalize(file)?.display(), metadata.len());
        let hash = match known.entries.get(&key) {
            Some(hash) => hash.clone(),
            None => {
                let mut hasher = blake3::Hasher::new();
                hasher.update_mmap_rayon(file)?;
                let hash = hasher.finalize().to_hex().to_string();
                known.entries.insert(key, hash.clone());
                known.changed = true;
                hash
            }
        };
        if files.len() == 1 {
            known.save();
            return Ok(hash);
        }
        whole.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        whole.update(hash.as_bytes());
    }
    known.save();
    Ok(whole.finalize().to_hex().to_string())
}

fn model_files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == "safetensors" || extension == "json"))
        .collect();
    files.sort();
    Ok(files)
}

struct Cache {
    path: PathBuf,
    entries: BTreeMap<String, String>,
    changed: bool,
}

impl Cache {
    fn load(path: &Path) -> Self {
        let entries = fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self { path: path.to_owned(), entries, changed: false }
    }

    /// Through a file beside it and a rename, so that two processes never leave half of one.
    fn save(&self) {
        if !self.changed {
            return;
        }
        let beside = self.path.with_extension(format!("{}.tmp", std::process::id()));
        let written = serde_json::to_vec_pretty(&self.entries)
            .map_err(io::Error::from)
            .and_then(|bytes| fs::File::create(&beside)?.write_all(&bytes))
            .and_then(|()| fs::rename(&beside, &self.path));
        if written.is_err() {
            fs::remove_file(&beside).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_changes_the_hash_and_the_cache_is_believed_only_for_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let (file, cache) = (folder.path().join("m.gguf"), folder.path().join("hashes.json"));
        fs::write(&file, b"weights").unwrap();
        let first = of_model(&file, &cache).unwrap();
        assert_eq!(first, of_bytes(b"weights"));
        assert_eq!(of_model(&file, &cache).unwrap(), first);
        fs::write(&file, b"weighty!").unwrap();
        assert_eq!(of_model(&file, &cache).unwrap(), of_bytes(b"weighty!"));
        fs::write(&cache, b"{ torn").unwrap();
        assert_eq!(of_model(&file, &cache).unwrap(), of_bytes(b"weighty!"));
    }

    #[test]
    fn a_folder_is_hashed_with_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        let model = folder.path().join("model");
        fs::create_dir(&model).unwrap();
        fs::write(model.join("config.json"), b"{}").unwrap();
        fs::write(model.join("a.safetensors"), b"1").unwrap();
        let first = of_model(&model, &cache).unwrap();
        fs::write(model.join("notes.txt"), b"not a weight").unwrap();
        assert_eq!(of_model(&model, &cache).unwrap(), first);
        fs::rename(model.join("a.safetensors"), model.join("b.safetensors")).unwrap();
        assert_ne!(of_model(&model, &cache).unwrap(), first);
    }
}
