use crate::marker_search::{Found, find};

/// What ends decoding besides a budget.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StopConditions {
    /// Tokens that end it.
    pub tokens: Vec<u32>,
    /// Texts that end it, wherever they begin or end within tokens. They are not part of the output.
    pub strings: Vec<String>,
}

impl StopConditions {
    /// Watches a new stretch of output.
    #[must_use]
    pub fn watch(&self) -> StopWatch {
        let strings = self.strings.iter().filter(|text| !text.is_empty()).cloned().collect();
        StopWatch { tokens: self.tokens.clone(), strings, held: String::new() }
    }
}

/// What a [`StopWatch`] makes of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Go on; this much text is certain not to belong to a stop string.
    Continue(String),
    /// Stop; this text still belongs to the output.
    Here(String),
}

/// Watches output for [`StopConditions`]. Text that may turn out to be the beginning of a stop string is held back.
#[derive(Debug, Clone)]
pub struct StopWatch {
    tokens: Vec<u32>,
    strings: Vec<String>,
    held: String,
}

impl StopWatch {
    /// Takes a token and the text that it completed ([`DecodeStream::push`](crate::DecodeStream::push)).
    pub fn push(&mut self, token: u32, text: &str) -> Stop {
        if self.tokens.contains(&token) {
            return Stop::Here(std::mem::take(&mut self.held));
        }
        self.held.push_str(text);
        let markers: Vec<&str> = self.strings.iter().map(String::as_str).collect();
        match find(&self.held, &markers) {
            Found::At { start, .. } => {
                self.held.truncate(start);
                Stop::Here(std::mem::take(&mut self.held))
            }
            Found::NotYet { held_from } => {
                let held = self.held.split_off(held_from);
                Stop::Continue(std::mem::replace(&mut self.held, held))
            }
        }
    }

    /// The output ended for another reason; gives out what was held back.
    #[must_use]
    pub fn finish(self) -> String {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stops_at_tokens_and_across_them() {
        let conditions = StopConditions { tokens: vec![9], strings: vec!["END".to_owned(), String::new()] };
        let mut watch = conditions.watch();
        assert_eq!(watch.push(1, "a E"), Stop::Continue("a ".to_owned()));
        assert_eq!(watch.push(1, "N"), Stop::Continue(String::new()));
        assert_eq!(watch.clone().push(9, ""), Stop::Here("EN".to_owned()));
        assert_eq!(watch.clone().finish(), "EN");
        assert_eq!(watch.push(1, "D b"), Stop::Here(String::new()));
    }

    proptest! {
        /// However the text is cut, the output is what stands before the first stop string.
        #[test]
        fn chunking_does_not_matter(text in "[abc]{0,24}", cuts in proptest::collection::vec(1usize..4, 0..12)) {
            let conditions = StopConditions { tokens: vec![], strings: vec!["abca".to_owned(), "cc".to_owned()] };
            let expected = ["abca", "cc"].iter().filter_map(|s| text.find(s)).min();
            let (mut watch, mut rest, mut out, mut stopped) = (conditions.watch(), text.as_str(), String::new(), false);
            let mut cuts = cuts.into_iter().chain(std::iter::repeat(1));
            while !rest.is_empty() && !stopped {
                let (piece, tail) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
                rest = tail;
                match watch.push(0, piece) {
                    Stop::Continue(text) => out += &text,
                    Stop::Here(text) => { out += &text; stopped = true; }
                }
            }
            if !stopped {
                out += &watch.finish();
            }
            // A string that ends first wins even if another began earlier, so only the certain cases are compared.
            prop_assert_eq!(stopped, expected.is_some());
            prop_assert!(text.starts_with(&out));
            match expected {
                Some(at) => prop_assert!(out.len() >= at && ["abca", "cc"].iter().any(|s| text[out.len()..].starts_with(s))),
                None => prop_assert_eq!(out, text),
            }
        }
    }
}
