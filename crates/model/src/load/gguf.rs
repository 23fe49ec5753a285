use super::{Global, Local, Source, build, check_shape};
use crate::{Decoder, GgufFile, ModelConfig, ModelError, RopeScaling, TensorInfo, bytes::Region, linear::Weight};

impl Decoder {
    /// A decoder on the weights of an open GGUF file, which are used where they are mapped.
    ///
    /// # Errors
    /// If the architecture is not supported, or if a key or tensor is missing or does not fit the others; the error
    /// names it.
    pub fn from_gguf(file: &GgufFile) -> Result<Self, ModelError> {
        let mut config = ModelConfig::from_gguf(file)?;
        if file.tensor("rope_freqs.weight").is_some() {
            if config.rope.scaling != RopeScaling::None {
                let found = format!("{:?}", config.rope.scaling);
                return Err(ModelError::invalid("rope scaling", found, "rope_freqs.weight says otherwise"));
            }
            let pairs = config.rope.dimensions / 2;
            let factors = file.vector("rope_freqs.weight", pairs)?;
            if let Some(bad) = factors.iter().find(|&&factor| !factor.is_finite() || factor <= 0.0) {
                return Err(ModelError::invalid("rope_freqs.weight", bad, "it must be a positive number"));
            }
            config.rope.scaling = RopeScaling::Factors(factors);
        }
        build(config, file)
    }
}

impl GgufFile {
    fn find(&self, name: &str, shape: &[usize]) -> Result<(&TensorInfo, Region), ModelError> {
        let missing = || ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.tensor(name).ok_or_else(missing)?;
        check_shape(name, &tensor.shape, shape)?;
        // The reader has checked that it lies within the file.
        let region = self.region(tensor).ok_or_else(missing)?;
        Ok((tensor, region))
    }
}

impl Source for GgufFile {
    fn global(&self, tensor: Global) -> &'static str {
        match tensor {
            Global::Embedding => "token_embd.weight",
            Global::OutputNorm => "output_norm.weight",
            Global::Output => "output.weight",
        }
    }

    fn local(&self, layer: usize, tensor: Local) -> String {
        let name = match tensor {
            Local::AttentionNorm => "attn_norm",
            Local::Query => "attn_q",
            Local::Key => "attn_k",
            Local::Value => "attn_v",
            Local::QueryNorm => "attn_q_norm",
            Local::KeyNorm => "attn_k_norm",
            Local::AttentionOutput => "attn_output",
            Local::FeedForwardNorm => "ffn_norm",
            Local::Gate => "ffn_gate",
            Local::Up => "ffn_up",
            Local::Down => "ffn_down",
        };
        format!("blk.{layer}.{name}")
    }

    fn matrix(&self, name: &str, outputs: usize, inputs: usize) -> Result<Weight, ModelError> {
        let (tensor, region) = self.find(name, &[outputs, inputs])?;
        Weight::new(region, tensor.dtype, outputs, inputs)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, ModelError> {
        let (tensor, region) = self.find(name, &[len])?;
        let mut out = vec![0.0; len];
        Weight::new(region, tensor.dtype, 1, len)?.row(0, &mut out);
        Ok(out)
    }
}
