//! The factors of `x^n - 1`, which are known without a search.

use std::collections::BTreeMap;

use super::Poly;
use crate::{error::Outcome, work::Work};

/// The irreducible factors of `x^n - 1` or `x^n + 1`; nothing for another polynomial.
pub(super) fn factors(work: &Work, f: &Poly, index: usize) -> Outcome<Option<Vec<Poly>>> {
    let n = f.degree(index);
    let unit = Poly::power_of(index, n);
    let minus = unit.sub(&Poly::one());
    let plus = unit.add(&Poly::one());
    if n < 2 || *f != minus && *f != plus {
        return Ok(None);
    }
    // x^n + 1 has the factors of x^(2n) - 1 that x^n - 1 has not.
    let orders: Vec<u32> =
        if *f == minus { divisors(n) } else { divisors(2 * n).into_iter().filter(|d| !n.is_multiple_of(*d)).collect() };
    let mut known = BTreeMap::new();
    orders.iter().map(|d| cyclotomic(work, *d, index, &mut known)).collect::<Outcome<_>>().map(Some)
}

fn divisors(n: u32) -> Vec<u32> {
    (1..=n).filter(|d| n.is_multiple_of(*d)).collect()
}

/// The polynomial whose roots are the primitive roots of unity of an order.
fn cyclotomic(work: &Work, order: u32, index: usize, known: &mut BTreeMap<u32, Poly>) -> Outcome<Poly> {
    if let Some(found) = known.get(&order) {
        return Ok(found.clone());
    }
    let mut rest = Poly::power_of(index, order).sub(&Poly::one());
    for d in divisors(order).into_iter().filter(|d| *d < order) {
        let divisor = work.deeper(|| cyclotomic(work, d, index, known))?;
        rest = rest.divide(work, &divisor)?.unwrap_or_default();
    }
    known.insert(order, rest.clone());
    Ok(rest)
}
