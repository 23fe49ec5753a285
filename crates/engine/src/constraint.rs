//! A grammar for the inside of a call, from the tools' schemas.
//!
//! What it accepts, for each tool, is `{"name":"x","arguments":A}` (or `arguments` first) and then the marker that closes
//! a call, where `A` fits the tool's schema with properties in the schema's order. Between any two JSON tokens and around
//! the object up to [`MAX_BLANKS`] blanks may stand. Strings are written with characters where JSON allows them, and
//! escapes where it demands them.
//!
//! Control tokens have no text in this grammar (toktrie keeps them behind a byte that is not UTF-8), so the only one that
//! can be sampled inside a call is the one that closes it.

use std::{fmt::Write as _, sync::Arc};

use llguidance::{
    Matcher, ParserFactory,
    api::TopLevelGrammar,
    toktrie::{ApproximateTokEnv, InferenceCapabilities, SimpleVob, TokEnv, TokRxInfo, TokTrie},
};
use serde_json::{Value, json};
use thiserror::Error;
use toolwright_protocol::ToolSpec;

use crate::{Dialect, Marker, Tokenizer};

/// The longest run of blanks between two JSON tokens that the grammar accepts. A model that is lost in white space
/// must not be able to stay there.
pub const MAX_BLANKS: usize = 40;

/// toktrie keeps at most 1,024 bytes of depth; longer tokens (runs of blanks in some vocabularies) are left out.
const MAX_TOKEN_BYTES: usize = 1000;

/// Why a grammar could not be made or followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConstraintError {
    /// The vocabulary does not fit the grammar engine.
    #[error("this vocabulary cannot be constrained: {0}")]
    Vocabulary(String),
    /// No tool to call.
    #[error("there is no tool to call, so no call could fit; offer a tool or decode without a constraint")]
    NoTools,
    /// A schema with something that the grammar engine cannot express.
    #[error(
        "the parameter schema of the tool {tool:?} cannot become a grammar: {reason}; simplify the schema, or decode \
         without a constraint and validate the call afterwards"
    )]
    Schema {
        /// The tool.
        tool: String,
        /// The keyword and what is wrong with it, in the grammar engine's words.
        reason: String,
    },
    /// All schemas together are too much.
    #[error("the tools' schemas together cannot become a grammar: {0}; offer fewer tools at a time")]
    TooComplex(String),
    /// The token does not fit the grammar here.
    #[error("token {token} ({text:?}) does not fit the grammar of a call here")]
    Refused {
        /// The id.
        token: u32,
        /// Its text.
        text: String,
    },
    /// The grammar engine gave up in the middle of a call.
    #[error("the grammar of the call cannot be followed any further: {0}")]
    Engine(String),
}

/// A set of tokens.
#[derive(Debug, Clone)]
pub struct TokenMask {
    bits: SimpleVob,
    /// Whether the set is all tokens but the marked ones.
    inverted: bool,
    vocab_size: usize,
}

impl TokenMask {
    /// All ids but these.
    #[must_use]
    pub fn all_but(vocab_size: usize, barred: &[u32]) -> Self {
        let mut bits = SimpleVob::alloc(vocab_size);
        barred.iter().filter(|&&id| (id as usize) < vocab_size).for_each(|&id| bits.allow_token(id));
        Self { bits, inverted: true, vocab_size }
    }

    /// These ids only.
    #[must_use]
    pub fn only(vocab_size: usize, allowed: &[u32]) -> Self {
        Self { inverted: false, ..Self::all_but(vocab_size, allowed) }
    }

    /// Whether this token may be sampled. Ids beyond the vocabulary (padding of the logits) may not.
    #[must_use]
    pub fn allows(&self, token: u32) -> bool {
        (token as usize) < self.vocab_size && self.bits.is_allowed(token) != self.inverted
    }

    /// Takes a token out.
    pub fn bar(&mut self, token: u32) {
        if (token as usize) < self.vocab_size {
            self.bits.set(token as usize, self.inverted);
        }
    }

    /// How many tokens it allows.
    #[must_use]
    pub fn count(&self) -> usize {
        (0..self.vocab_size as u32).filter(|&token| self.allows(token)).count()
    }

    /// The tokens it allows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.vocab_size as u32).filter(|&token| self.allows(token))
    }
}

/// A vocabulary, made ready for grammars. Making one takes a moment (the prefix tree of all tokens); cloning is free.
#[derive(Clone)]
pub struct ConstraintFactory(Arc<Factory>);

