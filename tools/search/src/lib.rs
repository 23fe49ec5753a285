//! Local documents, the almanac, and web search.

mod analysis;
mod error;
mod extract;
mod passages;

pub use error::SearchError;
