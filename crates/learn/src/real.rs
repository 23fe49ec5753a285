//! The real tools, for what the curriculum shows of them: their specs, and what they return.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use toolwright_protocol::CallId;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput, ToolRegistry};
use toolwright_toolbox::{Settings, Silent, Toolbox, Workspace};

use crate::sources::{Offered, Ran};

/// Every tool of the program, over a data folder that nobody has written to.
pub struct RealTools {
    runtime: Runtime,
    registry: ToolRegistry,
    common: Vec<String>,
    folder: tempfile::TempDir,
}

impl RealTools {
    /// Compiled guests are kept in `cache`.
    ///
    /// # Errors
    /// When a folder cannot be made or a tool not be put together.
    pub fn open(cache: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let toolbox = Toolbox::open(Settings {
            data_dir: folder.path().to_owned(),
            cache_dir: cache.to_owned(),
            workspace: Workspace::OfTheRun,
            progress: Arc::new(Silent),
        })?;
        let registry = toolbox.named(&toolbox.names())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let common = toolbox.common();
        Ok(Self { runtime, registry, common, folder })
    }

    /// What a run may offer.
    #[must_use]
    pub fn offered(&self) -> Offered {
        let (common, others) = self.registry.specs().into_iter().partition(|spec| self.common.contains(&spec.name));
        Offered::new(common, others)
    }

    /// The tool of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<dyn Tool>> {
        self.registry.get(name).cloned()
    }

    /// What the tool returns for these arguments.
    ///
    /// # Errors
    /// When there is no such tool, or it is broken.
    pub fn call(&self, tool: &str, arguments: &Value) -> Result<ToolOutput> {
        let tool = self.registry.get(tool).with_context(|| format!("there is no tool {tool}"))?;
        let workspace = tempfile::tempdir_in(self.folder.path())?;
        let called = self.runtime.block_on(async {
            tool.prepare().await?;
            tool.call(arguments, &CallContext::new(CallId(1), workspace.path())).await
        });
        match called {
            Ok(output) => Ok(output),
            Err(ToolError::Respond(text)) => Ok(ToolOutput::text(text).as_error()),
            Err(ToolError::Fatal(reason)) => anyhow::bail!(reason),
        }
    }

    /// A run of a program; `None` where the tool itself fails.
    #[must_use]
    pub fn python(&self, arguments: &Value) -> Option<Ran> {
        let output = self.call("run_python", arguments).ok()?;
        Some(Ran { ok: !output.is_error, text: output.text })
    }

    /// What the search finds.
    #[must_use]
    pub fn search(&self, query: &str) -> Option<String> {
        let output = self.call("search", &json!({ "query": query })).ok()?;
        (!output.is_error).then_some(output.text)
    }
}
