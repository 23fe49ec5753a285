//! Where engine, agent, tools and journal meet: the only crate that joins them.
//!
//! [`Runtime::start`] takes a [`RunRequest`], does what an [`toolwright_agent::Episode`] says on a thread of its own, and
//! tells a watcher of it in [`Notice`]s. Prompt, calls, results and splices are committed to the journal before they
//! take effect. This crate prints nothing and reads no environment.

mod describe;
mod dispatcher;
mod driver;
mod error;
mod fingerprint;
mod gate;
mod model;
mod notice;
mod run;
mod stretch;
mod voice;

pub use describe::{ModelInfo, describe};
pub use dispatcher::{DispatchError, Dispatcher, Folders};
pub use error::{LoadError, RunError};
pub use gate::{Approval, Approver, DenyAll, Question, Scope};
pub use model::{LoadedModel, ModelParts, ModelSource};
pub use notice::Notice;
pub use run::{Outcome, RunHandle, RunRequest, Runtime};
pub use toolwright_engine::SamplerConfig;
pub use voice::Voice;
