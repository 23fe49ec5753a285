//! The one place where activations meet weights. Faster kernels go behind [`Weight::multiply`] and nowhere else.

use candle_core::{
    CpuStorage, CustomOp1, Layout,
    quantized::{
        GgmlDType, GgmlType, QStorage, QTensor, QuantizedType,
        k_quants::{
            self, BlockQ2K, BlockQ3K, BlockQ4_0, BlockQ4_1, BlockQ4K, BlockQ5_0, BlockQ5_1, BlockQ5K, BlockQ6K,
            BlockQ8_0,
        },
    },
};
use half::{bf16, f16, slice::HalfFloatSliceExt};

use crate::{
    ModelError, TensorType,
    bytes::{Plain, Region},
    gemm::{self, Output, View},
    parallel,
};

/// Rows of numbers, row-major. Wraps what candle's kernels take and give, so that no call copies them.
pub(crate) struct Activations {
    data: CpuStorage,
    columns: usize,
}

impl Activations {
    /// `data.len()` must be a multiple of `columns`.
    pub fn new(data: Vec<f32>, columns: usize) -> Self {
        debug_assert!(data.len().is_multiple_of(columns));
        Self { data: CpuStorage::F32(data), columns }
    }

    pub fn rows(&self) -> usize {
        self.as_slice().len() / self.columns
    }

    pub fn as_slice(&self) -> &[f32] {
        match &self.data {
            CpuStorage::F32(data) => data,
            _ => &[],
        }
    }

    pub fn into_vec(self) -> Vec<f32> {
        match self.data {
            CpuStorage::F32(data) => data,
            _ => Vec::new(),
        }
    }
}

/// A matrix of weights, `[outputs, inputs]`, in the file's own number format and memory.
pub(crate) struct Weight {
    outputs: usize,
    inputs: usize,
    dtype: TensorType,
    region: Region,
    /// For block formats: candle's kernels over `region`. They may repack it, on first use, into a layout of their own
    /// on the heap (on x86: Q4_K always, Q6_K for several rows, Q8_0 with AVX-512 VNNI).
    quantized: Option<QTensor>,
}

impl Weight {
    /// `region` holds `outputs` rows of `inputs` numbers; the caller has checked its length.
    pub fn new(region: Region, dtype: TensorType, outputs: usize, inputs: usize) -> Result<Self, ModelError> {
        let quantized = match dtype {
            TensorType::F32 | TensorType::F16 | TensorType::BF16 => None,
            TensorType::Q4_0 => Some(mapped::<BlockQ4_0>(&region)),
            TensorType::Q4_1 => Some(mapped::<BlockQ4_1>(&region)),
            TensorType::Q5_0 => Some(mapped::<BlockQ5_0>(&region)),
            TensorType::Q5_1 => Some(mapped::<BlockQ5_1>(&region)),
            TensorType::Q8_0 => Some(mapped::<BlockQ8_0>(&region)),
            TensorType::Q2K => Some(mapped::<BlockQ2K>(&region)),
            TensorType::Q3K => Some(mapped::<BlockQ3K>(&region)),
            TensorType::Q4K => Some(mapped::<BlockQ4K>(&region)),
            TensorType::Q5K => Some(mapped::<BlockQ5K>(&region)),
            TensorType::Q6K => Some(mapped::<BlockQ6K>(&region)),
        };
        let quantized = quantized.map(|storage| QTensor::new(QStorage::Cpu(storage), (outputs, inputs))).transpose()?;
        Ok(Self { outputs, inputs, dtype, region, quantized })
    }

