use toolwright_model::Metadata;

use super::{
    TokenizerError,
    vocabulary::{Vocabulary, key},
};

/// Reads the `tokenizer.ggml.*` keys, with the defaults that llama.cpp takes.
pub(super) fn read(metadata: &Metadata) -> Result<Vocabulary, TokenizerError> {
    let model = metadata.get_str(key::MODEL)?.to_owned();
    let id = |name: &str| metadata.opt_u32(&format!("tokenizer.ggml.{name}_token_id"));
    // SentencePiece files before the keys existed all had these ids.
    let (bos, eos) = if model == "llama" { (Some(1), Some(2)) } else { (None, None) };
    let mut other_control = Vec::new();
    for name in ["unknown", "seperator", "separator", "padding", "mask"] {
        other_control.extend(id(name)?);
    }
    Ok(Vocabulary {
        pre: metadata.opt_str("tokenizer.ggml.pre")?.map(str::to_owned),
        name: metadata.opt_str("general.name")?.map(str::to_owned),
        tokens: metadata.get_str_array(key::TOKENS)?.to_vec(),
        token_types: metadata.opt_i32_array(key::TOKEN_TYPE)?.unwrap_or_default(),
        scores: metadata.opt_f32_array(key::SCORES)?.unwrap_or_default().to_vec(),
        merges: metadata.opt_str_array(key::MERGES)?.unwrap_or_default().to_vec(),
        bos: id("bos")?.or(bos),
        eos: id("eos")?.or(eos),
        eot: id("eot")?,
        eom: id("eom")?,
        other_control,
        add_bos: metadata.opt_bool("tokenizer.ggml.add_bos_token")?,
        add_space_prefix: metadata.opt_bool("tokenizer.ggml.add_space_prefix")?,
        model,
    })
}
