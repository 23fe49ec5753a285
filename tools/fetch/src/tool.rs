use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use toolwright_http::{
    Client, HostRules, HttpError, HttpPolicy, Request, Resolve, Response, Retries, SystemResolver, Url,
};
use toolwright_protocol::{Effect, ToolSpec};
use toolwright_tool::{CallContext, Tool, ToolError, ToolOutput};

use crate::{
    page::{self, Page, shown, size},
    text,
};

/// What the model is told, from `tool.md`.
const DESCRIPTION: &str = include_str!("../tool.md");
/// Characters of one part of a page.
const PART: usize = 8_000;
/// Characters of an error page that are shown.
const ERROR_PART: usize = 600;
/// Pages that are kept for the parts to come, and for how long.
const KEPT_PAGES: usize = 4;
const KEPT_FOR: Duration = Duration::from_secs(600);
/// What servers may prefer to send.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/json;q=0.9,text/plain;q=0.9,*/*;q=0.5";

/// What `fetch` may reach and how much it takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FetchConfig {
    /// The hosts that may be read, as in [`HostRules::parse`]. None means every public host: each call is asked about,
    /// since the tool has the effect `network`.
    pub hosts: Vec<String>,
    /// Those that may have a private address, such as a wiki in the own network; `hosts` need not name them again.
    pub private_hosts: Vec<String>,
    /// Bytes of a page, decompressed; what is beyond is left out.
    pub max_bytes: usize,
    /// Seconds for one page with its redirects.
    pub timeout_s: u64,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self { hosts: Vec::new(), private_hosts: Vec::new(), max_bytes: 2 << 20, timeout_s: 20 }
    }
}

impl FetchConfig {
    fn policy(&self) -> Result<HttpPolicy, HttpError> {
        let hosts = if self.hosts.is_empty() {
            HostRules::Any
        } else {
            HostRules::parse(self.hosts.iter().chain(&self.private_hosts))?
        };
        Ok(HttpPolicy {
            hosts,
            private_hosts: HostRules::parse(&self.private_hosts)?,
            // The work on a page grows with its size.
            max_body: self.max_bytes.min(8 << 20),
            timeout: Duration::from_secs(self.timeout_s.max(1)),
            ..HttpPolicy::default()
        })
    }
}

/// The tool `fetch`: a web page as clean text, in parts.
pub struct Fetch {
    spec: ToolSpec,
    client: Client,
    pages: Mutex<VecDeque<Kept>>,
}

/// A page that was read, for its parts to come.
struct Kept {
    url: String,
    links: bool,
    read: Instant,
    page: Arc<Shown>,
}

/// A page as it is shown.
struct Shown {
    title: String,
    text: String,
    /// Where it came from in the end.
    url: Url,
    /// The body was longer than what is read.
    cut: bool,
}

impl Fetch {
    /// The tool.
    ///
    /// # Errors
    /// [`HttpError`] on a host that is none, or where encryption cannot be set up.
    pub fn new(config: &FetchConfig) -> Result<Self, HttpError> {
        Self::with_resolver(config, Arc::new(SystemResolver))
    }

