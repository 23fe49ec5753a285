//! Compiles the standard library and the runner to bytecode, which `main.rs` includes.
//!
//! RustPython's own feature for this (`freeze-stdlib` of `rustpython-pylib`) takes every module, in an order that changes
//! from build to build, each compressed by itself. Here the modules that cannot work in the sandbox are left out, the
//! order is fixed, and nothing is compressed: the artefact is compressed as a whole, which packs a third tighter.

use std::{
    collections::BTreeMap,
    env, error, fs,
    path::{Path, PathBuf},
};

use rustpython_compiler::{CompileOpts, Mode, compile};
use rustpython_compiler_core::{
    frozen::{FrozenCodeObject, FrozenLib, FrozenModule},
    marshal,
};

/// Modules and packages that need what a sandbox has not: windows, terminals, sockets, processes, installations.
#[rustfmt::skip]
const LEFT_OUT: &[&str] = &[
    "__hello__", "__phello__", "_aix_support", "_android_support", "_apple_support", "_dummy_os", "_ios_support",
    "_osx_support", "antigravity", "compileall", "ctypes", "curses", "dbm", "ensurepip", "ftplib", "idlelib",
    "imaplib", "lib2to3", "mailbox", "modulefinder", "msilib", "multiprocessing", "nturl2path", "poplib", "pty", "pyclbr",
    "pydoc_data", "shelve", "smtplib", "socketserver", "sqlite3", "ssl", "test", "tkinter", "tty", "turtle",
    "turtledemo", "venv", "webbrowser", "wsgiref", "xmlrpc", "zipapp", "asyncio.windows_events",
    "asyncio.windows_utils", "unittest.test", "distutils", "sysconfig.__main__",
];

/// The encodings that stay; the others are for old files of particular countries and machines.
#[rustfmt::skip]
const ENCODINGS: &[&str] = &[
    "", "aliases", "ascii", "base64_codec", "bz2_codec", "charmap", "cp1252", "cp437", "hex_codec", "idna", "iso8859_1",
    "iso8859_15", "latin_1", "punycode", "quopri_codec", "raw_unicode_escape", "rot_13", "undefined", "unicode_escape",
    "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le", "utf_7", "utf_8", "utf_8_sig", "zlib_codec",
];

type Result<T> = std::result::Result<T, Box<dyn error::Error>>;

fn main() -> Result<()> {
    println!("cargo:rerun-if-changed=runner");
    // Rust's share of the stack that one Python call takes lies in the guest's memory; one mebibyte, which is usual,
    // would end before Python's own limit of recursion.
    println!("cargo:rustc-link-arg-bins=-zstack-size=8388608");
    let mut modules = BTreeMap::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut modules)?;
    modules.retain(|name, _| stays(name));
    collect(Path::new("runner"), "_toolwright", &mut modules)?;
    let mut frozen = Vec::new();
    for (name, path) in &modules {
        let source = fs::read_to_string(path)?;
        let source = source.trim_start_matches('\u{feff}');
        let code = compile(source, Mode::Exec, name, CompileOpts::default())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let mut bytes = Vec::new();
        marshal::serialize_code(&mut bytes, &code);
        let package = path.ends_with("__init__.py");
        frozen.push((name.as_str(), FrozenModule { code: FrozenCodeObject { bytes: stored(&bytes) }, package }));
    }
    let library = FrozenLib::encode(frozen.iter().map(|(name, module)| {
        let code = FrozenCodeObject { bytes: module.code.bytes.as_slice() };
        (*name, FrozenModule { code, package: module.package })
    }));
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("library.bin"), library.bytes)?;
    Ok(())
}

/// Finds the modules below `folder`, by their dotted names.
fn collect(folder: &Path, package: &str, modules: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let name = match (stem, package) {
            ("__init__", _) => package.to_owned(),
            (_, "") => stem.to_owned(),
            _ => format!("{package}.{stem}"),
        };
        if path.is_dir() {
            if stays(&name) {
                collect(&path, &name, modules)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "py") {
            modules.insert(name, path);
        }
    }
    Ok(())
}

fn stays(name: &str) -> bool {
    if let Some(encoding) = name.strip_prefix("encodings") {
        return ENCODINGS.contains(&encoding.trim_start_matches('.'));
    }
    !LEFT_OUT.iter().any(|out| name.strip_prefix(out).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// `bytes` as RustPython expects a frozen module: its size and an LZ4 block. The block is one run of literals.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut block = (bytes.len() as u32).to_le_bytes().to_vec();
    if bytes.len() < 15 {
        block.push((bytes.len() as u8) << 4);
    } else {
        block.push(0xf0);
        let rest = bytes.len() - 15;
        block.extend(std::iter::repeat_n(0xff, rest / 255));
        block.push((rest % 255) as u8);
    }
    block.extend_from_slice(bytes);
    block
}
