//! The loop around the model as a state machine without I/O.
//!
//! An [`Episode`] is one question from the prompt to the answer. It never awaits, never sees a token and never calls a
//! tool: it is told what happened ([`Input`]) and says what to do next ([`Step`]). So it can be tested by feeding it
//! events, serialised at every step, and taken up again after a crash. The runtime does what it says.

mod episode;

pub use episode::{Charge, Episode, EpisodeLimits, Input, Place, RejectedCall, Remedy, Step, UnexpectedInput};
