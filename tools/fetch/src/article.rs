//! From HTML to Markdown: the article of a page, or all of it where no article stands out.

use dom_query::Document;
use dom_smoothie::{Config, Readability, TextMode};
use toolwright_http::Url;

use crate::{
    clean::{Cleaned, clean},
    text::{plain_markdown, tidy},
};

/// Elements up to which a page is searched for its article.
const MAX_SEARCHED: usize = 12_000;
/// An article of fewer characters, or of less than a tenth of the page, was not the article.
const SHORT_ARTICLE: usize = 300;

/// A page as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Article {
    pub title: String,
    pub text: String,
}

/// Reads a page. `links` keeps the targets of links. Blocking, and bounded by the size of `html`.
pub(crate) fn read(html: &str, url: &Url, links: bool) -> Article {
    let cleaned = clean(html);
    let article = if cleaned.elements <= MAX_SEARCHED { find_article(&cleaned, url) } else { None };
    let (title, found) = article.unwrap_or_default();
    let whole = Document::from(cleaned.html.as_str());
    let size = |document: &Document| document.select("body").text().chars().filter(|c| !c.is_whitespace()).count();
    let (whole_size, found_size) = (size(&whole), found.as_ref().map_or(0, size));
    let stands_out = found_size >= SHORT_ARTICLE && found_size >= whole_size / 10 || found_size * 2 >= whole_size;
    let document = found.filter(|_| stands_out).unwrap_or(whole);
    let title = if title.is_empty() { cleaned.title } else { title };
    // A title is a piece of HTML too, whose character references stand for characters.
    let title = Document::from(format!("<p>{}</p>", title.replace('<', "&lt;"))).select("p").text();
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Article { title: tidy(&title), text: markdown(&document, links) }
}

fn find_article(cleaned: &Cleaned, url: &Url) -> Option<(String, Option<Document>)> {
    let config = Config { disable_json_ld: true, text_mode: TextMode::Raw, ..Config::default() };
    let mut search = Readability::new(cleaned.html.as_str(), Some(url.as_str()), Some(config)).ok()?;
    let title = search.get_article_metadata(None).title;
    let article = search.parse().ok().map(|article| Document::from(article.content));
    Some((title, article))
}

fn markdown(document: &Document, links: bool) -> String {
    if !links {
        let anchors = document.select("a");
        for anchor in anchors.nodes() {
            anchor.remove_attr("href");
        }
    }
    tidy(&plain_markdown(
        &document.select("body").nodes().first().map_or_else(|| document.md(None), |body| body.md(None)),
    ))
}

#[cfg(test)]
#[path = "article_tests.rs"]
mod tests;
