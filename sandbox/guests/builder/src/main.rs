//! Makes a guest's artefact: takes a snapshot of the started interpreter, tries it, packs it.
//!
//! ```text
//! guest-builder pack IN.wasm OUT.wasm.xz [--try REQUEST EXPECTED] [--note NAME TEXT]…
//! guest-builder unpack IN.wasm.xz OUT.wasm
//! ```
//!
//! `IN.wasm` is a command of WASI preview 1 that exports `_start` and `wizer-initialize` and imports nothing but WASI and
//! `toolwright.report`. `pack` writes `OUT.wasm.xz`, and `OUT.toml` beside it: sizes and BLAKE3 hashes of the module and
//! of the packed file, and the notes (which compilers made it). The same `IN.wasm` gives the same files everywhere.
//!
//! `REQUEST` is the JSON that the guest gets as its first argument. The snapshot must print `EXPECTED` and a line end, say
//! through `toolwright.report` that nothing failed, and exit with 0; nothing is written otherwise.
//!
//! `cargo xtask guests` calls this. By hand:
//!
//! ```text
//! cargo run --release --locked --manifest-path sandbox/guests/builder/Cargo.toml -- pack IN.wasm OUT.wasm.xz
//! ```

mod machine;
mod pack;
mod snapshot;

use std::{fs, path::Path, time::Instant};

use wasmtime::{Result, bail, error::Context as _};

const USAGE: &str = "usage: guest-builder pack IN.wasm OUT.wasm.xz [--try REQUEST EXPECTED] [--note NAME TEXT]…\n       \
                     guest-builder unpack IN.wasm.xz OUT.wasm";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["pack", wasm, packed, options @ ..] => pack(Path::new(wasm), Path::new(packed), options),
        ["unpack", packed, wasm] => {
            let module = pack::unpack(&read(Path::new(packed))?).with_context(|| format!("cannot unpack {packed}"))?;
            fs::write(wasm, module).with_context(|| format!("cannot write {wasm}"))
        }
        _ => bail!(USAGE),
    }
}

fn pack(wasm: &Path, packed: &Path, mut options: &[&str]) -> Result<()> {
    let (mut tries, mut notes) = (Vec::new(), Vec::new());
    while !options.is_empty() {
        options = match options {
            ["--try", request, expected, rest @ ..] => {
                tries.push((*request, *expected));
                rest
            }
            ["--note", name, text, rest @ ..] => {
                notes.push((*name, *text));
                rest
            }
            _ => bail!(USAGE),
        };
    }
    let Some(facts) = packed.to_str().and_then(|path| path.strip_suffix(".wasm.xz")) else {
        bail!("{} must end in .wasm.xz", packed.display());
    };

    let started = Instant::now();
    let plain = read(wasm)?;
    let module = snapshot::take(&plain).with_context(|| format!("cannot take a snapshot of {}", wasm.display()))?;
    eprintln!("snapshot: {} KiB, of {} KiB before, {:.1?}", module.len() >> 10, plain.len() >> 10, started.elapsed());
    if !tries.is_empty() {
        let started = Instant::now();
        machine::check(&module, &tries)?;
        eprintln!("tried: {} answers, {:.1?} with its compilation", tries.len(), started.elapsed());
    }
    let started = Instant::now();
    let bytes = pack::pack(&module).context("cannot pack the snapshot")?;
    if pack::unpack(&bytes)? != module {
        bail!("what was packed is not what comes out again: the packer is broken");
    }
    eprintln!("packed: {} KiB, {:.1?}", bytes.len() >> 10, started.elapsed());
    fs::write(packed, &bytes).with_context(|| format!("cannot write {}", packed.display()))?;
    let facts = format!("{facts}.toml");
    fs::write(&facts, pack::facts(&module, &bytes, &notes)).with_context(|| format!("cannot write {facts}"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
