//! The bytes before the weights: header, metadata and tensor descriptions, read with every length checked against what
//! is left of the file before anything is allocated for it.
//!
//! Specification: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use super::{Metadata, MetadataValue, TensorInfo, TensorType};
use crate::ModelError;

/// What any real file stays far below; a damaged one should not make us read millions of entries.
const MAX_NESTING: usize = 4;
const MAX_DIMENSIONS: usize = 4;
const MAX_NAME_BYTES: usize = 65_535;
const DEFAULT_ALIGNMENT: u64 = 32;

pub(super) struct Header {
    pub version: u32,
    pub metadata: Metadata,
    pub tensors: Vec<TensorInfo>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Header, ModelError> {
    let mut cursor = Cursor { bytes, position: 0 };
    let magic = cursor.take(4, "header")?;
    if magic != b"GGUF" {
        return Err(ModelError::malformed("header", format!("starts with {magic:02x?} instead of \"GGUF\"")));
    }
    let version = cursor.u32("version")?;
    match version {
        2 | 3 => {}
        v if matches!(v.swap_bytes(), 1..=3) => {
            return Err(ModelError::malformed("version", "the file is big-endian; convert it to little-endian"));
        }
        v => return Err(ModelError::malformed("version", format!("{v} is not supported, only 2 and 3 are"))),
    }
    let tensor_count = cursor.count("tensor count", 8 + 4 + 8 + 4 + 8)?;
    let metadata_count = cursor.count("metadata count", 8 + 4 + 1)?;

    let mut metadata = Metadata::default();
    for index in 0..metadata_count {
        let key = cursor.name(&format!("metadata key {index}"))?;
        let field = format!("metadata {key:?}");
        let kind = cursor.u32(&field)?;
        let value = cursor.value(kind, &field, 0)?;
        if !metadata.insert(key, value) {
            return Err(ModelError::malformed(field, "stands there twice"));
        }
    }
    let alignment = match metadata.opt_u64("general.alignment")? {
        None => DEFAULT_ALIGNMENT,
        Some(value) if value.is_power_of_two() && (8..=1 << 24).contains(&value) => value,
        Some(value) => {
            return Err(ModelError::invalid("general.alignment", value, "it must be a power of two from 8 to 2^24"));
        }
    };

    let mut tensors: Vec<TensorInfo> = Vec::with_capacity(tensor_count);
    let mut offsets = Vec::with_capacity(tensor_count);
    let mut names = std::collections::HashSet::with_capacity(tensor_count);
    for index in 0..tensor_count {
        let (tensor, offset) = cursor.tensor(index)?;
        if !names.insert(tensor.name.clone()) {
            return Err(ModelError::malformed(format!("tensor {:?}", tensor.name), "stands there twice"));
        }
        tensors.push(tensor);
        offsets.push(offset);
    }

    let data_start = (cursor.position as u64).next_multiple_of(alignment);
    for (tensor, offset) in tensors.iter_mut().zip(offsets) {
        let end = data_start.checked_add(offset).and_then(|start| start.checked_add(tensor.byte_len as u64));
        if end.is_none_or(|end| end > bytes.len() as u64) {
            return Err(ModelError::malformed(
                format!("tensor {:?}", tensor.name),
                format!(
                    "its {} bytes at offset {offset} of the weights reach past the end of the file ({} bytes); \
                     is the download complete?",
                    tensor.byte_len,
                    bytes.len()
                ),
            ));
        }
        // Fits: `end` is at most the length of a slice.
        tensor.start = (data_start + offset) as usize;
    }
    Ok(Header { version, metadata, tensors })
}

struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    fn take(&mut self, len: usize, field: &str) -> Result<&'a [u8], ModelError> {
        if len > self.remaining() {
            return Err(ModelError::malformed(
                field,
                format!("needs {len} bytes at offset {}, but the file ends after {}", self.position, self.remaining()),
            ));
        }
        let start = self.position;
        self.position += len;
        Ok(&self.bytes[start..self.position])
    }

    fn array<const N: usize>(&mut self, field: &str) -> Result<[u8; N], ModelError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N, field)?);
        Ok(out)
    }

    fn u32(&mut self, field: &str) -> Result<u32, ModelError> {
        Ok(u32::from_le_bytes(self.array(field)?))
    }

    fn u64(&mut self, field: &str) -> Result<u64, ModelError> {
        Ok(u64::from_le_bytes(self.array(field)?))
    }

    /// A number of things of at least `min_size` bytes each, which must therefore fit into the rest of the file.
    fn count(&mut self, field: &str, min_size: usize) -> Result<usize, ModelError> {
        let count = self.u64(field)?;
        let room = (self.remaining() / min_size) as u64;
        if count > room {
            return Err(ModelError::malformed(
                field,
                format!("says {count} entries, but the rest of the file has room for {room} at most"),
            ));
        }
        Ok(count as usize)
    }

    fn string(&mut self, field: &str) -> Result<String, ModelError> {
        let len = self.count(field, 1)?;
        let bytes = self.take(len, field)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(ModelError::malformed(field, format!("is not UTF-8: {error}"))),
        }
    }

    fn name(&mut self, field: &str) -> Result<String, ModelError> {
        let name = self.string(field)?;
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err(ModelError::malformed(field, format!("a name of {} bytes", name.len())));
        }
        Ok(name)
    }

    fn value(&mut self, kind: u32, field: &str, depth: usize) -> Result<MetadataValue, ModelError> {
        use MetadataValue as V;
        Ok(match kind {
            0 => V::Unsigned(u64::from(self.array::<1>(field)?[0])),
            1 => V::Signed(i64::from(i8::from_le_bytes(self.array(field)?))),
            2 => V::Unsigned(u64::from(u16::from_le_bytes(self.array(field)?))),
            3 => V::Signed(i64::from(i16::from_le_bytes(self.array(field)?))),
            4 => V::Unsigned(u64::from(self.u32(field)?)),
            5 => V::Signed(i64::from(i32::from_le_bytes(self.array(field)?))),
            6 => V::Float(f64::from(f32::from_le_bytes(self.array(field)?))),
            7 => V::Bool(self.boolean(field)?),
            8 => V::String(self.string(field)?),
            9 => self.array_value(field, depth)?,
            10 => V::Unsigned(self.u64(field)?),
            11 => V::Signed(i64::from_le_bytes(self.array(field)?)),
            12 => V::Float(f64::from_le_bytes(self.array(field)?)),
            other => return Err(ModelError::malformed(field, format!("has the unknown value type {other}"))),
        })
    }

    fn boolean(&mut self, field: &str) -> Result<bool, ModelError> {
        match self.array::<1>(field)?[0] {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(ModelError::malformed(field, format!("has the boolean value {other}"))),
        }
    }

    fn array_value(&mut self, field: &str, depth: usize) -> Result<MetadataValue, ModelError> {
        use MetadataValue as V;
        if depth == MAX_NESTING {
            return Err(ModelError::malformed(field, format!("has arrays nested deeper than {MAX_NESTING}")));
        }
        let kind = self.u32(field)?;
        let min_size = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            9 => 12,
            other => return Err(ModelError::malformed(field, format!("has the unknown element type {other}"))),
        };
        let len = self.count(field, min_size)?;
        Ok(match kind {
            7 => V::BoolArray((0..len).map(|_| self.boolean(field)).collect::<Result<_, _>>()?),
            8 => {
                let mut strings = Vec::with_capacity(len);
                for index in 0..len {
                    strings.push(self.string(field).map_err(|error| at_element(error, field, index))?);
                }
                V::StringArray(strings)
            }
            9 => V::Nested((0..len).map(|_| self.array_value(field, depth + 1)).collect::<Result<_, _>>()?),
            fixed => self.numbers(fixed, len, min_size, field)?,
        })
    }

    /// An array of `len` numbers of `size` bytes each, whose room [`Self::count`] has checked.
    fn numbers(&mut self, kind: u32, len: usize, size: usize, field: &str) -> Result<MetadataValue, ModelError> {
        use MetadataValue as V;
        let bytes = self.take(len * size, field)?;
        macro_rules! read {
            ($from:ty as $to:ty) => {
                bytes
                    .chunks_exact(size)
                    .map(|chunk| {
                        let mut element = [0; size_of::<$from>()];
                        element.copy_from_slice(chunk);
                        <$from>::from_le_bytes(element) as $to
                    })
                    .collect()
            };
        }
        Ok(match kind {
            0 => V::UnsignedArray(read!(u8 as u64)),
            1 => V::SignedArray(read!(i8 as i64)),
            2 => V::UnsignedArray(read!(u16 as u64)),
            3 => V::SignedArray(read!(i16 as i64)),
            4 => V::UnsignedArray(read!(u32 as u64)),
            5 => V::SignedArray(read!(i32 as i64)),
            6 => V::FloatArray(read!(f32 as f32)),
            10 => V::UnsignedArray(read!(u64 as u64)),
            11 => V::SignedArray(read!(i64 as i64)),
            _ => V::FloatArray(read!(f64 as f32)),
        })
    }

    fn tensor(&mut self, index: usize) -> Result<(TensorInfo, u64), ModelError> {
        let name = self.name(&format!("name of tensor {index}"))?;
        let field = format!("tensor {name:?}");
        let rank = self.u32(&field)? as usize;
        if !(1..=MAX_DIMENSIONS).contains(&rank) {
            return Err(ModelError::malformed(field, format!("has {rank} dimensions, not 1 to {MAX_DIMENSIONS}")));
        }
        let mut shape = Vec::with_capacity(rank);
        for _ in 0..rank {
            shape.push(usize::try_from(self.u64(&field)?).unwrap_or(usize::MAX));
        }
        // The file counts from the innermost dimension outwards.
        shape.reverse();
        let code = self.u32(&field)?;
        let dtype = TensorType::from_code(code).ok_or_else(|| ModelError::TensorType {
            name: name.clone(),
            found: super::unsupported_type_name(code),
            supported: TensorType::SUPPORTED,
        })?;
        let byte_len = dtype.byte_len(&shape).ok_or_else(|| {
            ModelError::malformed(
                field.clone(),
                format!("shape {shape:?} is impossible for {dtype} (blocks of {})", dtype.block_len()),
            )
        })?;
        let offset = self.u64(&field)?;
        Ok((TensorInfo { name, shape, dtype, byte_len, start: 0 }, offset))
    }
}

fn at_element(error: ModelError, field: &str, index: usize) -> ModelError {
    match error {
        ModelError::Malformed { problem, .. } => ModelError::malformed(format!("{field}, element {index}"), problem),
        other => other,
    }
}
