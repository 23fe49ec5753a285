//! Numeric integrals with a proven error: Simpson's rule, whose error is bounded by an enclosure of the fourth
//! derivative over each piece.

use std::{cmp::Ordering, collections::BinaryHeap};

use dashu::rational::RBig;

use crate::{
    differentiate::derivative,
    error::{Outcome, attempt},
    expr::{Expr, Name},
    interval::{Interval, Range, range},
    precise, simplify,
    work::{MAX_WORK, Work},
};

/// Pieces of the interval.
const MAX_PIECES: usize = 3_000;

/// The relative error below which ten digits are shown.
const TOLERANCE: f64 = 4e-11;

struct Piece {
    low: f64,
    high: f64,
    /// What the integral over the piece is between.
    value: Interval,
}

impl Piece {
    fn doubt(&self) -> f64 {
        self.value.width()
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Piece {}
impl PartialOrd for Piece {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Piece {
    fn cmp(&self, other: &Self) -> Ordering {
        self.doubt().total_cmp(&other.doubt())
    }
}

/// The integral between finite bounds in order; nothing where its error cannot be shown to be small.
pub(super) fn integral(work: &Work, e: &Expr, x: &Name, low: &Expr, high: &Expr) -> Outcome<Option<RBig>> {
    let (Some(a), Some(b)) = (precise::double(work, low)?, precise::double(work, high)?) else { return Ok(None) };
    let fourth = work.try_within(MAX_WORK / 8, || {
        attempt((|| {
            let mut slope = e.clone();
            for _ in 0..4 {
                slope = simplify::shorter_form(work, &derivative(work, &slope, x)?)?;
            }
            Ok(Some(slope))
        })())
    })?;
    let Some(fourth) = fourth else { return Ok(None) };
    let cost = (fourth.size() + 3 * e.size()) as u64 / 4 + 1;
    let piece = |low: f64, high: f64| -> Outcome<Piece> {
        work.spend(cost)?;
        let width = high - low;
        let at = |v: f64| range(e, x, Interval::new(v, v));
        let nodes = (at(low), at(low.midpoint(high)), at(high), range(&fourth, x, Interval::new(low, high)));
        let value = match nodes {
            (Range::Within(f), Range::Within(g), Range::Within(h), Range::Within(slope)) => {
                let error = slope.low.abs().max(slope.high.abs()) * width.powi(5) / 2_880.0;
                let lower = (f.low + 4.0 * g.low + h.low) * width / 6.0;
                let upper = (f.high + 4.0 * g.high + h.high) * width / 6.0;
                let rounding = 4.0 * f64::EPSILON * lower.abs().max(upper.abs());
                Interval::new(lower - error - rounding, upper + error + rounding)
            }
            _ => Interval::new(f64::NEG_INFINITY, f64::INFINITY),
        };
        Ok(Piece { low, high, value })
    };
    let mut pieces = BinaryHeap::new();
    pieces.push(piece(a, b)?);
    while pieces.len() < MAX_PIECES {
        let low: f64 = pieces.iter().map(|p| p.value.low).sum();
        let high: f64 = pieces.iter().map(|p| p.value.high).sum();
        if high - low <= TOLERANCE * low.abs().min(high.abs()) {
            let middle = RBig::try_from(low.midpoint(high)).ok();
            // The bounds themselves are rounded, which moves the integral by next to nothing.
            return Ok(middle);
        }
        let splits = (pieces.len() / 4).max(1);
        for _ in 0..splits {
            let Some(worst) = pieces.pop() else { break };
            let middle = worst.low.midpoint(worst.high);
            if middle <= worst.low || middle >= worst.high {
                return Ok(None);
            }
            pieces.push(piece(worst.low, middle)?);
            pieces.push(piece(middle, worst.high)?);
        }
    }
    Ok(None)
}
