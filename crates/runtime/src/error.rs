use std::{io, path::PathBuf};

use toolwright_agent::UnexpectedInput;
use toolwright_engine::{ConstraintError, SamplerError, SessionError, TemplateError, TokenizerError};
use toolwright_journal::JournalError;
use toolwright_model::ModelError;

use crate::DispatchError;

/// Why a model cannot be used. Says which file and what in it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the model {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Weights or configuration.
    #[error("cannot use the model {name}: {source}")]
    Model {
        /// Its path, or what it is called.
        name: String,
        /// What is wrong with it.
        source: Box<ModelError>,
    },
    /// Vocabulary.
    #[error("cannot use the tokenizer of {name}: {source}")]
    Tokenizer {
        /// The model's path, or what it is called.
        name: String,
        /// What is wrong with it.
        source: Box<TokenizerError>,
    },
    /// Chat template.
    #[error("cannot use the chat template of {name}: {source}")]
    Template {
        /// The model's path, or what it is called.
        name: String,
        /// What is wrong with it.
        source: Box<TemplateError>,
    },
    /// The vocabulary and the grammar engine.
    #[error("calls of {name} cannot be constrained: {source}")]
    Constraint {
        /// The model's path, or what it is called.
        name: String,
        /// Why not.
        source: Box<ConstraintError>,
    },
}

/// Why a run could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It is not the model's turn, or nobody asked anything.
    #[error("the conversation must hold a question, and end with it or with what a tool returned")]
    Conversation,
    /// The context, the model or the sampler.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The conversation does not render.
    #[error("the chat template failed: {0}")]
    Template(#[from] TemplateError),
    /// A tool's schema has no grammar.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// A tool is broken, or its output could not be kept.
    #[error(transparent)]
    Dispatch(#[from] DispatchError),
    /// Sampling settings out of range.
    #[error(transparent)]
    Sampling(SamplerError),
    /// Driver and episode disagree.
    #[error(transparent)]
    Unexpected(#[from] UnexpectedInput),
    /// The episode asked for a call's rollback or dispatch where there is none.
    #[error("there is no call to dispatch or to take back; this is a bug in the runtime")]
    NoCall,
    /// Tools need an async runtime.
    #[error("a run must be started from within a tokio runtime")]
    NoRuntime,
    /// The operating system gives no thread.
    #[error("cannot start a thread for the run: {0}")]
    Thread(io::Error),
    /// The run's thread ended without a word.
    #[error("the run's thread died; its journal holds what was done (this is a bug, please report it)")]
    Died,
}