    /// The tool with a resolver of its own.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn with_resolver(config: &FetchConfig, resolver: Arc<dyn Resolve>) -> Result<Self, HttpError> {
        let parameters = json!({
            "type": "object",
            "properties": {
                "url": { "type": "string", "description": "The whole address, with https://" },
                "offset": { "type": "integer", "minimum": 0, "description": "Character to go on from" },
                "links": { "type": "boolean", "description": "Keep the addresses of links" }
            },
            "required": ["url"],
            "additionalProperties": false
        });
        let spec = ToolSpec {
            name: "fetch".into(),
            description: DESCRIPTION.trim().into(),
            parameters,
            effects: vec![Effect::Network],
        };
        let client = Client::with_resolver(config.policy()?, resolver)?;
        Ok(Self { spec, client, pages: Mutex::new(VecDeque::new()) })
    }

    /// The page, from the network or from before.
    async fn page(&self, url: &str, links: bool, later_part: bool) -> Result<Arc<Shown>, ToolOutput> {
        if let Some(page) = later_part.then(|| self.kept(url, links)).flatten() {
            return Ok(page);
        }
        let failed = |error: HttpError| ToolOutput::text(format!("error: {error}")).as_error();
        let request = Request::get(url).header("accept", ACCEPT);
        let response = self.client.with_retries(request, &Retries::default()).await.map_err(failed)?;
        let (status, final_url, cut) = (response.status, response.final_url.clone(), response.truncated);
        let length = response.header("content-length").and_then(|length| length.parse().ok());
        let bytes = length.unwrap_or(response.body.len()).max(response.body.len());
        let (title, text) = match read(response, links).await {
            Page::Text { title, text } => (title, text),
            Page::Other(kind) if status.is_success() => {
                let at_least = if cut && length.is_none() { "more than " } else { "" };
                let words =
                    format!("error: this is a file of type {kind} ({at_least}{}), not a page of text", size(bytes));
                return Err(ToolOutput::text(words).as_error());
            }
            Page::Other(_) => (String::new(), String::new()),
        };
        if !status.is_success() {
            let host = final_url.host_str().unwrap_or_default();
            let (part, _) = text::page(&text, 0, ERROR_PART);
            return Err(ToolOutput::text(format!("error: {host} answered {status}\n{part}").trim_end()).as_error());
        }
        let page = Arc::new(Shown { title, text, url: final_url, cut });
        self.keep(url, links, Arc::clone(&page));
        Ok(page)
    }

    fn kept(&self, url: &str, links: bool) -> Option<Arc<Shown>> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|kept| kept.read.elapsed() < KEPT_FOR);
        pages.iter().find(|kept| kept.url == url && kept.links == links).map(|kept| Arc::clone(&kept.page))
    }

    fn keep(&self, url: &str, links: bool, page: Arc<Shown>) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|kept| kept.url != url || kept.links != links);
        pages.truncate(KEPT_PAGES - 1);
        pages.push_front(Kept { url: url.to_owned(), links, read: Instant::now(), page });
    }
}

/// The page behind a response. A parser that fails on a page takes its thread down and not the call.
async fn read(response: Response, links: bool) -> Page {
    let response = Arc::new(response);
    let shared = Arc::clone(&response);
    match tokio::task::spawn_blocking(move || page::read(&shared, links)).await {
        Ok(page) => page,
        Err(_) => page::read_plainly(&response),
    }
}

/// One part of a page with its head and a word on what follows.
fn part(page: &Shown, asked: &str, offset: usize) -> ToolOutput {
    let total = page.text.chars().count();
    if offset > 0 && offset >= total {
        return ToolOutput::text(format!("error: the page has only {total} characters")).as_error();
    }
    let (part, next) = text::page(&page.text, offset, PART);
    let mut out = String::new();
    let repeats = page.text.strip_prefix("# ").is_some_and(|text| text.starts_with(&page.title));
    if offset == 0 && !page.title.is_empty() && !repeats {
        out.push_str(&format!("# {}\n", page.title));
    }
    let url = shown(&page.url);
    if offset == 0 && url != asked {
        out.push_str(&format!("({url})\n"));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(if total == 0 { "(The page holds no text.)" } else { part.trim_end() });
    if next < total {
        out.push_str(&format!("\n\n[… next: offset {next} of {total}]"));
    } else if page.cut {
        out.push_str("\n\n[… the page is longer; the rest cannot be read]");
    }
    ToolOutput::text(out).with_data(
        json!({ "url": url, "title": page.title, "characters": total, "next": (next < total).then_some(next) }),
    )
}

#[async_trait]
impl Tool for Fetch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let url = arguments.get("url").and_then(Value::as_str).map(str::trim);
        let url = url.ok_or_else(|| ToolError::Respond("error: `url` is missing or is no text".into()))?;
        let offset = arguments.get("offset").and_then(Value::as_u64).and_then(|offset| usize::try_from(offset).ok());
        let (offset, links) = (offset.unwrap_or(0), arguments.get("links").and_then(Value::as_bool).unwrap_or(false));
        let page = tokio::select! {
            page = self.page(url, links, offset > 0) => page,
            () = context.cancel.cancelled() => return Err(ToolError::Respond("error: the call was cancelled".into())),
        };
        Ok(page.map_or_else(|failure| failure, |page| part(&page, url, offset)))
    }
}
