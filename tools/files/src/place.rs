//! From the path that a model wrote to a file inside the workspace.

use std::{io, path::Path};

use cap_std::{
    ambient_authority,
    fs::{Dir, File, FileType, Metadata, OpenOptions},
};
use toolwright_tool::CallContext;

use crate::FileError;

/// Bytes of the longest path.
const MAX_PATH: usize = 1_024;
/// Bytes of the longest name that common file systems take.
const MAX_NAME: usize = 255;
/// Names that an error shows of the folder where a file is missing.
const MAX_HINT: usize = 12;
/// The folder of spilled outputs as the model sees it.
pub(crate) const OUTPUTS: &str = "outputs";

/// A path inside the workspace: names joined by `/`, `.` for the workspace itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inside(String);

impl Inside {
    /// Refuses what cannot be inside. Symbolic links are the capability's business.
    pub(crate) fn new(text: &str) -> Result<Self, FileError> {
        let shown: String = text.chars().take(100).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        if text.len() > MAX_PATH {
            return Err(FileError::BadPath { path: shown + "…", reason: "it is too long" });
        }
        if text.contains('\0') {
            return Err(FileError::BadPath { path: shown, reason: "it holds a NUL character" });
        }
        if text.starts_with(['/', '~', '\\']) || is_drive(text) || Path::new(text).is_absolute() {
            return Err(FileError::Absolute(shown));
        }
        if cfg!(windows) && text.contains(['\\', ':']) {
            return Err(FileError::BadPath {
                path: shown,
                reason: "write folders as `folder/file`, without `\\` and `:`",
            });
        }
        let names: Vec<_> = text.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
        if names.contains(&"..") {
            return Err(FileError::Outside(shown));
        }
        Ok(Self(if names.is_empty() { ".".to_owned() } else { names.join("/") }))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0 == "."
    }

    /// The name of the spilled output that this path stands for.
    pub(crate) fn output(&self) -> Option<&str> {
        let name = self.0.strip_prefix(OUTPUTS)?.strip_prefix('/')?;
        is_output(name).then_some(name)
    }

    /// Names that would only make trouble, here or where the folder is copied to, are not given to new files, though old
    /// ones may have them.
    pub(crate) fn check_new(&self) -> Result<(), FileError> {
        let any = |test: fn(&str) -> bool| self.0.split('/').any(test);
        let reason = if self.0.contains('\\') {
            "write folders as `folder/file`"
        } else if self.0.chars().any(char::is_control) {
            "it holds control characters"
        } else if any(|name| name.len() > MAX_NAME) {
            "a name in it is longer than 255 bytes"
        } else if any(|name| name.ends_with(['.', ' '])) {
            "a name in it ends in a dot or a blank"
        } else if any(is_reserved) {
            "Windows reserves a name in it for a device"
        } else {
            return Ok(());
        };
        Err(FileError::BadPath { path: self.0.escape_debug().to_string(), reason })
    }
}

/// `C:` and what follows it.
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':'] | [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

/// `con`, `NUL.txt`, `COM1`.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let numbered = |stem: &str| {
        let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
        number.is_some_and(|n| matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") || numbered(&stem)
}

/// `call-12.txt`.
pub(crate) fn is_output(name: &str) -> bool {
    let number = name.strip_prefix("call-").and_then(|rest| rest.strip_suffix(".txt"));
    number.is_some_and(|n| !n.is_empty() && n.len() <= 10 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The folder as a capability; none where there is no such folder.
pub(crate) fn open_folder(folder: &Path) -> Result<Option<Dir>, FileError> {
    match Dir::open_ambient_dir(folder, ambient_authority()) {
        Ok(dir) => Ok(Some(dir)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::Io { doing: "opening", path: "the workspace".into(), source }),
    }
}

/// Opens a file for reading: the spilled output of that name if there is one, else the workspace's file.
pub(crate) fn open(context: &CallContext, path: &Inside) -> Result<(File, Metadata), FileError> {
    if let Some(name) = path.output()
        && let Some(outputs) = open_folder(&context.outputs)?
    {
        match open_regular(&outputs, name) {
            Err(FileError::NotFound { .. }) => {}
            found => return found,
        }
    }
    let not_found = |hint| FileError::NotFound { path: path.as_str().to_owned(), hint };
    let Some(dir) = open_folder(&context.workspace)? else {
        return Err(not_found(": the workspace is empty".into()));
    };
    match open_regular(&dir, path.as_str()) {
        Err(FileError::NotFound { .. }) => Err(not_found(siblings(&dir, path))),
        found => found,
    }
}

/// Opens a regular file. Its kind is looked at before, so that no device is touched, and again on the open file, since
/// a program may have exchanged it meanwhile; a pipe without a writer does not hold the open up.
pub(crate) fn open_regular(dir: &Dir, path: &str) -> Result<(File, Metadata), FileError> {
    let failed = |source| failure("opening", path, source);
    check_regular(path, &dir.metadata(path).map_err(failed)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = dir.open_with(path, &options).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    check_regular(path, &metadata)?;
    Ok((file, metadata))
}

pub(crate) fn check_regular(path: &str, metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_dir() {
        return Err(FileError::IsFolder(path.to_owned()));
    }
    match special(metadata.file_type()) {
        Some(kind) => Err(FileError::Special { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

/// What else than a file, a folder or a link it is.
pub(crate) fn special(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_dir() || kind.is_symlink() {
        return None;
    }
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Some("pipe");
        }
        if kind.is_socket() {
            return Some("socket");
        }
    }
    Some("device")
}

/// An error of the operating system in our words. The capability refuses a path that escapes with an error of its own,
/// which has no number.
pub(crate) fn failure(doing: &'static str, path: &str, source: io::Error) -> FileError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied if source.raw_os_error().is_none() => FileError::Outside(path),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FileError::NotFound { path, hint: String::new() },
        io::ErrorKind::InvalidFilename => FileError::BadPath { path, reason: "a name in it is too long" },
        io::ErrorKind::IsADirectory => FileError::IsFolder(path),
        _ => FileError::Io { doing, path, source },
    }
}

/// What is in the folder where a file is missing.
fn siblings(dir: &Dir, path: &Inside) -> String {
    let parent = path.as_str().rsplit_once('/').map_or(".", |(parent, _)| parent);
    let Ok(entries) = dir.read_dir(parent) else { return "; nor is there the folder it should be in".into() };
    let names =
        entries.flatten().take(1_000).map(|entry| entry.file_name().to_string_lossy().escape_debug().to_string());
    let mut names: Vec<_> = names.collect();
    names.sort();
    let more = if names.len() > MAX_HINT { ", …" } else { "" };
    names.truncate(MAX_HINT);
    let folder = if parent == "." { "the workspace".to_owned() } else { format!("`{parent}`") };
    if names.is_empty() { format!("; {folder} is empty") } else { format!("; {folder} has {}{more}", names.join(", ")) }
}
