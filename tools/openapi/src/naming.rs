//! Names that calls can carry, and texts that a model is told.

use std::collections::HashSet;

/// What a tool's name may have, as in the registry of tools.
const MAX_TOOL_NAME: usize = 64;

/// A tool's name: the plugin's, and the operation's id or its method and path. Each is given once.
pub(crate) fn tool_name(
    plugin: &str,
    operation: Option<&str>,
    method: &str,
    path: &str,
    taken: &mut HashSet<String>,
) -> String {
    let named = operation.map(plain).filter(|name| !name.is_empty());
    let own = named.unwrap_or_else(|| plain(&format!("{} {path}", method.to_lowercase())));
    let full = if own.starts_with(&format!("{plugin}_")) { own } else { format!("{plugin}_{own}") };
    unused(&full, MAX_TOOL_NAME, taken)
}

/// The name, or with a number behind it the first that is not taken.
pub(crate) fn unused(name: &str, most: usize, taken: &mut HashSet<String>) -> String {
    let numbered = |number: usize| match number {
        1 => head(name, most).to_owned(),
        _ => {
            let suffix = format!("_{number}");
            format!("{}{suffix}", head(name, most - suffix.len()))
        }
    };
    let free = (1..).map(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// Letters, digits, `_` and `-`; all else becomes one `_`.
fn plain(text: &str) -> String {
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("_").trim_matches('_').to_owned()
}

/// One paragraph of at most so many characters, without what a person would not see.
pub(crate) fn words(text: &str, most: usize) -> String {
    let visible: String = text.chars().filter(|c| c.is_whitespace() || !is_hidden(*c)).collect();
    let words = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= most {
        return words;
    }
    format!("{}…", head(&words, most.saturating_sub(1)).trim_end())
}

/// Characters that show nothing, or turn the direction of others around: what they hide was not looked at by whoever
/// added the plugin.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The first characters of a text.
pub(crate) fn head(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_say_what_they_are_of() {
        let mut taken = HashSet::new();
        let mut name = |operation, path| tool_name("shop", operation, "GET", path, &mut taken);
        assert_eq!(name(Some("listBooks"), "/books"), "shop_listBooks");
        assert_eq!(name(Some("listBooks"), "/books"), "shop_listBooks_2");
        assert_eq!(name(Some("shop_buy"), "/buy"), "shop_buy");
        assert_eq!(name(Some("users/get by-id"), "/x"), "shop_users_get_by-id");
        assert_eq!(name(None, "/books/{id}/pages"), "shop_get_books_id_pages");
        assert_eq!(name(Some("图书"), "/"), "shop_get");
        let long = "x".repeat(80);
        assert_eq!(name(Some(&long), "/").len(), 64);
        assert!(name(Some(&long), "/").ends_with("x_2"));
        assert_eq!(words(" a\n\n b\u{202e}\u{0}c ", 20), "a bc");
        assert_eq!(words("one two three", 8), "one two…");
    }

    proptest! {
        #[test]
        fn a_name_is_one_that_a_call_can_carry(operation: Option<String>, path: String, method in "[A-Z]{3,6}") {
            let mut taken = HashSet::new();
            for _ in 0..12 {
                let plugin = "a-plugin_of_thirty-two_character";
                let name = tool_name(plugin, operation.as_deref(), &method, &path, &mut taken);
                let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                prop_assert!(name.len() <= 64 && plain, "{name}");
            }
            prop_assert_eq!(taken.len(), 12);
        }
    }
}
