//! Bytes that keep their address, and typed views of them: how weights are used where the file is mapped.

use std::{fmt, fs::File, path::Path, sync::Arc};

use candle_core::quantized::k_quants::{
    BlockQ2K, BlockQ3K, BlockQ4_0, BlockQ4_1, BlockQ4K, BlockQ5_0, BlockQ5_1, BlockQ5K, BlockQ6K, BlockQ8_0,
};
use half::{bf16, f16};

use crate::ModelError;

/// Every address in here is a multiple of this, if its offset is; enough for every [`Plain`] type.
const ALIGNMENT: usize = 8;

/// A whole file.
pub(crate) enum Bytes {
    Mapped(memmap2::Mmap),
    Static(&'static [u8]),
    /// The words of which the first so many bytes count.
    Heap(Vec<u64>, usize),
}

impl Bytes {
    pub fn map(path: &Path) -> Result<Self, ModelError> {
        let io = |source| ModelError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        #[allow(unsafe_code)]
        // SAFETY: the mapping is private and only read. That no other program changes the file meanwhile cannot be
        // had from the operating system; `GgufFile` and `Decoder::from_safetensors` ask it of their callers.
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(io)?;
        Ok(Self::Mapped(map))
    }

    /// In place if aligned, else a copy.
    pub fn from_static(bytes: &'static [u8]) -> Self {
        if bytes.as_ptr().addr().is_multiple_of(ALIGNMENT) { Self::Static(bytes) } else { Self::copy_of(bytes) }
    }

    fn copy_of(bytes: &[u8]) -> Self {
        let words = bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_ne_bytes(word)
        });
        Self::Heap(words.collect(), bytes.len())
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Static(bytes) => bytes,
            Self::Heap(words, len) => &as_bytes(words)[..*len],
        }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

fn as_bytes(words: &[u64]) -> &[u8] {
    #[allow(unsafe_code)]
    // SAFETY: every byte of a u64 is initialised, and u8 has no alignment.
    unsafe {
        std::slice::from_raw_parts(words.as_ptr().cast(), size_of_val(words))
    }
}

/// Types of which every bit pattern is a value.
///
/// # Safety
/// No padding that is read, no invalid values, no pointers, alignment of at most [`ALIGNMENT`].
#[allow(unsafe_code)]
pub(crate) unsafe trait Plain: Sized + 'static {}

macro_rules! plain {
    ($($type:ty),*) => {$(
        #[allow(unsafe_code)]
        // SAFETY: a float, or `repr(C)` of such and of byte arrays, as the GGML format defines it.
        unsafe impl Plain for $type {}
        const _: () = assert!(align_of::<$type>() <= ALIGNMENT);
    )*};
}

plain!(f32, f16, bf16, BlockQ4_0, BlockQ4_1, BlockQ5_0, BlockQ5_1, BlockQ8_0);
plain!(BlockQ2K, BlockQ3K, BlockQ4K, BlockQ5K, BlockQ6K);

/// A tensor's part of a file.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    bytes: Arc<Bytes>,
    start: usize,
    len: usize,
}

impl Region {
    /// `None` if the file does not reach so far. Data that is not aligned is copied.
    pub fn new(bytes: &Arc<Bytes>, start: usize, len: usize) -> Option<Self> {
        let data = bytes.get(start..start.checked_add(len)?)?;
        if data.as_ptr().addr().is_multiple_of(ALIGNMENT) {
            Some(Self { bytes: bytes.clone(), start, len })
        } else {
            Some(Self { bytes: Arc::new(Bytes::copy_of(data)), start: 0, len })
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.len]
    }

    /// The elements of type `T`; a remainder shorter than one is left out.
    pub fn view<T: Plain>(&self) -> &[T] {
        let bytes = self.as_bytes();
        #[allow(unsafe_code)]
        // SAFETY: the slice covers `len / size` whole elements of initialised memory, which lives as long as `self`
        // and is never written; `new` saw to the alignment; `Plain` says that every bit pattern is a value.
        unsafe {
            std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len() / size_of::<T>())
        }
    }
}
