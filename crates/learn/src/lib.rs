//! The curriculum: conversations as the runtime would have them, for training a model that uses tools.
//!
//! An [`Episode`] is a conversation with what the model says in it. Its text is written by the same chat template, its
//! calls in the same dialect, its results by the same tools as in a run, so that a training text is exactly what
//! inference sees. [`draw`](Draw) is the only source of chance: an episode depends on its seed and nothing else, so any
//! part of a curriculum can be made again.

mod cast;
mod condition;
pub mod curriculum;
mod draw;
mod episode;
mod mixture;
pub mod number;
pub mod paraphrase;
mod phrasing;
mod problem;
mod real;
mod render;
pub mod shards;
pub mod sources;

pub use cast::{Cast, Names};
pub use condition::{Condition, ConditionError};
pub use draw::Draw;
pub use episode::{Call, Episode, Gold, ModelTurn, Part, Turn};
pub use mixture::Mixture;
pub use phrasing::{Entry, PhrasingError, Problem, is_held_out, read_folder};
pub use problem::Solved;
pub use real::RealTools;
pub use render::{RenderError, Sample, Writer};
