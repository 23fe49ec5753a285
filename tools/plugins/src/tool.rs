use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use toolwright_http::{Client, HttpPolicy};
use toolwright_protocol::ToolSpec;
use toolwright_sandbox::{
    Exit, Fetch, FetchError, Grants, LimitKind, Limits, Mount, Randomness, Sandbox, ToolComponent,
};
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{Access, Manifest, PluginError};

/// A component as a tool. It is read, checked against its hash and compiled before the first call.
pub struct PluginTool {
    spec: ToolSpec,
    manifest: Manifest,
    folder: PathBuf,
    sandbox: Sandbox,
    component: OnceCell<ToolComponent>,
    network: Option<Arc<dyn Fetch>>,
}

/// What [`PluginTool::check`] saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Where what the component says of itself differs from the manifest. The manifest holds.
    pub differences: Vec<String>,
}

impl PluginTool {
    /// The tool in `folder`.
    ///
    /// # Errors
    /// When its manifest is not in order or its network cannot be set up.
    pub fn open(folder: &Path, sandbox: Sandbox, workspace_is_the_users: bool) -> Result<Self, PluginError> {
        let manifest = Manifest::read(folder)?;
        let spec = manifest.spec(workspace_is_the_users);
        let network = network(&manifest, folder)?;
        Ok(Self { spec, manifest, folder: folder.to_owned(), sandbox, component: OnceCell::new(), network })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn component(&self) -> Result<&ToolComponent, PluginError> {
        let load = async || {
            let bytes = self.manifest.component(&self.folder)?;
            let path = self.folder.join(&self.manifest.component);
            let compiled = self.sandbox.component(&bytes).await;
            compiled.map_err(|error| PluginError::Component { path, reason: error.to_string() })
        };
        self.component.get_or_try_init(load).await
    }

    /// Compiles the component and asks what it says of itself.
    ///
    /// # Errors
    /// When it is changed, is no component of our world, or cannot say what it is.
    pub async fn check(&self) -> Result<Findings, PluginError> {
        let path = self.folder.join(&self.manifest.component);
        let wrong = |reason: String| PluginError::Component { path: path.clone(), reason };
        let said = self.component().await?.describe(&self.limits()).await.map_err(|error| wrong(error.to_string()))?;
        let said: Value =
            serde_json::from_str(&said).map_err(|error| wrong(format!("describe() returns no JSON: {error}")))?;
        let told = [("name", json!(self.manifest.name)), ("parameters", self.manifest.parameters.clone())];
        let differing = told.into_iter().filter(|(key, told)| said[*key] != *told);
        let differences =
            differing.map(|(key, told)| format!("`{key}` is {told} in the manifest and {} in describe()", said[key]));
        Ok(Findings { differences: differences.collect() })
    }

    fn limits(&self) -> Limits {
        let permissions = &self.manifest.permissions;
        Limits {
            wall: permissions.time(),
            cpu: permissions.time(),
            memory: permissions.memory_mib as usize * (1 << 20),
            disk: u64::from(permissions.disk_mib) * (1 << 20),
            ..Limits::default()
        }
    }

    fn grants(&self, context: &CallContext) -> Grants {
        let folders = self.manifest.permissions.folders.iter().map(|folder| Mount {
            host: folder.resolve(&context.workspace),
            guest: folder.guest.clone(),
            writable: folder.access == Access::Rw,
        });
        Grants {
            folders: folders.collect(),
            fetcher: self.network.clone(),
            // A run that is repeated draws the same numbers; two calls of one run do not.
            randomness: Randomness::Seeded(context.seed ^ u64::from(context.call.0)),
            ..Grants::default()
        }
    }
}

#[async_trait]
impl Tool for PluginTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn prepare(&self) -> Result<(), ToolError> {
        self.component().await.map(drop).map_err(|error| ToolError::Fatal(error.to_string()))
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let component = self.component().await.map_err(|error| ToolError::Fatal(error.to_string()))?;
        if self.manifest.permissions.folders.iter().any(|folder| folder.host == "workspace") {
            // The first tool of a run that uses it makes it, also where it only looks.
            let made = std::fs::create_dir_all(&context.workspace);
            made.map_err(|error| ToolError::Respond(format!("error: the workspace cannot be made: {error}")))?;
        }
        let (limits, grants) = (self.limits(), self.grants(context));
        let outcome = component.call(&arguments.to_string(), &limits, &grants, &context.cancel).await;
        let outcome = outcome.map_err(|error| ToolError::Respond(format!("error: {error}")))?;
        if let Some(why) = stopped(&outcome.exit, &limits) {
            return Err(ToolError::Respond(format!("error: {} {why}", self.spec.name)));
        }
        let log: Vec<_> = outcome.log.iter().map(|(level, line)| json!({ "level": level, "message": line })).collect();
        let output = match outcome.result {
            Ok(text) => ToolOutput::text(text),
            Err(text) => ToolOutput::text(format!("error: {text}")).as_error(),
        };
        Ok(if log.is_empty() { output } else { output.with_data(json!({ "log": log })) })
    }
}

/// Why a call ended without a result, in one line for the model.
fn stopped(exit: &Exit, limits: &Limits) -> Option<String> {
    Some(match exit {
        Exit::Code(0) => return None,
        Exit::Code(code) => format!("ended with exit code {code} and no result"),
        Exit::Cancelled => "was stopped".into(),
        Exit::Trap(why) => format!("crashed: {}", why.lines().next().unwrap_or_default()),
        Exit::Limit(LimitKind::Memory) => format!("needed more than {} MiB of memory", limits.memory >> 20),
        Exit::Limit(LimitKind::Disk) => format!("wrote more than {} MiB", limits.disk >> 20),
        Exit::Limit(LimitKind::Wall | LimitKind::Cpu | LimitKind::Fuel) => {
            format!("ran longer than {} s", limits.wall.as_secs_f32())
        }
        Exit::Limit(kind) => format!("used up its {kind}"),
    })
}

/// The network of a tool with hosts in its manifest: GET, those hosts, nothing private.
struct Network(Client);

#[async_trait]
impl Fetch for Network {
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        self.0.policy().check(url).map_err(|error| FetchError::Denied(error.to_string()))?;
        let response = self.0.get(url, &[]).await.map_err(|error| FetchError::Failed(error.to_string()))?;
        if !response.status.is_success() {
            return Err(FetchError::Failed(format!("the server answered {}", response.status)));
        }
        if response.truncated {
            return Err(FetchError::Failed(format!("the answer is longer than {} bytes", response.body.len())));
        }
        Ok(response.body)
    }
}

fn network(manifest: &Manifest, folder: &Path) -> Result<Option<Arc<dyn Fetch>>, PluginError> {
    let hosts = &manifest.permissions.hosts;
    if hosts.is_empty() {
        return Ok(None);
    }
    let wrong = |reason: String| PluginError::Manifest { path: folder.join(crate::MANIFEST), reason };
    let mut policy = HttpPolicy::for_hosts(hosts).map_err(|error| wrong(error.to_string()))?;
    policy.timeout = manifest.permissions.time();
    let client = Client::new(policy).map_err(|error| wrong(error.to_string()))?;
    Ok(Some(Arc::new(Network(client))))
}
