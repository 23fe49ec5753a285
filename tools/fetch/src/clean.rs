//! Rewrites HTML so that no parser can be hurt by it: balanced, of bounded depth and size, without what is not for
//! readers. A parser of HTML is quadratic in the depth of a document and in the attributes of a tag, and repeats open
//! formatting in every block; none of that is left here.

use crate::scan::{READABLE, Tag, Token, Tokens};

/// Open elements at once; a tag further in is left out, its text stays.
const MAX_DEPTH: usize = 96;
/// Elements in all; from there on only text is kept.
const MAX_ELEMENTS: usize = 30_000;
/// Bytes of text without a tag, from which on a comment parts it: html5ever writes a text out in time that grows with the
/// square of its length where it holds many `&`.
const MAX_RUN: usize = 1_024;
/// Bytes of text in an element that can hold no comment; what is beyond is left out.
const MAX_RAW: usize = 16_384;
/// Bytes of an attribute's value that is kept.
const MAX_VALUE: usize = 2_000;

/// Elements that are left out with their content.
const DROPPED: [&str; 17] = [
    "applet", "audio", "button", "canvas", "dialog", "iframe", "math", "noembed", "noframes", "noscript", "object",
    "script", "select", "style", "svg", "template", "video",
];
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Void elements that mean something to a reader or to the search for the article.
const KEPT_VOID: [&str; 3] = ["br", "hr", "meta"];
const KEPT_ATTRIBUTES: [&str; 13] = [
    "class",
    "content",
    "data-lang",
    "dir",
    "href",
    "id",
    "itemprop",
    "lang",
    "name",
    "property",
    "rel",
    "role",
    "start",
];
/// Elements that end an open paragraph.
const BLOCKS: [&str; 29] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];
const CELLS: [&str; 3] = ["caption", "td", "th"];
const TABLE_PARTS: [&str; 9] = ["caption", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"];
/// Elements that need no closing tag, so that a second one ends the first.
const SELF_ENDING: [&str; 7] = ["dd", "dt", "li", "p", "td", "th", "tr"];

/// What is left of a document.
#[derive(Debug, Default)]
pub(crate) struct Cleaned {
    pub html: String,
    /// The content of `<title>`, as it stands in the source.
    pub title: String,
    /// Elements in `html`.
    pub elements: usize,
}

impl Cleaned {
    /// The text between the tags, as it stands in the source.
    pub(crate) fn text(&self) -> String {
        let piece = |token| match token {
            Token::Text(text) => text,
            Token::Open(_) => " ",
            Token::Close(name) if BLOCKS.contains(&name.as_str()) || name == "li" || name == "tr" => "\n",
            Token::Close(_) => "",
        };
        Tokens::new(&self.html).map(piece).collect()
    }
}

/// Rewrites a document.
pub(crate) fn clean(html: &str) -> Cleaned {
    let mut cleaner = Cleaner::default();
    let mut tokens = Tokens::new(html);
    while let Some(token) = tokens.next() {
        let mut next = match token {
            Token::Text(text) => {
                cleaner.text(text);
                None
            }
            Token::Close(name) => {
                cleaner.close(&name);
                None
            }
            Token::Open(tag) => Some(tag),
        };
        while let Some(tag) = next.take() {
            if is_left_out(&tag) {
                next = skip(&tag.name, &mut tokens);
            } else {
                cleaner.open(tag);
            }
        }
    }
    cleaner.pop_to(0);
    cleaner.out
}

/// Reads over the content of an element that is left out. A paragraph or a list item ends where the next begins, whose
/// tag is returned.
fn skip<'a>(name: &str, tokens: &mut Tokens<'a>) -> Option<Tag<'a>> {
    let mut depth = usize::from(!VOID.contains(&name));
    while depth > 0 {
        match tokens.next()? {
            Token::Open(tag) if tag.name == name && SELF_ENDING.contains(&name) => return Some(tag),
            Token::Open(tag) if tag.name == name => depth += 1,
            Token::Close(closed) if closed == name => depth -= 1,
            _ => {}
        }
    }
    None
}

fn is_left_out(tag: &Tag<'_>) -> bool {
    DROPPED.contains(&tag.name.as_str()) || is_hidden(tag)
}

/// Whether a reader does not see the element. Whole pages are often hidden until a script has run, so their frame is
/// taken as visible.
fn is_hidden(tag: &Tag<'_>) -> bool {
    if matches!(tag.name.as_str(), "html" | "body" | "main") {
        return false;
    }
    if tag.attribute("hidden").is_some() {
        return true;
    }
    let Some(style) = tag.attribute("style").filter(|style| style.len() <= MAX_VALUE) else {
        return false;
    };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    style.split(';').any(|rule| {
        let rule = rule.strip_suffix("!important").unwrap_or(rule);
        matches!(rule, "display:none" | "visibility:hidden" | "opacity:0" | "font-size:0" | "font-size:0px")
    })
}

