//! A small reference work that is always there: `almanac/*.md`, a passage for each heading.

use tantivy::{
    Index, IndexReader, ReloadPolicy, Searcher, directory::RamDirectory, indexer::SingleSegmentIndexWriter,
    tokenizer::TokenizerManager,
};

use crate::{
    analysis::{self, ANALYZER},
    error::SearchError,
    passages::Span,
    schema::Fields,
};

/// How the sources of the almanac begin.
pub(crate) const SCHEME: &str = "almanac://";

/// Memory that the index is built in; the engine wants no less.
const HEAP: usize = 15 << 20;

macro_rules! volumes {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../almanac/", $name, ".md")))),*]
    };
}

/// Name and text of each file.
const VOLUMES: &[(&str, &str)] = volumes![
    "animals",
    "computing",
    "countries-africa",
    "countries-americas",
    "countries-asia",
    "countries-europe",
    "countries-oceania",
    "dates",
    "elements",
    "geography",
    "people",
    "planets",
    "science",
    "units",
];

/// The almanac's index, in memory.
pub(crate) struct Almanac {
    reader: IndexReader,
}

impl Almanac {
    /// Builds the index; it takes some tens of milliseconds.
    pub(crate) fn new(fields: &Fields) -> Result<Self, SearchError> {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(ANALYZER, analysis::analyzer());
        let builder = Index::builder().schema(fields.schema.clone()).tokenizers(tokenizers);
        let mut writer: SingleSegmentIndexWriter = builder.single_segment_index_writer(RamDirectory::create(), HEAP)?;
        for (name, text) in VOLUMES {
            let source = format!("{SCHEME}{name}");
            let (title, spans) = entries(text);
            for (ordinal, span) in spans.iter().enumerate() {
                writer.add_document(fields.passage((&source, ordinal), title, text, span, None))?;
            }
        }
        let index = writer.finalize()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { reader })
    }

    pub(crate) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }
}

/// The text of a volume, if there is one of that source.
pub(crate) fn volume(source: &str) -> Option<&'static str> {
    let name = source.strip_prefix(SCHEME)?;
    VOLUMES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Title and entries of a volume: what stands below each `## Heading`.
fn entries(text: &str) -> (&str, Vec<Span>) {
    let mut title = "";
    let mut spans: Vec<Span> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if let Some(heading) = line.strip_prefix("# ") {
            title = heading.trim();
        } else if let Some(heading) = line.strip_prefix("## ") {
            spans.push(Span { start: end, end, heading: heading.trim().to_owned() });
        } else if let Some(span) = spans.last_mut().filter(|_| !line.trim().is_empty()) {
            if span.start == span.end {
                span.start = at;
            }
            span.end = at + line.trim_end().len();
        }
        at = end;
    }
    spans.retain(|span| span.start < span.end);
    (title, spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_a_heading_and_a_text_of_its_own() {
        for (name, text) in VOLUMES {
            let (title, spans) = entries(text);
            assert!(!title.is_empty() && spans.len() >= 5, "{name}");
            for span in &spans {
                let entry = &text[span.start..span.end];
                assert_eq!(entry.trim(), entry, "{name}: {}", span.heading);
                assert!(entry.len() > 20 && !entry.contains("\n## "), "{name}: {}", span.heading);
            }
            assert_eq!(volume(&format!("{SCHEME}{name}")), Some(*text));
        }
    }

    #[test]
    fn no_volume_is_forgotten() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("almanac");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_volume = path.extension().is_some_and(|ending| ending == "md") && name != "README";
            assert!(!is_volume || VOLUMES.iter().any(|(known, _)| *known == name), "{name} is not in VOLUMES");
        }
    }
}
