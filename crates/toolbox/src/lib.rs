//! Every tool of this program, put together by configuration: those that come with it, and those that were added.
//!
//! A [`Toolbox`] knows their names at once and makes the tools themselves only when they are asked for, so that a
//! question to the calculator opens no index and starts no sandbox.

mod added;
mod builtin;
mod config;
mod embedding;
mod error;

use std::{path::PathBuf, sync::Arc};

pub use added::Added;
pub use config::{CONFIG, Config, EmbeddingConfig};
pub use error::ToolboxError;
pub use toolwright_code::{Progress, Silent};
pub use toolwright_openapi::{NoSecrets, SecretSource, Secrets};
use toolwright_plugins::ToolStore;
use toolwright_sandbox::{Sandbox, SandboxConfig};
use toolwright_search::{Index, Library, SearchTool};
use toolwright_tool::{Tool, ToolRegistry};

/// Whose folder the tools work in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workspace {
    /// The run's own: changing it is no effect.
    OfTheRun,
    /// One that the user named: changing it is.
    OfTheUser,
}

/// Where things lie, and who is told of long work.
#[derive(Clone)]
pub struct Settings {
    /// The data directory: configuration, index, memory, added tools.
    pub data_dir: PathBuf,
    /// What can be made again: compiled guests, answers of the web. Several data directories can share it.
    pub cache_dir: PathBuf,
    /// Whose folder the tools work in.
    pub workspace: Workspace,
    /// Told when an interpreter is compiled, which happens once.
    pub progress: Arc<dyn Progress>,
}

/// The tools that can be had.
pub struct Toolbox {
    settings: Settings,
    config: Config,
    added: Added,
}

impl Toolbox {
    /// Reads the configuration and looks which tools were added. Plugins that need credentials have none.
    ///
    /// # Errors
    /// When the configuration cannot be understood.
    pub fn open(settings: Settings) -> Result<Self, ToolboxError> {
        Self::open_with(settings, Arc::new(NoSecrets))
    }

    /// The same, with credentials for plugins, which `secrets` reads when they are called.
    ///
    /// # Errors
    /// When the configuration cannot be understood.
    pub fn open_with(settings: Settings, secrets: Arc<dyn Secrets>) -> Result<Self, ToolboxError> {
        let config = Config::read(&settings.data_dir)?;
        let added = Added::look(&ToolStore::new(settings.data_dir.join("tools")), &secrets);
        Ok(Self { settings, config, added })
    }

    /// All names, in the order in which a model is told of the tools.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let builtin = builtin::GROUPS.iter().flat_map(|group| group.names).map(|name| (*name).to_owned());
        builtin.chain(self.added.names()).collect()
    }

    /// The names of those that a model is offered where nobody chose: few, since each costs a few hundred tokens in
    /// every prompt, and none that reaches out unless that was configured.
    #[must_use]
    pub fn common(&self) -> Vec<String> {
        let mut names: Vec<String> = ["calculator", "search", "run_python", "datetime"].map(str::to_owned).into();
        if self.settings.workspace == Workspace::OfTheUser {
            names.extend(["list_files", "read_file", "write_file", "patch_file"].map(str::to_owned));
        }
        names.extend(self.added.names());
        names
    }

    /// The tools of these names, in the order given.
    ///
    /// # Errors
    /// On a name that there is not, and where a tool cannot be made.
    pub fn named<S: AsRef<str>>(&self, names: &[S]) -> Result<ToolRegistry, ToolboxError> {
        let known = self.names();
        if let Some(name) = names.iter().map(AsRef::as_ref).find(|name| !known.iter().any(|known| known == name)) {
            return Err(ToolboxError::Unknown { name: name.to_owned(), known: known.join(", ") });
        }
        let wanted = |name: &str| names.iter().any(|wanted| wanted.as_ref() == name);
        let mut made: Vec<Arc<dyn Tool>> = Vec::new();
        let mut sandbox = None;
        for group in builtin::GROUPS.iter().filter(|group| group.names.iter().any(|name| wanted(name))) {
            made.extend((group.make)(self, &mut sandbox)?);
        }
        made.extend(self.added.make(self, &mut sandbox, &wanted)?);
        let mut registry = ToolRegistry::new();
        for tool in made {
            registry.register(tool)?;
        }
        Ok(registry.select(names)?)
    }

    /// What is wrong with added tools, which are left out: one line each.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        self.added.problems()
    }

    /// Where the index of the user's documents lies.
    #[must_use]
    pub fn index_folder(&self) -> PathBuf {
        self.settings.data_dir.join("index")
    }

    /// What is searched: this index, the almanac, and vectors if an embedding model is configured.
    ///
    /// # Errors
    /// When the embedding model cannot be used.
    pub fn library(&self, index: Index) -> Result<Library, ToolboxError> {
        Ok(Library::new(Some(index), self.config.search.almanac, embedding::open(&self.config.embedding)?))
    }

    /// The tool `search`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn search(&self) -> Result<SearchTool, ToolboxError> {
        let embedder = embedding::open(&self.config.embedding)?;
        let web = self.settings.cache_dir.join("web");
        Ok(SearchTool::new(&self.config.search, &self.index_folder(), &web, embedder)?)
    }

    /// A sandbox with its cache in the data directory.
    ///
    /// # Errors
    /// When its cache is not private, or the machine is not supported.
    pub fn sandbox(&self) -> Result<Sandbox, ToolboxError> {
        let max_concurrent = std::thread::available_parallelism().map_or(2, usize::from).saturating_mul(2);
        let cache = self.settings.cache_dir.join("compiled");
        Ok(Sandbox::new(SandboxConfig { cache, max_concurrent })?)
    }

    /// Whether the tools work in a folder of the user's.
    fn works_for_the_user(&self) -> bool {
        self.settings.workspace == Workspace::OfTheUser
    }
}