#[derive(Default)]
struct Cleaner {
    out: Cleaned,
    open: Vec<String>,
    /// Bytes of text since the last tag.
    run: usize,
}

impl Cleaner {
    fn text(&mut self, text: &str) {
        if self.open.last().is_some_and(|name| name == "title") && self.out.title.is_empty() {
            text.clone_into(&mut self.out.title);
        }
        if self.open.last().is_some_and(|name| READABLE.contains(&name.as_str())) {
            let room = MAX_RAW.saturating_sub(self.run);
            self.run += text.len();
            self.out.html.push_str(&text[..text.floor_char_boundary(room)]);
            return;
        }
        // In source text a `<` stands alone only where it begins no tag.
        let mut rest = if text == "<" { "&lt;" } else { text };
        while self.run + rest.len() > MAX_RUN {
            let (piece, after) = rest.split_at(between_words(rest, MAX_RUN.saturating_sub(self.run)));
            self.out.html.push_str(piece);
            self.out.html.push_str("<!---->");
            (rest, self.run) = (after, 0);
        }
        self.run += rest.len();
        self.out.html.push_str(rest);
    }

    fn open(&mut self, tag: Tag<'_>) {
        if is_formula(&tag) {
            let formula = tag.attribute("alt").unwrap_or_default().replace('<', "&lt;");
            return self.text(&format!("${formula}$"));
        }
        let name = tag.name.as_str();
        self.end_implied(name);
        let is_void = VOID.contains(&name);
        // What follows `<plaintext>` is text to the end, tags and all, for a parser of HTML.
        let known = name != "plaintext"
            && name.len() <= 24
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !known || is_void && !KEPT_VOID.contains(&name) {
            return;
        }
        if self.open.len() >= MAX_DEPTH || self.out.elements >= MAX_ELEMENTS {
            self.out.html.push(' ');
            return;
        }
        self.out.elements += 1;
        self.run = 0;
        self.out.html.push('<');
        self.out.html.push_str(name);
        for (name, value) in &tag.attributes {
            let fits = KEPT_ATTRIBUTES.contains(&name.as_str()) && value.len() <= MAX_VALUE;
            if fits && (name != "href" || is_followable(value)) {
                self.out.html.push_str(&format!(" {name}=\"{}\"", value.replace('"', "&quot;")));
            }
        }
        self.out.html.push('>');
        if !is_void {
            self.open.push(tag.name);
        }
    }

    /// Closes what the start of `name` ends without a closing tag.
    fn end_implied(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.close_one_of(&["p"], &TABLE_PARTS);
        }
        match name {
            "li" => self.close_one_of(&["li"], &["ul", "ol", "menu", "table"]),
            "dt" | "dd" => self.close_one_of(&["dt", "dd"], &["dl", "table"]),
            "td" | "th" => self.close_one_of(&["td", "th"], &["tr", "table"]),
            "tr" => self.close_one_of(&["tr"], &["table"]),
            "thead" | "tbody" | "tfoot" => self.close_one_of(&["thead", "tbody", "tfoot"], &["table"]),
            "a" => self.close_one_of(&["a"], &CELLS),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.close_one_of(&["h1", "h2", "h3", "h4", "h5", "h6"], &["div", "section", "article", "table"]);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name == "br" {
            return self.open(Tag { name: name.to_owned(), attributes: Vec::new() });
        }
        let barrier: &[&str] = match name {
            "table" => &[],
            _ if TABLE_PARTS.contains(&name) => &["table"],
            _ => &CELLS,
        };
        self.close_one_of(&[name], barrier);
    }

    /// Closes the innermost element of these names and all in it, unless one of `barrier` stands before it.
    fn close_one_of(&mut self, names: &[&str], barrier: &[&str]) {
        let found =
            self.open.iter().rposition(|open| names.contains(&open.as_str()) || barrier.contains(&open.as_str()));
        if let Some(at) = found.filter(|at| names.contains(&self.open[*at].as_str())) {
            self.pop_to(at);
        }
    }

    fn pop_to(&mut self, depth: usize) {
        if depth < self.open.len() {
            self.run = 0;
        }
        for name in self.open.drain(depth..).rev() {
            self.out.html.push_str(&format!("</{name}>"));
        }
    }
}

/// Where text can be parted, at `from` or soon after it: not within a character or a reference such as `&amp;`.
fn between_words(text: &str, from: usize) -> usize {
    let window = &text[text.floor_char_boundary(from)..text.floor_char_boundary(from + MAX_RUN)];
    let start = text.floor_char_boundary(from);
    // Without any of them in the window there is no reference at its end, since their names are shorter.
    window.find(|c: char| c == '&' || c.is_whitespace()).unwrap_or(window.len()) + start
}

