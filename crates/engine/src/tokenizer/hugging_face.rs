//! The encoder for `tokenizer.json`, on the `tokenizers` crate.
//!
//! As for GGUF there is one model without any control token, shared by all pipelines: the trusted pipeline knows the
//! added tokens on top, the untrusted one only the plain ones among them (see [`super::special`]). Switching the
//! library's own flag (`set_encode_special_tokens`) would not do: it obeys `"special": false`.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::Value;
use tokenizers::{
    AddedToken, DecoderWrapper, Model, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, Token,
    TokenizerImpl,
    models::{ModelWrapper, TrainerWrapper, bpe::BPE},
};

use super::{
    TokenType, TokenizerError, byte_alphabet,
    native::named_byte,
    special,
    table::{TokenClass, TokenTable},
};

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    #[serde(default)]
    decoder: Value,
    model: BpeFile,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    normalized: bool,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize)]
struct BpeFile {
    #[serde(rename = "type")]
    kind: Option<String>,
    // A Unigram model's vocabulary is a list; reading it as a value first lets the kind be named in the error.
    vocab: Value,
    #[serde(default)]
    merges: Vec<Merge>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Joined(String),
}

impl Merge {
    fn sides(&self) -> Option<(&str, &str)> {
        match self {
            Self::Pair(left, right) => Some((left, right)),
            Self::Joined(rule) => rule.split_once(' '),
        }
    }
}

/// The shared model; it also knows the ids of the added tokens, which the library would otherwise number itself.
#[derive(Clone)]
struct SharedModel {
    bpe: Arc<BPE>,
    added: Arc<HashMap<String, u32>>,
}

impl Model for SharedModel {
    type Trainer = TrainerWrapper;

    fn tokenize(&self, sequence: &str) -> tokenizers::Result<Vec<Token>> {
        self.bpe.tokenize(sequence)
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        self.added.get(token).copied().or_else(|| self.bpe.token_to_id(token))
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        self.bpe.id_to_token(id)
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        self.bpe.get_vocab()
    }

    fn get_vocab_size(&self) -> usize {
        self.bpe.get_vocab_size()
    }

    fn save(&self, folder: &Path, prefix: Option<&str>) -> tokenizers::Result<Vec<PathBuf>> {
        self.bpe.save(folder, prefix)
    }

    fn get_trainer(&self) -> TrainerWrapper {
        ModelWrapper::BPE(BPE::default()).get_trainer()
    }
}

type Pipeline =
    TokenizerImpl<SharedModel, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// One way to encode, with and without the space that some vocabularies put before text at the start.
struct Pipelines {
    at_start: Pipeline,
    /// `None` where there is no such space.
    inside: Option<Pipeline>,
}

pub(super) struct HuggingFaceEncoder {
    trusted: Pipelines,
    untrusted: Pipelines,
}

/// What a `tokenizer.json` becomes.
pub(super) struct Loaded {
    pub(super) table: TokenTable,
    pub(super) encoder: HuggingFaceEncoder,
    /// The token that the file's post-processor puts first.
    pub(super) bos: Option<u32>,
    pub(super) strips_space: bool,
}

