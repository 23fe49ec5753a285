//! `cargo xtask components`: builds the example tool and the component of the plugin tests, and puts the hashes into
//! their manifests. The results are committed, since not every machine that tests has the wasm target.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

/// Where they lie, and what their files are called.
const COMPONENTS: &[(&str, &str)] = &[("examples/tools/word_count", "word_count"), ("tools/plugins/tests/prober", "prober")];

/// Builds all of them.
pub fn run(root: &Path) -> Result<()> {
    for (folder, name) in COMPONENTS {
        let folder = root.join(folder);
        let target = root.join("target/components");
        // Panic messages name source files: without the first part of their paths they are the same on every machine.
        let flags = format!("--remap-path-prefix={}=.", root.display());
        let cargo_home = std::env::var_os("CARGO_HOME").map(Into::into).or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
        let flags = match cargo_home {
            Some(home) => format!("{flags}\u{1f}--remap-path-prefix={}=cargo", home.display()),
            None => flags,
        };
        let status = Command::new("cargo")
            .args(["build", "--release", "--locked", "--target", "wasm32-wasip2", "--target-dir"])
            .arg(&target)
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
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

fn sha256(path: &Path) -> Result<String> {
    let output = Command::new("sha256sum").arg(path).output().context("cannot start sha256sum")?;
    let text = String::from_utf8(output.stdout)?;
    text.split_whitespace().next().map(str::to_owned).context("sha256sum printed no hash")
}