/// An image that shows a formula and holds its source, as MediaWiki makes them.
fn is_formula(tag: &Tag<'_>) -> bool {
    let class = tag.attribute("class").unwrap_or_default();
    tag.name == "img" && class.contains("math") && tag.attribute("alt").is_some_and(|alt| alt.len() <= MAX_VALUE)
}

/// Whether a link leads to a page.
fn is_followable(href: &str) -> bool {
    let href = href.trim_start().to_ascii_lowercase();
    !["javascript:", "data:", "vbscript:", "blob:"].iter().any(|scheme| href.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_left_is_balanced_and_for_readers() {
        for (html, expected) in [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<b><i>a</b>c</i>", "<b><i>a</i></b>c"),
            ("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
            ("<table><tr><td>a<td><b>c</table>d", "<table><tr><td>a</td><td><b>c</b></td></tr></table>d"),
            ("<div><table><td></div>x</table>y", "<div><table><td>x</td></table>y</div>"),
            ("a<script>x</script><style>y</style><svg><path/><svg></svg>z</svg>b", "ab"),
            ("a<div hidden>x<div>y</div>z</div>b", "ab"),
            ("a<p style='Display: none !important'>x<b>y</b></p>b", "ab"),
            ("<ul><li hidden>x<b>y</b><li>a<li hidden>z</ul>", "<ul><li>a</li></ul>"),
            ("<span style=\"display:none-such\">a</span>", "<span>a</span>"),
            ("<body style='opacity:0'>a", "<body>a</body>"),
            ("<a href='javascript:x()' onclick=y>a</a>", "<a>a</a>"),
            ("<a href='/x?a=\"1\"' class=c>a</a>", "<a href=\"/x?a=&quot;1&quot;\" class=\"c\">a</a>"),
            ("<img src=x alt=y>1 < 2</br>", "1 &lt; 2<br>"),
            ("<img class='mwe-math-fallback' alt='x^2'>", "$x^2$"),
            ("<x:y>a</x:y></p></div>", "a"),
            ("<plaintext>a<b>b", "a<b>b</b>"),
        ] {
            assert_eq!(clean(html).html, expected, "{html}");
        }
    }

    #[test]
    fn long_text_is_parted_where_nothing_is_cut() {
        for piece in ["&amp;", "& ", "©", "漢", "word ", "<", "word", "&notanentity"] {
            let text = piece.repeat(20_000);
            let html = clean(&text).html;
            let runs: Vec<_> = html.split("<!---->").collect();
            assert!(runs.len() > 4 && runs.iter().all(|run| run.len() <= 2 * MAX_RUN), "{piece}: {}", runs.len());
            assert_eq!(runs.concat(), text.replace('<', "&lt;"), "{piece}");
            for run in runs {
                let unfinished = run.rfind('&').is_some_and(|at| "&amp;".len() > run.len() - at && piece == "&amp;");
                assert!(!unfinished, "{piece}: …{}", &run[run.len().saturating_sub(10)..]);
            }
        }
        let title = clean(&format!("<title>{}</title>word", "&".repeat(50_000)));
        assert!(title.html.len() < MAX_RAW + 100 && title.html.ends_with("</title>word"));
    }

    #[test]
    fn depth_and_size_are_bounded_and_text_is_not_lost() {
        for (open, close) in
            [("<div>", ""), ("<b x=1>", ""), ("<div><table><td>", "</div>"), ("<b><table><td>", "</b></table>")]
        {
            let html = format!("{open}t{close}").repeat(50_000);
            let cleaned = clean(&html);
            assert_eq!(
                cleaned.html.matches('t').count()
                    - cleaned.html.matches("tab").count()
                    - cleaned.html.matches("<td").count()
                    - cleaned.html.matches("</td").count(),
                50_000,
                "{open}"
            );
            assert!(cleaned.elements <= MAX_ELEMENTS && cleaned.html.len() < 3 * html.len());
        }
    }

    proptest! {
        #[test]
        fn every_opened_tag_is_closed_in_order(
            html in "(<(/)?(p|b|i|a|div|li|ul|table|tr|td|h1|span|br)( hidden| href=x)?>|x|<){0,40}"
        ) {
            let cleaned = clean(&html).html;
            let mut open = Vec::new();
            for token in Tokens::new(&cleaned) {
                match token {
                    Token::Open(tag) if !VOID.contains(&tag.name.as_str()) => open.push(tag.name),
                    Token::Close(name) => prop_assert_eq!(open.pop(), Some(name)),
                    _ => {}
                }
            }
            prop_assert!(open.is_empty());
            prop_assert_eq!(&clean(&cleaned).html, &cleaned);
        }
    }
}
