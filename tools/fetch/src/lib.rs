//! The tool `fetch`: a web page as clean text.
//!
//! A page is fetched by `toolwright-http` under its policy, decoded by its real encoding, and read in three steps, each
//! linear in its size:
//!
//! 1. The HTML is rewritten: balanced, of bounded depth and size, without scripts, hidden text and what else is not for
//!    readers. So no parser behind it can be driven into the depths or into quadratic work.
//! 2. The article is searched as Firefox's reader view does it; a page without one is taken whole.
//! 3. It is written as Markdown, without characters that show nothing, and cut into parts that a model can page through.

mod article;
mod charset;
mod clean;
mod page;
mod scan;
mod text;
mod tool;

pub use tool::{Fetch, FetchConfig};