pub(super) fn load(json: &[u8]) -> Result<Loaded, TokenizerError> {
    let mut file: File = serde_json::from_slice(json)?;
    let kind = file.model.kind.as_deref().unwrap_or("BPE");
    if kind != "BPE" {
        return Err(TokenizerError::UnsupportedModel {
            key: "model.type",
            found: kind.to_owned(),
            known: "BPE (byte-level, or with byte fallback)",
        });
    }
    let vocab: HashMap<String, u32> = serde_json::from_value(file.model.vocab.take())?;
    let byte_level = mentions(&file.pre_tokenizer, "ByteLevel") || mentions(&file.normalizer, "ByteLevel");
    if !byte_level && !file.model.byte_fallback {
        let problem = "there is neither a ByteLevel step nor byte_fallback, so some texts could not be encoded";
        return Err(TokenizerError::invalid("model", problem));
    }
    let controls: BTreeSet<u32> =
        file.added_tokens.iter().filter(|added| !special::is_plain(&added.content)).map(|added| added.id).collect();
    let table = build_table(&vocab, &file.added_tokens, byte_level)?;
    let bpe = Arc::new(build_model(&vocab, &file.model, &controls, &table)?);
    let added_ids = file.added_tokens.iter().map(|added| (added.content.clone(), added.id)).collect();
    let model = SharedModel { bpe, added: Arc::new(added_ids) };

    let tokens = |trusted: bool| {
        let chosen = file.added_tokens.iter().filter(|added| trusted || !controls.contains(&added.id));
        chosen.map(Added::to_library).collect::<Vec<_>>()
    };
    let mut inside = (file.normalizer.clone(), file.pre_tokenizer.clone());
    remove_prefix_space(&mut inside.0);
    remove_prefix_space(&mut inside.1);
    let has_prefix = inside.0 != file.normalizer || inside.1 != file.pre_tokenizer;
    let pipelines = |trusted: bool| -> Result<Pipelines, TokenizerError> {
        let build = |(normalizer, pre_tokenizer): (&Value, &Value)| {
            build_pipeline(model.clone(), normalizer, pre_tokenizer, tokens(trusted))
        };
        let at_start = build((&file.normalizer, &file.pre_tokenizer))?;
        let inside = has_prefix.then(|| build((&inside.0, &inside.1))).transpose()?;
        Ok(Pipelines { at_start, inside })
    };
    let encoder = HuggingFaceEncoder { trusted: pipelines(true)?, untrusted: pipelines(false)? };
    let bos = first_template_token(&file.post_processor).and_then(|text| encoder.trusted.at_start.token_to_id(text));
    let strips_space = has_prefix && (!byte_level || mentions(&file.decoder, "Strip"));
    Ok(Loaded { table, encoder, bos, strips_space })
}

impl Added {
    fn to_library(&self) -> AddedToken {
        AddedToken::from(self.content.clone(), self.special)
            .single_word(self.single_word)
            .lstrip(self.lstrip)
            .rstrip(self.rstrip)
            .normalized(self.normalized)
    }
}

fn build_table(vocab: &HashMap<String, u32>, added: &[Added], byte_level: bool) -> Result<TokenTable, TokenizerError> {
    let highest = vocab.values().copied().chain(added.iter().map(|added| added.id)).max();
    let count = highest.map_or(0, |id| id as usize + 1);
    // A stray huge id must not become a huge allocation.
    if count == 0 || count > 2 * (vocab.len() + added.len()) + 65_536 {
        let problem = format!("{} tokens, but the highest id is {highest:?}", vocab.len());
        return Err(TokenizerError::invalid("model.vocab", problem));
    }
    let mut by_id: Vec<Option<(&str, Option<&Added>)>> = vec![None; count];
    for (text, &id) in vocab {
        if let Some((other, _)) = by_id[id as usize].replace((text, None)) {
            return Err(TokenizerError::invalid("model.vocab", format!("{text:?} and {other:?} both have id {id}")));
        }
    }
    for token in added {
        let in_vocab = vocab.get(&token.content);
        if token.content.is_empty() || in_vocab.is_some_and(|&id| id != token.id) {
            let problem = format!("{:?} has id {}, but {in_vocab:?} in model.vocab", token.content, token.id);
            return Err(TokenizerError::invalid("added_tokens", problem));
        }
        match by_id[token.id as usize].replace((&token.content, Some(token))) {
            Some((other, _)) if other != token.content => {
                let problem = format!("{:?} has the id {} of {other:?}", token.content, token.id);
                return Err(TokenizerError::invalid("added_tokens", problem));
            }
            _ => {}
        }
    }
    let mut table = TokenTable::with_capacity(count);
    for entry in by_id {
        match entry {
            None => table.push(&[], TokenClass::Inert),
            Some((text, Some(_))) => {
                let class = if special::is_plain(text) { TokenClass::Shorthand } else { TokenClass::Control };
                table.push(text.as_bytes(), class);
            }
            Some((text, None)) if special::is_control(text, TokenType::Normal) => {
                table.push(text.as_bytes(), TokenClass::Control);
            }
            Some((text, None)) if byte_level => match byte_alphabet::bytes_of(text) {
                Some(bytes) => table.push(&bytes, TokenClass::Ordinary),
                None => table.push(text.as_bytes(), TokenClass::Inert),
            },
            Some((text, None)) => match named_byte(text) {
                Some(byte) => table.push(&[byte], TokenClass::Byte),
                None => table.push(text.replace('▁', " ").as_bytes(), TokenClass::Ordinary),
            },
        }
    }
    Ok(table)
}

