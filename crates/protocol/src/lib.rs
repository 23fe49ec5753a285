//! Plain data that every part of Toolwright speaks. No I/O, no behaviour beyond small constructors, so that
//! anything may depend on it and it depends on nothing but serde.

mod budget;
mod event;
mod message;
mod provenance;
mod tool;

pub use budget::{Budget, Spent, Usage};
pub use event::{DiscardReason, Event, GenerationEnd, RunConfig, RunStatus, Stamped};
pub use message::{Message, Role};
pub use provenance::Provenance;
pub use tool::{CallId, Effect, Observation, ObservationStatus, ToolCall, ToolSpec};
