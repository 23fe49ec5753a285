//! Cutting text into words before byte pairs are merged.
//!
//! The patterns are those of the models' own `tokenizer.json`, keyed by llama.cpp's `tokenizer.ggml.pre` names (its
//! `src/llama-vocab.cpp` is the list of which name means which). They run on a linear-time engine, so no text, however
//! hostile, makes one backtrack. That engine has no look-ahead; the one that all these patterns share,
//! `\s+(?!\S)|\s+` ("leave the last space to the word that follows"), is done by hand: see [`Blanks`].

use regex_automata::{PatternID, meta::Regex, nfa::thompson::WhichCaptures};

use super::TokenizerError;

/// How a stage treats blanks that none of its other alternatives took.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blanks {
    /// No alternative for them.
    Ignore,
    /// `\s+(?!\S)|\s+`: a run of blanks is one word, without its last character when a word follows.
    LeaveLast,
}

/// One pass over the text; the next one cuts the words of this one further.
struct StagePattern {
    words: &'static str,
    blanks: Blanks,
}

const fn cut(words: &'static str) -> StagePattern {
    StagePattern { words, blanks: Blanks::Ignore }
}

const fn words(words: &'static str) -> StagePattern {
    StagePattern { words, blanks: Blanks::LeaveLast }
}

/// What a `tokenizer.ggml.pre` name stands for.
pub(super) struct PreTokenizer {
    names: &'static [&'static str],
    stages: &'static [StagePattern],
    /// A word that is a token as a whole is taken as it stands, whatever the merges say.
    pub(super) whole_words: bool,
    /// The default where the file does not say whether a beginning-of-sequence token is put first.
    pub(super) adds_bos: bool,
}

const fn pre(names: &'static [&'static str], stages: &'static [StagePattern]) -> PreTokenizer {
    PreTokenizer { names, stages, whole_words: false, adds_bos: false }
}

