//! Embeds the interpreters: `sandbox/guests/artefacts`, packed as they are, with the hashes that stand beside them.

#![allow(clippy::disallowed_methods, reason = "this is how Cargo tells a build script")]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../sandbox/guests/artefacts");
    let mut source = String::new();
    for (constant, name) in [("PYTHON", "python"), ("JAVASCRIPT", "javascript")] {
        match embedded(&folder, name) {
            Ok(guest) => source += &format!("pub(crate) const {constant}: Guest = {guest};\n"),
            Err(error) => println!("cargo::error={error}"),
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("guests.rs"), source)?;
    Ok(())
}

/// The guest as an expression.
fn embedded(folder: &Path, name: &str) -> Result<String> {
    let again = format!("run `cargo xtask guests --only {name}`");
    let (packed, facts) = (folder.join(format!("{name}.wasm.xz")), folder.join(format!("{name}.toml")));
    for file in [&packed, &facts] {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let missing = |_| format!("the {name} guest is not there (sandbox/guests/artefacts/{name}.wasm.xz): {again}");
    let (bytes, facts) = (fs::read(&packed).map_err(missing)?, fs::read_to_string(&facts).map_err(missing)?);
    let fact = |wanted: &str| {
        let of_line = |line: &str| Some(line.strip_prefix(wanted)?.strip_prefix(" = ")?.trim_matches('"').to_owned());
        let unread = || format!("sandbox/guests/artefacts/{name}.toml has no `{wanted}`: {again}");
        facts.lines().find_map(of_line).ok_or_else(unread)
    };
    if blake3::hash(&bytes).to_hex().as_str() != fact("packed_blake3")? {
        let why = format!("sandbox/guests/artefacts/{name}.wasm.xz is not what {name}.toml says");
        return Err(format!("{why}: fetch it again, or {again}").into());
    }
    let (hash, size): (_, usize) = (fact("module_blake3")?, fact("module_bytes")?.parse()?);
    let path = packed.to_str().ok_or("the repository's path is no text")?;
    Ok(format!("Guest {{ hash: {hash:?}, size: {size}, packed: include_bytes!({path:?}) }}"))
}
