//! Greatest common divisors and resultants by polynomial remainder sequences.
//!
//! Before the sequence is run, the degree of the divisor is bounded by the images modulo a prime at a point, which
//! settles the common case that there is none (W. S. Brown, "On Euclid's algorithm and the computation of polynomial
//! greatest common divisors", 1971).

use super::{Poly, exponent, modular};
use crate::{error::Outcome, number::power, work::Work};

/// A prime below 2^31 for the images.
const PRIME: u64 = 2_147_483_629;

/// The greatest common divisor, primitive and with a positive leading coefficient.
pub(crate) fn gcd(work: &Work, a: &Poly, b: &Poly) -> Outcome<Poly> {
    if a.is_zero() || b.is_zero() {
        return Ok(if a.is_zero() { b.primitive() } else { a.primitive() });
    }
    if a.as_constant().is_some() || b.as_constant().is_some() {
        return Ok(Poly::one());
    }
    if a == b {
        return Ok(a.primitive());
    }
    work.deeper(|| {
        let (in_a, in_b) = (a.variables(), b.variables());
        // A variable of one alone cannot be in the divisor: its coefficients must have it.
        if let Some(only) = in_a.iter().find(|v| !in_b.contains(v)) {
            return gcd_with_content(work, b, a, *only);
        }
        if let Some(only) = in_b.iter().find(|v| !in_a.contains(v)) {
            return gcd_with_content(work, a, b, *only);
        }
        let shared = in_a;
        if let [only] = shared.as_slice() {
            return remainder_sequence(work, &a.primitive(), &b.primitive(), *only);
        }
        let main = shared.iter().min_by_key(|v| a.degree(**v).min(b.degree(**v))).copied().unwrap_or(0);
        let (content_a, content_b) = (content_in(work, a, main)?, content_in(work, b, main)?);
        let content = gcd(work, &content_a, &content_b)?;
        if image_degree(work, a, b, main)? == Some(0) {
            return Ok(content);
        }
        let a = a.divide(work, &content_a)?.unwrap_or_default();
        let b = b.divide(work, &content_b)?.unwrap_or_default();
        let primitive = remainder_sequence(work, &a, &b, main)?;
        Ok(primitive.mul(work, &content)?.primitive())
    })
}

/// The divisor of `a` and all coefficients of `b` in a variable.
fn gcd_with_content(work: &Work, a: &Poly, b: &Poly, index: usize) -> Outcome<Poly> {
    let mut result = a.primitive();
    for coefficient in b.coefficients(index).values() {
        result = gcd(work, &result, coefficient)?;
        if result.is_one() {
            break;
        }
    }
    Ok(result)
}

/// The greatest common divisor of the coefficients in a variable.
pub(super) fn content_in(work: &Work, a: &Poly, index: usize) -> Outcome<Poly> {
    gcd_with_content(work, &Poly::zero(), a, index)
}

