//! Tools by others: a folder with a manifest and a WASI component.
//!
//! The manifest, `tool.toml`, is the truth: what the model is told, what the arguments must look like, which bytes the
//! component has, and what a call may touch. The component runs in the sandbox and cannot exceed it. See
//! `examples/tools/word_count` for one with its source.

mod error;
mod manifest;
mod store;
mod tool;

pub use error::PluginError;
pub use manifest::{Access, FolderGrant, MANIFEST, Manifest, Permissions};
pub use store::{Installed, ToolStore};
pub use tool::{Findings, PluginTool};
