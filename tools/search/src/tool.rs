use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use toolwright_protocol::{Effect, ToolSpec};
use toolwright_tool::{CallContext, CancellationToken, Tool, ToolError, ToolOutput};

use crate::{
    error::SearchError,
    index::Index,
    library::{Found, Hit, Library},
    schema::HEADING_SEPARATOR,
    vectors::Embedder,
    web::{Web, WebConfig, WebError, WebResult, WebSearch},
};

/// What the model is told, from `tool.md`.
const DESCRIPTION: &str = include_str!("../tool.md");

/// The same for the web, where one is configured.
const WEB_DESCRIPTION: &str = include_str!("../web.md");

/// Results where the call does not say.
const DEFAULT_LIMIT: usize = 3;

/// The most that a call may ask for.
const MAX_LIMIT: usize = 10;

/// Bytes of all passages together, and of each.
const BUDGET: usize = 4500;
const MAX_EXCERPT: usize = 1500;

/// Bytes of a query; what is beyond says nothing more.
const MAX_QUERY: usize = 2000;

/// What is searched.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SearchConfig {
    /// Whether the built-in almanac is searched beside the user's documents.
    pub almanac: bool,
    /// The web, if it is to be searched too.
    pub web: Option<WebConfig>,
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self { almanac: true, web: None }
    }
}

/// The tool `search`.
pub struct SearchTool {
    spec: ToolSpec,
    shelf: Arc<Shelf>,
    web: Option<Arc<dyn WebSearch>>,
}

/// The library, opened by the first call.
struct Shelf {
    folder: PathBuf,
    almanac: bool,
    embedder: Option<Arc<dyn Embedder>>,
    open: Mutex<Option<Arc<Library>>>,
}

impl SearchTool {
    /// The tool over the index in the folder `index`, which need not exist; answers of the web are kept in the folder
    /// `cache`. With an embedder, passages are also found by meaning.
    ///
    /// # Errors
    /// [`WebError::Config`].
    pub fn new(
        config: &SearchConfig,
        index: &Path,
        cache: &Path,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> Result<Self, WebError> {
        let web = config.web.as_ref().map(|web| Web::new(web, cache)).transpose()?;
        let web = web.map(|web| -> Arc<dyn WebSearch> { Arc::new(web) });
        Ok(Self::with_web(config.almanac, index, embedder, web))
    }

    /// The same with a web search of the caller's own.
    #[must_use]
    pub fn with_web(
        almanac: bool,
        index: &Path,
        embedder: Option<Arc<dyn Embedder>>,
        web: Option<Arc<dyn WebSearch>>,
    ) -> Self {
        let parameters = json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "minLength": 1, "description": "Key words or a question" },
                "limit": {
                    "type": "integer", "minimum": 1, "maximum": MAX_LIMIT,
                    "description": format!("Number of results, {DEFAULT_LIMIT} by default")
                }
            },
            "required": ["query"],
            "additionalProperties": false
        });
        let mut description = DESCRIPTION.trim().to_owned();
        let mut effects = vec![Effect::Reads];
        if web.is_some() {
            description = format!("{}\n{description}", WEB_DESCRIPTION.trim());
            effects.push(Effect::Network);
        }
        let spec = ToolSpec { name: "search".into(), description, parameters, effects };
        let shelf = Shelf { folder: index.to_owned(), almanac, embedder, open: Mutex::new(None) };
        Self { spec, shelf: Arc::new(shelf), web }
    }
}

impl Shelf {
    /// The library; a notice if the index had to be built again.
    fn library(&self, cancel: &CancellationToken) -> Result<(Arc<Library>, Option<String>), SearchError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // An index may be made while the tool is there.
        if let Some(library) = open.as_ref().filter(|library| library.index().is_some() || !self.folder.exists()) {
            return Ok((Arc::clone(library), None));
        }
        let mut notice = None;
        let mut index = None;
        if self.folder.exists() {
            let (opened, said) = Index::open_or_rebuild(&self.folder, &(), cancel)?;
            index = Some(opened);
            notice = said;
        }
        let library = Arc::new(Library::new(index, self.almanac, self.embedder.clone()));
        *open = Some(Arc::clone(&library));
        Ok((library, notice))
    }

    fn search(&self, query: &str, limit: usize, cancel: &CancellationToken) -> (Found, Option<String>) {
        let budget = (BUDGET / limit).min(MAX_EXCERPT);
        let attempt = || {
            let (library, notice) = self.library(cancel)?;
            Ok((library.search(query, limit, budget)?, notice))
        };
        let result = match attempt() {
            // Damage that came after the index was opened; opening it again finds and mends it.
            Err(SearchError::Damaged { .. }) => {
                *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
                attempt()
            }
            other => other,
        };
        result.unwrap_or_else(|error: SearchError| {
            // The almanac still answers.
            let almanac = Library::new(None, self.almanac, None);
            let found = almanac.search(query, limit, budget).unwrap_or_default();
            (found, Some(format!("the user's documents were not searched: {error}")))
        })
    }
}

