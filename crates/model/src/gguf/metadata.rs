use std::{collections::BTreeMap, fmt};

use crate::ModelError;

/// One value of a GGUF file's metadata. Integers and floats are widened; [`Metadata`]'s getters narrow them with a check.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MetadataValue {
    /// Any unsigned integer type.
    Unsigned(u64),
    /// Any signed integer type.
    Signed(i64),
    /// `f32` or `f64`.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// UTF-8 text.
    String(String),
    /// Unsigned integers.
    UnsignedArray(Vec<u64>),
    /// Signed integers.
    SignedArray(Vec<i64>),
    /// Floats. `f64` elements are narrowed: no key of the format needs them.
    FloatArray(Vec<f32>),
    /// Truth values.
    BoolArray(Vec<bool>),
    /// Strings, e.g. a vocabulary.
    StringArray(Vec<String>),
    /// Arrays of arrays. No key of the format uses them; they are read so that a file with one can be opened.
    Nested(Vec<MetadataValue>),
}

impl MetadataValue {
    /// The type's name, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Unsigned(_) => "an unsigned integer",
            Self::Signed(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Bool(_) => "a boolean",
            Self::String(_) => "a string",
            Self::UnsignedArray(_) => "an array of unsigned integers",
            Self::SignedArray(_) => "an array of integers",
            Self::FloatArray(_) => "an array of floats",
            Self::BoolArray(_) => "an array of booleans",
            Self::StringArray(_) => "an array of strings",
            Self::Nested(_) => "an array of arrays",
        }
    }

    fn array_len(&self) -> Option<usize> {
        match self {
            Self::UnsignedArray(v) => Some(v.len()),
            Self::SignedArray(v) => Some(v.len()),
            Self::FloatArray(v) => Some(v.len()),
            Self::BoolArray(v) => Some(v.len()),
            Self::StringArray(v) => Some(v.len()),
            Self::Nested(v) => Some(v.len()),
            _ => None,
        }
    }
}

/// Scalars in full, arrays as their type and length.
impl fmt::Display for MetadataValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(v) => write!(f, "{v}"),
            Self::Signed(v) => write!(f, "{v}"),
            Self::Float(v) => write!(f, "{v}"),
            Self::Bool(v) => write!(f, "{v}"),
            Self::String(v) => f.write_str(v),
            array => write!(f, "{} ({} elements)", array.type_name(), array.array_len().unwrap_or(0)),
        }
    }
}

/// The key-value part of a GGUF file. `get_*` demands a key, `opt_*` gives `None` for an absent one; both give an error
/// that names the key if its type or range does not fit.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    values: BTreeMap<String, MetadataValue>,
}

macro_rules! getters {
    ($($(#[$doc:meta])* $get:ident / $opt:ident -> $type:ty = $read:ident;)*) => {$(
        $(#[$doc])*
        #[allow(clippy::needless_lifetimes, reason = "some of the types borrow, some do not")]
        pub fn $opt<'a>(&'a self, key: &str) -> Result<Option<$type>, ModelError> {
            self.values.get(key).map(|value| $read(key, value)).transpose()
        }

        $(#[$doc])*
        #[allow(clippy::needless_lifetimes, reason = "some of the types borrow, some do not")]
        pub fn $get<'a>(&'a self, key: &str) -> Result<$type, ModelError> {
            self.$opt(key)?.ok_or_else(|| ModelError::MissingKey { key: key.to_owned() })
        }
    )*};
}

impl Metadata {
    /// Metadata from its parts: for tests and for models whose metadata comes from elsewhere.
    pub fn from_values(values: impl IntoIterator<Item = (String, MetadataValue)>) -> Self {
        Self { values: values.into_iter().collect() }
    }

    /// Whether the key is there, whatever its type.
    pub fn contains(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The value as it is.
    pub fn value(&self, key: &str) -> Option<&MetadataValue> {
        self.values.get(key)
    }

    /// All keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &MetadataValue)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub(crate) fn insert(&mut self, key: String, value: MetadataValue) -> bool {
        self.values.insert(key, value).is_none()
    }

    getters! {
        /// A string.
        get_str / opt_str -> &'a str = read_str;
        /// Any integer that fits into 32 bits without a sign.
        get_u32 / opt_u32 -> u32 = read_u32;
        /// Any integer that fits into 64 bits without a sign.
        get_u64 / opt_u64 -> u64 = read_u64;
        /// A float, or an integer in its place.
        get_f32 / opt_f32 -> f32 = read_f32;
        /// A truth value.
        get_bool / opt_bool -> bool = read_bool;
        /// An array of strings.
        get_str_array / opt_str_array -> &'a [String] = read_str_array;
        /// An array of floats.
        get_f32_array / opt_f32_array -> &'a [f32] = read_f32_array;
        /// An array of any integers that all fit into 32 bits with a sign.
        get_i32_array / opt_i32_array -> Vec<i32> = read_i32_array;
        /// An array of any integers that all fit into a byte, e.g. a precompiled character map.
        get_u8_array / opt_u8_array -> Vec<u8> = read_u8_array;
    }
}

fn wrong_type(key: &str, expected: &'static str, found: &MetadataValue) -> ModelError {
    ModelError::WrongType { key: key.to_owned(), expected, found: found.type_name().to_owned() }
}

fn read_str<'a>(key: &str, value: &'a MetadataValue) -> Result<&'a str, ModelError> {
    match value {
        MetadataValue::String(text) => Ok(text),
        other => Err(wrong_type(key, "a string", other)),
    }
}

