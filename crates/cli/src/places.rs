//! Where the program keeps what it keeps.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};

/// The two folders of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// What a person would miss: runs, documents' index, memory, added tools, settings.
    pub data: PathBuf,
    /// What can be made again: compiled interpreters, answers of the web.
    pub cache: PathBuf,
}

impl Places {
    /// The folders given, or the user's by the platform's convention. The cache of a data directory that was given lies
    /// in it, so that everything is in one place and goes away with it.
    ///
    /// # Errors
    /// Where the platform knows no home directory and none was given.
    pub fn resolve(data: Option<PathBuf>, cache: Option<PathBuf>) -> Result<Self> {
        if let Some(data) = data {
            let cache = cache.unwrap_or_else(|| data.join("cache"));
            return Ok(Self { data, cache });
        }
        let names = AppStrategyArgs { app_name: "toolwright".to_owned(), ..AppStrategyArgs::default() };
        let places = choose_app_strategy(names)
            .context("there is no home directory to keep runs in; give one with --data-dir DIR")?;
        Ok(Self { data: places.data_dir(), cache: cache.unwrap_or_else(|| places.cache_dir()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_data_directory_holds_its_cache_unless_that_is_given_too() {
        let of = |data: Option<&str>, cache: Option<&str>| {
            Places::resolve(data.map(PathBuf::from), cache.map(PathBuf::from)).unwrap()
        };
        assert_eq!(of(Some("d"), None).cache, PathBuf::from("d/cache"));
        assert_eq!(of(Some("d"), Some("c")), Places { data: "d".into(), cache: "c".into() });
        assert_eq!(of(None, Some("c")).cache, PathBuf::from("c"));
    }
}
