use std::cell::RefCell;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, CharacterTokens, EndTag, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
        TokenizerOpts, states::RawKind,
    },
};

/// What is read for the declaration of an encoding.
const HEAD: usize = 1024;

/// The main part of a page is taken alone if it has this much text.
const MAIN: usize = 400;

/// Elements whose content is no text of the page.
const SKIPPED: &[&str] =
    &["script", "style", "noscript", "template", "svg", "math", "nav", "footer", "aside", "form", "iframe", "object"];

/// Elements that begin a new paragraph.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "figure",
    "figcaption",
    "address",
    "details",
    "summary",
    "body",
    "hr",
    "fieldset",
    "pre",
];

/// Elements that begin a new line.
const LINES: &[&str] = &["br", "li", "tr", "dt", "dd", "option", "caption"];

/// Whether the bytes begin as a page does.
pub(super) fn is_html(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    let head = head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    head.starts_with("<!doctype html") || head.starts_with("<html")
}

/// Title and text of a page: its headings, paragraphs, lists, tables and code as Markdown. Only the tokenizer of HTML is
/// used and no tree is built, so that time and memory are linear in the page, however its elements are nested.
pub(super) fn text(bytes: &[u8]) -> (Option<String>, String) {
    let page = decode(bytes);
    let input = BufferQueue::default();
    // The queue counts in 32 bits; pieces keep each of its parts small.
    let mut rest = page.as_str();
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rest.floor_char_boundary(1 << 20));
        input.push_back(StrTendril::from(piece));
        rest = more;
    }
    let tokenizer = Tokenizer::new(Sink(RefCell::default()), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let writer = tokenizer.sink.0.into_inner();
    let main = writer.text.get(writer.main.clone()).filter(|main| main.trim().len() >= MAIN);
    let text = main.unwrap_or(&writer.text).trim().to_owned();
    let title = writer.title.split_whitespace().collect::<Vec<_>>().join(" ");
    ((!title.is_empty()).then(|| title.chars().take(200).collect()), text)
}

/// By the byte order mark, else as UTF-8 where it is, else as the page declares.
fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, skip)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[skip..]).0.into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    let declared = head.split_once("charset=").map(|(_, rest)| {
        rest.trim_start_matches(['"', '\'']).split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next()
    });
    let encoding = declared.flatten().and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = encoding.filter(|encoding| encoding.is_ascii_compatible()).unwrap_or(WINDOWS_1252);
    let encoding = if encoding == UTF_8 { UTF_8 } else { encoding };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

struct Sink(RefCell<Writer>);

#[derive(Default)]
struct Writer {
    text: String,
    title: String,
    in_title: bool,
    /// The skipped elements that are open, by name.
    skipped: Vec<String>,
    /// `pre` elements that are open: white space stands there as it is.
    preformatted: u32,
    /// Whether white space is due before the next word.
    space: bool,
    /// Where `main` or the first `article` begins and ends in the text.
    main: std::ops::Range<usize>,
    main_open: u32,
    main_tag: String,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            TagToken(tag) => return writer.tag(&tag),
            CharacterTokens(text) => writer.characters(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Writer {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let opens = tag.kind == StartTag;
        if name == "title" && self.skipped.is_empty() {
            self.in_title = opens && self.title.is_empty();
            return if opens { TokenSinkResult::RawData(RawKind::Rcdata) } else { TokenSinkResult::Continue };
        }
        if SKIPPED.contains(&name) {
            self.skip(name, tag);
        } else if self.skipped.is_empty() {
            self.element(name, opens);
        }
        match name {
            "script" if opens && !tag.self_closing => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "noscript" | "iframe" if opens => TokenSinkResult::RawData(RawKind::Rawtext),
            "textarea" if opens => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }

    /// An end closes the innermost element of its name with all that was left open in it. Elements nested deeper than
    /// this are not counted.
    fn skip(&mut self, name: &str, tag: &Tag) {
        if tag.kind == EndTag {
            if let Some(at) = self.skipped.iter().rposition(|open| open == name) {
                self.skipped.truncate(at);
            }
        } else if !tag.self_closing && self.skipped.len() < 64 {
            self.skipped.push(name.to_owned());
        }
    }

    fn element(&mut self, name: &str, opens: bool) {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.paragraph();
                if opens {
                    let level = usize::from(name.as_bytes()[1] - b'0');
                    self.text.push_str(&"#".repeat(level));
                    self.text.push(' ');
                }
            }
            "pre" => {
                if opens {
                    self.paragraph();
                    self.preformatted += 1;
                } else {
                    self.line();
                    self.preformatted = self.preformatted.saturating_sub(1);
                }
                self.text.push_str("```\n");
            }
            "td" | "th" if opens => self.text.push_str(if self.text.ends_with('\n') { "| " } else { " | " }),
            _ if LINES.contains(&name) => {
                self.line();
                if opens && name == "li" {
                    self.text.push_str("- ");
                }
            }
            _ if BLOCKS.contains(&name) => self.paragraph(),
            _ => {}
        }
        if matches!(name, "main" | "article") {
            self.main_part(name, opens);
        }
    }

    /// `main` wins over `article`, and the first of either counts.
    fn main_part(&mut self, name: &str, opens: bool) {
        if opens && self.main_open == 0 && (self.main.is_empty() || (name == "main" && self.main_tag != "main")) {
            self.main = self.text.len()..self.text.len();
            name.clone_into(&mut self.main_tag);
            self.main_open = 1;
        } else if name == self.main_tag && self.main_open > 0 {
            self.main_open = if opens { self.main_open + 1 } else { self.main_open - 1 };
            if self.main_open == 0 {
                self.main.end = self.text.len();
            }
        }
    }

    fn characters(&mut self, characters: &str) {
        if self.in_title {
            self.title.push_str(characters);
            return;
        }
        if !self.skipped.is_empty() {
            return;
        }
        if self.preformatted > 0 {
            self.text.push_str(characters);
            return;
        }
        for part in characters.split_inclusive(|c: char| c.is_ascii_whitespace()) {
            let word = part.trim_end_matches(|c: char| c.is_ascii_whitespace());
            if !word.is_empty() {
                if self.space && !self.text.ends_with(['\n', ' ']) && !self.text.is_empty() {
                    self.text.push(' ');
                }
                self.text.push_str(word);
                self.space = false;
            }
            self.space |= word.len() < part.len();
        }
    }

    fn line(&mut self) {
        self.space = false;
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn paragraph(&mut self) {
        self.line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}