    /// `x · Wᵀ`: `[rows, inputs]` to `[rows, outputs]`.
    fn multiply(&self, x: &Activations) -> Result<Activations, ModelError> {
        let rows = x.rows();
        if let Some(quantized) = &self.quantized {
            let layout = Layout::contiguous((rows, self.inputs));
            let (data, _) = quantized.cpu_fwd(&x.data, &layout)?;
            return Ok(Activations { data, columns: self.outputs });
        }
        let out = match self.dtype {
            TensorType::F16 => {
                self.multiply_floats(x.as_slice(), rows, |part: &[f16], out| part.convert_to_f32_slice(out))
            }
            TensorType::BF16 => {
                self.multiply_floats(x.as_slice(), rows, |part: &[bf16], out| part.convert_to_f32_slice(out))
            }
            _ => {
                let weights = self.region.view::<f32>();
                self.multiply_panels(x.as_slice(), rows, |range, _, product| product(&weights[range]))
            }
        };
        Ok(Activations::new(out, self.outputs))
    }

    /// Half-width floats are widened panel by panel: exact, and never more than a panel of them on the heap.
    fn multiply_floats<T: Plain + Sync>(
        &self,
        x: &[f32],
        rows: usize,
        widen: impl Fn(&[T], &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let weights = self.region.view::<T>();
        self.multiply_panels(x, rows, |range, scratch, product| {
            scratch.resize(range.len(), 0.0);
            widen(&weights[range], scratch);
            product(scratch);
        })
    }

    /// Cuts the outputs into panels, one unit of work each. `panel(elements, scratch, product)` calls `product` with the
    /// given elements of the weights.
    fn multiply_panels(
        &self,
        x: &[f32],
        rows: usize,
        panel: impl Fn(std::ops::Range<usize>, &mut Vec<f32>, &mut dyn FnMut(&[f32])) + Sync,
    ) -> Vec<f32> {
        /// Outputs in a panel: enough for the product's inner kernels, few enough to share the work among cores.
        const PANEL: usize = 64;
        let (n, k) = (self.outputs, self.inputs);
        let parts: Vec<_> = (0..n).step_by(PANEL).map(|start| start * rows..n.min(start + PANEL) * rows).collect();
        let mut panels = vec![0.0; n * rows];
        parallel::for_each_part(&mut panels, &parts, n * k * rows, |index, out| {
            let width = out.len() / rows;
            let first = index * PANEL;
            panel(first * k..(first + width) * k, &mut Vec::new(), &mut |weights| {
                let transposed = View::row_major(weights, width, k).transposed();
                gemm::multiply(out, width, Output::Overwrite, 1.0, View::row_major(x, rows, k), transposed);
            });
        });
        if rows == 1 {
            return panels;
        }
        let mut out = vec![0.0; n * rows];
        for (index, part) in parts.iter().enumerate() {
            let width = part.len() / rows;
            for (row, from) in panels[part.clone()].chunks_exact(width).enumerate() {
                out[row * n + index * PANEL..][..width].copy_from_slice(from);
            }
        }
        out
    }

    /// Row `index` as floats: how an embedding is looked up without the table ever being dequantised.
    pub fn row(&self, index: usize, out: &mut [f32]) {
        let elements = index * self.inputs..(index + 1) * self.inputs;
        match self.dtype {
            TensorType::F32 => out.copy_from_slice(&self.region.view::<f32>()[elements]),
            TensorType::F16 => self.region.view::<f16>()[elements].convert_to_f32_slice(out),
            TensorType::BF16 => self.region.view::<bf16>()[elements].convert_to_f32_slice(out),
            TensorType::Q4_0 => self.dequantize::<BlockQ4_0>(elements, out),
            TensorType::Q4_1 => self.dequantize::<BlockQ4_1>(elements, out),
            TensorType::Q5_0 => self.dequantize::<BlockQ5_0>(elements, out),
            TensorType::Q5_1 => self.dequantize::<BlockQ5_1>(elements, out),
            TensorType::Q8_0 => self.dequantize::<BlockQ8_0>(elements, out),
            TensorType::Q2K => self.dequantize::<BlockQ2K>(elements, out),
            TensorType::Q3K => self.dequantize::<BlockQ3K>(elements, out),
            TensorType::Q4K => self.dequantize::<BlockQ4K>(elements, out),
            TensorType::Q5K => self.dequantize::<BlockQ5K>(elements, out),
            TensorType::Q6K => self.dequantize::<BlockQ6K>(elements, out),
        }
    }

    fn dequantize<B: GgmlType + Plain>(&self, elements: std::ops::Range<usize>, out: &mut [f32]) {
        let blocks = elements.start / B::BLCK_SIZE..elements.end / B::BLCK_SIZE;
        B::to_float(&self.region.view::<B>()[blocks], out);
    }
}

/// A weight with an optional bias: `x · Wᵀ + b`.
pub(crate) struct Linear {
    weight: Weight,
    bias: Option<Vec<f32>>,
}

impl Linear {
    pub fn new(weight: Weight, bias: Option<Vec<f32>>) -> Self {
        Self { weight, bias }
    }

