use std::{io, path::PathBuf};

use toolwright_http::HttpError;

/// Why a plugin's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenApiError {
    /// A file is not there, or not readable.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is a document, and nothing that says what it may do.
    #[error(
        "{folder} holds {document} and no tool.toml; look at what the service does, and begin with this one:\n\n{draft}"
    )]
    NoManifest {
        /// The plugin's folder.
        folder: PathBuf,
        /// The document's file name.
        document: String,
        /// A manifest that fits the document.
        draft: String,
    },
    /// The manifest is no TOML, or lacks something, or says too much.
    #[error("{path}: {reason}")]
    Manifest {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The document is not the one that the manifest speaks of.
    #[error(
        "{path} has sha256 {found}, and the manifest says {expected}: the file was changed; if that is right, look at \
         it again, put the new hash into tool.toml and add the plugin anew"
    )]
    Changed {
        /// The document.
        path: PathBuf,
        /// In the manifest.
        expected: String,
        /// Of the file.
        found: String,
    },
    /// The document cannot be understood, or describes what is not supported.
    #[error("{path}: {reason}")]
    Document {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// The client cannot be made.
    #[error("{path}: {source}")]
    Http {
        /// The manifest.
        path: PathBuf,
        /// Why not.
        source: HttpError,
    },
}
