//! From text to tokens and back, around a live model.
//!
//! This crate knows text: how a vocabulary cuts it ([`Tokenizer`]), how a conversation is laid out ([`ChatTemplate`]), how
//! a model writes thoughts and calls ([`Dialect`], [`Scanner`]), what a call may look like ([`Constraint`]), how the next
//! token is drawn ([`Sampler`]), and what stands in the context right now ([`Session`]).
//!
//! It never sees a tool, only the [`ToolSpec`](toolwright_protocol::ToolSpec) that says what a call has to look like; it
//! runs nothing and writes no journal. It never looks into a model, only at token ids and logits ([`LanguageModel`]).
//!
//! What it guarantees:
//!
//! - **No forged control token.** Text whose provenance is not [`Template`](toolwright_protocol::Provenance::Template)
//!   yields no control token, whatever it says and wherever it stands ([`encode_segments`]). Descriptions of tools, earlier
//!   turns of the model and the system text are such text as well.
//! - **A rollback leaves no trace.** [`Session::rollback`] and then going on gives the tokens and logits that going on
//!   alone would have given.
//! - **Nothing is cut silently.** A context that is full is an error before anything changes.

mod constraint;
mod dialect;
mod encode;
mod language_model;
mod marker_search;
mod sampler;
mod session;
mod stop;
mod template;
mod tokenizer;

#[cfg(test)]
mod test_support;

pub use constraint::{CallMatcher, Constraint, ConstraintError, ConstraintFactory, MAX_BLANKS, TokenMask};
pub use dialect::{
    CallSyntaxError, Dialect, Marker, ParsedCall, ParsedTurn, ScanEvent, Scanner, parse_call, parse_turn, render_call,
};
pub use encode::{Encoded, encode_segments};
pub use language_model::{Cache, LanguageModel};
pub use sampler::{Sampler, SamplerConfig, SamplerError, SamplerState};
pub use session::{Checkpoint, Prompted, Session, SessionError};
pub use stop::{Stop, StopConditions, StopWatch};
pub use template::{ChatTemplate, RenderRequest, Segment, SpliceGlue, TemplateError};
pub use tokenizer::{DecodeStream, TokenType, Tokenizer, TokenizerError, Vocabulary, special};
