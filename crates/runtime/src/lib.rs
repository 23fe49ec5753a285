//! Where engine, agent, tools and journal meet.

mod dispatcher;
mod fingerprint;
mod notice;
pub use dispatcher::{Approver, DenyAll, DispatchError, Dispatcher};
pub use notice::Notice;
