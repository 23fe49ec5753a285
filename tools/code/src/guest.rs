//! The interpreters in this program: packed, and unpacked only to be compiled.

use std::io::Read as _;

use lzma_rust2::XzReader;
use toolwright_sandbox::SandboxError;

/// An interpreter's WebAssembly module.
#[derive(Clone, Copy)]
pub(crate) struct Guest {
    /// BLAKE3 of the unpacked module.
    pub hash: &'static str,
    /// Bytes of the unpacked module.
    size: usize,
    packed: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/guests.rs"));

impl Guest {
    /// The module. The sandbox compares it with [`Self::hash`] before it compiles it.
    ///
    /// # Errors
    ///
    /// If the packed form is damaged.
    pub(crate) fn unpack(self) -> Result<Vec<u8>, SandboxError> {
        let damaged = |why: &dyn std::fmt::Display| SandboxError::Guest(format!("its packed form is damaged: {why}"));
        let mut module = Vec::with_capacity(self.size);
        // One byte more than there should be, so that more is noticed and not unpacked.
        let mut reader = XzReader::new(self.packed, false).take(self.size as u64 + 1);
        reader.read_to_end(&mut module).map_err(|error| damaged(&error))?;
        if module.len() != self.size {
            return Err(damaged(&format!("{} bytes, not {}", module.len(), self.size)));
        }
        Ok(module)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_what_the_hashes_say() {
        for (name, guest) in [("python", PYTHON), ("javascript", JAVASCRIPT)] {
            let module = guest.unpack().unwrap();
            assert_eq!(blake3::hash(&module).to_hex().as_str(), guest.hash, "{name}");
        }
    }

    #[test]
    fn damage_is_an_error() {
        let cut = Guest { packed: &JAVASCRIPT.packed[..JAVASCRIPT.packed.len() / 2], ..JAVASCRIPT };
        assert!(cut.unpack().is_err());
        let longer = Guest { size: JAVASCRIPT.size - 1, ..JAVASCRIPT };
        assert!(longer.unpack().unwrap_err().to_string().contains("damaged"));
    }
}
