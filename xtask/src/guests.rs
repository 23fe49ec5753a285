//! `cargo xtask guests`: builds the interpreters that run as guests, and packs them into `sandbox/guests/artefacts`. The
//! results are committed, since a build takes a quarter of an hour and compilers that not every machine has.

mod repeatable;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use self::repeatable::script;
use crate::components::{cargo_home, remapped};

const TARGET: &str = "wasm32-wasip1";
const FOLDER: &str = "sandbox/guests";

/// An interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Guest {
    Python,
    Javascript,
}

/// Builds `only` one of them, or all. With `check` nothing is written: it fails if what is committed is not what comes
/// out.
///
/// # Errors
/// If a guest does not build, does not answer, or differs from the committed one.
pub fn run(root: &Path, only: Option<Guest>, check: bool) -> Result<()> {
    add_target()?;
    let artefacts = root.join(FOLDER).join("artefacts");
    let results = if check { root.join("target/guests/rebuilt") } else { artefacts.clone() };
    fs::create_dir_all(&results).with_context(|| format!("cannot make {}", results.display()))?;
    let guests = only.map_or_else(|| vec![Guest::Python, Guest::Javascript], |only| vec![only]);
    let mut different = Vec::new();
    for guest in guests {
        let name = guest.name();
        let mut notes = vec![("rustc", version_of("rustc", &["--version"])?)];
        let environment = match guest {
            Guest::Python => Vec::new(),
            Guest::Javascript => {
                let compiler = c_compiler(root)?;
                notes.push(("c_compiler", compiler.version));
                compiler.environment
            }
        };
        println!("{name}: building");
        let module = build(root, guest, &environment)?;
        let packed = results.join(format!("{name}.wasm.xz"));
        pack(root, guest, &module, &packed, &notes)?;
        let facts = fs::read_to_string(results.join(format!("{name}.toml")))?;
        print!("{name}:\n{facts}");
        if check {
            let file = format!("{name}.wasm.xz");
            let committed = fs::read(artefacts.join(&file)).with_context(|| format!("there is no committed {file}"))?;
            let facts_ = fs::read_to_string(artefacts.join(format!("{name}.toml"))).unwrap_or_default();
            if committed != fs::read(&packed)? || facts != facts_ {
                different.push(format!("{name}; committed is\n{facts_}"));
            }
        }
    }
    if !different.is_empty() {
        bail!(
            "what was built is not what is committed: {}\nWith other compilers this is to be expected; with the same, the \
             sources were changed after the guest was built. `cargo xtask guests` builds it again.",
            different.join("\n")
        );
    }
    Ok(())
}

