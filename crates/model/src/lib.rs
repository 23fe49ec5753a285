//! The dense decoder and its key-value cache on candle. Knows token ids and weights, never text.

mod error;
mod gguf;

pub use error::ModelError;
pub use gguf::{GgufFile, Metadata, MetadataValue, TensorInfo, TensorType};
