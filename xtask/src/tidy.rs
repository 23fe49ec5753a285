//! `cargo xtask tidy`: the habits of this repository that neither the compiler nor clippy knows.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Longer files are split: by what they are about, or tests into a sibling `*_tests.rs`.
const MAX_LINES: usize = 600;

/// Files that may be longer, each with a reason in a comment of its own.
const LONG_FILES: &[&str] = &[];

/// Where every line is ours. Fixtures and prompts have other endings, and there each blank may matter.
const OURS: &[&str] = &["rs", "toml", "md", "py", "sql", "sh", "wit", "yml"];

/// Which crates a crate may use: those of lower layers, and of its own none. Tools are `tools/*` here.
const LAYERS: &[(&str, u8)] = &[
    ("protocol", 0),
    ("model", 1),
    ("tool", 1),
    ("journal", 1),
    ("agent", 1),
    ("engine", 2),
    ("sandbox", 2),
    ("http", 2),
    ("embed", 2),
    ("tools/*", 3),
    ("runtime", 4),
    ("toolbox", 5),
    ("testkit", 5),
    ("learn", 6),
    ("eval", 7),
    ("server", 7),
    ("cli", 8),
    ("tests", 9),
    ("xtask", 9),
];

/// What the layers alone would allow: (crate, what it must not use, why). The second may be a crate from outside.
const WALLS: &[(&str, &str, &str)] = &[
    ("engine", "tool", "only the runtime joins the engine and the tools"),
    ("engine", "agent", "the engine does not know why it decodes"),
    ("engine", "journal", "the runtime writes the journal"),
    ("sandbox", "model", "the sandbox runs code and knows no model"),
    ("sandbox", "agent", "the sandbox runs code and knows no run"),
    ("tools/*", "model", "a tool never sees the model"),
    ("tools/*", "engine", "a tool never sees the context"),
    ("tools/*", "agent", "a tool never sees the loop around it"),
    ("tools/*", "journal", "a tool never sees the journal"),
    ("agent", "tokio", "the agent never awaits"),
    ("protocol", "tokio", "protocol is plain data"),
];

/// Crates from outside that one crate alone may use, by the beginning of their names.
const ONLY_IN: &[(&str, &str)] = &[("wasmtime", "sandbox"), ("reqwest", "http"), ("candle-transformers", "embed")];

/// Checks the repository at `root`.
///
/// # Errors
/// If there is something to change; what that is stands on standard error, one `path:line: what to do` for each.
pub fn run(root: &Path) -> Result<()> {
    let files = files(root)?;
    let mut findings = Vec::new();
    let mut sources = String::new();
    for path in &files {
        if !is_ours(path) && !path.starts_with("prompts/") {
            continue;
        }
        let Ok(bytes) = fs::read(root.join(path)) else { continue }; // deleted, and the deletion not committed yet
        let Ok(text) = String::from_utf8(bytes) else {
            findings.push(format!("{path}:1: is not UTF-8; convert it"));
            continue;
        };
        if is_ours(path) {
            findings.extend(check_text(path, &text));
        }
        if path.ends_with(".rs") || path.starts_with("prompts/") {
            sources.push_str(&text);
        }
    }
    findings.extend(check_prompts(&files, &sources));
    findings.extend(check_layers(&packages(root)?));
    if findings.is_empty() {
        return Ok(());
    }
    findings.sort();
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("{} things to change", findings.len())
}

/// What git knows or would be told of, so that a new file is checked before it is committed.
fn files(root: &Path) -> Result<BTreeSet<String>> {
    let list =
        output(root, Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    Ok(list.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn output(root: &Path, command: &mut Command) -> Result<String> {
    let done = command.current_dir(root).output().with_context(|| format!("cannot start {command:?}"))?;
    if !done.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&done.stderr));
    }
    String::from_utf8(done.stdout).with_context(|| format!("{command:?} printed something that is not UTF-8"))
}

fn is_ours(path: &str) -> bool {
    path.starts_with(".ci/") || path.rsplit_once('.').is_some_and(|(_, ending)| OURS.contains(&ending))
}

