//! Local documents, the almanac, and web search.

mod almanac;
mod analysis;
mod error;
mod extract;
mod index;
mod library;
mod meaning;
mod passages;
mod rank;
mod schema;
mod tool;
mod vectors;
mod web;

pub use error::SearchError;
pub use index::{AddReport, Index, Progress};
pub use library::{Found, Hit, Library, Verdict};
pub use schema::{FileState, Passage};
pub use tool::{SearchConfig, SearchTool, no_results, numbered};
pub use vectors::Embedder;
pub use web::{Provider, Web, WebConfig, WebError, WebResult, WebSearch};
