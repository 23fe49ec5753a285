//! Where runs are kept.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};

/// The folder given, or the user's data directory by the platform's convention.
///
/// # Errors
/// Where the platform knows no home directory and none was given.
pub fn resolve(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given);
    }
    let names = AppStrategyArgs { app_name: "toolwright".to_owned(), ..AppStrategyArgs::default() };
    let places = choose_app_strategy(names)
        .context("there is no home directory to keep runs in; give one with --data-dir DIR")?;
    Ok(places.data_dir())
}
