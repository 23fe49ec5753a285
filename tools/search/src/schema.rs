use serde::{Deserialize, Serialize};
use tantivy::{
    TantivyDocument, Term,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value as _,
    },
};

use crate::{analysis::ANALYZER, passages::Span};

/// What separates a source and the number of a passage in an id.
const SEPARATOR: char = '#';

/// What separates the headings above a passage.
pub(crate) const HEADING_SEPARATOR: &str = " › ";

/// The marker of the documents that stand for files.
const FILE: &str = "file";

/// A piece of a document, as the index holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// `SOURCE#ORDINAL`; the same passage is found by it as long as its document is not changed.
    pub id: String,
    /// Path of the file, or an `almanac://` name.
    pub source: String,
    /// Title of the document.
    pub title: String,
    /// The headings above the passage, or the definitions around it in code.
    pub heading: String,
    /// The passage.
    pub text: String,
    /// Where it begins in the document's text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Where it begins in the file, if the file holds it byte for byte: plain text, Markdown, code.
    pub in_file: Option<usize>,
}

impl Passage {
    /// What the passage is called: the last of the headings above it, or the title where there are none.
    pub(crate) fn name(&self) -> &str {
        match self.heading.rsplit(HEADING_SEPARATOR).next() {
            Some(heading) if !heading.is_empty() => heading,
            _ => &self.title,
        }
    }
}

/// What the index knows of a file besides its passages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Path of the file, or the name that the document was put in with.
    pub source: String,
    /// Title of the document.
    pub title: String,
    /// Size of the file.
    pub size: u64,
    /// When it was changed, in nanoseconds since 1970.
    pub modified: u64,
    /// blake3 of its bytes, in hexadecimal.
    pub hash: String,
    /// Passages that it was cut into.
    pub passages: u64,
    /// Version of the extraction that made them.
    pub(crate) version: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    /// Title, headings and text, as words.
    pub(crate) body: Field,
    /// Number of the passage's content, under which its vector is kept.
    pub(crate) key: Field,
    source: Field,
    ordinal: Field,
    kind: Field,
    title: Field,
    heading: Field,
    text: Field,
    start: Field,
    in_file: Field,
    state: Field,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let words = TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true);
        let body = schema.add_text_field("body", TextOptions::default().set_indexing_options(words));
        let key = schema.add_u64_field("key", FAST);
        let source = schema.add_text_field("source", STRING | STORED);
        let ordinal = schema.add_u64_field("ordinal", INDEXED | STORED);
        let kind = schema.add_text_field("kind", STRING);
        let title = schema.add_text_field("title", STORED);
        let heading = schema.add_text_field("heading", STORED);
        let text = schema.add_text_field("text", STORED);
        let start = schema.add_u64_field("start", STORED);
        let in_file = schema.add_u64_field("in_file", STORED);
        let state = schema.add_text_field("state", STORED);
        let schema = schema.build();
        Self { schema, body, key, source, ordinal, kind, title, heading, text, start, in_file, state }
    }

    /// The passage `ordinal` of a document; `in_file` is where the document's text begins in its file.
    pub(crate) fn passage(
        &self,
        place: (&str, usize),
        title: &str,
        text: &str,
        span: &Span,
        in_file: Option<usize>,
    ) -> TantivyDocument {
        let passage = &text[span.start..span.end];
        let mut document = TantivyDocument::new();
        document.add_text(self.body, format!("{title}\n{}\n{passage}", span.heading));
        document.add_u64(self.key, content_key(title, &span.heading, passage));
        document.add_text(self.source, place.0);
        document.add_u64(self.ordinal, place.1 as u64);
        document.add_text(self.title, title);
        document.add_text(self.heading, &span.heading);
        document.add_text(self.text, passage);
        document.add_u64(self.start, span.start as u64);
        if let Some(offset) = in_file {
            document.add_u64(self.in_file, (offset + span.start) as u64);
        }
        document
    }

    pub(crate) fn file(&self, state: &FileState) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.kind, FILE);
        document.add_text(self.source, &state.source);
        document.add_text(self.state, serde_json::to_string(state).unwrap_or_default());
        document
    }

    pub(crate) fn read_passage(&self, document: &TantivyDocument) -> Option<Passage> {
        let text = |field| document.get_first(field).and_then(|value| value.as_str()).map(str::to_owned);
        let number = |field| document.get_first(field).and_then(|value| value.as_u64()).map(|n| n as usize);
        let (source, passage, start) = (text(self.source)?, text(self.text)?, number(self.start)?);
        Some(Passage {
            id: passage_id(&source, number(self.ordinal)?),
            title: text(self.title)?,
            heading: text(self.heading)?,
            start,
            end: start + passage.len(),
            in_file: number(self.in_file),
            source,
            text: passage,
        })
    }

    pub(crate) fn read_file(&self, document: &TantivyDocument) -> Option<FileState> {
        serde_json::from_str(document.get_first(self.state)?.as_str()?).ok()
    }

    /// The term that all passages of a source and its file have.
    pub(crate) fn source_term(&self, source: &str) -> Term {
        Term::from_field_text(self.source, source)
    }

    pub(crate) fn ordinal_term(&self, ordinal: u64) -> Term {
        Term::from_field_u64(self.ordinal, ordinal)
    }

    /// The term of the documents that stand for files.
    pub(crate) fn file_term(&self) -> Term {
        Term::from_field_text(self.kind, FILE)
    }
}

pub(crate) fn passage_id(source: &str, ordinal: usize) -> String {
    format!("{source}{SEPARATOR}{ordinal}")
}

/// Source and number of a passage's id.
pub(crate) fn split_id(id: &str) -> Option<(&str, u64)> {
    let (source, ordinal) = id.rsplit_once(SEPARATOR)?;
    Some((source, ordinal.parse().ok()?))
}

/// The same content has the same key, in whatever file it stands.
pub(crate) fn content_key(title: &str, heading: &str, text: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in [title, heading, text] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut key = [0; 8];
    key.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(key)
}