const GPT2: StagePattern = words(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+");
const DIGIT: StagePattern = cut(r"\p{N}");

/// The pattern of GPT-4 and after: contractions in any case, one foreign character before a word, digits in groups.
macro_rules! gpt4 {
    ($digits:literal) => {
        words(concat!(
            r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        ))
    };
}

const LLAMA3: StagePattern = gpt4!(r"\p{N}{1,3}");
const QWEN2: StagePattern = gpt4!(r"\p{N}");
const HAN_KANA: StagePattern = cut("[\u{4E00}-\u{9FA5}\u{3040}-\u{309F}\u{30A0}-\u{30FF}]+");
const DEEPSEEK_HAN: StagePattern = cut("[\u{4E00}-\u{9FA5}\u{0800}-\u{4E00}\u{AC00}-\u{D7FF}]+");
const DEEPSEEK_V3: StagePattern = words(
    r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+"##,
);
/// The letters of the original pattern, written as escapes: some of them (Kelvin, Ohm, Angstrom) are equal to other
/// characters under normalisation, which editors and version control may apply.
const DEEPSEEK_LETTERS: StagePattern = cut("\\s?[\
     A-Za-z\u{B5}\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{1BA}\u{1BC}-\u{1BF}\u{1C4}-\u{293}\u{295}-\u{2AF}\u{370}-\
     \u{373}\u{376}\u{377}\u{37B}-\u{37D}\u{37F}\u{386}\u{388}-\u{38A}\u{38C}\u{38E}-\u{3A1}\u{3A3}-\u{3F5}\
     \u{3F7}-\u{481}\u{48A}-\u{52F}\u{531}-\u{556}\u{10A0}-\u{10C5}\u{13A0}-\u{13F5}\u{13F8}-\u{13FD}\u{1C90}-\
     \u{1CBA}\u{1CBD}-\u{1CBF}\u{1D00}-\u{1D2B}\u{1D6B}-\u{1D77}\u{1D79}-\u{1D9A}\u{1E00}-\u{1F15}\u{1F18}-\
     \u{1F1D}\u{1F20}-\u{1F45}\u{1F48}-\u{1F4D}\u{1F50}-\u{1F57}\u{1F59}\u{1F5B}\u{1F5D}\u{1F5F}-\u{1F7D}\u{1F80}\
     -\u{1FB4}\u{1FB6}-\u{1FBC}\u{1FBE}\u{1FC2}-\u{1FC4}\u{1FC6}-\u{1FCC}\u{1FD0}-\u{1FD3}\u{1FD6}-\u{1FDB}\
     \u{1FE0}-\u{1FEC}\u{1FF2}-\u{1FF4}\u{1FF6}-\u{1FFC}\u{2102}\u{2107}\u{210A}-\u{2113}\u{2115}\u{2119}-\
     \u{211D}\u{2124}\u{2126}\u{2128}\u{212A}-\u{212D}\u{212F}-\u{2134}\u{2139}\u{213C}-\u{213F}\u{2145}-\u{2149}\
     \u{214E}\u{2183}\u{2184}\u{2C00}-\u{2C7B}\u{2C7E}-\u{2CE4}\u{2CEB}-\u{2CEE}\u{2CF2}\u{2CF3}\u{A640}-\u{A66D}\
     \u{A680}-\u{A69B}\u{A722}-\u{A76F}\u{A771}-\u{A787}\u{A78B}-\u{A78E}\u{AB70}-\u{ABBF}\u{FB00}-\u{FB06}\
     \u{FB13}-\u{FB17}\u{FF21}-\u{FF3A}\u{FF41}-\u{FF5A}\u{10400}-\u{1044F}\u{104B0}-\u{104D3}\u{104D8}-\u{104FB}\
     \u{10C80}-\u{10CB2}\u{10CC0}-\u{10CF2}\u{118A0}-\u{118DF}\u{1E900}-\u{1E943}\
     ]+");

static TABLE: &[PreTokenizer] = &[
    pre(&["default"], &[cut(r"[\p{P}$+<=>^~|]+"), GPT2, cut(r"\p{N}+"), cut("[0-9][0-9][0-9]")]),
    PreTokenizer {
        names: &["llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
        stages: &[LLAMA3],
        whole_words: true,
        adds_bos: true,
    },
    pre(&["dbrx", "smaug-bpe", "chatglm-bpe"], &[LLAMA3]),
    PreTokenizer { whole_words: true, ..pre(&["glm4", "glm5"], &[LLAMA3]) },
    PreTokenizer { whole_words: true, ..pre(&["minicpm5"], &[cut(r"\p{N}{1,3}"), gpt4!(r"\p{N}+")]) },
    pre(
        &["qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "grok-2", "solar-open"],
        &[QWEN2],
    ),
    pre(
        &["qwen35"],
        &[words(
            r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+",
        )],
    ),
    pre(
        &[
            "gpt-2",
            "phi-2",
            "jina-es",
            "jina-de",
            "jina-v2-es",
            "jina-v2-de",
            "gigachat",
            "a.x-4.0",
            "mellum",
            "modern-bert",
            "jina-v1-en",
            "jina-v2-code",
            "roberta-bpe",
            "mpt",
            "olmo",
            "jais",
            "trillion",
            "granite-docling",
            "exaone4",
        ],
        &[GPT2],
    ),
    pre(
        &["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
        &[DIGIT, GPT2],
    ),
    pre(&["falcon"], &[cut(r"[\p{P}$+<=>^~|`]+"), GPT2, cut("[0-9][0-9][0-9]")]),
    pre(
        &["deepseek-llm"],
        &[
            cut(r"[\r\n]"),
            DEEPSEEK_LETTERS,
            cut("\\s?[!-/:-~\u{FF01}-\u{FF0F}\u{FF1A}-\u{FF5E}\u{2018}-\u{201F}\u{3000}-\u{3002}]+"),
            cut(r"\s+$"),
            DEEPSEEK_HAN,
            cut(r"\p{N}+"),
        ],
    ),
    pre(&["deepseek-coder"], &[cut(r"[\r\n]"), cut(r"\s?\p{L}+"), cut(r"\s?\p{P}+"), DEEPSEEK_HAN, DIGIT]),
    pre(&["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"], &[cut(r"\p{N}{1,3}"), HAN_KANA, DEEPSEEK_V3]),
    PreTokenizer {
        names: &["tekken"],
        stages: &[words(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+",
        )],
        whole_words: true,
        adds_bos: true,
    },
    pre(
        &["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"],
        &[words(
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+",
        )],
    ),
    pre(&["poro-chat", "bloom", "gpt3-finnish"], &[cut(r" ?[^(\s|.,!?…。，、।۔،)]+")]),
    pre(&["viking"], &[cut(r" ?[^(\s|.,!?…。，、।۔،)]+"), DIGIT]),
    pre(
        &["bailingmoe", "bailingmoe2", "llada-moe"],
        &[words(
            r"'[sSdDmMtT]|'[lL][lL]|'[vV][eE]|'[rR][eE]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]",
        )],
    ),
    pre(
        &["seed-coder"],
        &[words(
            r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+",
        )],
    ),
    // Not a split into words: Gemma 4 merges over whole lines.
    PreTokenizer { adds_bos: true, ..pre(&["gemma4"], &[cut(r"[^\n]+|[\n]+")]) },
];

/// Finds the entry for a `tokenizer.ggml.pre` name.
pub(super) fn find(name: &str) -> Result<&'static PreTokenizer, TokenizerError> {
    TABLE.iter().find(|entry| entry.names.contains(&name)).ok_or_else(|| TokenizerError::UnknownPreTokenizer {
        found: name.to_owned(),
        known: TABLE.iter().flat_map(|entry| entry.names).copied().collect::<Vec<_>>().join(", "),
    })
}

/// A compiled pre-tokenizer.
pub(super) struct Splitter {
    stages: Vec<Stage>,
}

struct Stage {
    regex: Regex,
    /// The pattern that takes what is left of blanks, where the stage has one.
    blanks: Option<PatternID>,
}

impl Splitter {
    pub(super) fn new(entry: &PreTokenizer) -> Result<Self, TokenizerError> {
        let stages = entry.stages.iter().map(Stage::new).collect::<Result<_, _>>()?;
        Ok(Self { stages })
    }

    /// Calls `word` with every word of `text` in order; the words joined are the text.
    pub(super) fn split<'t>(&self, text: &'t str, word: &mut impl FnMut(&'t str)) {
        split_by(&self.stages, text, word);
    }
}

fn split_by<'t>(stages: &[Stage], text: &'t str, word: &mut impl FnMut(&'t str)) {
    if text.is_empty() {
        return;
    }
    match stages.split_first() {
        None => word(text),
        Some((stage, rest)) => stage.split(text, &mut |piece| split_by(rest, piece, &mut *word)),
    }
}

impl Stage {
    fn new(pattern: &StagePattern) -> Result<Self, TokenizerError> {
        let sources: &[&str] = match pattern.blanks {
            Blanks::Ignore => &[pattern.words],
            Blanks::LeaveLast => &[pattern.words, r"\s+"],
        };
        // What a search for plain words does not need, and what compiling would spend milliseconds on.
        let config = Regex::config()
            .which_captures(WhichCaptures::Implicit)
            .auto_prefilter(false)
            .onepass(false)
            .backtrack(false);
        let regex = Regex::builder()
            .configure(config)
            .build_many(sources)
            .map_err(|error| TokenizerError::invalid("tokenizer.ggml.pre", format!("{:?}: {error}", pattern.words)))?;
        let blanks = (pattern.blanks == Blanks::LeaveLast).then(|| PatternID::must(1));
        Ok(Self { regex, blanks })
    }

    // Text between two matches is a word as well. `dyn` ends the recursion of closure types through the stages.
    fn split<'t>(&self, text: &'t str, word: &mut dyn FnMut(&'t str)) {
        let mut done = 0;
        let mut at = 0;
        while at < text.len() {
            let Some(found) = self.regex.find(regex_automata::Input::new(text).span(at..text.len())) else { break };
            let mut end = found.end();
            if Some(found.pattern()) == self.blanks && end < text.len() {
                // `\s+` took the whole run, so a word follows: leave it the last blank, unless that is all there is.
                let last = text[found.start()..end].chars().next_back().map_or(0, char::len_utf8);
                if end - last > found.start() {
                    end -= last;
                }
            }
            if found.start() > done {
                word(&text[done..found.start()]);
            }
            word(&text[found.start()..end]);
            (done, at) = (end, end);
        }
        if done < text.len() {
            word(&text[done..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    fn words_of<'t>(splitter: &Splitter, text: &'t str) -> Vec<&'t str> {
        let mut words = Vec::new();
        splitter.split(text, &mut |word| words.push(word));
        words
    }

    fn split<'t>(name: &str, text: &'t str) -> Vec<&'t str> {
        words_of(&Splitter::new(find(name).unwrap()).unwrap(), text)
    }

    /// A splitter, and its one stage with the look-ahead as the models write it, on an engine that has that.
    static WITH_LOOK_AHEAD: LazyLock<Vec<(Splitter, tokenizers::utils::SysRegex)>> = LazyLock::new(|| {
        let oracle = |stage: StagePattern| format!(r"{}|\s+(?!\S)|\s+", stage.words);
        [("gpt-2", GPT2), ("qwen2", QWEN2), ("llama3", LLAMA3)]
            .map(|(name, stage)| (name, tokenizers::utils::SysRegex::new(&oracle(stage)).unwrap()))
            .map(|(name, oracle)| (Splitter::new(find(name).unwrap()).unwrap(), oracle))
            .into()
    });

    #[test]
    fn every_entry_compiles_and_no_name_is_given_twice() {
        let mut names: Vec<&str> = TABLE.iter().flat_map(|entry| entry.names).copied().collect();
        names.iter().for_each(|name| assert_eq!(split(name, "ab"), ["ab"], "{name}"));
        names.sort_unstable();
        names.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1]));
    }

    #[test]
    fn unknown_name_is_named_and_known_ones_listed() {
        let message = find("klingon").err().unwrap().to_string();
        assert!(message.contains("\"klingon\"") && message.contains("qwen2"), "{message}");
    }

    #[test]
    fn blanks_leave_their_last_character_to_the_word_that_follows() {
        assert_eq!(split("gpt-2", "a   b  "), ["a", "  ", " b", "  "]);
        assert_eq!(split("gpt-2", "a\n\nb"), ["a", "\n", "\n", "b"]);
        assert_eq!(split("qwen2", "a \n\n  b\t"), ["a", " \n\n", " ", " b", "\t"]);
        assert_eq!(split("qwen2", "I'LL pay 1234"), ["I", "'LL", " pay", " ", "1", "2", "3", "4"]);
        assert_eq!(split("llama-bpe", "1234 -5"), ["123", "4", " -", "5"]);
        assert_eq!(split("smollm", " 12.5"), [" ", "1", "2", ".", "5"]);
    }

    proptest! {
        // The look-ahead, run as it is written, is the oracle for doing it by hand.
        #[test]
        fn equals_the_look_ahead_pattern(text in r"[ab1'\t\n\r .\u{3000}éß]{0,40}") {
            for (splitter, oracle) in &*WITH_LOOK_AHEAD {
                let expected: Vec<&str> = oracle.find_iter(&text).map(|(start, end)| &text[start..end]).collect();
                prop_assert_eq!(words_of(splitter, &text), expected);
            }
        }
    }
}
