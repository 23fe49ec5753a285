//! What a tool author imports: the [`Tool`] trait, its errors, the [`ToolRegistry`] and the [`PermissionPolicy`].
//!
//! A tool gets validated arguments and answers with text. It never sees the model, the context or the journal; the
//! runtime's dispatcher puts the deadline, the output cap and the permission check around every call.

mod output;
mod permission;
mod registry;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
pub use output::ToolOutput;
pub use permission::{Decision, PermissionPolicy};
pub use registry::{RegistryError, ToolRegistry, is_tool_name};
use serde_json::Value;
pub use tokio_util::sync::CancellationToken;
use toolwright_protocol::{CallId, ToolSpec};

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// The model is told and may try something else: bad input, nothing found, a limit reached.
    #[error("{0}")]
    Respond(String),
    /// The run ends: the tool itself is broken (its index cannot be opened, its module is corrupt).
    #[error("{0}")]
    Fatal(String),
}

/// What surrounds one call.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The call's number in the run.
    pub call: CallId,
    /// The folder that this run's tools work in; it outlives the call and may not exist yet.
    pub workspace: PathBuf,
    /// The folder of this run's outputs that were too long to show: `call-N.txt` each. It may not exist yet.
    pub outputs: PathBuf,
    /// The run's seed: whatever a tool draws at random comes from it, so that a run can be replayed.
    pub seed: u64,
    /// Cancelled at the deadline and on Ctrl-C. Long work must watch it; the dispatcher drops the future anyway.
    pub cancel: CancellationToken,
}

impl CallContext {
    /// The context of a call whose folders lie in `folder`, with seed 0 and a cancellation token of its own.
    #[must_use]
    pub fn new(call: CallId, folder: &Path) -> Self {
        Self {
            call,
            workspace: folder.join("workspace"),
            outputs: folder.join("outputs"),
            seed: 0,
            cancel: CancellationToken::new(),
        }
    }
}

/// A capability that a model may call.
#[async_trait]
pub trait Tool: Send + Sync {
    /// Name, description, schema and effects. Must not change during a run.
    fn spec(&self) -> &ToolSpec;

    /// What has to be done once before the first call and may take longer than a call may: compiling an interpreter for
    /// this machine. It is awaited before the call's deadline begins, and does nothing when it was done before.
    ///
    /// # Errors
    /// As for [`Tool::call`].
    async fn prepare(&self) -> Result<(), ToolError> {
        Ok(())
    }

    /// Runs the call. `arguments` is an object that fits [`ToolSpec::parameters`].
    ///
    /// # Errors
    /// [`ToolError::Respond`] goes to the model as an observation, [`ToolError::Fatal`] ends the run.
    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError>;
}
