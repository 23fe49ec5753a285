use std::{
    collections::HashSet,
    net::IpAddr,
    path::Path,
    sync::{Arc, OnceLock},
};

use serde_json::Value;
use toolwright_http::{AddressClass, HttpError, HttpPolicy, Method, Url};
use toolwright_protocol::ToolSpec;
use toolwright_tool::Tool;

use crate::{
    OpenApiError, Secrets,
    document::{Document, servers},
    manifest::{MANIFEST, Manifest, document_without_manifest, read_document, sha256},
    naming::{head, tool_name, words},
    operation::{METHODS, Operation},
    tool::{OperationTool, Service},
};

/// Operations of a document that become tools without having been chosen.
const MAX_OPERATIONS: usize = 200;
/// How many an error names.
const NAMED: usize = 8;

/// A plugin: a manifest, a document, and a tool for each of its operations.
pub struct OpenApiPlugin {
    manifest: Manifest,
    title: String,
    tools: Vec<Arc<dyn Tool>>,
    notes: Vec<String>,
}

/// An operation in the document.
struct Found<'a> {
    id: Option<&'a str>,
    method: &'static Method,
    path: &'a str,
    item: &'a Value,
    operation: &'a Value,
}

impl OpenApiPlugin {
    /// Reads the plugin in `folder`. Its credentials are read by `secrets` at each call.
    ///
    /// # Errors
    /// With the file and what is wrong in it; [`OpenApiError::Changed`] where the document is not the one of the
    /// manifest, [`OpenApiError::NoManifest`], with one to begin with, where there is none.
    pub fn open(folder: &Path, secrets: Arc<dyn Secrets>) -> Result<Self, OpenApiError> {
        if !folder.join(MANIFEST).exists()
            && let Some(document) = document_without_manifest(folder)
        {
            return Err(without_manifest(folder, &document));
        }
        let manifest = Manifest::read(folder)?;
        let bytes = manifest.document(folder)?;
        let (path, place) = (folder.join(&manifest.openapi), folder.join(MANIFEST));
        let wrong = |reason: String| OpenApiError::Document { path: path.clone(), reason };
        let document = Document::parse(&bytes, &manifest.openapi).map_err(wrong)?;
        let policy = manifest.policy().map_err(|source| OpenApiError::Http { path: place.clone(), source })?;
        let found = choose(&document, manifest.operations.as_deref()).map_err(wrong)?;
        let service = Arc::new(Service {
            name: manifest.name.clone(),
            policy,
            credentials: manifest.credentials.clone(),
            secrets,
            client: OnceLock::new(),
        });
        let (mut tools, mut notes, mut taken): (Vec<Arc<dyn Tool>>, _, _) = (Vec::new(), Vec::new(), HashSet::new());
        for found in &found {
            match tool(&manifest, &document, &service, found, &mut taken) {
                Ok(tool) => tools.push(Arc::new(tool)),
                Err(why) => notes.push(format!("left out {} {}: {why}", found.method, words(found.path, 80))),
            }
        }
        if tools.is_empty() {
            let first = notes.into_iter().next().unwrap_or_else(|| "it describes no operation".into());
            return Err(wrong(format!("has no operation that can be a tool: {first}")));
        }
        if document.asks_for_credentials() && manifest.credentials.is_empty() {
            notes.push(format!("the document asks for credentials, and {MANIFEST} names none"));
        }
        let title = document.info("title").map_or_else(|| manifest.name.clone(), |title| words(title, 80));
        Ok(Self { manifest, title, tools, notes })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What the document calls the service; one line.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// A tool for each operation, in the order of the document.
    #[must_use]
    pub fn tools(&self) -> &[Arc<dyn Tool>] {
        &self.tools
    }

    /// What was left out and why, and what may be missing; one line each, for people.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// The operations that were asked for, or all.
fn choose<'a>(document: &'a Document, asked: Option<&[String]>) -> Result<Vec<Found<'a>>, String> {
    let mut all = Vec::new();
    for (path, item) in document.paths() {
        let item = document.resolve(item).map_err(|why| format!("path {path:.100}: {why}"))?;
        for (key, method) in &METHODS {
            if let Some(operation @ Value::Object(_)) = item.get(key) {
                let id = operation.get("operationId").and_then(Value::as_str);
                all.push(Found { id, method, path, item, operation });
            }
        }
    }
    let name = |found: &Found<'_>| found.id.map_or_else(|| format!("{} {}", found.method, found.path), str::to_owned);
    let some = |list: &mut dyn Iterator<Item = String>| {
        let names: Vec<_> = list.take(NAMED).map(|name| format!("\"{}\"", words(&name, 60))).collect();
        format!("[{}, …]", names.join(", "))
    };
    let Some(asked) = asked else {
        // Those on their way out are no loss, unless somebody asks for them.
        all.retain(|found| found.operation["deprecated"] != true);
        if all.len() > MAX_OPERATIONS {
            return Err(format!(
                "describes {} operations, and a model cannot choose among more than {MAX_OPERATIONS}; name those that \
                 you want in {MANIFEST}: operations = {}",
                all.len(),
                some(&mut all.iter().map(name))
            ));
        }
        return Ok(all);
    };
    let fits = |found: &Found<'_>, asked: &str| {
        let by_path = asked.split_once(' ').is_some_and(|(method, path)| {
            method.eq_ignore_ascii_case(found.method.as_str()) && path.trim() == found.path
        });
        found.id == Some(asked) || by_path
    };
    if let Some(missing) = asked.iter().find(|asked| !all.iter().any(|found| fits(found, asked))) {
        let known = some(&mut all.iter().map(name));
        return Err(format!("has no operation `{}`, which {MANIFEST} asks for; there are {known}", words(missing, 60)));
    }
    all.retain(|found| asked.iter().any(|asked| fits(found, asked)));
    Ok(all)
}

