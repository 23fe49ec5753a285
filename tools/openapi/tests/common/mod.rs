//! A plugin's folder, as somebody would write it.

use std::{fs, path::Path, sync::Arc};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use toolwright_openapi::{OpenApiError, OpenApiPlugin, SecretSource, Secrets};
use toolwright_protocol::CallId;
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

/// One secret, at one place.
pub struct One(pub &'static str);

impl Secrets for One {
    fn read(&self, source: &SecretSource) -> Result<String, String> {
        match source {
            SecretSource::Env(name) if name == "SHOP_KEY" => Ok(self.0.to_owned()),
            other => Err(format!("there is no {other:?}")),
        }
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A folder with the document and a manifest that fits it, in which `rest` stands behind name, document and hash.
pub fn folder(document: &str, name: &str, rest: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), document).unwrap();
    let hash = sha256(document.as_bytes());
    let manifest = format!("name = \"shop\"\nopenapi = \"{name}\"\nsha256 = \"{hash}\"\n{rest}");
    fs::write(folder.path().join("tool.toml"), manifest).unwrap();
    folder
}

pub fn open(document: &str, rest: &str) -> Result<OpenApiPlugin, OpenApiError> {
    let folder = folder(document, "openapi.json", rest);
    OpenApiPlugin::open(folder.path(), Arc::new(One("s3cret-key")))
}

#[allow(dead_code, reason = "not every test calls")]
pub async fn call(plugin: &OpenApiPlugin, name: &str, arguments: Value) -> Result<ToolOutput, ToolError> {
    let tool: &Arc<dyn Tool> = plugin.tools().iter().find(|tool| tool.spec().name == name).unwrap();
    tool.call(&arguments, &CallContext::new(CallId(1), Path::new("nowhere"))).await
}
