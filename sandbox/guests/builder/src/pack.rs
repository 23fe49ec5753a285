//! The packed form: xz, which is a third smaller than zstd for these modules and needs no code in C to unpack.

use std::io::{Read as _, Write as _};

use lzma_rust2::{CheckType, LzmaOptions, XzOptions, XzReader, XzWriter};
use wasmtime::Result;

/// Packs as small as it goes; the time does not matter.
pub fn pack(module: &[u8]) -> Result<Vec<u8>> {
    let mut lzma = LzmaOptions::with_preset(9);
    lzma.nice_len = LzmaOptions::NICE_LEN_MAX;
    lzma.depth_limit = 1000;
    // Machine code of wasm is not aligned, and what an instruction is depends on the bytes before it.
    lzma.lc = 4;
    lzma.pb = 0;
    // Whoever unpacks it checks a BLAKE3 hash of the whole, so a checksum would be computed for nothing.
    let options = XzOptions { lzma_options: lzma, check_type: CheckType::None, block_size: None, filters: Vec::new() };
    let mut writer = XzWriter::new(Vec::new(), options)?;
    writer.write_all(module)?;
    Ok(writer.finish()?)
}

/// The module that was packed.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let mut module = Vec::new();
    XzReader::new(packed, false).read_to_end(&mut module)?;
    Ok(module)
}

/// What is written beside the packed file. The build script of `tools/code` reads these lines.
pub fn facts(module: &[u8], packed: &[u8], notes: &[(&str, &str)]) -> String {
    let mut text = "# Written by `cargo xtask guests`.\n".to_owned();
    for (name, bytes) in [("module", module), ("packed", packed)] {
        text += &format!("{name}_bytes = {}\n{name}_blake3 = \"{}\"\n", bytes.len(), blake3::hash(bytes));
    }
    for (name, note) in notes {
        text += &format!("{name} = {}\n", serde_json::Value::from(*note));
    }
    text
}
