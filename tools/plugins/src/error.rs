use std::{io, path::PathBuf};

/// Why a tool's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// A file is not there, or not readable.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder could not be written; what was there before is still there.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest is no TOML, or lacks something, or says too much.
    #[error("{path}: {reason}")]
    Manifest {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The component is not the one that the manifest speaks of.
    #[error(
        "{path} has sha256 {found}, and the manifest says {expected}: the file was changed; if that is right, look at \
         it again, put the new hash into tool.toml and add the tool anew"
    )]
    Changed {
        /// The component.
        path: PathBuf,
        /// In the manifest.
        expected: String,
        /// Of the file.
        found: String,
    },
    /// There is a tool of that name already.
    #[error("there is a tool `{0}` already; give --replace to put this one in its place")]
    Exists(String),
    /// A name that could lead out of the folder of added tools, or hide there.
    #[error(
        "`{0}` is not a name for a tool or its file; it must be one name without `/` that does not begin with a dot"
    )]
    BadName(String),
    /// There is no tool of that name.
    #[error("there is no added tool `{0}`; `toolwright tools check` lists them")]
    Unknown(String),
    /// The sandbox refused the component.
    #[error("{path} is not a component of the world toolwright:tool: {reason}")]
    Component {
        /// The component.
        path: PathBuf,
        /// What the sandbox says.
        reason: String,
    },
}
