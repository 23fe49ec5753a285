//! Roots of numbers, products and sums.

use std::collections::BTreeMap;

use dashu::{
    base::{Sign, UnsignedAbs},
    integer::{IBig, UBig},
    rational::RBig,
};

use super::{has_odd_denominator, is_nonnegative, power, product, sum};
use crate::{
    error::{Fault, Outcome},
    expr::Expr,
    number::{self, exact_root, fraction, int, is_negative, prime_powers, rational_gcd, small},
    work::Work,
};

/// Largest degree of a root that is looked into.
const MAX_DEGREE: u32 = 64;

/// `x ^ n` for numbers. What is left under a root has no factor that could come out of it.
pub(super) fn number_power(work: &Work, x: &RBig, n: &RBig) -> Outcome<Expr> {
    if n.is_int() {
        let exponent = match small(n) {
            Some(exponent) => exponent,
            None if x.is_zero() || x.is_one() => 2,
            None => return Err(Fault::too_large()),
        };
        return number::power(work, x, exponent).map(Expr::Number);
    }
    if x.is_zero() {
        return if n.sign() == Sign::Negative { Err(Fault::division_by_zero()) } else { Ok(Expr::zero()) };
    }
    if x.is_one() {
        return Ok(Expr::one());
    }
    if is_negative(x) {
        let numerator = n.numerator();
        let odd = number::modulo(numerator, &IBig::from(2)) != IBig::ZERO;
        let positive = number_power(work, &-x.clone(), n)?;
        if has_odd_denominator(n) {
            return product(work, vec![Expr::int(if odd { -1 } else { 1 }), positive]);
        }
        if *n.denominator() == UBig::from(2u8) {
            let turn = power(work, Expr::I, Expr::Number(RBig::from(numerator.clone())))?;
            return product(work, vec![turn, positive]);
        }
        return Ok(Expr::raw_power(Expr::Number(x.clone()), Expr::Number(n.clone())));
    }
    let (coefficient, radicals) = reduce(work, x, n)?;
    let mut factors: Vec<Expr> = radicals
        .into_iter()
        .map(|(exponent, base)| Expr::raw_power(Expr::Number(base), Expr::Number(exponent)))
        .collect();
    factors.sort();
    if !coefficient.is_one() || factors.is_empty() {
        factors.insert(0, Expr::Number(coefficient));
    }
    Ok(if factors.len() == 1 { factors.remove(0) } else { Expr::Product(factors) })
}

/// A positive `x ^ n` as a rational times powers of integers with exponents between 0 and 1.
fn reduce(work: &Work, x: &RBig, n: &RBig) -> Outcome<(RBig, BTreeMap<RBig, RBig>)> {
    if number::bits(n) > 60 {
        return Err(Fault::too_large());
    }
    let mut coefficient = RBig::ONE;
    let mut radicals: BTreeMap<RBig, RBig> = BTreeMap::new();
    let numerator = x.numerator().clone().unsigned_abs();
    for (part, sign) in [(numerator, 1), (x.denominator().clone(), -1)] {
        for (prime, exponent) in prime_powers(work, &part)? {
            let prime = RBig::from(prime);
            let total = n * int(i64::from(exponent) * sign);
            let whole = total.floor();
            let rest = &total - RBig::from(whole.clone());
            let whole = i64::try_from(whole).map_err(|_| Fault::too_large())?;
            coefficient = number::bounded(coefficient * number::power(work, &prime, whole)?)?;
            if !rest.is_zero() {
                let entry = radicals.entry(rest).or_insert(RBig::ONE);
                *entry = number::bounded(&*entry * prime)?;
            }
        }
    }
    Ok((coefficient, radicals))
}

/// The even root of a product: what is known not to be negative comes out.
pub(super) fn product_root(work: &Work, factors: &[Expr], n: &RBig) -> Outcome<Expr> {
    let exponent = Expr::Number(n.clone());
    let mut outside = Vec::new();
    let mut inside = Vec::new();
    for factor in factors {
        match factor {
            Expr::Number(x) if is_negative(x) => {
                outside.push(number_power(work, &-x.clone(), n)?);
                inside.push(Expr::int(-1));
            }
            _ if is_nonnegative(factor) => outside.push(power(work, factor.clone(), exponent.clone())?),
            _ => inside.push(factor.clone()),
        }
    }
    if outside.is_empty() {
        return Ok(Expr::raw_power(Expr::Product(factors.to_vec()), exponent));
    }
    match inside.len() {
        0 => {}
        1 => outside.push(power(work, inside.remove(0), exponent)?),
        _ => outside.push(Expr::raw_power(Expr::Product(inside), exponent)),
    }
    product(work, outside)
}

/// The root of a sum: common numbers that are powers come out, and `sqrt(3 + 2*sqrt(2))` is `1 + sqrt(2)`.
pub(super) fn sum_root(work: &Work, terms: &[Expr], n: &RBig) -> Outcome<Expr> {
    let exponent = Expr::Number(n.clone());
    if *n == fraction(1, 2)
        && let Some(root) = denest(work, terms)?
    {
        return Ok(root);
    }
    let mut content = RBig::ZERO;
    for term in terms {
        content = rational_gcd(&content, &term.split_coefficient().0);
    }
    let degree = u32::try_from(n.denominator().clone()).unwrap_or(u32::MAX);
    if content.is_zero() || content.is_one() || degree > MAX_DEGREE {
        return Ok(Expr::raw_power(Expr::Sum(terms.to_vec()), exponent));
    }
    // content = outer^degree * inner, with an integer that is free of such powers left inside.
    let (outer, _) = reduce(work, &content, &fraction(1, i64::from(degree)))?;
    if outer.is_one() {
        return Ok(Expr::raw_power(Expr::Sum(terms.to_vec()), exponent));
    }
    let divisor = number::power(work, &outer, i64::from(degree))?;
    let scaled = terms.iter().map(|t| product(work, vec![Expr::Number(RBig::ONE / &divisor), t.clone()]));
    let inner = sum(work, scaled.collect::<Outcome<_>>()?)?;
    let numerator = Expr::Number(RBig::from(n.numerator().clone()));
    let outer = power(work, Expr::Number(outer), numerator)?;
    product(work, vec![outer, Expr::raw_power(inner, exponent)])
}

/// `sqrt(a + b*sqrt(c))` as `sqrt(u) + sqrt(v)`, where `a² - b²c` is the square of a rational.
fn denest(work: &Work, terms: &[Expr]) -> Outcome<Option<Expr>> {
    let [Expr::Number(a), second] = terms else { return Ok(None) };
    let (b, rest) = second.split_coefficient();
    let Expr::Power(parts) = &rest else { return Ok(None) };
    let (Expr::Number(c), Expr::Number(half)) = (&parts.0, &parts.1) else { return Ok(None) };
    if *half != fraction(1, 2) || is_negative(a) || is_negative(c) {
        return Ok(None);
    }
    let Some(d) = exact_root(&(a * a - &b * &b * c), 2) else { return Ok(None) };
    let (u, v) = ((a + &d) / int(2), (a - &d) / int(2));
    let (u, v) = (number_power(work, &u, half)?, number_power(work, &v, half)?);
    let v = if is_negative(&b) { super::negate(work, &v)? } else { v };
    sum(work, vec![u, v]).map(Some)
}
