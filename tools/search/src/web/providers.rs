//! The three interfaces: what is asked, and how the answers are read.

use serde_json::Value;
use toolwright_http::Url;

use super::{Provider, WebResult};
use crate::extract;

/// Characters of a result's text.
const MAX_TEXT: usize = 1500;

impl Provider {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Searxng => "SearXNG",
            Self::Brave => "Brave Search",
            Self::Wikipedia => "Wikipedia",
        }
    }

    pub(super) fn usual_url(self) -> Option<&'static str> {
        match self {
            Self::Searxng => None,
            Self::Brave => Some("https://api.search.brave.com"),
            Self::Wikipedia => Some("https://en.wikipedia.org/w/api.php"),
        }
    }

    pub(super) fn request_url(self, base: &Url, query: &str, limit: usize) -> String {
        let mut url = base.clone();
        let limit = limit.to_string();
        let (path, pairs): (_, Vec<(&str, &str)>) = match self {
            Self::Searxng => ("search", vec![("q", query), ("format", "json")]),
            Self::Brave => (
                "res/v1/web/search",
                vec![("q", query), ("count", &limit), ("result_filter", "web"), ("text_decorations", "false")],
            ),
            // One request: the pages that a search finds, with the beginnings of their texts.
            Self::Wikipedia => (
                "",
                vec![
                    ("action", "query"),
                    ("format", "json"),
                    ("formatversion", "2"),
                    ("generator", "search"),
                    ("gsrsearch", query),
                    ("gsrlimit", &limit),
                    ("prop", "extracts|info"),
                    ("inprop", "url"),
                    ("exintro", "1"),
                    ("explaintext", "1"),
                    ("exlimit", "max"),
                ],
            ),
        };
        if !path.is_empty() {
            let above = url.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{above}/{path}"));
        }
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }

    /// The results of an answer with a good status.
    pub(super) fn results(self, answer: &Value) -> Result<Vec<WebResult>, String> {
        if let Some(reason) = reason(answer) {
            return Err(reason);
        }
        let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array);
        match self {
            Self::Searxng => {
                let results = list("/results").ok_or("there is no list of results")?;
                Ok(results.iter().filter_map(|one| result(one, "url", &["content"])).collect())
            }
            Self::Brave => match list("/web/results") {
                Some(results) => Ok(results
                    .iter()
                    .filter_map(|one| result(one, "url", &["description", "extra_snippets"]))
                    .collect()),
                // Nothing found is an answer without that part.
                None if answer.get("type").is_some() => Ok(Vec::new()),
                None => Err("there is no list of results".into()),
            },
            Self::Wikipedia => match list("/query/pages") {
                Some(pages) => {
                    let mut pages: Vec<_> = pages.iter().collect();
                    pages.sort_by_key(|page| page.get("index").and_then(Value::as_i64).unwrap_or(i64::MAX));
                    Ok(pages.into_iter().filter_map(|one| result(one, "fullurl", &["extract"])).collect())
                }
                None if answer.get("batchcomplete").is_some() => Ok(Vec::new()),
                None => Err("there is no list of pages".into()),
            },
        }
    }

    /// What a status usually means where the answer does not say.
    pub(super) fn usual_reason(self, status: u16) -> &'static str {
        match (self, status) {
            (Self::Searxng, 403) => "the instance does not give JSON; `search.formats` in its settings must name it",
            (_, 401 | 403) => "the key is missing or wrong",
            (_, 429) => "too many searches; wait before the next one",
            (_, 500..) => "it has trouble of its own; try again later",
            _ => "no reason given",
        }
    }
}

/// What an answer says went wrong: `{"error": {…}}` of Brave and MediaWiki, `{"error": "…"}` of others.
pub(super) fn reason(answer: &Value) -> Option<String> {
    let error = answer.get("error")?;
    let said = ["detail", "info", "message", "code"].iter().find_map(|key| error.get(key).and_then(Value::as_str));
    Some(plain(said.or(error.as_str()).unwrap_or("an error without words"), 200))
}

/// A result, if it has a title and an address of the web.
fn result(one: &Value, url: &str, texts: &[&str]) -> Option<WebResult> {
    let url = one.get(url)?.as_str().filter(|url| url.starts_with("https://") || url.starts_with("http://"))?;
    let title = plain(one.get("title")?.as_str()?, 200);
    let mut parts = Vec::new();
    for key in texts {
        match one.get(key) {
            Some(Value::String(text)) => parts.push(text.as_str()),
            Some(Value::Array(list)) => parts.extend(list.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    let text = plain(&parts.join("\n"), MAX_TEXT);
    (!title.is_empty()).then(|| WebResult { title, url: url.chars().take(2000).collect(), text })
}

/// On one line, so that no text looks like another result; without tags, entities and control characters, and not
/// longer than `most` characters.
fn plain(text: &str, most: usize) -> String {
    let cut: String = text.chars().take(8 * most).collect();
    let text = extract::html_text(&cut);
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(most).collect::<String>().trim().to_owned()
}
