//! Local documents, the almanac, and web search.

mod almanac;
mod analysis;
mod error;
mod extract;
mod index;
mod library;
mod passages;
mod rank;
mod schema;
mod vectors;

pub use error::SearchError;
pub use index::{AddReport, Index, Progress};
pub use library::{Found, Hit, Library, Verdict};
pub use schema::{FileState, Passage};
pub use vectors::Embedder;
