//! Files inside the workspace of a run: the tools `list_files`, `read_file`, `write_file` and `patch_file`.
//!
//! Every path goes through one capability, the workspace's folder ([`cap_std::fs::Dir`]), so that neither `..` nor a
//! symbolic link leads out of it, whoever put it there and whenever. Only regular files are opened: a pipe, a socket or
//! a device is told of and left alone. The whole of outputs that were too long to show is readable beside the
//! workspace, as `outputs/call-N.txt`.

mod encoding;
mod error;
mod list;
mod patch;
mod place;
mod read;
mod tool;
mod write;

use std::sync::Arc;

pub use error::FileError;
use serde::Deserialize;
use toolwright_tool::Tool;

/// How the tools work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilesConfig {
    /// Whether the workspace is a folder of the user's. Then reading and writing are effects that the permission policy
    /// judges; in the run's private folder they have none. Whoever makes the tools knows it; no file may say it.
    #[serde(skip)]
    pub user_folder: bool,
    /// The largest file that is written or patched, in bytes.
    pub max_write_bytes: usize,
    /// Lines that `read_file` shows at once unless asked for less or more.
    pub page_lines: u64,
    /// Bytes that `read_file` shows at once. Less than what a run shows of an output, or the page is cut again.
    pub page_bytes: usize,
    /// Files that are listed at once, and lines that a search shows.
    pub max_entries: usize,
}

impl Default for FilesConfig {
    fn default() -> Self {
        Self { user_folder: false, max_write_bytes: 1 << 20, page_lines: 200, page_bytes: 7 * 1024, max_entries: 200 }
    }
}

/// The tools, in the order in which a model is told of them.
#[must_use]
pub fn tools(config: FilesConfig) -> Vec<Arc<dyn Tool>> {
    tool::all(&Arc::new(config))
}