struct Factory {
    parsers: ParserFactory,
    tokenizer: Tokenizer,
    close: Marker,
    vocab_size: usize,
}

impl ConstraintFactory {
    /// Makes a vocabulary ready.
    ///
    /// # Errors
    /// If the vocabulary is empty or the grammar engine refuses it.
    pub fn new(tokenizer: &Tokenizer, dialect: &Dialect) -> Result<Self, ConstraintError> {
        let vocab_size = tokenizer.vocab_size();
        if vocab_size == 0 {
            return Err(ConstraintError::Vocabulary("it has no tokens".to_owned()));
        }
        let ids = 0..u32::try_from(vocab_size).map_err(|error| ConstraintError::Vocabulary(error.to_string()))?;
        let words: Vec<Vec<u8>> = ids.map(|id| trie_bytes(tokenizer, id)).collect();
        // llguidance wants an end-of-sequence token, and allows it only where the grammar may end; ours ends behind the
        // marker, where nothing is sampled any more.
        let eos = tokenizer
            .eos()
            .or_else(|| tokenizer.end_of_generation().first().copied())
            .unwrap_or(llguidance::toktrie::INVALID_TOKEN);
        let trie = TokTrie::from(&TokRxInfo::new(vocab_size as u32, eos), &words);
        // Not canonical: we never ask it to force tokens, so its greedy tokenisation is only used to read text back.
        let env: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        let slices = llguidance::earley::SlicedBiasComputer::json_slices();
        let mut parsers = ParserFactory::new(&env, InferenceCapabilities::default(), &slices)
            .map_err(|error| ConstraintError::Vocabulary(error.to_string()))?;
        parsers.quiet().limits_mut().verbose_errors = false;
        let close = dialect.call_close.clone();
        Ok(Self(Arc::new(Factory { parsers, tokenizer: tokenizer.clone(), close, vocab_size })))
    }

    fn compile(&self, tools: &[ToolSpec]) -> Result<Matcher, String> {
        let grammar = TopLevelGrammar::from_lark(lark(tools, &self.0.close));
        let matcher = Matcher::new(self.0.parsers.create_parser(grammar));
        match matcher.get_error() {
            Some(error) => Err(error),
            // Some limits show only when the first mask is computed.
            None => matcher.clone().compute_mask().map(|_| matcher).map_err(|error| error.to_string()),
        }
    }
}

/// Control tokens get the byte that toktrie reserves for them. Bytes that are never UTF-8 are left out of other tokens,
/// so that none can spell a control token.
fn trie_bytes(tokenizer: &Tokenizer, id: u32) -> Vec<u8> {
    let bytes = tokenizer.token_bytes(id);
    if tokenizer.is_control(id) {
        return [&[TokTrie::SPECIAL_TOKEN_MARKER], bytes].concat();
    }
    if bytes.contains(&TokTrie::SPECIAL_TOKEN_MARKER) || bytes.len() > MAX_TOKEN_BYTES {
        Vec::new()
    } else {
        bytes.to_vec()
    }
}

/// The grammar, in llguidance's Lark dialect.
fn lark(tools: &[ToolSpec], close: &Marker) -> String {
    let close = match close {
        Marker::Token { id, .. } => format!("<[{id}]>"),
        Marker::Text(text) => Value::from(*text).to_string(),
    };
    let mut lark = format!("BLANKS: /[ \\t\\r\\n]{{1,{MAX_BLANKS}}}/\nstart: BLANKS? call BLANKS? {close}\n");
    let calls: Vec<String> = (0..tools.len()).map(|index| format!("call_{index}")).collect();
    let _ = writeln!(lark, "call: {}", calls.join(" | "));
    let quoted = |text: &str| Value::from(Value::from(text).to_string()).to_string();
    for (index, tool) in tools.iter().enumerate() {
        let name = format!("{} BLANKS? \":\" BLANKS? {}", quoted("name"), quoted(&tool.name));
        let arguments = format!("{} BLANKS? \":\" BLANKS? args_{index}", quoted("arguments"));
        for (rule, first, second) in [("a", &name, &arguments), ("b", &arguments, &name)] {
            let _ = writeln!(
                lark,
                "call_{index}_{rule}: \"{{\" BLANKS? {first} BLANKS? \",\" BLANKS? {second} BLANKS? \"}}\""
            );
        }
        let _ = writeln!(lark, "call_{index}: call_{index}_a | call_{index}_b");
        let _ = writeln!(lark, "args_{index}: %json {}", schema(&tool.parameters));
    }
    lark
}

