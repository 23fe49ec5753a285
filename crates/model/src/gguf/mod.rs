//! GGUF files: memory-mapped, checked on opening, read without copying weights.

mod metadata;
mod reader;

use std::{collections::HashMap, fmt, path::Path, sync::Arc};

use candle_core::quantized::GgmlDType;

pub use metadata::{Metadata, MetadataValue};

use crate::{
    ModelError,
    bytes::{Bytes, Region},
};

/// An open GGUF file: its metadata in memory, its weights where they are. Clones are cheap and share the mapping.
///
/// The file must not be changed while it is open. One that is cut short by another program while it is mapped kills
/// this process with a bus error; no reader of mapped files can prevent that.
#[derive(Debug, Clone)]
pub struct GgufFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    bytes: Arc<Bytes>,
    version: u32,
    metadata: Metadata,
    tensors: Vec<TensorInfo>,
    by_name: HashMap<String, usize>,
}

/// Where a tensor lies and how it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TensorInfo {
    /// Its name, e.g. `blk.0.attn_q.weight`.
    pub name: String,
    /// Dimensions from the outermost to the innermost: a matrix is `[rows, columns]` = `[outputs, inputs]`.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub dtype: TensorType,
    /// Bytes that it takes in the file.
    pub byte_len: usize,
    /// Where it starts in the file; checked to end within it.
    pub(crate) start: usize,
}

/// The number formats that can be computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum TensorType {
    F32,
    F16,
    BF16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
}

impl TensorType {
    pub(crate) const SUPPORTED: &str = "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K and Q6_K";

    fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            10 => Self::Q2K,
            11 => Self::Q3K,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            30 => Self::BF16,
            _ => return None,
        })
    }

    pub(crate) fn candle(self) -> GgmlDType {
        match self {
            Self::F32 => GgmlDType::F32,
            Self::F16 => GgmlDType::F16,
            Self::BF16 => GgmlDType::BF16,
            Self::Q4_0 => GgmlDType::Q4_0,
            Self::Q4_1 => GgmlDType::Q4_1,
            Self::Q5_0 => GgmlDType::Q5_0,
            Self::Q5_1 => GgmlDType::Q5_1,
            Self::Q8_0 => GgmlDType::Q8_0,
            Self::Q2K => GgmlDType::Q2K,
            Self::Q3K => GgmlDType::Q3K,
            Self::Q4K => GgmlDType::Q4K,
            Self::Q5K => GgmlDType::Q5K,
            Self::Q6K => GgmlDType::Q6K,
        }
    }

    /// Numbers in one block, which share their scale.
    pub fn block_len(self) -> usize {
        self.candle().block_size()
    }

    /// Bytes that a tensor of this shape takes; `None` if its rows do not divide into blocks, or if it is empty or
    /// larger than memory can be.
    fn byte_len(self, shape: &[usize]) -> Option<usize> {
        let columns = *shape.last()?;
        if !columns.is_multiple_of(self.block_len()) {
            return None;
        }
        let elements = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size))?;
        if elements == 0 || elements > isize::MAX as usize / 8 {
            return None;
        }
        (elements / self.block_len()).checked_mul(self.candle().type_size())
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Q2K => "Q2_K",
            Self::Q3K => "Q3_K",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
            other => return write!(f, "{other:?}"),
        };
        f.write_str(name)
    }
}

/// The format's own name of a type that we do not compute with, so that the message tells the user what to look for.
fn unsupported_type_name(code: u32) -> String {
    let name = match code {
        9 => "Q8_1",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        other => return format!("number {other}"),
    };
    name.to_owned()
}

impl GgufFile {
    /// Maps a file and reads all but its weights.
    ///
    /// # Errors
    /// If it cannot be mapped, or if anything in it is not as the format demands: every count and offset is checked
    /// against the length of the file, and the error names the field or tensor.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        Self::from_bytes(Bytes::map(path)?)
    }

    /// The same for a file that is part of the program. Weights are used in place if `bytes` is aligned to 8, else
    /// the file is copied.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn from_static(bytes: &'static [u8]) -> Result<Self, ModelError> {
        Self::from_bytes(Bytes::from_static(bytes))
    }

    fn from_bytes(bytes: Bytes) -> Result<Self, ModelError> {
        let reader::Header { version, metadata, tensors } = reader::read(&bytes)?;
        let by_name = tensors.iter().enumerate().map(|(index, tensor)| (tensor.name.clone(), index)).collect();
        Ok(Self { inner: Arc::new(Inner { bytes: Arc::new(bytes), version, metadata, tensors, by_name }) })
    }

    /// The format's version, 2 or 3.
    pub fn version(&self) -> u32 {
        self.inner.version
    }

    /// The size of the file.
    pub fn byte_len(&self) -> usize {
        self.inner.bytes.len()
    }

    /// The key-value part.
    pub fn metadata(&self) -> &Metadata {
        &self.inner.metadata
    }

    /// All tensors, in the file's order.
    pub fn tensors(&self) -> impl Iterator<Item = &TensorInfo> {
        self.inner.tensors.iter()
    }

    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.inner.by_name.get(name).map(|&index| &self.inner.tensors[index])
    }

    /// The bytes of one of its own tensors.
    pub(crate) fn region(&self, tensor: &TensorInfo) -> Option<Region> {
        Region::new(&self.inner.bytes, tensor.start, tensor.byte_len)
    }
}

#[cfg(test)]
#[path = "gguf_tests.rs"]
mod tests;
