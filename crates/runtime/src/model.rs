//! A model with everything that is needed to talk to it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use toolwright_engine::{Constraint, ConstraintError, ConstraintFactory, LanguageModel, Tokenizer};
use toolwright_model::{Decoder, GgufFile, ModelConfig};
use toolwright_protocol::ToolSpec;

use crate::{LoadError, Voice, fingerprint};

/// The system text of models that follow instructions.
const SYSTEM: &str = include_str!("../../../prompts/system.md");

/// The metadata key by which a model file asks for no default system text (`bare`): the embedded seed has never seen one.
const PROFILE_KEY: &str = "toolwright.profile";

/// The metadata key of the tools that a model was trained to use, comma-separated. A small one can do nothing with others.
const TOOLS_KEY: &str = "toolwright.tools";

/// What a `bare` file without that key was trained on.
const TOOLS_OF_BARE: &str = "calculator";

/// Where a model comes from.
#[derive(Debug, Clone, Copy)]
pub enum ModelSource<'a> {
    /// A GGUF file, or a folder with `config.json`, `tokenizer.json` and safetensors.
    Path(&'a Path),
    /// A GGUF file in the program.
    Embedded {
        /// What to call it.
        name: &'static str,
        /// The file.
        bytes: &'static [u8],
    },
}

/// A model with its voice.
pub struct LoadedModel {
    /// What it calls itself, or where it came from.
    pub name: String,
    /// blake3 of its file or files, hex.
    pub hash: String,
    /// The weights at work.
    pub decoder: Arc<dyn LanguageModel>,
    /// Shape and features, of a decoder of ours.
    pub config: Option<ModelConfig>,
    /// How it is spoken to.
    pub voice: Voice,
    template_source: String,
    grammars: ConstraintFactory,
    /// Whether it gets the default system text.
    follows_instructions: bool,
    known_tools: Option<Vec<String>>,
}

/// The parts from which a [`LoadedModel`] is put together.
pub struct ModelParts {
    /// See [`LoadedModel::name`].
    pub name: String,
    /// See [`LoadedModel::hash`].
    pub hash: String,
    /// See [`LoadedModel::decoder`].
    pub decoder: Arc<dyn LanguageModel>,
    /// See [`LoadedModel::config`].
    pub config: Option<ModelConfig>,
    /// Its vocabulary.
    pub tokenizer: Tokenizer,
    /// The chat template in Jinja; ours where the file has none.
    pub template_source: Option<String>,
    /// Whether it gets the default system text.
    pub follows_instructions: bool,
    /// See [`LoadedModel::known_tools`].
    pub known_tools: Option<Vec<String>>,
}

impl LoadedModel {
    /// Loads a model. Hashes of large files are remembered in `data_dir`.
    ///
    /// # Errors
    /// [`LoadError`] says which part of which file is wrong.
    pub fn load(source: ModelSource<'_>, data_dir: &Path) -> Result<Self, LoadError> {
        match source {
            ModelSource::Embedded { name, bytes } => {
                let file = GgufFile::from_static(bytes).map_err(|error| unusable(name, error))?;
                Self::from_gguf(name, fingerprint::of_bytes(bytes), &file)
            }
            ModelSource::Path(path) => {
                let name = path.display().to_string();
                let hash = fingerprint::of_model(path, &data_dir.join("model-hashes.json"))
                    .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
                if path.is_dir() {
                    return Self::from_folder(&name, hash, path);
                }
                let file = GgufFile::open(path).map_err(|error| unusable(&name, error))?;
                Self::from_gguf(&name, hash, &file)
            }
        }
    }

    fn from_gguf(name: &str, hash: String, file: &GgufFile) -> Result<Self, LoadError> {
        let metadata = file.metadata();
        let optional = |key| metadata.opt_str(key).map_err(|error| unusable(name, error));
        let tokenizer = Tokenizer::from_gguf(metadata)
            .map_err(|source| LoadError::Tokenizer { name: name.to_owned(), source: Box::new(source) })?;
        let decoder = Decoder::from_gguf(file).map_err(|error| unusable(name, error))?;
        let follows_instructions = optional(PROFILE_KEY)? != Some("bare");
        let known_tools = optional(TOOLS_KEY)?.or((!follows_instructions).then_some(TOOLS_OF_BARE));
        Self::from_parts(ModelParts {
            name: optional("general.name")?.unwrap_or(name).to_owned(),
            hash,
            config: Some(decoder.config().clone()),
            decoder: Arc::new(decoder),
            tokenizer,
            template_source: optional("tokenizer.chat_template")?.map(ToOwned::to_owned),
            follows_instructions,
            known_tools: known_tools.map(|names| names.split(',').map(|name| name.trim().to_owned()).collect()),
        })
    }

