use crate::{
    passages::{Block, Kind, Span},
    schema::HEADING_SEPARATOR,
};

/// Endings of source code and of what is read like it.
const ENDINGS: &[&str] = &[
    "rs", "py", "pyi", "js", "mjs", "cjs", "jsx", "ts", "tsx", "java", "kt", "kts", "scala", "groovy", "c", "h", "cc",
    "cpp", "cxx", "hh", "hpp", "hxx", "cs", "fs", "vb", "go", "rb", "php", "pl", "pm", "swift", "m", "mm", "d", "zig",
    "nim", "v", "hs", "ml", "mli", "elm", "erl", "ex", "exs", "clj", "cljs", "lisp", "el", "scm", "rkt", "lua", "r",
    "jl", "dart", "sql", "sh", "bash", "zsh", "fish", "ps1", "bat", "awk", "tcl", "asm", "s", "wat", "wit", "proto",
    "graphql", "thrift", "css", "scss", "less", "vue", "svelte", "toml", "yaml", "yml", "json", "ini", "cfg", "conf",
    "cmake", "gradle", "tf", "nix",
];

/// Files that are known by their whole name.
const NAMES: &[&str] =
    &["Makefile", "Dockerfile", "CMakeLists.txt", "Justfile", "Rakefile", "Gemfile", "BUILD", "WORKSPACE"];

/// Words that a line begins with that gives a name to what follows.
const DEFINES: &[&str] = &[
    "fn",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "impl",
    "mod",
    "function",
    "interface",
    "func",
    "type",
    "module",
    "namespace",
    "object",
    "record",
    "protocol",
    "extension",
    "sub",
    "package",
    "macro_rules!",
    "union",
    "defmodule",
];

/// Words that may stand before them.
const BEFORE: &[&str] = &[
    "pub",
    "pub(crate)",
    "pub(super)",
    "export",
    "default",
    "async",
    "static",
    "public",
    "private",
    "protected",
    "abstract",
    "final",
    "unsafe",
    "const",
    "extern",
    "override",
    "open",
    "data",
    "sealed",
    "internal",
    "inline",
    "virtual",
    "partial",
];

/// Bytes that are looked back at for the name around a passage.
const LOOK_BACK: usize = 32 << 10;

pub(super) fn is_code(ending: &str, name: &str) -> bool {
    ENDINGS.contains(&ending) || NAMES.contains(&name)
}

/// Parts that begin at a line without indentation behind a blank line, as functions and types do.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    let mut after_blank = true;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let is_blank = line.trim().is_empty();
        let begins = after_blank && !is_blank && !line.starts_with([' ', '\t', '}', ')', ']']);
        match blocks.last_mut() {
            Some(block) if !begins => block.end = end,
            _ if is_blank => {}
            _ => blocks.push(Block { start: at, end, kind: Kind::Lines }),
        }
        after_blank = is_blank;
        at = end;
    }
    blocks
}

/// Gives every passage the line that defines what it stands in, if it begins inside of something.
pub(super) fn name(text: &str, spans: &mut [Span]) {
    for span in spans {
        let from = text.ceil_char_boundary(span.start.saturating_sub(LOOK_BACK));
        let Some(line_start) = text[from..span.start].rfind('\n').map(|at| from + at + 1) else { continue };
        let mut indent = span.start - line_start;
        let mut names: Vec<String> = Vec::new();
        for line in text[from..line_start].lines().rev() {
            let content = line.trim_start();
            let depth = line.len() - content.len();
            if content.is_empty() || depth >= indent {
                continue;
            }
            if defines(content) {
                names.push(content.trim_end().trim_end_matches(['{', ':', '(']).trim_end().chars().take(100).collect());
                indent = depth;
            }
            if depth == 0 {
                break;
            }
        }
        names.reverse();
        span.heading = names.join(HEADING_SEPARATOR);
    }
}

fn defines(line: &str) -> bool {
    line.split_whitespace().find(|word| !BEFORE.contains(word)).is_some_and(|word| {
        let word = word.split(['<', '(']).next().unwrap_or(word);
        DEFINES.contains(&word)
    })
}
