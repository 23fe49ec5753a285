//! The wasmtime host: what untrusted code may do, and for how long.
//!
//! A [`Sandbox`] compiles guests once and keeps them in a private cache. A [`Program`] is a command (a core module with
//! WASI preview 1, such as an interpreter); a [`ToolComponent`] is a tool that someone else wrote, as a component of
//! the world in `sandbox/wit`. Both run under [`Limits`], see nothing but what they are given, and end: whatever the
//! guest does, a run is over at the first limit that it meets, and the next run starts from a clean instance.

mod cache;
mod clock;
mod component;
mod component_fs;
mod error;
mod ledger;
mod meter;
mod output;
mod policy;
mod program;
mod sandbox;
mod supervise;
mod ticker;
mod wasi;

pub use component::{ComponentOutcome, Fetch, FetchError, Grants, ToolComponent};
pub use error::SandboxError;
pub use policy::{
    Clock, Exit, Invocation, LimitKind, Limits, Mount, Outcome, Policy, Progress, Randomness, SandboxUsage, Silent,
};
pub use program::Program;
pub use sandbox::{Sandbox, SandboxConfig};
