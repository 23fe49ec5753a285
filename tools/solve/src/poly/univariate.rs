//! The real roots of a polynomial in one variable, isolated by Sturm's theorem and refined by bisection: exact to any
//! number of digits.

use dashu::{integer::IBig, rational::RBig};

use super::{Poly, gcd::gcd};
use crate::{
    error::{Fault, Outcome},
    number::{absolute, bits, int, is_negative, rational_gcd},
    work::Work,
};

/// Degree of the largest polynomial whose roots are isolated.
const MAX_DEGREE: u32 = 60;

/// A root lies above `low` and not above `high`, and no other does.
#[derive(Debug, Clone)]
pub(crate) struct Interval {
    pub low: RBig,
    pub high: RBig,
}

impl Interval {
    pub(crate) fn middle(&self) -> RBig {
        (&self.low + &self.high) / int(2)
    }
}

/// Rational coefficients, lowest first.
type Dense = Vec<RBig>;

fn to_dense(f: &Poly, index: usize) -> Dense {
    (0..=f.degree(index)).map(|k| f.coefficient(index, k).leading()).collect()
}

fn evaluate(work: &Work, f: &[RBig], x: &RBig) -> Outcome<RBig> {
    let weight = 1 + bits(x) as u64 / 32;
    work.spend(f.len() as u64 * weight)?;
    Ok(f.iter().rev().fold(RBig::ZERO, |value, c| value * x + c))
}

/// The distinct real roots, in order, each in an interval of at most `width`.
pub(crate) fn real_roots(work: &Work, f: &Poly, index: usize, width: &RBig) -> Outcome<Vec<Interval>> {
    if f.degree(index) > MAX_DEGREE {
        return Err(Fault::too_large());
    }
    let f = f.divide(work, &gcd(work, f, &f.derivative(index))?)?.unwrap_or_default().primitive();
    let chain = sturm_chain(work, &to_dense(&f, index))?;
    let Some(first) = chain.first() else { return Ok(Vec::new()) };
    // Cauchy's bound: every root is smaller in size.
    let lead = first.last().cloned().unwrap_or(RBig::ONE);
    let largest = first.iter().map(|c| absolute(&(c / &lead))).fold(RBig::ONE, |a, b| if a > b { a } else { b });
    let bound = RBig::from((largest + int(2)).floor());
    let mut found = Vec::new();
    let all = (variations(work, &chain, &-bound.clone())?, variations(work, &chain, &bound)?);
    let mut pending = vec![(-bound.clone(), bound, all.0, all.1)];
    while let Some((low, high, above, below)) = pending.pop() {
        match above.saturating_sub(below) {
            0 => {}
            1 => found.push(refine(work, first, low, high, width)?),
            _ => {
                let middle = (&low + &high) / int(2);
                let between = variations(work, &chain, &middle)?;
                pending.push((middle.clone(), high, between, below));
                pending.push((low, middle, above, between));
            }
        }
    }
    Ok(found)
}

/// The polynomial, its derivative, and negated remainders, each scaled to coprime integers.
fn sturm_chain(work: &Work, f: &[RBig]) -> Outcome<Vec<Dense>> {
    if f.len() < 2 {
        return Ok(Vec::new());
    }
    let derivative = f.iter().enumerate().skip(1).map(|(i, c)| c * RBig::from(IBig::from(i))).collect();
    let mut chain = vec![f.to_vec(), derivative];
    while let [.., a, b] = chain.as_slice() {
        if b.len() < 2 {
            break;
        }
        let mut rest = a.clone();
        let lead = b.last().cloned().unwrap_or(RBig::ONE);
        while rest.len() >= b.len() {
            let factor = rest.last().cloned().unwrap_or(RBig::ZERO) / &lead;
            let shift = rest.len() - b.len();
            work.spend(b.len() as u64 * (1 + bits(&factor) as u64 / 16))?;
            for (place, c) in rest.iter_mut().skip(shift).zip(b) {
                *place -= c * &factor;
            }
            rest.pop();
        }
        while rest.last().is_some_and(RBig::is_zero) {
            rest.pop();
        }
        if rest.is_empty() {
            break;
        }
        let content = rest.iter().fold(RBig::ZERO, |g, c| rational_gcd(&g, c));
        chain.push(rest.iter().map(|c| -(c / &content)).collect());
    }
    Ok(chain)
}

/// Changes of sign along the chain at a point.
fn variations(work: &Work, chain: &[Dense], x: &RBig) -> Outcome<usize> {
    let mut count = 0;
    let mut last: Option<bool> = None;
    for f in chain {
        let value = evaluate(work, f, x)?;
        if value.is_zero() {
            continue;
        }
        let negative = is_negative(&value);
        count += usize::from(last.is_some_and(|l| l != negative));
        last = Some(negative);
    }
    Ok(count)
}

/// Halves the interval until it is narrow enough. The root may be its upper end.
fn refine(work: &Work, f: &[RBig], mut low: RBig, mut high: RBig, width: &RBig) -> Outcome<Interval> {
    let top = evaluate(work, f, &high)?;
    if top.is_zero() {
        return Ok(Interval { low: high.clone(), high });
    }
    let above = is_negative(&top);
    while &high - &low > *width {
        let middle = (&low + &high) / int(2);
        let value = evaluate(work, f, &middle)?;
        if value.is_zero() {
            return Ok(Interval { low: middle.clone(), high: middle });
        }
        if is_negative(&value) == above {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(Interval { low, high })
}
