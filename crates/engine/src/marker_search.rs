//! Finding literal markers in text that comes in pieces.

/// Where the markers stand in the text at hand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The marker of this index begins here; it is complete.
    At { marker: usize, start: usize },
    /// None is complete, but what begins here could become one. Equal to the text's length if nothing could.
    NotYet { held_from: usize },
}

/// Finds the marker that is complete first from the left (of several at one place the longest).
pub(crate) fn find(text: &str, markers: &[&str]) -> Found {
    let first = markers
        .iter()
        .enumerate()
        .filter(|(_, marker)| !marker.is_empty())
        .filter_map(|(index, marker)| text.find(marker).map(|start| (start, usize::MAX - marker.len(), index)))
        .min();
    if let Some((start, _, marker)) = first {
        return Found::At { marker, start };
    }
    let could_begin = |from: usize| markers.iter().any(|marker| marker.starts_with(&text[from..]));
    let held_from = text.char_indices().map(|(at, _)| at).find(|&at| could_begin(at)).unwrap_or(text.len());
    Found::NotYet { held_from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_partial_and_absent() {
        let markers = ["<a>", "</a>", "<a>b"];
        assert_eq!(find("x<a>y", &markers), Found::At { marker: 0, start: 1 });
        assert_eq!(find("x<a>b", &markers), Found::At { marker: 2, start: 1 });
        assert_eq!(find("é</", &markers), Found::NotYet { held_from: 2 });
        assert_eq!(find("a < b", &markers), Found::NotYet { held_from: 5 });
        assert_eq!(find("<<", &markers), Found::NotYet { held_from: 1 });
        assert_eq!(find("", &markers), Found::NotYet { held_from: 0 });
    }
}