    pub fn forward(&self, x: &Activations) -> Result<Activations, ModelError> {
        let out = self.weight.forward(x)?;
        let Some(bias) = &self.bias else { return Ok(out) };
        let mut data = out.into_vec();
        for row in data.chunks_exact_mut(bias.len()) {
            crate::ops::add(row, bias);
        }
        Ok(Activations::new(data, bias.len()))
    }
}

impl Weight {
    /// [`Linear::forward`] without a bias, for the output head, which may share its weight with the embedding.
    pub fn forward(&self, x: &Activations) -> Result<Activations, ModelError> {
        debug_assert_eq!(x.columns, self.inputs);
        self.multiply(x)
    }
}

/// Blocks in a mapped file, as candle's kernels want them.
struct Mapped<B> {
    region: Region,
    block: std::marker::PhantomData<fn() -> B>,
}

fn mapped<B: GgmlType + Plain>(region: &Region) -> Box<dyn QuantizedType> {
    Box::new(Mapped::<B> { region: region.clone(), block: std::marker::PhantomData })
}

impl<B: GgmlType + Plain> Mapped<B> {
    fn blocks(&self) -> &[B] {
        self.region.view()
    }
}

impl<B: GgmlType + Plain> QuantizedType for Mapped<B> {
    fn dtype(&self) -> GgmlDType {
        B::DTYPE
    }

    fn matmul_t(&self, mkn: (usize, usize, usize), lhs: &[f32], dst: &mut [f32]) -> candle_core::Result<()> {
        k_quants::matmul(mkn, lhs, self.blocks(), dst)
    }

    fn matmul_t_f16(&self, mkn: (usize, usize, usize), lhs: &[f16], dst: &mut [f16]) -> candle_core::Result<()> {
        k_quants::matmul_f16(mkn, lhs, self.blocks(), dst)
    }

    fn embedding(&self, ids: &[u32], rows: usize, hidden: usize) -> candle_core::Result<CpuStorage> {
        let row_blocks = hidden / B::BLCK_SIZE;
        let mut out = vec![0.0; ids.len() * hidden];
        for (&id, out) in ids.iter().zip(out.chunks_exact_mut(hidden)) {
            let id = id as usize;
            if id >= rows {
                candle_core::bail!("row {id} of {rows}");
            }
            B::to_float(&self.blocks()[id * row_blocks..(id + 1) * row_blocks], out);
        }
        Ok(CpuStorage::F32(out))
    }

    fn dequantize(&self, elem_count: usize) -> candle_core::Result<CpuStorage> {
        let mut out = vec![0.0; elem_count];
        B::to_float(self.blocks(), &mut out);
        Ok(CpuStorage::F32(out))
    }

    fn storage_size_in_bytes(&self) -> usize {
        size_of_val(self.blocks())
    }

    fn as_ptr(&self) -> *const u8 {
        self.region.as_bytes().as_ptr()
    }

    fn block_size(&self) -> usize {
        B::BLCK_SIZE
    }

    /// Candle calls this to fill storage that it has allocated; it never allocates ours, and a mapping is read-only.
    fn from_float(&mut self, _: &[f32]) {}

    fn from_float_imatrix(&mut self, _: &[f32], _: &[f32], _: usize) {}

    fn size(&self) -> usize {
        self.storage_size_in_bytes()
    }
}
