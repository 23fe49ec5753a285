//! `tool.toml` of a plugin: which document, which hosts, which credentials.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use toolwright_http::{HostRules, HttpError, HttpPolicy};

use crate::{OpenApiError, secret::Credential};

/// The manifest's file name; that of components is the same.
pub const MANIFEST: &str = "tool.toml";

/// What a document is called where no manifest names it.
pub const DOCUMENTS: &[&str] = &["openapi.json", "openapi.yaml", "openapi.yml"];

/// Larger files are refused. The largest documents that services publish have some ten megabytes.
const MAX_DOCUMENT: u64 = 16 << 20;
const MAX_MANIFEST: u64 = 256 << 10;
/// The plugin's name is a part of every tool's.
const MAX_NAME: usize = 32;
/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 1 << 20;

/// `tool.toml` of a plugin: what it is, and the most that its operations may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the names of its tools begin with.
    pub name: String,
    /// Of the plugin, for people.
    #[serde(default)]
    pub version: String,
    /// Of the plugin, for people; what a model is told comes from the document.
    #[serde(default)]
    pub description: String,
    /// The document's file, beside the manifest: JSON, or YAML if it ends in `.yaml` or `.yml`.
    pub openapi: String,
    /// Of that file, hex.
    pub sha256: String,
    /// Which operations become tools: an `operationId`, or a method and a path, such as `GET /books/{id}`. Without it
    /// all do.
    #[serde(default)]
    pub operations: Option<Vec<String>>,
    /// Where the paths begin, such as `https://api.example.com/v1`, instead of what the document says.
    #[serde(default)]
    pub server: Option<String>,
    /// What calls may reach.
    pub permissions: Permissions,
    /// What is sent with every call and never shown.
    #[serde(default)]
    pub credentials: Vec<Credential>,
}

/// The most that a call may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Permissions {
    /// Hosts that may be asked, by [`HostRules::parse`].
    pub hosts: Vec<String>,
    /// Those that may have a private address, such as a service on this machine; `hosts` need not name them again.
    pub private_hosts: Vec<String>,
    /// Whether a call costs money.
    pub spends: bool,
    /// Seconds for one call.
    pub time_s: f32,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { hosts: Vec::new(), private_hosts: Vec::new(), spends: false, time_s: 20.0 }
    }
}

/// Whether a folder holds a plugin of this kind: a manifest that names an OpenAPI document, or a document without any
/// manifest. Else a manifest is that of a component.
#[must_use]
pub fn is_plugin(folder: &Path) -> bool {
    match read_bounded(&folder.join(MANIFEST), MAX_MANIFEST) {
        Ok(bytes) => {
            let table = String::from_utf8(bytes).ok().and_then(|text| text.parse::<toml::Table>().ok());
            table.is_some_and(|table| table.contains_key("openapi"))
        }
        Err(OpenApiError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            document_without_manifest(folder).is_some()
        }
        Err(_) => false,
    }
}

/// The document of a folder, where it has a usual name.
pub(crate) fn document_without_manifest(folder: &Path) -> Option<PathBuf> {
    DOCUMENTS.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

impl Manifest {
    /// Reads and checks the manifest in `folder`.
    ///
    /// # Errors
    /// With the file and what is wrong in it.
    pub fn read(folder: &Path) -> Result<Self, OpenApiError> {
        let path = folder.join(MANIFEST);
        let bytes = read_bounded(&path, MAX_MANIFEST)?;
        let wrong = |reason: String| OpenApiError::Manifest { path: path.clone(), reason };
        let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8".into()))?;
        let manifest: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        manifest.check().map_err(wrong)?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        if !toolwright_tool::is_tool_name(&self.name) || self.name.len() > MAX_NAME {
            return Err(format!(
                "`name` is {:?}; it must match [A-Za-z_][A-Za-z0-9_-]*, at most {MAX_NAME}",
                self.name
            ));
        }
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("`sha256` must be the 64 hex digits that `sha256sum` prints for the document".into());
        }
        let parts: Vec<_> = Path::new(&self.openapi).components().collect();
        if !matches!(parts[..], [Component::Normal(_)]) {
            return Err(format!("`openapi` is {:?}; it must be a file beside {MANIFEST}", self.openapi));
        }
        if self.operations.as_ref().is_some_and(Vec::is_empty) {
            return Err("`operations` is empty; name some, or leave it out for all".into());
        }
        let Permissions { hosts, private_hosts, time_s, .. } = &self.permissions;
        if hosts.is_empty() && private_hosts.is_empty() {
            return Err(
                "`permissions.hosts` must name the host that may be asked, such as [\"api.example.com\"]".into()
            );
        }
        if !(*time_s > 0.0 && *time_s <= 300.0) {
            return Err("`permissions.time_s` must be more than 0 and at most 300".into());
        }
        HostRules::parse(hosts).map_err(|error| format!("`permissions.hosts`: {error}"))?;
        HostRules::parse(private_hosts).map_err(|error| format!("`permissions.private_hosts`: {error}"))?;
        self.credentials.iter().try_for_each(Credential::check)
    }

    /// The document's bytes, which are those that the manifest speaks of.
    ///
    /// # Errors
    /// [`OpenApiError::Changed`] where they are not.
    pub(crate) fn document(&self, folder: &Path) -> Result<Vec<u8>, OpenApiError> {
        let path = folder.join(&self.openapi);
        let bytes = read_bounded(&path, MAX_DOCUMENT)?;
        let found = sha256(&bytes);
        if found.eq_ignore_ascii_case(&self.sha256) {
            return Ok(bytes);
        }
        Err(OpenApiError::Changed { path, expected: self.sha256.to_lowercase(), found })
    }

    pub(crate) fn policy(&self) -> Result<HttpPolicy, HttpError> {
        let Permissions { hosts, private_hosts, time_s, .. } = &self.permissions;
        Ok(HttpPolicy {
            hosts: HostRules::parse(hosts.iter().chain(private_hosts))?,
            private_hosts: HostRules::parse(private_hosts)?,
            max_body: MAX_ANSWER,
            timeout: Duration::from_secs_f32(*time_s),
            ..HttpPolicy::default()
        })
    }
}

/// In the form of `sha256sum`.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The document in a folder without a manifest.
pub(crate) fn read_document(path: &Path) -> Result<Vec<u8>, OpenApiError> {
    read_bounded(path, MAX_DOCUMENT)
}

/// The file, unless it is no plain file or larger than that.
fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, OpenApiError> {
    let read = || -> io::Result<Vec<u8>> {
        // Looked at before it is opened, since opening a pipe waits for its other end.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::Error::other(format!("it has more than {most} bytes, which are the limit")));
        }
        Ok(bytes)
    };
    read().map_err(|source| OpenApiError::Read { path: path.to_owned(), source })
}
