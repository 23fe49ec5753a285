//! What a model file holds, without running it.

use std::{collections::BTreeMap, path::Path};

use toolwright_model::{GgufFile, ModelConfig};

use crate::{LoadError, LoadedModel, ModelSource, model::unusable};

/// A model at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInfo {
    /// What it calls itself, or where it came from.
    pub name: String,
    /// blake3 of its file or files, hex.
    pub hash: String,
    /// Shape and features; none for a model of another kind than ours.
    pub config: Option<ModelConfig>,
    /// Weights of each number format: how many tensors, how many numbers, how many bytes. Empty for a folder of
    /// safetensors, whose config does not say.
    pub weights: BTreeMap<String, Weights>,
    /// Whether call markers are single tokens of the vocabulary.
    pub calls_are_tokens: bool,
    /// Whether the chat template shows tools itself.
    pub template_has_tools: bool,
    /// Whether the chat template is the file's own.
    pub own_template: bool,
}

/// The tensors of one number format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weights {
    /// How many.
    pub tensors: usize,
    /// Numbers in them.
    pub parameters: usize,
    /// Bytes that they take.
    pub bytes: usize,
}

/// Loads a model as a run would and says what there is. Hashes of large files are remembered in `data_dir`.
///
/// # Errors
/// As for [`LoadedModel::load`].
pub fn describe(source: ModelSource<'_>, data_dir: &Path) -> Result<ModelInfo, LoadError> {
    let model = LoadedModel::load(source, data_dir)?;
    let file = match source {
        ModelSource::Embedded { bytes, .. } => Some(GgufFile::from_static(bytes)),
        ModelSource::Path(path) if path.is_dir() => None,
        ModelSource::Path(path) => Some(GgufFile::open(path)),
    };
    let file = file.transpose().map_err(|error| unusable(&model.name, error))?;
    let mut weights = BTreeMap::<String, Weights>::new();
    for tensor in file.iter().flat_map(GgufFile::tensors) {
        let entry = weights.entry(format!("{:?}", tensor.dtype)).or_default();
        entry.tensors += 1;
        entry.parameters += tensor.shape.iter().product::<usize>();
        entry.bytes += tensor.byte_len;
    }
    Ok(ModelInfo {
        calls_are_tokens: model.voice.dialect.call_open.token().is_some(),
        template_has_tools: model.voice.template().has_tools(),
        own_template: !model.template_source().is_empty(),
        config: model.config,
        name: model.name,
        hash: model.hash,
        weights,
    })
}
