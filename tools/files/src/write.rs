//! Writing a file wholly or not at all.

use std::{fs, io, io::Write as _};

use cap_std::fs::{Dir, OpenOptions, Permissions};
use toolwright_tool::{CallContext, ToolOutput};

use crate::{
    FileError, FilesConfig,
    error::grouped,
    place::{self, Inside},
};

/// Names that are tried for the file beside the old one.
const MAX_ATTEMPTS: u32 = 100;

/// The tool: writes `content`, with the folders that are missing.
pub(crate) fn write_file(
    context: &CallContext,
    config: &FilesConfig,
    path: &Inside,
    content: &str,
) -> Result<ToolOutput, FileError> {
    check_writable(context, path)?;
    check_size(config, path.as_str(), content.len())?;
    fs::create_dir_all(&context.workspace).map_err(|source| place::failure("creating", "the workspace", source))?;
    let dir = place::open_folder(&context.workspace)?;
    let dir = dir.ok_or_else(|| FileError::NotFound { path: path.as_str().to_owned(), hint: String::new() })?;
    if let Some((parent, _)) = path.as_str().rsplit_once('/') {
        dir.create_dir_all(parent).map_err(|source| in_the_way(&dir, parent, source))?;
    }
    let before = replace(&dir, path.as_str(), content.as_bytes(), context)?;
    let how = before.map_or_else(|| "created".to_owned(), |bytes| format!("replaced {} bytes", grouped(bytes)));
    Ok(format!("wrote {} bytes to {} ({how})", grouped(content.len() as u64), path.as_str()).into())
}

/// Why a folder cannot be made: what stands there, or that the way to it leads out.
fn in_the_way(dir: &Dir, folder: &str, source: io::Error) -> FileError {
    let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
    for above in ends.filter_map(|end| folder.get(..end)) {
        match dir.metadata(above) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return FileError::IsFile(above.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return place::failure("creating", above, error),
        }
    }
    place::failure("creating", folder, source)
}

/// Refuses the workspace itself, names that make trouble, and outputs.
pub(crate) fn check_writable(context: &CallContext, path: &Inside) -> Result<(), FileError> {
    if path.is_root() {
        return Err(FileError::IsFolder(".".into()));
    }
    path.check_new()?;
    let spilled = path.output().is_some_and(|name| context.outputs.join(name).exists());
    if spilled { Err(FileError::ReadOnly(path.as_str().to_owned())) } else { Ok(()) }
}

pub(crate) fn check_size(config: &FilesConfig, path: &str, bytes: usize) -> Result<(), FileError> {
    if bytes <= config.max_write_bytes {
        return Ok(());
    }
    let (bytes, limit) = (grouped(bytes as u64), grouped(config.max_write_bytes as u64));
    Err(FileError::TooLarge { what: format!("`{path}`"), bytes, limit })
}

/// Puts `content` in the place of a file, and says how large the old one was. The content is on the disk under another
/// name before it takes the place, so that a reader, a crash or a full disk never sees half of it.
pub(crate) fn replace(dir: &Dir, path: &str, content: &[u8], context: &CallContext) -> Result<Option<u64>, FileError> {
    let failed = |source| place::failure("writing", path, source);
    let old = match dir.metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    let mut target = path.to_owned();
    if let Some(old) = &old {
        place::check_regular(path, old)?;
        if old.permissions().readonly() {
            return Err(FileError::ReadOnly(path.to_owned()));
        }
        // A link inside the workspace stays a link, and the file that it points to is replaced.
        let resolved = dir.canonicalize(path).map_err(failed)?;
        target = resolved.into_os_string().into_string().map_err(|_| FileError::BadPath {
            path: path.to_owned(),
            reason: "it links to a name that is not UTF-8",
        })?;
    }
    let folder = target.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let permissions = old.as_ref().map(cap_std::fs::Metadata::permissions);
    let temporary = write_beside(dir, &folder, content, permissions, context).map_err(failed)?;
    // Whoever was told that the call is over must not find the file changed later.
    let taken = if context.cancel.is_cancelled() {
        Err(FileError::Cancelled)
    } else {
        dir.rename(&temporary, dir, &target).map_err(failed)
    };
    if let Err(error) = taken {
        let _ = dir.remove_file(&temporary);
        return Err(error);
    }
    Ok(old.map(|old| old.len()))
}

/// Writes a new file into the folder and gives its name; leaves none if that fails.
fn write_beside(
    dir: &Dir,
    folder: &str,
    content: &[u8],
    permissions: Option<Permissions>,
    context: &CallContext,
) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    for attempt in 0..MAX_ATTEMPTS {
        let name = format!("{folder}.toolwright-{}-{attempt}.tmp", context.call.0);
        let mut file = match dir.open_with(&name, &options) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        let written = file
            .write_all(content)
            .and_then(|()| permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions)))
            .and_then(|()| file.sync_all());
        if let Err(error) = written {
            let _ = dir.remove_file(&name);
            return Err(error);
        }
        return Ok(name);
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many files of interrupted writes; delete .toolwright-*.tmp"))
}
