//! Finding the model, and `toolwright model info`.

use std::{io::Write, path::Path};

use anyhow::Result;
use serde_json::json;
use toolwright_runtime::{LoadError, LoadedModel, ModelSource};

use crate::style::{BOLD, harmless, paint};

/// The embedded default model. See models/seed/MODEL_CARD.md.
static SEED: &Aligned<[u8]> = &Aligned(*include_bytes!("../../../models/seed/seed.gguf"));

/// Weights are used where they lie, and their blocks want alignment.
#[repr(C, align(64))]
struct Aligned<Bytes: ?Sized>(Bytes);

/// The model cannot be used: exit code 4.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unusable(#[from] LoadError);

/// Loads the model at `path`, or the embedded one.
///
/// # Errors
/// [`Unusable`], with the path and the field or tensor that is wrong.
pub fn load(path: Option<&Path>, data_dir: &Path) -> Result<LoadedModel, Unusable> {
    Ok(LoadedModel::load(source(path), data_dir)?)
}

fn source(path: Option<&Path>) -> ModelSource<'_> {
    match path {
        Some(path) => ModelSource::Path(path),
        None => ModelSource::Embedded { name: "embedded seed", bytes: &SEED.0 },
    }
}

/// `toolwright model info`.
///
/// # Errors
/// [`Unusable`], or when the output cannot be written.
pub fn info(path: Option<&Path>, as_json: bool, data_dir: &Path, out: &mut dyn Write) -> Result<()> {
    let info = toolwright_runtime::describe(source(path), data_dir).map_err(Unusable)?;
    let Some(config) = &info.config else { return Ok(writeln!(out, "{}", info.name)?) };
    let (kv_heads, head_dim) = (config.kv_head_count, config.head_dim);
    let kv_bytes_per_token = 2 * size_of::<f32>() * config.layer_count * kv_heads * head_dim;
    let parameters: usize = info.weights.values().map(|weights| weights.parameters).sum();
    let bytes: usize = info.weights.values().map(|weights| weights.bytes).sum();
    if as_json {
        let weights = info.weights.iter().map(|(kind, weights)| {
            json!({ "type": kind, "tensors": weights.tensors, "parameters": weights.parameters, "bytes": weights.bytes })
        });
        let object = json!({
            "name": info.name,
            "architecture": config.architecture.name(),
            "parameters": parameters,
            "bytes": bytes,
            "weights": weights.collect::<Vec<_>>(),
            "context_length": config.context_length,
            "layers": config.layer_count,
            "hidden_size": config.hidden_size,
            "feed_forward_size": config.feed_forward_size,
            "heads": config.head_count,
            "kv_heads": kv_heads,
            "head_dim": head_dim,
            "vocab_size": config.vocab_size,
            "tied_embeddings": config.tied_embeddings,
            "kv_bytes_per_token": kv_bytes_per_token,
            "calls_are_tokens": info.calls_are_tokens,
            "own_template": info.own_template,
            "template_has_tools": info.template_has_tools,
            "blake3": info.hash,
        });
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?);
    }
    let types: Vec<_> = info.weights.iter().map(|(kind, weights)| format!("{} × {kind}", weights.tensors)).collect();
    let template = match (info.own_template, info.template_has_tools) {
        (true, true) => "its own, with tools",
        (true, false) => "its own, which knows no tools: they are told of in the system text",
        (false, _) => "none; Toolwright's is used",
    };
    let calls =
        if info.calls_are_tokens { "single tokens" } else { "plain text: this vocabulary has no token for them" };
    let mut rows =
        vec![("model", paint(BOLD, harmless(&info.name))), ("architecture", config.architecture.to_string())];
    if parameters > 0 {
        rows.push(("parameters", format!("{:.2} million", parameters as f64 / 1e6)));
        rows.push(("weights", format!("{:.1} MiB: {}", bytes as f64 / f64::from(1 << 20), types.join(", "))));
    }
    rows.extend([
        (
            "shape",
            format!(
                "{} layers of {}, {} heads of {head_dim}, {kv_heads} for keys and values, feed-forward {}",
                config.layer_count, config.hidden_size, config.head_count, config.feed_forward_size
            ),
        ),
        ("vocabulary", format!("{} tokens", config.vocab_size)),
        (
            "context",
            format!("{} tokens, {:.1} KiB of memory each", config.context_length, kv_bytes_per_token as f64 / 1024.0),
        ),
        ("call markers", calls.to_owned()),
        ("chat template", template.to_owned()),
        ("blake3", info.hash.clone()),
    ]);
    for (name, value) in rows {
        writeln!(out, "{name:<14} {value}")?;
    }
    Ok(())
}
