use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use crate::{Manifest, PluginError};

/// The folder of added tools: one folder each, by name.
#[derive(Debug, Clone)]
pub struct ToolStore {
    folder: PathBuf,
}

/// One of its folders.
#[derive(Debug)]
pub struct Installed {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it says of itself, or why it cannot be used.
    pub manifest: Result<Manifest, PluginError>,
}

impl ToolStore {
    /// The store in `folder`, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a tool of that name lies, or would lie.
    #[must_use]
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Its folders that hold a file of one of these names, sorted. A folder that cannot be read holds none.
    #[must_use]
    pub fn folders_with_any(&self, files: &[&str]) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let hidden = |path: &Path| path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let holds = |path: &Path| files.iter().any(|file| path.join(file).is_file());
        let mut folders: Vec<_> = entries.filter(|path| !hidden(path) && holds(path)).collect();
        folders.sort();
        folders
    }

    /// Every tool with a manifest, good or bad, by name.
    #[must_use]
    pub fn list(&self) -> Vec<Installed> {
        let folders = self.folders_with_any(&[crate::MANIFEST]).into_iter();
        folders.map(|folder| Installed { manifest: Manifest::read(&folder), folder }).collect()
    }

    /// Copies the plain files `files` of `from` to the place of `name`, whole or not at all.
    ///
    /// # Errors
    /// [`PluginError::BadName`], [`PluginError::Exists`] unless it may replace; else what could not be copied.
    pub fn add(&self, name: &str, from: &Path, files: &[String], replace: bool) -> Result<PathBuf, PluginError> {
        let plain = |name: &str| !name.starts_with('.') && is_plain(name);
        if let Some(bad) = files.iter().map(String::as_str).chain([name]).find(|name| !plain(name)) {
            return Err(PluginError::BadName(bad.to_owned()));
        }
        let place = self.place(name);
        if place.exists() && !replace {
            return Err(PluginError::Exists(name.to_owned()));
        }
        let writing = |path: &Path, source| PluginError::Write { path: path.to_owned(), source };
        let beside = self.folder.join(format!(".adding-{name}-{}", std::process::id()));
        let copied = fs::create_dir_all(&beside).map_err(|error| writing(&beside, error)).and_then(|()| {
            files.iter().try_for_each(|file| {
                let path = from.join(file);
                fs::copy(&path, beside.join(file)).map(drop).map_err(|source| PluginError::Read { path, source })
            })
        });
        let swapped = copied.and_then(|()| swap(&beside, &place).map_err(|error| writing(&place, error)));
        if swapped.is_err() {
            fs::remove_dir_all(&beside).ok();
        }
        swapped.map(|()| place)
    }

    /// Removes a tool.
    ///
    /// # Errors
    /// [`PluginError::Unknown`], or why its folder cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), PluginError> {
        let place = self.place(name);
        if !is_plain(name) || !place.is_dir() {
            return Err(PluginError::Unknown(name.to_owned()));
        }
        fs::remove_dir_all(&place).map_err(|source| PluginError::Write { path: place, source })
    }
}

/// One name, which leads nowhere else.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let one = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
    one && !name.contains(['/', '\\', '\0'])
}

/// Puts `new` where `place` is. A folder cannot be renamed over another, so the old one steps aside first.
fn swap(new: &Path, place: &Path) -> io::Result<()> {
    if !place.exists() {
        return fs::rename(new, place);
    }
    let aside = new.with_extension("old");
    fs::rename(place, &aside)?;
    if let Err(error) = fs::rename(new, place) {
        fs::rename(&aside, place)?;
        return Err(error);
    }
    fs::remove_dir_all(aside)
}