/// The schema with our own instructions to llguidance in place of any that came with it.
fn schema(parameters: &Value) -> Value {
    let mut schema = parameters.clone();
    if let Value::Object(object) = &mut schema {
        let blanks = format!(r"[\x20\x0A\x0D\x09]{{1,{MAX_BLANKS}}}");
        object.insert("x-guidance".to_owned(), json!({ "whitespace_flexible": true, "whitespace_pattern": blanks }));
    }
    schema
}

/// The compiled grammar of a call of one of several tools.
#[derive(Clone)]
pub struct Constraint {
    factory: ConstraintFactory,
    fresh: Matcher,
}

impl Constraint {
    /// Compiles the tools' schemas.
    ///
    /// # Errors
    /// [`ConstraintError::Schema`] names the tool and the keyword that cannot be expressed. The caller may then decode
    /// without a constraint and validate the finished call.
    pub fn for_tools(factory: &ConstraintFactory, tools: &[ToolSpec]) -> Result<Self, ConstraintError> {
        if tools.is_empty() {
            return Err(ConstraintError::NoTools);
        }
        match factory.compile(tools) {
            Ok(fresh) => Ok(Self { factory: factory.clone(), fresh }),
            Err(together) => {
                for tool in tools {
                    factory.compile(std::slice::from_ref(tool)).map_err(|reason| ConstraintError::Schema {
                        tool: tool.name.clone(),
                        reason: reason.trim().to_owned(),
                    })?;
                }
                Err(ConstraintError::TooComplex(together))
            }
        }
    }

    /// At the beginning of a call, right behind the marker that opens it.
    #[must_use]
    pub fn start(&self) -> CallMatcher {
        CallMatcher { factory: self.factory.clone(), matcher: self.fresh.clone() }
    }
}

/// A place inside one call. Cloning remembers it.
#[derive(Clone)]
pub struct CallMatcher {
    factory: ConstraintFactory,
    matcher: Matcher,
}

impl CallMatcher {
    /// The tokens that may come next. Empty once the call is finished.
    ///
    /// # Errors
    /// If the grammar engine reaches one of its limits.
    pub fn mask(&mut self) -> Result<TokenMask, ConstraintError> {
        let vocab_size = self.factory.0.vocab_size;
        if self.is_finished() {
            return Ok(TokenMask::only(vocab_size, &[]));
        }
        let bits = self.matcher.compute_mask().map_err(|error| ConstraintError::Engine(error.to_string()))?;
        Ok(TokenMask { bits, inverted: false, vocab_size })
    }

    /// Takes the token that was sampled.
    ///
    /// # Errors
    /// [`ConstraintError::Refused`] if the grammar does not allow it here; the matcher is as before.
    pub fn accept(&mut self, token: u32) -> Result<(), ConstraintError> {
        let refused = || {
            let bytes = self.factory.0.tokenizer.token_bytes(token);
            ConstraintError::Refused { token, text: String::from_utf8_lossy(bytes).into_owned() }
        };
        if token as usize >= self.factory.0.vocab_size || self.matcher.is_stopped() {
            return Err(refused());
        }
        match self.matcher.try_consume_tokens(&[token]) {
            Ok(0) => Err(refused()),
            Ok(_) => Ok(()),
            Err(error) => Err(ConstraintError::Engine(error.to_string())),
        }
    }

    /// Takes text that stood behind a textual open marker in the marker's own last token.
    ///
    /// # Errors
    /// As for [`CallMatcher::accept`].
    pub fn accept_text(&mut self, text: &str) -> Result<(), ConstraintError> {
        let ids = self.factory.0.parsers.tok_env().tokenize_bytes(text.as_bytes());
        ids.into_iter().try_for_each(|id| self.accept(id))
    }

    /// Whether the call is complete, its closing marker included.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.matcher.is_stopped() && !self.matcher.is_error()
    }

    /// Takes back the last `count` accepted tokens.
    ///
    /// # Errors
    /// If there were not so many.
    pub fn rollback(&mut self, count: usize) -> Result<(), ConstraintError> {
        self.matcher.rollback(count).map_err(|error| ConstraintError::Engine(error.to_string()))
    }
}

#[cfg(test)]
#[path = "constraint_tests.rs"]
mod tests;
