//! Element-wise and row-wise functions. Written so that the compiler turns them into vector instructions: fixed-width
//! inner loops, no calls, no fused multiply-add (which is a library call on targets without it).

use crate::parallel;

/// Width of the accumulators: two AVX-512 or four AVX2 registers.
const LANES: usize = 32;

/// `e^x` to about 2 ulp for x ≤ 88; anything below −87 gives a number near 1e-38.
///
/// Cephes' `expf`: e^x = 2^n · e^r with |r| ≤ ln 2 / 2 and a polynomial for e^r.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding 1.5·2^23 rounds to an integer, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_2e-4;
    let p = p * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.0;
    let exponent = (shifted.to_bits() << 23).wrapping_add(127 << 23);
    p * f32::from_bits(exponent)
}

/// The largest element; −∞ for none.
pub(crate) fn max(values: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, value);
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, larger)
}

/// Replaces every x by e^(x − shift) and returns their sum.
pub(crate) fn exp_minus(values: &mut [f32], shift: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let mut chunks = values.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *value = exp(*value - shift);
            *lane += *value;
        }
    }
    let mut sum = lanes.iter().sum::<f32>();
    for value in chunks.into_remainder() {
        *value = exp(*value - shift);
        sum += *value;
    }
    sum
}

pub(crate) fn scale(values: &mut [f32], factor: f32) {
    for value in values {
        *value *= factor;
    }
}

fn sum_of_squares(values: &[f32]) -> f32 {
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    let mut lanes = [0f32; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += value * value;
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|value| value * value).sum::<f32>()
}

/// Root-mean-square layer norm of one row in place (Zhang and Sennrich, arXiv 1910.07467).
pub(crate) fn rms_norm_row(row: &mut [f32], weight: &[f32], epsilon: f32) {
    let mean = sum_of_squares(row) / row.len() as f32;
    let factor = 1.0 / (mean + epsilon).sqrt();
    for (value, &weight) in row.iter_mut().zip(weight) {
        *value = *value * factor * weight;
    }
}

/// The same of every row of `weight.len()` elements, into a new buffer.
pub(crate) fn rms_norm(rows: &[f32], weight: &[f32], epsilon: f32) -> Vec<f32> {
    let mut out = rows.to_vec();
    parallel::for_each_row_group(&mut out, weight.len(), |_, rows| {
        for row in rows.chunks_exact_mut(weight.len()) {
            rms_norm_row(row, weight, epsilon);
        }
    });
    out
}

/// `to += from`.
pub(crate) fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

/// `gate = silu(gate) · up`, the gated linear unit of llama (Shazeer, arXiv 2002.05202).
pub(crate) fn silu_times(gate: &mut [f32], up: &[f32]) {
    parallel::for_each_row_group(gate, 1, |first, gate| {
        for (gate, &up) in gate.iter_mut().zip(&up[first..]) {
            // Beyond ±80 the function is 0 or the identity to f32's precision.
            let x = *gate;
            let bounded = if x < -80.0 { -80.0 } else { x };
            *gate = x / (1.0 + exp(-bounded)) * up;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_exact_to_a_few_ulp() {
        for i in -86_000..80_000 {
            let x = i as f32 * 1e-3;
            let (ours, exact) = (f64::from(exp(x)), f64::from(x).exp());
            assert!(((ours - exact) / exact).abs() < 4e-7, "exp({x}) = {ours}, not {exact}");
        }
        assert!(exp(f32::NEG_INFINITY) < 2e-38);
    }

    #[test]
    fn rows_of_any_length_are_reduced_whole() {
        for len in [1, 31, 32, 33, 100] {
            let values: Vec<f32> = (0..len).map(|i| ((i * 37) % len) as f32).collect();
            assert_eq!(max(&values), (len - 1) as f32);
            let mut powers = values.clone();
            let sum = exp_minus(&mut powers, len as f32);
            let exact: f64 = values.iter().map(|&v| (f64::from(v) - len as f64).exp()).sum();
            assert!((f64::from(sum) - exact).abs() < 1e-5 * exact, "{sum} {exact}");
        }
    }

    #[test]
    fn silu_holds_at_the_ends() {
        let mut gate = [-200.0, -20.0, 0.0, 1.0, 200.0];
        silu_times(&mut gate, &[1.0; 5]);
        for (value, exact) in gate.into_iter().zip([0.0, -4.122_307e-8, 0.0, 0.731_058_6, 200.0]) {
            assert!((value - exact).abs() < 1e-6, "{value} {exact}");
        }
    }
}
