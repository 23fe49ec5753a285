//! A safe face for the `gemm` crate: products of strided `f32` matrices into a row-major one, on the calling thread.

/// A matrix that is read, with any strides.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub data: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a> View<'a> {
    pub fn row_major(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn check(&self) {
        if self.rows > 0 && self.columns > 0 {
            let last = (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride;
            assert!(last < self.data.len(), "matrix reaches past its data");
        }
    }
}

/// What happens to what is in the output already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    Overwrite,
    Add,
}

/// `out = scale · a · b`, or `out += …`. Rows of `out` are `out_stride` apart.
pub(crate) fn multiply(out: &mut [f32], out_stride: usize, mode: Output, scale: f32, a: View<'_>, b: View<'_>) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(a.columns, b.rows, "inner dimensions differ");
    if m == 0 || n == 0 {
        return;
    }
    a.check();
    b.check();
    assert!(n <= out_stride && (m - 1) * out_stride + n <= out.len(), "output is too small");
    let add = mode == Output::Add;
    #[allow(unsafe_code)]
    // SAFETY: the largest offset that the strides reach in each of the three matrices was checked against its slice;
    // `out` is borrowed mutably, so it overlaps neither input.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            out_stride as isize,
            add,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            if add { 1.0 } else { 0.0 },
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// [`multiply`] whose rows come out the same to the last bit however many there are: a single row is computed as two,
/// because `gemm` multiplies vectors in ways of its own. `out` must be dense.
pub(crate) fn multiply_at_least_two_rows(
    out: &mut [f32],
    columns: usize,
    mode: Output,
    scale: f32,
    a: View<'_>,
    b: View<'_>,
) {
    if a.rows != 1 {
        return multiply(out, columns, mode, scale, a, b);
    }
    // Column-major, as gemm's special case for short row-major products is to be avoided too.
    let doubled: Vec<f32> = (0..a.columns).flat_map(|column| [a.data[column * a.column_stride]; 2]).collect();
    let doubled = View { data: &doubled, rows: 2, row_stride: 1, column_stride: 2, ..a };
    let mut rows = vec![0.0; 2 * columns];
    rows[..columns].copy_from_slice(&out[..columns]);
    multiply(&mut rows, columns, mode, scale, doubled, b);
    out[..columns].copy_from_slice(&rows[..columns]);
}