    fn from_folder(name: &str, hash: String, folder: &Path) -> Result<Self, LoadError> {
        let read = |file: &str| -> Result<Vec<u8>, LoadError> {
            let path = folder.join(file);
            fs::read(&path).map_err(|source| LoadError::Read { path, source })
        };
        let config = fs::read(folder.join("tokenizer_config.json")).unwrap_or_else(|_| b"{}".to_vec());
        let tokenizer = Tokenizer::from_tokenizer_json_and_config(&read("tokenizer.json")?, &config)
            .map_err(|source| LoadError::Tokenizer { name: name.to_owned(), source: Box::new(source) })?;
        let decoder = Decoder::from_safetensors(folder).map_err(|error| unusable(name, error))?;
        Self::from_parts(ModelParts {
            name: folder.file_name().map_or_else(|| name.to_owned(), |last| last.to_string_lossy().into_owned()),
            hash,
            config: Some(decoder.config().clone()),
            decoder: Arc::new(decoder),
            tokenizer,
            template_source: folder_template(folder, &config),
            follows_instructions: true,
            known_tools: None,
        })
    }

    /// Puts a model together from its parts; for other families and for tests.
    ///
    /// # Errors
    /// When the template does not compile or the vocabulary cannot be constrained.
    pub fn from_parts(parts: ModelParts) -> Result<Self, LoadError> {
        let ModelParts { name, hash, decoder, config, tokenizer, template_source, follows_instructions, known_tools } =
            parts;
        let voice = Voice::new(tokenizer, template_source.as_deref())
            .map_err(|source| LoadError::Template { name: name.clone(), source: Box::new(source) })?;
        let voice = if follows_instructions { voice } else { voice.terse() };
        let grammars = ConstraintFactory::new(&voice.tokenizer, &voice.dialect)
            .map_err(|source| LoadError::Constraint { name: name.clone(), source: Box::new(source) })?;
        let template_source = template_source.unwrap_or_default();
        Ok(Self { name, hash, decoder, config, voice, template_source, grammars, follows_instructions, known_tools })
    }

    /// The chat template of the file; empty where it has none.
    #[must_use]
    pub fn template_source(&self) -> &str {
        &self.template_source
    }

    /// What stands above the conversation where the user says nothing else.
    #[must_use]
    pub fn default_system(&self) -> Option<String> {
        self.follows_instructions.then(|| SYSTEM.trim().to_owned())
    }

    /// The tools that it was trained to use, where it is too small to learn of others from their descriptions.
    #[must_use]
    pub fn known_tools(&self) -> Option<&[String]> {
        self.known_tools.as_deref()
    }

    /// Tokens that its context holds, where its file says so.
    #[must_use]
    pub fn context_length(&self) -> Option<usize> {
        self.config.as_ref().map(|config| config.context_length)
    }

    /// The grammar of calls to these tools; none where there are none.
    ///
    /// # Errors
    /// When a schema has no grammar: names the tool and the keyword.
    pub fn constraint(&self, tools: &[ToolSpec]) -> Result<Option<Constraint>, ConstraintError> {
        if tools.is_empty() { Ok(None) } else { Constraint::for_tools(&self.grammars, tools).map(Some) }
    }
}

/// `chat_template.jinja`, or the template in `tokenizer_config.json`, which may be a list of named ones.
fn folder_template(folder: &Path, config: &[u8]) -> Option<String> {
    let file: PathBuf = folder.join("chat_template.jinja");
    if let Ok(template) = fs::read_to_string(file) {
        return Some(template);
    }
    let config: serde_json::Value = serde_json::from_slice(config).ok()?;
    let template = &config["chat_template"];
    let named = |name: &str| template.as_array()?.iter().find(|entry| entry["name"] == name)?["template"].as_str();
    template.as_str().or_else(|| named("tool_use")).or_else(|| named("default")).map(ToOwned::to_owned)
}

pub(crate) fn unusable(name: &str, error: toolwright_model::ModelError) -> LoadError {
    LoadError::Model { name: name.to_owned(), source: Box::new(error) }
}
