//! Work on disjoint parts of a buffer, on candle's own threads: they are spinning between matrix products anyway, and a
//! second pool would fight with them for the same cores.

use std::ops::Range;

/// Below this many elements waking threads takes longer than the work.
const SMALL: usize = 16 * 1024;
/// The same in multiplications of a matrix product.
const SMALL_PRODUCT: usize = 256 * 1024;

/// Runs `work(index, part)` for every part of `data` given by its length, in any order and on any thread. Parts follow
/// each other from the start; what is behind the last is not touched.
///
/// `cost` is the number of multiplications in all of it; little work stays on this thread.
///
/// `work` must not panic and must not itself use [`for_each_part`] or a quantised matrix product.
pub(crate) fn for_each_part(
    data: &mut [f32],
    parts: &[Range<usize>],
    cost: usize,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let mut end = 0;
    for part in parts {
        assert!(part.start >= end && part.start <= part.end, "parts must be disjoint and ascending");
        end = part.end;
    }
    assert!(end <= data.len(), "parts must lie within the data");
    let base = Base(data.as_mut_ptr());
    let run = |indices: Range<usize>| {
        for index in indices {
            let part = &parts[index];
            #[allow(unsafe_code)]
            // SAFETY: the range lies within `data` and overlaps no other range (checked above); the pool hands out
            // every index once and returns only when all are done, so `data` outlives every slice.
            let slice = unsafe { std::slice::from_raw_parts_mut(base.get().add(part.start), part.len()) };
            work(index, slice);
        }
    };
    if parts.len() <= 1 || cost <= SMALL_PRODUCT {
        run(0..parts.len());
    } else {
        candle_core::utils::barrier_pool().execute_chunked(parts.len(), run);
    }
}

/// [`for_each_part`] on rows of `columns` elements: `work(first_row, rows)`.
pub(crate) fn for_each_row_group(data: &mut [f32], columns: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    if columns == 0 {
        return;
    }
    if data.len() <= SMALL {
        return work(0, data);
    }
    let group = (SMALL / 4).div_ceil(columns) * columns;
    let parts: Vec<_> = (0..data.len()).step_by(group).map(|start| start..data.len().min(start + group)).collect();
    for_each_part(data, &parts, usize::MAX, |index, rows| work(parts[index].start / columns, rows));
}

/// A pointer that may cross threads; what makes that right is argued where it is used.
struct Base(*mut f32);

impl Base {
    fn get(&self) -> *mut f32 {
        self.0
    }
}

#[allow(unsafe_code)]
// SAFETY: only `for_each_part` makes one, and gives every thread parts of its own.
unsafe impl Sync for Base {}
