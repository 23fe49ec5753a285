use std::{io, path::PathBuf};

/// Why the tools cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ToolboxError {
    /// The configuration is there and unreadable.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The configuration cannot be understood.
    #[error("{path} cannot be understood: {reason}")]
    Config {
        /// The file.
        path: PathBuf,
        /// The line and what is wrong with it.
        reason: String,
    },
    /// Asked for by name, but not there.
    #[error("there is no tool named `{name}`; there are: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Two of one name, or a spec that no call could fit.
    #[error(transparent)]
    Registry(#[from] toolwright_tool::RegistryError),
    /// The sandbox cannot be started.
    #[error(transparent)]
    Sandbox(#[from] toolwright_sandbox::SandboxError),
    /// An added tool is not in order.
    #[error(transparent)]
    Plugin(#[from] toolwright_plugins::PluginError),
    /// The index cannot be opened or made.
    #[error(transparent)]
    Search(#[from] toolwright_search::SearchError),
    /// The web search is configured wrongly.
    #[error(transparent)]
    Web(#[from] toolwright_search::WebError),
    /// `fetch` cannot be made.
    #[error(transparent)]
    Http(#[from] toolwright_http::HttpError),
    /// The memory cannot be opened.
    #[error(transparent)]
    Memory(#[from] toolwright_memory::MemoryError),
    /// The embedding model cannot be used.
    #[error(transparent)]
    Embedding(#[from] toolwright_embed::EmbedError),
}
