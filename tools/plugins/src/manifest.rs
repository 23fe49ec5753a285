use std::{
    fs::File,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use toolwright_http::HostRules;
use toolwright_protocol::{Effect, ToolSpec};

use crate::PluginError;

/// The manifest's file name.
pub const MANIFEST: &str = "tool.toml";

/// Larger components and manifests are refused.
const MAX_COMPONENT: u64 = 64 << 20;
const MAX_MANIFEST: u64 = 256 << 10;
/// The description goes into every prompt, and so do the parameters.
const MAX_DESCRIPTION: usize = 2000;
const MAX_PARAMETERS: usize = 16 << 10;
const MAX_VERSION: usize = 64;
/// Folders that a tool may ask for, and hosts.
const MAX_GRANTS: usize = 16;

/// `tool.toml`: what a tool is, and the most that it may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name in calls.
    pub name: String,
    /// Of the tool, for people.
    #[serde(default)]
    pub version: String,
    /// What the model is told.
    pub description: String,
    /// The component's file, beside the manifest.
    pub component: String,
    /// Of that file, hex.
    pub sha256: String,
    /// JSON Schema of the arguments.
    pub parameters: Value,
    /// What it may touch; nothing by default.
    #[serde(default)]
    pub permissions: Permissions,
}

/// The most that a call may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Permissions {
    /// Folders it sees.
    pub folders: Vec<FolderGrant>,
    /// Hosts that `host.fetch` may ask; `*.example.com` for all below.
    pub hosts: Vec<String>,
    /// Whether a call costs money.
    pub spends: bool,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Seconds.
    pub time_s: f32,
    /// What it may write to its folders, in MiB.
    pub disk_mib: u32,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { folders: Vec::new(), hosts: Vec::new(), spends: false, memory_mib: 64, time_s: 5.0, disk_mib: 16 }
    }
}

/// A folder of the host as a tool sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderGrant {
    /// `workspace` for that of the run, or an absolute path.
    pub host: String,
    /// The path inside, such as `/work`.
    pub guest: String,
    /// Read only, or more.
    #[serde(default)]
    pub access: Access,
}

/// What may be done in a folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Looked at.
    #[default]
    Ro,
    /// Changed.
    Rw,
}

impl FolderGrant {
    /// Where it lies, for a run with that workspace.
    #[must_use]
    pub fn resolve(&self, workspace: &Path) -> PathBuf {
        if self.host == "workspace" { workspace.to_owned() } else { PathBuf::from(&self.host) }
    }
}