fn check_text(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut find = |line: usize, what: String| findings.push(format!("{path}:{line}: {what}"));
    let lines = text.lines().count();
    let is_rust = path.ends_with(".rs");
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let line = line.strip_suffix('\n').unwrap_or(line);
        if line.ends_with([' ', '\t', '\r']) {
            find(number, "ends in white space (or CRLF); remove it".into());
        }
        // Put together, so that this file does not find itself.
        for word in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimpl", "emented!(")] {
            if is_rust && contains_word(line, word) {
                find(number, format!("`{word}`: do it, or say in an issue what is missing"));
            }
        }
        for place in ["/work/", "/root/", "/tmp/", "/home/"] {
            if !is_rust && names_place(line, place) {
                find(number, format!("`{place}…` is a place on one machine; write it relative to the repository"));
            }
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        find(lines, "has no newline at its end; add one".into());
    }
    if text.ends_with("\n\n") {
        find(lines, "ends in blank lines; remove them".into());
    }
    if is_rust && lines > MAX_LINES && !LONG_FILES.contains(&path) {
        find(lines, format!("has {lines} lines, and {MAX_LINES} are the limit; split it, or tests into *_tests.rs"));
    }
    let is_root = path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    if is_root && !text.starts_with("//!") {
        find(1, "begin the crate with `//!` and what it is for".into());
    }
    findings
}

fn contains_word(line: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let goes_on = word.ends_with(is_letter) && line[at + word.len()..].starts_with(is_letter);
        !line[..at].ends_with(is_letter) && !goes_on
    })
}

/// Whether an absolute path begins with `place` here; `target/tmp/` does not.
fn names_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '*' | ')'))
    })
}

/// Every prompt is named in a source file, or in another prompt that includes it.
fn check_prompts(files: &BTreeSet<String>, sources: &str) -> Vec<String> {
    let prompts = files.iter().filter_map(|path| Some((path, path.strip_prefix("prompts/")?)));
    prompts
        .filter(|(_, name)| !name.ends_with(".md") && !sources.contains(*name))
        .map(|(path, _)| format!("{path}:1: no source file names this prompt; use it or delete it"))
        .collect()
}

/// A member of the workspace.
struct Package {
    /// As in [`LAYERS`].
    name: String,
    manifest: String,
    /// What it is built from; what only its tests use is not here.
    uses: Vec<String>,
}

fn packages(root: &Path) -> Result<Vec<Package>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let metadata: Value = serde_json::from_str(&output(root, Command::new(cargo).args(arguments))?)?;
    let root = metadata["workspace_root"].as_str().context("cargo metadata names no workspace_root")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages.iter().map(|package| read_package(root, package)).collect()
}

fn read_package(root: &str, package: &Value) -> Result<Package> {
    let manifest = package["manifest_path"].as_str().context("a package without a manifest_path")?;
    let manifest = manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches(['/', '\\']).replace('\\', "/");
    let dependencies = package["dependencies"].as_array().context("a package without a list of dependencies")?;
    let uses = dependencies.iter().filter(|dependency| dependency["kind"] != "dev").filter_map(|dependency| {
        let path = dependency["path"].as_str().map(|path| path.strip_prefix(root).unwrap_or(path));
        let place = path.map(|path| layer_name(&path.trim_start_matches(['/', '\\']).replace('\\', "/")));
        place.or_else(|| dependency["name"].as_str().map(str::to_owned))
    });
    Ok(Package {
        name: layer_name(manifest.trim_end_matches("/Cargo.toml")),
        manifest: manifest.clone(),
        uses: uses.collect(),
    })
}

/// `crates/model` is model, and whatever lies in `tools` is a tool.
fn layer_name(folder: &str) -> String {
    match folder.split_once('/') {
        Some(("tools", _)) => "tools/*".into(),
        Some(("crates", name)) => name.into(),
        _ => folder.into(),
    }
}

