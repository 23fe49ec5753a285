//! The toolbox as this program opens it.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Result, bail};
use toolwright_runtime::LoadedModel;
use toolwright_tool::ToolRegistry;
use toolwright_toolbox::{Settings, Toolbox, ToolboxError, Workspace};

use crate::{Usage, places::Places, progress::SaysCompiling, secrets::UserSecrets};

/// With a workspace of the run's own.
///
/// # Errors
/// When the configuration cannot be understood.
pub fn open(places: &Places) -> Result<Toolbox> {
    open_for(places, Workspace::OfTheRun)
}

/// With that kind of workspace.
///
/// # Errors
/// When the configuration cannot be understood.
pub fn open_for(places: &Places, workspace: Workspace) -> Result<Toolbox> {
    let Places { data, cache } = places.clone();
    let settings = Settings { data_dir: data, cache_dir: cache, workspace, progress: Arc::new(SaysCompiling) };
    Ok(Toolbox::open_with(settings, Arc::new(UserSecrets))?)
}

/// The tools of a run: those asked for; else those that the model was trained on; else the common ones.
///
/// # Errors
/// [`Usage`] on a name that there is not.
pub fn choose(toolbox: &Toolbox, asked: Option<&[String]>, model: &LoadedModel) -> Result<ToolRegistry> {
    let names = match asked {
        Some([one]) if one == "none" => Vec::new(),
        Some([one]) if one == "all" => toolbox.names(),
        Some(names) => names.to_vec(),
        None => match model.known_tools() {
            // A model may know of tools that this program does not have.
            Some(known) => {
                let there = toolbox.names();
                known.iter().filter(|name| there.contains(name)).cloned().collect()
            }
            None => toolbox.common(),
        },
    };
    named(toolbox, &names)
}

/// The tools of these names.
///
/// # Errors
/// [`Usage`] on a name that there is not, or one given twice.
pub fn named<S: AsRef<str>>(toolbox: &Toolbox, names: &[S]) -> Result<ToolRegistry> {
    toolbox.named(names).map_err(|error| match error {
        ToolboxError::Unknown { .. } | ToolboxError::Registry(_) => Usage(error.to_string()).into(),
        error => error.into(),
    })
}

/// The folder given, as an absolute path, so that it stays the same whatever else happens.
///
/// # Errors
/// [`Usage`] where there is no such folder.
pub fn workspace(given: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let Some(given) = given else { return Ok(None) };
    match given.canonicalize() {
        Ok(folder) if folder.is_dir() => Ok(Some(folder)),
        Ok(_) => bail!(Usage(format!("--workspace {} is no folder", given.display()))),
        Err(error) => bail!(Usage(format!("--workspace {}: {error}", given.display()))),
    }
}
