//! What can go wrong on the host's side. What a guest does wrong is an [`crate::Exit`].

use std::{io, path::PathBuf};

/// The host could not run a guest at all.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime refuses this machine or its limits.
    #[error("the WebAssembly engine does not start on this machine: {0}")]
    Engine(String),
    /// The folder of compiled modules cannot be used.
    #[error("cannot use the cache of compiled modules at {path}: {source}", path = .path.display())]
    Cache {
        /// The folder or the file in it.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others may write to the folder of compiled modules, whose files are run as native code.
    #[error("other users may write to the cache of compiled modules at {path}; run `chmod 700` on it or choose another", path = .0.display())]
    CacheNotPrivate(PathBuf),
    /// The bytes of a guest could not be had.
    #[error("cannot read the guest: {0}")]
    Guest(String),
    /// The bytes are not a module or component, or one with features that are off.
    #[error("the guest does not compile: {0}")]
    Compile(String),
    /// It asks for functions that the sandbox does not have, or lacks those that it must export.
    #[error("the guest does not fit the sandbox: {0}")]
    Interface(String),
    /// A folder that should be given to the guest cannot be opened.
    #[error("cannot give the folder {path} to the guest: {source}", path = .path.display())]
    Folder {
        /// The folder on the host.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A task of the host died.
    #[error("the sandbox broke: {0}")]
    Broken(String),
}

/// An error of wasmtime's in one line, causes included.
pub(crate) fn one_line(error: &wasmtime::Error) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}
