//! A workspace, and the tools called as a run calls them.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]
#![allow(dead_code, reason = "each test file uses some of it")]

use std::{fs, path::PathBuf, sync::Arc};

use serde_json::Value;
use tempfile::TempDir;
use toolwright_files::{FilesConfig, tools};
use toolwright_protocol::CallId;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

pub struct Place {
    folder: TempDir,
    tools: Vec<Arc<dyn Tool>>,
    runtime: tokio::runtime::Runtime,
}

impl Place {
    /// An empty workspace.
    pub fn new() -> Self {
        Self::with(FilesConfig::default())
    }

    pub fn with(config: FilesConfig) -> Self {
        let place = Self {
            folder: tempfile::tempdir().unwrap(),
            tools: tools(config),
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        };
        fs::create_dir(place.outside().join("workspace")).unwrap();
        place
    }

    /// The workspace that the examples in `prompts/` speak of.
    pub fn of_the_examples() -> Self {
        let place = Self::new();
        place.put("notes.txt", "call Ada\nbuy milk\nwater plants\n");
        place.put("data/prices.csv", "item,price\ntea,3.40\nmilk,1.20\n");
        place
    }

    /// The folder around the workspace.
    pub fn outside(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Where a file of the workspace lies.
    pub fn file(&self, path: &str) -> PathBuf {
        self.outside().join("workspace").join(path)
    }

    pub fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.file(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    /// Keeps the whole of an output as the dispatcher does.
    pub fn spill(&self, call: u32, content: &str) {
        let outputs = self.outside().join("outputs");
        fs::create_dir_all(&outputs).unwrap();
        fs::write(outputs.join(format!("call-{call}.txt")), content).unwrap();
    }

    pub fn context(&self) -> CallContext {
        CallContext::new(CallId(7), &self.outside())
    }

    pub fn call(&self, tool: &str, arguments: &Value) -> Result<ToolOutput, String> {
        self.call_in(&self.context(), tool, arguments)
    }

    pub fn call_in(&self, context: &CallContext, tool: &str, arguments: &Value) -> Result<ToolOutput, String> {
        let tool = self.tools.iter().find(|known| known.spec().name == tool).unwrap();
        match self.runtime.block_on(tool.call(arguments, context)) {
            Ok(output) => Ok(output),
            Err(ToolError::Respond(why)) => Err(why),
            Err(fatal) => panic!("{fatal}"),
        }
    }

    /// What the model reads.
    pub fn says(&self, tool: &str, arguments: &Value) -> String {
        self.call(tool, arguments).map_or_else(|why| why, |output| output.text)
    }
}
