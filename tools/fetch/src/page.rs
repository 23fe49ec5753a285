//! What came back, as text.

use serde::de::IgnoredAny;
use toolwright_http::{Response, Url};

use crate::{
    article::{self, Article},
    charset::decode,
    text::{indent_json, tidy},
};

/// A body as a model can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    Text {
        title: String,
        text: String,
    },
    /// What cannot be shown as text: its media type.
    Other(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Json,
    Text,
    Other,
}

/// Reads a response. Blocking, and bounded by the size of the body.
pub(crate) fn read(response: &Response, links: bool) -> Page {
    let media_type = response.media_type().unwrap_or_default();
    let kind = kind(&media_type, &response.body);
    if kind == Kind::Other {
        let known = if response.body.starts_with(b"%PDF-") { "application/pdf".to_owned() } else { media_type };
        return Page::Other(if known.is_empty() { "unknown type".to_owned() } else { known });
    }
    let source = decode(&response.body, response.charset().as_deref());
    match kind {
        Kind::Html => {
            let Article { title, text } = article::read(&source, &response.final_url, links);
            Page::Text { title, text }
        }
        Kind::Json if serde_json::from_str::<IgnoredAny>(&source).is_ok() => text(&indent_json(&source)),
        _ => text(&source),
    }
}

/// The text alone, where the search for the article failed on the page.
pub(crate) fn read_plainly(response: &Response) -> Page {
    text(&crate::clean::clean(&decode(&response.body, response.charset().as_deref())).text())
}

fn text(text: &str) -> Page {
    Page::Text { title: String::new(), text: tidy(text) }
}

/// By the media type; where there is none, or the one that says nothing, by the first bytes.
fn kind(media_type: &str, body: &[u8]) -> Kind {
    let subtype = media_type.split('/').nth(1).unwrap_or_default();
    match media_type {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        _ if body.starts_with(b"%PDF-") => Kind::Other,
        _ if subtype == "json" || subtype.ends_with("+json") => Kind::Json,
        _ if media_type.starts_with("text/") || subtype.ends_with("+xml") => Kind::Text,
        "application/xml"
        | "application/javascript"
        | "application/yaml"
        | "application/toml"
        | "application/x-ndjson" => Kind::Text,
        "" | "application/octet-stream" if !body.iter().take(4_096).any(|byte| *byte == 0) => {
            let start = String::from_utf8_lossy(&body[..body.len().min(512)]).trim_start().to_ascii_lowercase();
            if start.starts_with("<!doctype html") || start.starts_with("<html") {
                Kind::Html
            } else if std::str::from_utf8(body).map_or_else(|error| error.error_len().is_none(), |_| true) {
                Kind::Text
            } else {
                Kind::Other
            }
        }
        _ => Kind::Other,
    }
}

/// `1.5 MB`.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A URL as the model sees it: without what only a browser needs, and cut short.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    let text = url.to_string();
    match text.char_indices().nth(300) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
