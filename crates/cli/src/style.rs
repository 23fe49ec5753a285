//! Colours. `anstream` drops them where the output is not a terminal or NO_COLOR is set.

use anstyle::{AnsiColor, Style};

/// What can be overlooked.
pub const DIM: Style = Style::new().dimmed();
/// A call.
pub const CALL: Style = AnsiColor::Cyan.on_default();
/// A result.
pub const RESULT: Style = AnsiColor::Green.on_default();
/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default();
/// A heading.
pub const BOLD: Style = Style::new().bold();

/// The text in that style.
pub fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The text with control characters made visible, so that nothing a model or a tool says can drive the terminal.
/// Line breaks and tabs stay.
pub fn harmless(text: &str) -> String {
    let hidden = |c: char| (c.is_control() && c != '\n' && c != '\t') || is_bidi(c);
    if !text.chars().any(hidden) {
        return text.to_owned();
    }
    text.chars().map(|c| if hidden(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

/// The controls that reorder text on screen (Unicode UAX #9, explicit directional formatting).
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_cannot_reach_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\r\u{202E}c\n\td"), "a\\u{1b}[2Jb\\u{d}\\u{202e}c\n\td");
        assert_eq!(harmless("2 × π ≈ 6.28"), "2 × π ≈ 6.28");
    }
}
