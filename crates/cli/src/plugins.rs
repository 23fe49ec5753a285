//! `toolwright tools add|check|remove`: tools by others.

use std::{io::Write, path::Path, sync::Arc};

use anyhow::{Result, bail};
use toolwright_openapi::{DOCUMENTS, OpenApiPlugin};
use toolwright_plugins::{Access, MANIFEST, Manifest, PluginTool, ToolStore};

use crate::{
    Usage,
    exit::Exit,
    places::Places,
    secrets::UserSecrets,
    style::{BAD, BOLD, DIM, RESULT, harmless, paint},
    toolbox, tools,
};

fn store(data_dir: &Path) -> ToolStore {
    ToolStore::new(data_dir.join("tools"))
}

/// Checks the tool in `folder` and copies it to the added ones.
///
/// # Errors
/// When it is not in order, or there is one of that name.
pub async fn add(folder: &Path, replace: bool, places: &Places, out: &mut (dyn Write + Send)) -> Result<()> {
    let (name, tools, files) = if toolwright_openapi::is_plugin(folder) {
        let plugin = check_document(folder, out)?;
        let manifest = plugin.manifest();
        let tools = plugin.tools().iter().map(|tool| tool.spec().name.clone()).collect();
        (manifest.name.clone(), tools, vec![MANIFEST.to_owned(), manifest.openapi.clone()])
    } else if folder.join(MANIFEST).is_file() {
        check_component(folder, places, out).await?;
        let manifest = Manifest::read(folder)?;
        (manifest.name.clone(), vec![manifest.name], vec![MANIFEST.to_owned(), manifest.component])
    } else {
        bail!(Usage(format!(
            "{} holds neither {MANIFEST} nor {}; see examples/tools in the sources",
            folder.display(),
            DOCUMENTS.join(", ")
        )));
    };
    let taken = toolbox::open(places)?.names();
    if let Some(tool) = tools.iter().find(|tool| taken.contains(tool))
        && !store(&places.data).place(&name).exists()
    {
        bail!(Usage(format!("there is a tool `{tool}` already; rename this one")));
    }
    let place = store(&places.data).add(&name, folder, &files, replace)?;
    writeln!(out, "added {} in {}", paint(BOLD, &name), place.display())?;
    Ok(())
}

/// Checks one folder, or all that were added.
///
/// # Errors
/// When the output cannot be written. What is wrong with a tool is printed, and the exit code says so.
pub async fn check(folder: Option<&Path>, places: &Places, out: &mut (dyn Write + Send)) -> Result<Exit> {
    let folders = match folder {
        Some(folder) => vec![folder.to_owned()],
        None => {
            let markers: Vec<_> = [MANIFEST].iter().chain(DOCUMENTS).copied().collect();
            store(&places.data).folders_with_any(&markers)
        }
    };
    if folders.is_empty() {
        writeln!(out, "no tools were added; add one with: toolwright tools add FOLDER")?;
    }
    let mut exit = Exit::Ok;
    for folder in folders {
        let checked = if toolwright_openapi::is_plugin(&folder) {
            check_document(&folder, out).map(drop)
        } else {
            check_component(&folder, places, out).await
        };
        if let Err(error) = checked {
            exit = Exit::Failed;
            writeln!(out, "{} {}: {}", paint(BAD, "✗"), folder.display(), harmless(&crate::explain(&error)))?;
        }
    }
    Ok(exit)
}

async fn check_component(folder: &Path, places: &Places, out: &mut (dyn Write + Send)) -> Result<()> {
    let sandbox = toolbox::open(places)?.sandbox()?;
    let tool = PluginTool::open(folder, sandbox, true)?;
    let findings = tool.check().await?;
    let manifest = tool.manifest();
    writeln!(out, "{} {} {}", paint(RESULT, "✓"), paint(BOLD, &manifest.name), manifest.version)?;
    for line in harmless(manifest.description.trim()).lines() {
        writeln!(out, "    {line}")?;
    }
    let permissions = &manifest.permissions;
    for folder in &permissions.folders {
        let what = if folder.access == Access::Rw { "changes" } else { "reads" };
        writeln!(out, "    {what} {} (as {})", harmless(&folder.host), harmless(&folder.guest))?;
    }
    for host in &permissions.hosts {
        writeln!(out, "    asks {}", harmless(host))?;
    }
    let limits = format!("at most {} MiB of memory and {} s a call", permissions.memory_mib, permissions.time_s);
    writeln!(out, "    {}", paint(DIM, limits))?;
    for difference in findings.differences {
        writeln!(out, "    {} {}", paint(DIM, "note:"), harmless(&difference))?;
    }
    Ok(())
}

fn check_document(folder: &Path, out: &mut (dyn Write + Send)) -> Result<OpenApiPlugin> {
    let plugin = OpenApiPlugin::open(folder, Arc::new(UserSecrets))?;
    let manifest = plugin.manifest();
    let title = harmless(plugin.title());
    writeln!(out, "{} {} {}", paint(RESULT, "✓"), paint(BOLD, &manifest.name), paint(DIM, title))?;
    for host in manifest.permissions.hosts.iter().chain(&manifest.permissions.private_hosts) {
        writeln!(out, "    asks {}", harmless(host))?;
    }
    for credential in &manifest.credentials {
        writeln!(out, "    sends a secret as {}", harmless(&credential.header))?;
    }
    for tool in plugin.tools() {
        let spec = tool.spec();
        writeln!(out, "    {} {}", harmless(&spec.name), paint(DIM, format!("({})", tools::effects(spec))))?;
    }
    for note in plugin.notes() {
        writeln!(out, "    {} {}", paint(DIM, "note:"), harmless(note))?;
    }
    Ok(plugin)
}

/// Removes a tool.
///
/// # Errors
/// When there is none of that name.
pub fn remove(name: &str, data_dir: &Path, out: &mut dyn Write) -> Result<()> {
    store(data_dir).remove(name)?;
    Ok(writeln!(out, "removed {name}")?)
}