/// Euclid's algorithm on pseudo-remainders, each made primitive.
fn remainder_sequence(work: &Work, a: &Poly, b: &Poly, index: usize) -> Outcome<Poly> {
    let (mut a, mut b) =
        if a.degree(index) >= b.degree(index) { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
    while !b.is_zero() {
        if b.degree(index) == 0 {
            return Ok(Poly::one());
        }
        let rest = pseudo_remainder(work, &a, &b, index)?;
        a = b;
        b = if rest.is_zero() {
            rest
        } else {
            let content = content_in(work, &rest, index)?;
            rest.divide(work, &content)?.unwrap_or_default().primitive()
        };
    }
    let content = content_in(work, &a, index)?;
    Ok(a.divide(work, &content)?.unwrap_or_default().primitive())
}

/// The remainder of `lc(b)^k * a` by `b`.
pub(super) fn pseudo_remainder(work: &Work, a: &Poly, b: &Poly, index: usize) -> Outcome<Poly> {
    let degree = b.degree(index);
    let lead = b.leading_in(index);
    let mut rest = a.clone();
    while !rest.is_zero() && rest.degree(index) >= degree {
        let top = rest.leading_in(index);
        let shift = rest.degree(index) - degree;
        let subtracted = b.mul(work, &top)?.shift(index, shift)?;
        rest = rest.mul(work, &lead)?.sub(&subtracted);
    }
    Ok(rest)
}

/// The degree of the images' divisor at a point modulo the prime; nothing where the point is an unlucky one. It is at
/// least that of the true divisor.
fn image_degree(work: &Work, a: &Poly, b: &Poly, index: usize) -> Outcome<Option<usize>> {
    let (Some(x), Some(y)) = (image(work, a, index)?, image(work, b, index)?) else { return Ok(None) };
    Ok(Some(modular::gcd(work, &x, &y, PRIME)?.len().saturating_sub(1)))
}

fn image(work: &Work, a: &Poly, index: usize) -> Outcome<Option<Vec<u64>>> {
    let mut dense = vec![0u64; a.degree(index) as usize + 1];
    for (monomial, value) in a.terms() {
        work.spend(monomial.len() as u64)?;
        let Some(mut product) = modular::reduce(value, PRIME) else { return Ok(None) };
        for (i, e) in monomial.iter().enumerate().filter(|(i, _)| *i != index) {
            let point = (i as u64 + 3).wrapping_mul(0x9E37_79B9) % PRIME;
            product = product * modular::pow(point, u64::from(*e), PRIME) % PRIME;
        }
        if let Some(place) = dense.get_mut(exponent(monomial, index) as usize) {
            *place = (*place + product) % PRIME;
        }
    }
    Ok((dense.last() != Some(&0)).then_some(dense))
}

/// The resultant in a variable up to a rational factor and repeated factors: zero exactly where both have a common root
/// (or both leading coefficients vanish). What it serves for, candidates that are checked, needs no more.
pub(crate) fn resultant(work: &Work, a: &Poly, b: &Poly, index: usize) -> Outcome<Poly> {
    let (mut a, mut b) =
        if a.degree(index) >= b.degree(index) { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
    if b.is_zero() {
        return Ok(Poly::zero());
    }
    // The subresultant sequence (Brown and Traub): exact divisions keep the coefficients small.
    let mut g = Poly::one();
    let mut h = Poly::one();
    while b.degree(index) > 0 {
        let delta = a.degree(index) - b.degree(index);
        let wanted = delta + 1;
        let rest = full_pseudo_remainder(work, &a, &b, index, wanted)?;
        if rest.is_zero() {
            return Ok(Poly::zero());
        }
        let divisor = g.mul(work, &h.pow(work, delta)?)?;
        let next = rest.divide(work, &divisor)?.unwrap_or_else(|| rest.primitive());
        a = b;
        b = next;
        g = a.leading_in(index);
        h = match delta {
            0 => h,
            1 => g.clone(),
            _ => {
                let top = g.pow(work, delta)?;
                let below = h.pow(work, delta - 1)?;
                top.divide(work, &below)?.unwrap_or(top)
            }
        };
    }
    if a.degree(index) == 0 {
        return Ok(Poly::one());
    }
    let result = b.pow(work, a.degree(index))?;
    let below = h.pow(work, a.degree(index) - 1)?;
    Ok(result.divide(work, &below)?.unwrap_or(result).primitive())
}

fn full_pseudo_remainder(work: &Work, a: &Poly, b: &Poly, index: usize, wanted: u32) -> Outcome<Poly> {
    let degree = b.degree(index);
    let lead = b.leading_in(index);
    let mut rest = a.clone();
    let mut steps = 0;
    while !rest.is_zero() && rest.degree(index) >= degree {
        let top = rest.leading_in(index);
        let shift = rest.degree(index) - degree;
        let subtracted = b.mul(work, &top)?.shift(index, shift)?;
        rest = rest.mul(work, &lead)?.sub(&subtracted);
        steps += 1;
    }
    if let Some(c) = lead.as_constant() {
        return Ok(rest.scale(&power(work, &c, i64::from(wanted.saturating_sub(steps)))?));
    }
    rest.mul(work, &lead.pow(work, wanted.saturating_sub(steps))?)
}
