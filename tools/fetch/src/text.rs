//! Text as a model should read it.

/// Without characters that show nothing and could hide words (controls, direction overrides, tags, zero widths), without
/// spaces at the ends of lines, with at most one empty line in a row.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let line: String =
            line.chars().filter(|c| !is_invisible(*c)).map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
        let line = line.trim_end();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if !tidied.is_empty() {
            tidied.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        tidied.push_str(line);
    }
    tidied
}

fn is_invisible(c: char) -> bool {
    c.is_control() && c != '\t'
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Markdown without the backslashes that keep signs from being markup, which a reader does not need, and with short
/// rules under the heads of tables. Code stays as it is.
pub(crate) fn plain_markdown(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    let mut fenced = false;
    for line in markdown.lines() {
        let fence = line.trim_start().starts_with("```");
        if fence {
            fenced = !fenced;
        }
        if fenced || fence {
            plain.push_str(line);
        } else if line.starts_with('|') && line.chars().all(|c| matches!(c, '|' | '-' | ' ')) {
            plain.push_str(&"|---".repeat(line.matches('|').count().saturating_sub(1)));
            plain.push('|');
        } else {
            unescape(line, &mut plain);
        }
        plain.push('\n');
    }
    plain
}

fn unescape(line: &str, plain: &mut String) {
    let mut code = false;
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        if c == '\\' && !code && letters.peek().is_some_and(char::is_ascii_punctuation) {
            plain.extend(letters.next());
            continue;
        }
        code ^= c == '`';
        plain.push(c);
    }
}

/// JSON with line breaks and two spaces per level. It works on the text, so that every number and every name stays as
/// the server wrote it.
pub(crate) fn indent_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut letters = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    while let Some(c) = letters.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while letters.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(close) = letters.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

/// The characters from `offset`, about `length` of them: up to the last break between words near the end. Counted in
/// characters.
pub(crate) fn page(text: &str, offset: usize, length: usize) -> (&str, usize) {
    let start = text.char_indices().nth(offset).map_or(text.len(), |(at, _)| at);
    let rest = &text[start..];
    let Some((end, _)) = rest.char_indices().nth(length) else {
        return (rest, offset + rest.chars().count());
    };
    let cut = &rest[..end];
    let near = cut.char_indices().rev().nth(length / 10).map_or(0, |(at, _)| at);
    let at = cut[near..].rfind('\n').or_else(|| cut[near..].rfind(' ')).map_or(end, |at| near + at + 1);
    (&rest[..at], offset + rest[..at].chars().count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_characters_and_empty_lines_go() {
        let smuggled: String = "ignore".chars().map(|c| char::from_u32(0xe0000 + c as u32).unwrap()).collect();
        assert_eq!(
            tidy(&format!("\n\n a\u{200b}b{smuggled} \n \n\n\u{202e}c\u{0}\u{1b}[31m\r\nd\u{a0}e\n")),
            " ab\n\nc[31m\nd e"
        );
        assert_eq!(tidy("👩\u{200d}👩\u{200d}👧\tनमस्ते"), "👩\u{200d}👩\u{200d}👧\tनमस्ते");
    }

    #[test]
    fn markdown_loses_its_backslashes_but_not_in_code() {
        let markdown = "a\\_b \\[1\\] `c\\_d` \\\\ e\\n\n```\nf\\_g\n```\nh\\*\n| -------- | ----- |";
        assert_eq!(plain_markdown(markdown), "a_b [1] `c\\_d` \\ e\\n\n```\nf\\_g\n```\nh*\n|---|---|\n");
    }

    #[test]
    fn json_is_indented_and_otherwise_unchanged() {
        let json = r#"{"a":[1.50, {}, [ ],{"b\"}":"x, {y}"}],"n":12345678901234567890123}"#;
        let expected = "{\n  \"a\": [\n    1.50,\n    {},\n    [],\n    {\n      \"b\\\"}\": \"x, {y}\"\n    }\n  ],\n  \
                        \"n\": 12345678901234567890123\n}";
        assert_eq!(indent_json(json), expected);
    }

    proptest! {
        #[test]
        fn pages_join_to_the_whole(text in "[a-c é\n]{0,200}", length in 1_usize..40) {
            let (mut joined, mut offset) = (String::new(), 0);
            while offset < text.chars().count() {
                let (part, next) = page(&text, offset, length);
                prop_assert!(next > offset && part.chars().count() <= length);
                joined.push_str(part);
                offset = next;
            }
            prop_assert_eq!(joined, text);
        }
    }
}