fn read_u64(key: &str, value: &MetadataValue) -> Result<u64, ModelError> {
    match value {
        MetadataValue::Unsigned(v) => Ok(*v),
        MetadataValue::Signed(v) => {
            u64::try_from(*v).map_err(|_| ModelError::invalid(key, v, "it must not be negative"))
        }
        other => Err(wrong_type(key, "an integer", other)),
    }
}

fn read_u32(key: &str, value: &MetadataValue) -> Result<u32, ModelError> {
    let wide = read_u64(key, value)?;
    u32::try_from(wide).map_err(|_| ModelError::invalid(key, wide, "it must be below 2^32"))
}

fn read_f32(key: &str, value: &MetadataValue) -> Result<f32, ModelError> {
    match value {
        MetadataValue::Float(v) => Ok(*v as f32),
        MetadataValue::Unsigned(v) => Ok(*v as f32),
        MetadataValue::Signed(v) => Ok(*v as f32),
        other => Err(wrong_type(key, "a float", other)),
    }
}

fn read_bool(key: &str, value: &MetadataValue) -> Result<bool, ModelError> {
    match value {
        MetadataValue::Bool(v) => Ok(*v),
        other => Err(wrong_type(key, "a boolean", other)),
    }
}

/// An empty array has no element to tell its type from (writers put any), so it passes for every type.
fn is_empty_array(value: &MetadataValue) -> bool {
    value.array_len() == Some(0)
}

fn read_str_array<'a>(key: &str, value: &'a MetadataValue) -> Result<&'a [String], ModelError> {
    match value {
        MetadataValue::StringArray(v) => Ok(v),
        other if is_empty_array(other) => Ok(&[]),
        other => Err(wrong_type(key, "an array of strings", other)),
    }
}

fn read_f32_array<'a>(key: &str, value: &'a MetadataValue) -> Result<&'a [f32], ModelError> {
    match value {
        MetadataValue::FloatArray(v) => Ok(v),
        other if is_empty_array(other) => Ok(&[]),
        other => Err(wrong_type(key, "an array of floats", other)),
    }
}

fn read_integers<T>(key: &str, value: &MetadataValue, range: &str) -> Result<Vec<T>, ModelError>
where
    T: TryFrom<u64> + TryFrom<i64>,
{
    let outside = |index: usize, value: &dyn fmt::Display| {
        ModelError::invalid(format!("{key}[{index}]"), value, format!("it must be in {range}"))
    };
    match value {
        MetadataValue::UnsignedArray(values) => {
            values.iter().enumerate().map(|(i, v)| T::try_from(*v).map_err(|_| outside(i, v))).collect()
        }
        MetadataValue::SignedArray(values) => {
            values.iter().enumerate().map(|(i, v)| T::try_from(*v).map_err(|_| outside(i, v))).collect()
        }
        other if is_empty_array(other) => Ok(Vec::new()),
        other => Err(wrong_type(key, "an array of integers", other)),
    }
}

fn read_i32_array(key: &str, value: &MetadataValue) -> Result<Vec<i32>, ModelError> {
    read_integers(key, value, "-2^31..2^31")
}

fn read_u8_array(key: &str, value: &MetadataValue) -> Result<Vec<u8>, ModelError> {
    read_integers(key, value, "0..256")
}