impl Guest {
    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Javascript => "javascript",
        }
    }

    /// Requests with what they must print, so that no guest is packed which does not run.
    fn tries(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Python => &[
                (r#"{"code": "print(6 * 7)"}"#, "42"),
                (
                    r#"{"code": "import json, re, decimal\nprint(json.dumps(re.findall('[a-z]+', 'ab 1 c')))"}"#,
                    r#"["ab", "c"]"#,
                ),
                (r#"{"code": "def f(n):\n    return n + 1\nprint(f(1))", "tests": "assert f(2) == 3"}"#, "2"),
            ],
            Self::Javascript => &[
                (r#"{"code": "console.log(6 * 7)"}"#, "42"),
                (r#"{"code": "const f = (n) => n + 1;\nconsole.log(f(1))", "tests": "assert(f(2) === 3)"}"#, "2"),
            ],
        }
    }
}

/// Gets the standard library for the guests' target where it is missing.
fn add_target() -> Result<()> {
    let library = version_of("rustc", &["--print", "target-libdir", "--target", TARGET])?;
    if Path::new(&library).exists() {
        return Ok(());
    }
    let status = Command::new("rustup").args(["target", "add", TARGET]).status();
    if !status.is_ok_and(|status| status.success()) {
        bail!("the target {TARGET} is not installed and `rustup target add {TARGET}` does not work; install it");
    }
    Ok(())
}

/// [`remapped`], and the same for the folder of the registry's sources, whose name depends on where they come from.
fn flags(root: &Path, folder: &Path) -> Result<String> {
    // Before there are names to ask for.
    let fetched = Command::new("cargo").args(["fetch", "--locked", "--target", TARGET]).current_dir(folder).status();
    if !fetched.context("cannot start cargo")?.success() {
        bail!("cannot fetch what {} needs", folder.display());
    }
    let mut flags = remapped(root);
    let sources = cargo_home().map(|home| home.join("registry/src")).and_then(|sources| fs::read_dir(sources).ok());
    let mut folders: Vec<_> = sources.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    for folder in folders {
        flags += &format!("\u{1f}--remap-path-prefix={}=crates", folder.display());
    }
    Ok(flags)
}

/// The guest as a plain module.
fn build(root: &Path, guest: Guest, environment: &[(&str, String)]) -> Result<PathBuf> {
    let (target, folder) = (root.join("target/guests"), root.join(FOLDER).join(guest.name()));
    let status = Command::new("cargo")
        // Some dependencies ask for a newer Rust than they need.
        .args(["build", "--release", "--locked", "--offline", "--ignore-rust-version"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(root, &folder)?)
        .envs(repeatable::environment(root)?)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&folder)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("the {} guest does not build; what the compiler says stands above", guest.name());
    }
    Ok(target.join(TARGET).join("release").join(format!("{}.wasm", guest.name())))
}

/// Lets the builder take the snapshot, try it and write it.
fn pack(root: &Path, guest: Guest, module: &Path, packed: &Path, notes: &[(&str, String)]) -> Result<()> {
    let mut command = Command::new("cargo");
    command
        .args(["run", "--quiet", "--release", "--locked", "--target-dir"])
        .arg(root.join("target/guests/builder"))
        .args(["--", "pack"])
        .args([module, packed])
        .current_dir(root.join(FOLDER).join("builder"));
    for (request, expected) in guest.tries() {
        command.args(["--try", request, expected]);
    }
    for (name, note) in notes {
        command.args(["--note", name, note]);
    }
    if !command.status().context("cannot start cargo")?.success() {
        bail!("the {} guest cannot be packed; why stands above", guest.name());
    }
    Ok(())
}

struct CCompiler {
    version: String,
    /// What the build scripts of C code look at.
    environment: Vec<(&'static str, String)>,
}

/// QuickJS is written in C: a compiler that makes wasm, with a libc for it.
fn c_compiler(root: &Path) -> Result<CCompiler> {
    // Without this, the build script downloads a compiler by itself.
    let mut environment = vec![("RQUICKJS_SYS_NO_WASI_SDK", "1".to_owned())];
    let watched_stack = root.join(FOLDER).join("javascript/stack.h");
    let flags = std::env::var_os("CFLAGS_wasm32_wasip1").unwrap_or_default();
    let flags = format!("{} -include '{}'", flags.to_string_lossy(), watched_stack.display());
    environment.push(("CC_SHELL_ESCAPED_FLAGS", "1".to_owned()));
    environment.push(("CFLAGS_wasm32_wasip1", flags.trim_start().to_owned()));
    if let Some(compiler) = std::env::var_os("CC_wasm32_wasip1") {
        let compiler = compiler.to_string_lossy().into_owned();
        let version = version_of(&compiler, &["--version"]).context("CC_wasm32_wasip1 names no compiler")?;
        return Ok(CCompiler { version, environment });
    }
    for zig in [&["zig"][..], &["python3", "-m", "ziglang"]] {
        let [program, arguments @ ..] = zig else { continue };
        let Ok(version) = version_of(program, &[arguments, &["version"]].concat()) else { continue };
        let scripts = root.join("target/guests/zig");
        // It does not know the name that Rust has for the target.
        let cc = format!(
            "for argument; do\n  shift\n  case $argument in --target=*) ;; *) set -- \"$@\" \"$argument\" ;; esac\ndone\n\
             exec {} cc -target wasm32-wasi \"$@\"",
            zig.join(" ")
        );
        environment.push(("CC_wasm32_wasip1", script(&scripts, "cc", &cc)?));
        environment.push(("AR_wasm32_wasip1", script(&scripts, "ar", &format!("exec {} ar \"$@\"", zig.join(" ")))?));
        return Ok(CCompiler { version: format!("zig {version}"), environment });
    }
    bail!(
        "the JavaScript guest needs a C compiler that makes wasm: `python3 -m pip install ziglang` gets one, or name \
         another with its libc by CC_wasm32_wasip1, CFLAGS_wasm32_wasip1 and AR_wasm32_wasip1"
    )
}

/// The first line that a program prints.
fn version_of(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!("{program} {} failed", arguments.join(" "));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
