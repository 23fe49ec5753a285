//! The dense decoder and its key-value cache on candle. Knows token ids and weights, never text.
//!
//! ```no_run
//! # fn main() -> Result<(), toolwright_model::ModelError> {
//! use toolwright_model::{Decoder, GgufFile};
//!
//! let decoder = Decoder::from_gguf(&GgufFile::open("model.gguf".as_ref())?)?;
//! let mut cache = decoder.new_cache();
//! let after_prompt = decoder.forward(&mut cache, &[1, 2, 3])?;
//! let mut other = cache.fork();
//! decoder.forward(&mut cache, &[4])?;
//! decoder.forward(&mut other, &[5, 6])?;
//! other.truncate(3);
//! # Ok(())
//! # }
//! ```

mod attention;
mod bytes;
mod cache;
mod config;
mod decoder;
mod error;
mod gemm;
mod gguf;
mod linear;
mod load;
mod ops;
mod parallel;
mod rope;

pub use cache::KvCache;
pub use config::{Architecture, LayerConfig, ModelConfig, RopeConfig, RopePairing, RopeScaling};
pub use decoder::Decoder;
pub use error::ModelError;
pub use gguf::{GgufFile, Metadata, MetadataValue, TensorInfo, TensorType};