impl Manifest {
    /// Reads and checks the manifest in `folder`.
    ///
    /// # Errors
    /// With the file and what is wrong in it.
    pub fn read(folder: &Path) -> Result<Self, PluginError> {
        let path = folder.join(MANIFEST);
        let bytes = read_bounded(&path, MAX_MANIFEST)?;
        let wrong = |reason: String| PluginError::Manifest { path: path.clone(), reason };
        let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8".into()))?;
        let manifest: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        manifest.check().map_err(wrong)?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        if !toolwright_tool::is_tool_name(&self.name) {
            return Err(format!("`name` is `{}`; it must match [A-Za-z_][A-Za-z0-9_-]*, at most 64", self.name));
        }
        if self.description.trim().is_empty() || self.description.len() > MAX_DESCRIPTION {
            return Err(format!("`description` must have 1 to {MAX_DESCRIPTION} bytes: it is what the model is told"));
        }
        if let Some(c) = self.description.chars().find(|c| is_hidden(*c)) {
            return Err(format!(
                "`description` holds U+{:04X}, which a model reads and a person does not see",
                c as u32
            ));
        }
        if self.version.len() > MAX_VERSION || self.version.chars().any(char::is_control) {
            return Err(format!("`version` must be a line of at most {MAX_VERSION} bytes"));
        }
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("`sha256` must be the 64 hex digits that `sha256sum` prints for the component".into());
        }
        let parts: Vec<_> = Path::new(&self.component).components().collect();
        if !matches!(parts[..], [Component::Normal(_)]) {
            return Err(format!("`component` is `{}`; it must be a file beside {MANIFEST}", self.component));
        }
        if self.parameters["type"] != "object" {
            return Err("`parameters` must be a JSON Schema with type = \"object\"".into());
        }
        let written = self.parameters.to_string();
        if written.len() > MAX_PARAMETERS {
            return Err(format!(
                "`parameters` are {} bytes of JSON, and {MAX_PARAMETERS} are the limit",
                written.len()
            ));
        }
        if let Some(c) = written.chars().find(|c| is_hidden(*c)) {
            return Err(format!("`parameters` hold U+{:04X}, which a model reads and a person does not see", c as u32));
        }
        // A schema that nothing can be checked against would end every run that is offered the tool. Other documents
        // are not fetched: there is no resolver.
        jsonschema::validator_for(&self.parameters)
            .map_err(|error| format!("`parameters` are no valid JSON Schema: {error}"))?;
        self.permissions.check()
    }

    /// The component's bytes, which are those that the manifest speaks of.
    ///
    /// # Errors
    /// [`PluginError::Changed`] where they are not.
    pub fn component(&self, folder: &Path) -> Result<Vec<u8>, PluginError> {
        let path = folder.join(&self.component);
        let bytes = read_bounded(&path, MAX_COMPONENT)?;
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if found.eq_ignore_ascii_case(&self.sha256) {
            return Ok(bytes);
        }
        Err(PluginError::Changed { path, expected: self.sha256.to_lowercase(), found })
    }

    /// What the runtime is told of it. In a workspace of the user's own, changing it is an effect.
    #[must_use]
    pub fn spec(&self, workspace_is_the_users: bool) -> ToolSpec {
        let seen = |folder: &&FolderGrant| folder.host != "workspace" || workspace_is_the_users;
        let folders: Vec<_> = self.permissions.folders.iter().filter(seen).collect();
        let writes = folders.iter().any(|folder| folder.access == Access::Rw);
        let effects = [
            (!folders.is_empty(), Effect::Reads),
            (writes, Effect::Writes),
            (!self.permissions.hosts.is_empty(), Effect::Network),
            (self.permissions.spends, Effect::Spends),
        ];
        ToolSpec {
            name: self.name.clone(),
            description: self.description.trim().to_owned(),
            parameters: self.parameters.clone(),
            effects: effects.into_iter().filter(|(has, _)| *has).map(|(_, effect)| effect).collect(),
        }
    }
}

impl Permissions {
    fn check(&self) -> Result<(), String> {
        let plain = |path: &str| {
            let part = |part| matches!(part, Component::RootDir | Component::Prefix(_) | Component::Normal(_));
            Path::new(path).components().all(part) && !path.chars().any(|c| c.is_control() || is_hidden(c))
        };
        for (index, FolderGrant { host, guest, .. }) in self.folders.iter().enumerate() {
            if host != "workspace" && !(Path::new(host).is_absolute() && plain(host)) {
                return Err(format!(
                    "folder {host:?}: `host` must be \"workspace\" or an absolute path without `..`, such as /srv/maps"
                ));
            }
            if !guest.starts_with('/') || !plain(guest) {
                return Err(format!("folder {host:?}: `guest` must be an absolute path without `..`, such as /work"));
            }
            if self.folders.iter().take(index).any(|other| other.guest == *guest) {
                return Err(format!("two folders have the `guest` {guest:?}; give each a name of its own"));
            }
        }
        if self.folders.len() > MAX_GRANTS || self.hosts.len() > MAX_GRANTS {
            return Err(format!("`permissions` may name at most {MAX_GRANTS} folders and as many hosts"));
        }
        HostRules::parse(&self.hosts).map_err(|error| format!("`hosts`: {error}"))?;
        // Written so that a time that is no number does not pass.
        let within =
            (1..=1024).contains(&self.memory_mib) && self.time_s > 0.0 && self.time_s <= 300.0 && self.disk_mib <= 1024;
        if !within {
            return Err(
                "`permissions` must stay within memory_mib 1..1024, time_s up to 300, disk_mib up to 1024".into()
            );
        }
        Ok(())
    }

    /// The wall time of a call.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_secs_f32(self.time_s)
    }
}

/// Characters that show nothing, or turn the direction of others around: what they hide was not looked at by whoever
/// added the tool.
fn is_hidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The file, unless it is no plain file or larger than that.
fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, PluginError> {
    let read = || -> io::Result<Vec<u8>> {
        let too_large = |bytes| io::Error::other(format!("it has {bytes} bytes, and {most} are the limit"));
        // Looked at before it is opened, since opening a pipe waits for its other end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > most {
            return Err(too_large(size));
        }
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
    };
    read().map_err(|source| PluginError::Read { path: path.to_owned(), source })
}