/// Builds the library's model without control tokens and without the merges that make or use one.
fn build_model(
    vocab: &HashMap<String, u32>,
    file: &BpeFile,
    controls: &BTreeSet<u32>,
    table: &TokenTable,
) -> Result<BPE, TokenizerError> {
    let is_control = |id: u32| controls.contains(&id) || table.is_control(id);
    let prefix = file.continuing_subword_prefix.as_deref().unwrap_or_default();
    let mut merges = Vec::with_capacity(file.merges.len());
    let mut joined = String::new();
    for (rank, merge) in file.merges.iter().enumerate() {
        let fail = |problem: String| TokenizerError::invalid("model.merges", format!("entry {rank}: {problem}"));
        let (left, right) = merge.sides().ok_or_else(|| fail("there is no space between two tokens".to_owned()))?;
        joined.clear();
        joined.extend([left, right.strip_prefix(prefix).unwrap_or(right)]);
        // Checked here because the library panics where the joined token is longer than any in the vocabulary.
        let find = |text: &str| vocab.get(text).copied().ok_or_else(|| fail(format!("{text:?} is not a token")));
        if ![find(left)?, find(right)?, find(&joined)?].into_iter().any(is_control) {
            merges.push((left.to_owned(), right.to_owned()));
        }
    }
    let ordinary: HashMap<String, u32> =
        vocab.iter().filter(|&(_, &id)| !is_control(id)).map(|(text, &id)| (text.clone(), id)).collect();
    let mut builder = BPE::builder()
        .fuse_unk(file.fuse_unk)
        .byte_fallback(file.byte_fallback)
        .ignore_merges(file.ignore_merges)
        // The cache is per thread and for the life of the thread; texts of users have no business there.
        .cache_capacity(0);
    if let Some(unk) = file.unk_token.as_ref().filter(|unk| ordinary.contains_key(*unk)) {
        builder = builder.unk_token(unk.clone());
    }
    if let Some(prefix) = &file.continuing_subword_prefix {
        builder = builder.continuing_subword_prefix(prefix.clone());
    }
    if let Some(suffix) = &file.end_of_word_suffix {
        builder = builder.end_of_word_suffix(suffix.clone());
    }
    let vocab_and_merges = ordinary.into_iter().collect::<tokenizers::models::bpe::Vocab>();
    builder
        .vocab_and_merges(vocab_and_merges, merges)
        .build()
        .map_err(|error| TokenizerError::Part { part: "model", problem: error.to_string() })
}

fn part<T: serde::de::DeserializeOwned>(part: &'static str, value: &Value) -> Result<Option<T>, TokenizerError> {
    Option::<T>::deserialize(value).map_err(|error| TokenizerError::Part { part, problem: error.to_string() })
}

fn build_pipeline(
    model: SharedModel,
    normalizer: &Value,
    pre_tokenizer: &Value,
    added: Vec<AddedToken>,
) -> Result<Pipeline, TokenizerError> {
    let fail =
        |part: &'static str| move |error: tokenizers::Error| TokenizerError::Part { part, problem: error.to_string() };
    let mut pipeline = Pipeline::new(model);
    pipeline.with_normalizer(part::<NormalizerWrapper>("normalizer", normalizer)?).map_err(fail("normalizer"))?;
    pipeline.with_pre_tokenizer(part::<PreTokenizerWrapper>("pre_tokenizer", pre_tokenizer)?);
    pipeline.add_tokens(added).map_err(fail("added_tokens"))?;
    Ok(pipeline)
}