fn check_layers(packages: &[Package]) -> Vec<String> {
    let layer = |name: &str| LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer);
    let mut findings = Vec::new();
    for Package { name, manifest, uses } in packages {
        let mut find = |what: String| findings.push(format!("{manifest}:1: {what}"));
        let Some(own) = layer(name) else {
            find(format!("`{name}` has no place in LAYERS (xtask/src/tidy.rs); give it one"));
            continue;
        };
        for used in uses {
            if layer(used).is_some_and(|theirs| theirs >= own) {
                find(format!("`{name}` must not use `{used}`: dependencies point down the list in ARCHITECTURE.md"));
            }
            for (from, to, why) in WALLS {
                if name == from && used == to {
                    find(format!("`{name}` must not use `{used}`: {why}"));
                }
            }
            for (outside, alone) in ONLY_IN {
                if used.starts_with(outside) && name != alone {
                    find(format!("only `{alone}` may use `{used}`; go through it"));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_untidy_and_where() {
        let body = "fn main() {}\n";
        for (path, text, line) in [
            ("crates/a/src/x.rs", "fn a() {} \n".to_owned(), 1),
            ("crates/a/src/x.rs", format!("{body}// {}: later\n", concat!("TO", "DO")), 2),
            ("crates/a/src/x.rs", format!("{body}fn b() {{ {}) }}\n", concat!("to", "do!(")), 2),
            ("crates/a/src/x.rs", "fn a() {}".into(), 1),
            ("crates/a/src/x.rs", "fn a() {}\n\n".into(), 2),
            ("crates/a/src/x.rs", "fn a() {}\r\n".into(), 1),
            ("crates/a/src/x.rs", body.repeat(601), 601),
            ("crates/a/src/lib.rs", body.into(), 1),
            ("tools/a/src/main.rs", body.into(), 1),
            ("a.md", "one\n\nsee `/work/x`\n".into(), 3),
            (".ci/run", "cd /root/x\n".into(), 1),
        ] {
            let findings = check_text(path, &text);
            assert_eq!(findings.len(), 1, "{path}: {text:?}: {findings:?}");
            assert!(findings[0].starts_with(&format!("{path}:{line}: ")), "{findings:?}");
        }
    }

    #[test]
    fn leaves_what_is_tidy_alone() {
        for (path, text) in [
            ("crates/a/src/lib.rs", "//! A crate.\n\nfn a() {}\n".to_owned()),
            ("crates/a/src/x.rs", "fn a() {}\n".repeat(600)),
            ("crates/a/src/x.rs", format!("let MAS{}S = 1; let auto{}; // in TODOs\n", concat!("TO", "DO"), "do!(1)")),
            ("a.md", "`target/tmp/x`, https://example.org/work/x, ../root/\n".into()),
            ("a.md", String::new()),
        ] {
            assert_eq!(check_text(path, &text), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn a_prompt_that_nobody_uses_is_found() {
        let files = ["prompts/system.j2", "prompts/critic.j2", "prompts/README.md", "src/a.rs"].map(str::to_owned);
        let findings = check_prompts(&files.into(), "include_str!(\"../../prompts/system.j2\")");
        assert_eq!(findings, ["prompts/critic.j2:1: no source file names this prompt; use it or delete it"]);
    }

    #[test]
    fn dependencies_point_down() {
        let check = |name: &str, uses: &[&str]| {
            let uses = uses.iter().map(|name| (*name).to_owned()).collect();
            check_layers(&[Package { name: name.into(), manifest: "crates/x/Cargo.toml".into(), uses }]).len()
        };
        assert_eq!(check("runtime", &["protocol", "model", "engine", "tool", "agent", "journal", "tokio"]), 0);
        assert_eq!(check("tools/*", &["protocol", "tool", "serde_json"]), 0);
        assert_eq!(check("cli", &["tools/*", "runtime", "model"]), 0);
        assert_eq!(check("model", &["engine"]), 1);
        assert_eq!(check("engine", &["tool"]), 1);
        assert_eq!(check("tool", &["journal"]), 1);
        assert_eq!(check("tools/*", &["tools/*"]), 1);
        assert_eq!(check("tools/*", &["engine", "runtime"]), 2);
        assert_eq!(check("runtime", &["wasmtime-wasi", "reqwest"]), 2);
        assert_eq!(check("brand-new", &[]), 1);
    }

    #[test]
    fn folders_name_their_layer() {
        for (folder, name) in [("crates/model", "model"), ("tools/calculator", "tools/*"), ("xtask", "xtask")] {
            assert_eq!(layer_name(folder), name);
        }
    }
}
