//! `cargo xtask components`: builds the example tool and the component of the plugin tests, and puts the hashes into
//! their manifests. The results are committed, since not every machine that tests has the wasm target.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// Where they lie, and what their files are called.
const COMPONENTS: &[(&str, &str)] =
    &[("examples/tools/word_count", "word_count"), ("tools/plugins/tests/prober", "prober")];

/// Builds all of them.
pub fn run(root: &Path) -> Result<()> {
    for (folder, name) in COMPONENTS {
        let folder = root.join(folder);
        let target = root.join("target/components");
        let status = Command::new("cargo")
            .args(["build", "--release", "--locked", "--target", "wasm32-wasip2", "--target-dir"])
            .arg(&target)
            .env("CARGO_ENCODED_RUSTFLAGS", remapped(root))
            .current_dir(&folder)
            .status()
            .context("cannot start cargo")?;
        if !status.success() {
            bail!("{name} does not build; is the target there? rustup target add wasm32-wasip2");
        }
        let file = format!("{name}.wasm");
        fs::copy(target.join("wasm32-wasip2/release").join(&file), folder.join(&file))?;
        let hash = sha256(&folder.join(&file))?;
        let manifest = folder.join("tool.toml");
        let text = fs::read_to_string(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
        let lines = text.lines().map(|line| {
            if line.starts_with("sha256 = ") { format!("sha256 = \"{hash}\"\n") } else { format!("{line}\n") }
        });
        fs::write(&manifest, lines.collect::<String>())?;
        println!("{name}: {} bytes, sha256 {hash}", fs::metadata(folder.join(&file))?.len());
    }
    Ok(())
}

/// Flags for rustc, parted as `CARGO_ENCODED_RUSTFLAGS` has it, with which what is built is the same on every machine:
/// panic messages name source files, and here they do without the first part of their paths.
pub fn remapped(root: &Path) -> String {
    let mut flags = vec![format!("--remap-path-prefix={}=.", root.display())];
    if let Some(home) = cargo_home() {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    flags.join("\u{1f}")
}

/// Where cargo keeps what it fetches.
pub fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME").map(Into::into).or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

fn sha256(path: &Path) -> Result<String> {
    let output = Command::new("sha256sum").arg(path).output().context("cannot start sha256sum")?;
    let text = String::from_utf8(output.stdout)?;
    text.split_whitespace().next().map(str::to_owned).context("sha256sum printed no hash")
}
