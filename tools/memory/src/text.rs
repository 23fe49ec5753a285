//! Texts as they are kept, compared and searched.

/// A text as it is kept: one line without what shows nothing. A fact is shown to a person by `toolwright memory list`
/// and to a model by `recall`; both must see the same.
pub(crate) fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter_map(|c| match c {
            _ if c.is_whitespace() => Some(' '),
            _ if is_hidden(c) => None,
            _ => Some(c),
        })
        .collect();
    visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Control characters, and those that turn, hide or smuggle text. Joiners and the selectors of emoji are part of what
/// is seen.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What two texts have in common that say the same: letters and digits in lower case. A text without any is its own.
pub(crate) fn key(text: &str) -> String {
    let words: Vec<String> = words(text).collect();
    if words.is_empty() { text.to_owned() } else { words.join(" ") }
}

/// The words of a text in lower case.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// At most so many characters of a text.
pub(crate) fn head(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_text_is_one_line_of_what_can_be_seen() {
        for (text, kept) in [
            ("  Ada\n was\tborn \r\n in 1815 ", "Ada was born in 1815"),
            ("a\0b\u{1b}[31mc\u{7}", "ab[31mc"),
            ("ab\u{202e}cd\u{200b}e\u{feff}\u{e0041}\u{e0100}f", "abcdef"),
            ("👩\u{200d}🚀 ❤\u{fe0f} नि", "👩\u{200d}🚀 ❤\u{fe0f} नि"),
            ("\u{a0}\u{2028}x\u{3000}y", "x y"),
            ("\0\u{200b} \n", ""),
        ] {
            assert_eq!(clean(text), kept, "{text:?}");
        }
    }

    #[test]
    fn case_and_punctuation_do_not_make_another_fact() {
        assert_eq!(key("Ada's birthday is on 10 December."), key("ada's  birthday is on 10 december"));
        assert_ne!(key("Ada is 10"), key("Ada is 11"));
        assert_ne!(key("!!!"), key("???"));
    }
}
