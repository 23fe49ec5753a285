//! From files to a [`Decoder`]: which tensor is which, and whether its shape is the one that the configuration asks for.

mod gguf;
mod safetensors;

use crate::{
    Decoder, ModelConfig, ModelError,
    decoder::{Layer, Parts},
    linear::{Linear, Weight},
};

/// A file format's tensors and what they are called there.
trait Source {
    /// The full name of a tensor outside of the layers.
    fn global(&self, tensor: Global) -> &'static str;
    /// The full name of a layer's tensor, without the `.weight` or `.bias` at its end.
    fn local(&self, layer: usize, tensor: Local) -> String;
    fn matrix(&self, name: &str, outputs: usize, inputs: usize) -> Result<Weight, ModelError>;
    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ModelError>;
}

#[derive(Clone, Copy)]
enum Global {
    Embedding,
    OutputNorm,
    Output,
}

#[derive(Clone, Copy)]
enum Local {
    AttentionNorm,
    Query,
    Key,
    Value,
    QueryNorm,
    KeyNorm,
    AttentionOutput,
    FeedForwardNorm,
    Gate,
    Up,
    Down,
}

fn build(config: ModelConfig, source: &dyn Source) -> Result<Decoder, ModelError> {
    let (hidden, feed_forward, d) = (config.hidden_size, config.feed_forward_size, config.head_dim);
    let (query_width, kv_width) = (config.head_count * d, config.kv_head_count * d);
    let mut layers = Vec::with_capacity(config.layer_count);
    for index in 0..config.layer_count {
        let linear = |tensor, outputs, inputs, bias| {
            let name = source.local(index, tensor);
            let weight = source.matrix(&format!("{name}.weight"), outputs, inputs)?;
            let bias = if bias { Some(source.vector(&format!("{name}.bias"), outputs)?) } else { None };
            Ok::<_, ModelError>(Linear::new(weight, bias))
        };
        let norm = |tensor, len| source.vector(&format!("{}.weight", source.local(index, tensor)), len);
        let head_norm = |tensor| if config.qk_norm { norm(tensor, d).map(Some) } else { Ok(None) };
        layers.push(Layer {
            attention_norm: norm(Local::AttentionNorm, hidden)?,
            query: linear(Local::Query, query_width, hidden, config.qkv_bias)?,
            key: linear(Local::Key, kv_width, hidden, config.qkv_bias)?,
            value: linear(Local::Value, kv_width, hidden, config.qkv_bias)?,
            query_norm: head_norm(Local::QueryNorm)?,
            key_norm: head_norm(Local::KeyNorm)?,
            attention_output: linear(Local::AttentionOutput, hidden, query_width, config.attention_output_bias)?,
            feed_forward_norm: norm(Local::FeedForwardNorm, hidden)?,
            gate: linear(Local::Gate, feed_forward, hidden, config.feed_forward_bias)?,
            up: linear(Local::Up, feed_forward, hidden, config.feed_forward_bias)?,
            down: linear(Local::Down, hidden, feed_forward, config.feed_forward_bias)?,
        });
    }
    let embedding = source.matrix(source.global(Global::Embedding), config.vocab_size, hidden)?;
    let output_norm = source.vector(source.global(Global::OutputNorm), hidden)?;
    let output = if config.tied_embeddings {
        None
    } else {
        Some(source.matrix(source.global(Global::Output), config.vocab_size, hidden)?)
    };
    Ok(Decoder::from_parts(Parts { config, embedding, layers, output_norm, output }))
}

fn check_shape(name: &str, found: &[usize], expected: &[usize]) -> Result<(), ModelError> {
    if found == expected {
        return Ok(());
    }
    Err(ModelError::TensorShape { name: name.to_owned(), expected: expected.to_vec(), found: found.to_vec() })
}