#[async_trait]
impl Tool for SearchTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Value, context: &CallContext) -> Result<ToolOutput, ToolError> {
        let query = arguments.get("query").and_then(Value::as_str).map(str::trim).unwrap_or_default();
        if query.is_empty() {
            return Err(ToolError::Respond("error: `query` is missing or empty; say what to search for".into()));
        }
        let query = query[..query.floor_char_boundary(MAX_QUERY)].to_owned();
        let limit = arguments.get("limit").and_then(Value::as_u64).map_or(DEFAULT_LIMIT, |limit| limit as usize);
        let limit = limit.clamp(1, MAX_LIMIT);
        let (shelf, words, cancel) = (Arc::clone(&self.shelf), query.clone(), context.cancel.clone());
        let local = tokio::task::spawn_blocking(move || shelf.search(&words, limit, &cancel));
        let web = async {
            match &self.web {
                Some(web) => web.search(&query, limit).await,
                None => Ok(Vec::new()),
            }
        };
        let (local, web) = tokio::join!(local, web);
        let (found, notice) = local.map_err(|error| ToolError::Fatal(format!("the search broke: {error}")))?;
        let mut notices: Vec<String> = notice.into_iter().chain(found.notice.clone()).collect();
        let web = web.unwrap_or_else(|error| {
            notices.push(format!("the web was not searched: {error}"));
            Vec::new()
        });
        Ok(answer(&query, &found, &web, &notices))
    }
}

/// A result as a model is shown it, its number counted from 1.
#[must_use]
pub fn numbered(number: usize, heading: &str, source: &str, text: &str) -> String {
    format!("[{number}] {heading} ({source})\n{text}")
}

/// What a model is told where nothing was found; `unknown` are the words that are in no document.
#[must_use]
pub fn no_results(query: &str, unknown: &[String]) -> String {
    let mut text = format!("No results for: {query}");
    if !unknown.is_empty() {
        text.push_str(&format!("\nNo document holds: {}", unknown.join(", ")));
    }
    text.push_str("\nTry other words: fewer, more common ones, or the name of the thing itself.");
    text
}

/// Numbered results for the model, and the same for programs.
fn answer(query: &str, found: &Found, web: &[WebResult], notices: &[String]) -> ToolOutput {
    let mut parts = Vec::new();
    let mut results = Vec::new();
    for hit in &found.hits {
        let number = results.len() + 1;
        parts.push(numbered(number, &heading(hit), &hit.passage.source, &excerpt(hit)));
        let Hit { passage, score, .. } = hit;
        results.push(json!({
            "n": number,
            "title": heading(hit),
            "source": passage.source,
            "passage_id": passage.id,
            "text": passage.text,
            "start": passage.start,
            "end": passage.end,
            "in_file": passage.in_file,
            "shown": { "start": passage.start + shown(hit).start, "end": passage.start + shown(hit).end },
            "score": score,
        }));
    }
    for page in web {
        let number = results.len() + 1;
        parts.push(numbered(number, &page.title, &page.url, &page.text));
        results.push(json!({ "n": number, "title": page.title, "source": page.url, "text": page.text }));
    }
    if results.is_empty() {
        parts.push(no_results(query, &found.unknown));
    }
    parts.extend(notices.iter().map(|notice| format!("Note: {notice}")));
    ToolOutput::text(parts.join("\n\n")).with_data(json!({ "query": query, "results": results }))
}

/// The title, and the last of the headings where it says more.
fn heading(hit: &Hit) -> String {
    let (title, name) = (&hit.passage.title, hit.passage.name());
    if name == title { title.clone() } else { format!("{title}{HEADING_SEPARATOR}{name}") }
}

/// The part of the passage's text that is shown.
fn shown(hit: &Hit) -> Range<usize> {
    let part = &hit.passage.text[hit.excerpt.clone()];
    let start = hit.excerpt.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

fn excerpt(hit: &Hit) -> String {
    let (text, shown) = (&hit.passage.text, shown(hit));
    let (before, after) = (if shown.start > 0 { "… " } else { "" }, if shown.end < text.len() { " …" } else { "" });
    format!("{before}{}{after}", &text[shown])
}
