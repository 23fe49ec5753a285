//! Cuts HTML into tags and text, in one pass and whatever it holds.

/// Attributes of one tag that are read; what follows them is skipped.
const MAX_ATTRIBUTES: usize = 32;
/// Elements whose content is no markup.
const RAW: [&str; 8] = ["script", "style", "iframe", "noembed", "noframes", "xmp", "title", "textarea"];
/// Those of them whose content is text for people.
pub(crate) const READABLE: [&str; 3] = ["title", "textarea", "xmp"];

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text as it stands in the source, with its character references.
    Text(&'a str),
    Open(Tag<'a>),
    /// The name of a closing tag in lower case.
    Close(String),
}

/// An opening tag; names are in lower case, values as they stand in the source.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    pub name: String,
    pub attributes: Vec<(String, &'a str)>,
}

impl<'a> Tag<'a> {
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// The pieces of a document in order. Comments, declarations and scripts are left out.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
    /// The element whose raw content comes next.
    raw: Option<String>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self { rest: html, raw: None }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Moves behind the next `end`, or to the end of the document.
    fn skip_past(&mut self, end: &str) {
        let length = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(length);
    }

    /// The content of a raw element, up to its closing tag.
    fn raw_content(&mut self, name: &str) -> &'a str {
        let ends_here = |at: usize| {
            let after = &self.rest.as_bytes()[at + 2..];
            after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
                && after.get(name.len()).is_none_or(|byte| !byte.is_ascii_alphanumeric())
        };
        let end = self.rest.match_indices("</").map(|(at, _)| at).find(|at| ends_here(*at));
        self.take(end.unwrap_or(self.rest.len()))
    }

    /// A name: up to white space, `/`, `>` or `stop`.
    fn name(&mut self, stop: Option<u8>) -> String {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>') || Some(*byte) == stop;
        let length = self.rest.bytes().position(|byte| ends(&byte)).unwrap_or(self.rest.len());
        self.take(length).to_ascii_lowercase()
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    }

    /// The attributes and the `>` of a tag; nothing if the document ends before.
    fn attributes(&mut self) -> Option<Vec<(String, &'a str)>> {
        let mut attributes = Vec::new();
        loop {
            self.skip_spaces();
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with('>') {
                self.take(1);
                return Some(attributes);
            }
            // A name may begin with `=`, which then is no separator.
            let first = if self.rest.starts_with('=') { self.take(1) } else { "" };
            let name = format!("{first}{}", self.name(Some(b'=')));
            self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            let value = if self.rest.starts_with('=') { self.value()? } else { "" };
            if attributes.len() < MAX_ATTRIBUTES {
                attributes.push((name, value));
            }
        }
    }

    fn value(&mut self) -> Option<&'a str> {
        self.take(1);
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        match quote {
            Some(quote) => {
                self.take(1);
                let length = self.rest.find(quote)?;
                let value = self.take(length);
                self.take(1);
                Some(value)
            }
            None => {
                let end = self.rest.find(|c: char| c.is_ascii_whitespace() || c == '>')?;
                Some(self.take(end))
            }
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if let Some(name) = self.raw.take() {
                let content = self.raw_content(&name);
                if !content.is_empty() && READABLE.contains(&name.as_str()) {
                    return Some(Token::Text(content));
                }
            }
            let mut ahead = self.rest.chars();
            if ahead.next()? != '<' {
                let length = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Token::Text(self.take(length)));
            }
            match ahead.next() {
                Some('!') if self.rest.starts_with("<!--") => {
                    // `<!-->` is a whole comment.
                    self.take(2);
                    self.skip_past("-->");
                }
                Some('!' | '?') => self.skip_past(">"),
                Some('/') if ahead.next().is_some_and(|c| c.is_ascii_alphabetic()) => {
                    self.take(2);
                    let name = self.name(None);
                    self.skip_past(">");
                    return Some(Token::Close(name));
                }
                Some('/') => self.skip_past(">"),
                Some(c) if c.is_ascii_alphabetic() => {
                    self.take(1);
                    let name = self.name(None);
                    let attributes = self.attributes()?;
                    self.raw = RAW.contains(&name.as_str()).then(|| name.clone());
                    return Some(Token::Open(Tag { name, attributes }));
                }
                _ => return Some(Token::Text(self.take(1))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn summary(html: &str) -> Vec<String> {
        let show = |token| match token {
            Token::Text(text) => text.to_owned(),
            Token::Open(tag) => {
                let attributes: String =
                    tag.attributes.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                format!("<{}{attributes}>", tag.name)
            }
            Token::Close(name) => format!("</{name}>"),
        };
        Tokens::new(html).map(show).collect()
    }

    #[test]
    fn markup_of_every_sort_is_cut_where_a_browser_cuts_it() {
        for (html, expected) in [
            ("a<B>c</B\n>d", vec!["a", "<b>", "c", "</b>", "d"]),
            ("<a href=x class='y z' id=\"1>2\" hidden/>t", vec!["<a href=x class=y z id=1>2 hidden=>", "t"]),
            ("<a href = x/y>", vec!["<a href=x/y>"]),
            ("1 < 2 <3 & 4</ x>5", vec!["1 ", "<", " 2 ", "<", "3 & 4", "5"]),
            ("<!DOCTYPE html><!-- <b> -->a<!--x>b", vec!["a"]),
            ("<!-->a<?php echo?>b", vec!["a", "b"]),
            ("<script>if (a</b/) '<p>'</scripture></SCRIPT >x", vec!["<script>", "</script>", "x"]),
            ("<title>a <b></title>", vec!["<title>", "a <b>", "</title>"]),
            ("<style>p{}", vec!["<style>"]),
            ("a<p class=\"open", vec!["a"]),
            ("a<", vec!["a", "<"]),
            ("<p é=ü>ß", vec!["<p é=ü>", "ß"]),
            ("<p =x y>", vec!["<p =x= y=>"]),
        ] {
            assert_eq!(summary(html), expected, "{html}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(html in "([<>/!?= \"'a-c-]|script|<!--|é){0,60}") {
            let total: usize = Tokens::new(&html).map(|token| match token {
                Token::Text(text) => text.len(),
                _ => 1,
            }).sum();
            prop_assert!(total <= html.len());
        }
    }
}