fn tool(
    manifest: &Manifest,
    document: &Document,
    service: &Arc<Service>,
    found: &Found<'_>,
    taken: &mut HashSet<String>,
) -> Result<OperationTool, String> {
    let Found { id, method, path, item, operation } = *found;
    let server = server(manifest, document, &service.policy, (item, operation))?;
    let sent: Vec<String> = manifest.credentials.iter().map(|credential| credential.header.clone()).collect();
    let operation = Operation::read(document, (method, path), (item, operation), &sent)?;
    let spec = ToolSpec {
        name: tool_name(&manifest.name, id, method.as_str(), path, taken),
        description: operation.description.clone(),
        parameters: operation.parameters.clone(),
        effects: operation.effects(manifest.permissions.spends),
    };
    Ok(OperationTool { spec, operation, server, service: Arc::clone(service) })
}

/// Where the paths begin: what the manifest says, or the first server of the document that may be asked.
fn server(
    manifest: &Manifest,
    document: &Document,
    policy: &HttpPolicy,
    (item, operation): (&Value, &Value),
) -> Result<String, String> {
    let given = match &manifest.server {
        Some(server) => vec![server.clone()],
        None => {
            let of = [Some(operation), Some(item), document.get(&[])];
            of.into_iter().map(servers).find(|servers| !servers.is_empty()).unwrap_or_else(|| vec!["/".into()])
        }
    };
    let mut why = String::new();
    for server in &given {
        match allowed(server, manifest, policy) {
            Ok(()) => return Ok(server.clone()),
            Err(reason) if why.is_empty() => why = reason,
            Err(_) => {}
        }
    }
    Err(why)
}

fn allowed(server: &str, manifest: &Manifest, policy: &HttpPolicy) -> Result<(), String> {
    let shown = words(server, 80);
    let hint = "say in tool.toml where the service is, such as server = \"https://api.example.com/v1\"";
    if !server.contains("://") {
        return Err(format!("the document's server `{shown}` is no whole address; {hint}"));
    }
    let url = policy.check(server).map_err(|error| match error {
        HttpError::HostNotAllowed { host, allowed } => {
            format!("the server is {host}, and `permissions.hosts` of {MANIFEST} allows only {allowed}")
        }
        error @ HttpError::LiteralAddress { .. } => format!("{error}; name it in `permissions.private_hosts`"),
        error => format!("the server `{shown}`: {error}"),
    })?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("the server `{shown}` must have neither `?` nor `#`; {hint}"));
    }
    if url.scheme() == "http" && !manifest.credentials.is_empty() && !policy.private_hosts.allow(&url) {
        return Err(format!(
            "the server `{shown}` is asked without encryption, and the credential would be seen; use https"
        ));
    }
    Ok(())
}

/// The error that says what a manifest for this document could look like.
fn without_manifest(folder: &Path, document: &Path) -> OpenApiError {
    let bytes = match read_document(document) {
        Ok(bytes) => bytes,
        Err(error) => return error,
    };
    let name = document.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let parsed = match Document::parse(&bytes, &name) {
        Ok(parsed) => parsed,
        Err(reason) => return OpenApiError::Document { path: document.to_owned(), reason },
    };
    let title = parsed.info("title").unwrap_or("service").to_lowercase();
    let plugin: Vec<_> = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let plugin = head(&plugin.join("_"), 24).trim_matches('_').to_owned();
    let plugin = if plugin.starts_with(|c: char| c.is_ascii_alphabetic()) { plugin } else { format!("api_{plugin}") };
    let url = servers(parsed.get(&[])).iter().find_map(|server| Url::parse(server).ok());
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?.to_owned();
        Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
    });
    let key = if url.as_ref().is_some_and(is_here) { "private_hosts" } else { "hosts" };
    let host = host.unwrap_or_else(|| "api.example.com".into());
    let draft = format!(
        "name = \"{plugin}\"\nopenapi = \"{name}\"\nsha256 = \"{}\"\n\n[permissions]\n{key} = [\"{host}\"]\n",
        sha256(&bytes)
    );
    OpenApiError::NoManifest { folder: folder.to_owned(), document: name, draft }
}

/// Whether a server is on this machine or in its own network, as far as its address says.
fn is_here(server: &Url) -> bool {
    let host = server.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let private = address.is_ok_and(|address| matches!(AddressClass::of(address), AddressClass::Private(_)));
    private || host == "localhost" || host.ends_with(".localhost")
}