/// Whether a step of this type stands anywhere in a part of the file.
fn mentions(value: &Value, kind: &str) -> bool {
    match value {
        Value::Object(fields) => {
            fields.get("type").is_some_and(|found| found == kind) || fields.values().any(|value| mentions(value, kind))
        }
        Value::Array(items) => items.iter().any(|value| mentions(value, kind)),
        _ => false,
    }
}

/// Turns off every step that puts a space before text at the start.
fn remove_prefix_space(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            match fields.get("type").and_then(Value::as_str) {
                Some("Prepend") => {
                    fields.insert("prepend".to_owned(), Value::from(""));
                }
                Some("Metaspace") => {
                    fields.remove("add_prefix_space");
                    fields.insert("prepend_scheme".to_owned(), Value::from("never"));
                }
                Some("ByteLevel") if fields.get("add_prefix_space").is_some_and(|on| on == true) => {
                    fields.insert("add_prefix_space".to_owned(), Value::from(false));
                }
                _ => {}
            }
            fields.values_mut().for_each(remove_prefix_space);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_prefix_space),
        _ => {}
    }
}

/// The special token that a `TemplateProcessing` step puts before the text.
fn first_template_token(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) if fields.get("type").is_some_and(|kind| kind == "TemplateProcessing") => {
            fields.get("single")?.get(0)?.get("SpecialToken")?.get("id")?.as_str()
        }
        Value::Object(fields) => fields.values().find_map(first_template_token),
        Value::Array(items) => items.iter().find_map(first_template_token),
        _ => None,
    }
}

impl HuggingFaceEncoder {
    pub(super) fn encode(&self, text: &str, trusted: bool, at_start: bool, out: &mut Vec<u32>) {
        let pipelines = if trusted { &self.trusted } else { &self.untrusted };
        let pipeline = match &pipelines.inside {
            Some(inside) if !at_start => inside,
            _ => &pipelines.at_start,
        };
        encode_with(pipeline, text, out);
    }
}

/// The library fails where a pattern of the file backtracks too long. Half the text is then tried at a time: words may
/// be cut differently, but nothing is lost.
fn encode_with(pipeline: &Pipeline, text: &str, out: &mut Vec<u32>) {
    if text.is_empty() {
        return;
    }
    if let Ok(encoding) = pipeline.encode_fast(text, false) {
        out.extend_from_slice(encoding.get_ids());
        return;
    }
    let middle = text.ceil_char_boundary(text.len() / 2);
    if middle < text.len() {
        encode_with(pipeline, &text[..middle], out);
        encode_with(pipeline, &text[middle..], out);
    }
}

/// What `tokenizer_config.json` adds.
pub(super) struct Config {
    pub(super) bos: Option<u32>,
    pub(super) eos: Option<u32>,
    pub(super) add_bos: Option<bool>,
}

impl Config {
    pub(super) fn read(json: &[u8], table: &TokenTable) -> Result<Self, TokenizerError> {
        #[derive(Deserialize)]
        struct ConfigFile {
            #[serde(default)]
            bos_token: Value,
            #[serde(default)]
            eos_token: Value,
            add_bos_token: Option<bool>,
        }
        let file: ConfigFile = serde_json::from_slice(json)?;
        // A token is written as its text or as an object with the text in it.
        let find = |key: &'static str, value: &Value| {
            let Some(text) = value.as_str().or_else(|| value.get("content")?.as_str()) else { return Ok(None) };
            let missing = || TokenizerError::invalid(key, format!("{text:?} is not in tokenizer.json"));
            table.find(text.as_bytes()).map(Some).ok_or_else(missing)
        };
        Ok(Self {
            bos: find("tokenizer_config.json: bos_token", &file.bos_token)?,
            eos: find("tokenizer_config.json: eos_token", &file.eos_token)?,
            add_bos: file.add_bos_token,
        })
    }
}
