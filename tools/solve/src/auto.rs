//! The rules by which sums, products, powers and function values are put together: like terms and equal bases are
//! collected, numbers computed, roots of numbers reduced. Variables are taken to be real, and odd roots of negative
//! numbers are the real ones.

mod functions;
mod roots;

use std::collections::BTreeMap;

use dashu::{integer::IBig, rational::RBig};

pub(crate) use functions::call;

use crate::{
    error::{Fault, Outcome},
    expr::{Constant, Expr, Function},
    number::{self, bounded, fraction, is_negative, small},
    numeric,
    work::Work,
};

/// The sum of `terms`, like terms collected.
pub(crate) fn sum(work: &Work, terms: Vec<Expr>) -> Outcome<Expr> {
    let mut constant = RBig::ZERO;
    let mut collected: BTreeMap<Expr, RBig> = BTreeMap::new();
    let mut pending = terms;
    while let Some(term) = pending.pop() {
        // Terms are compared and copied, which takes longer for larger ones.
        work.spend(1 + term.size() as u64 / 16)?;
        match term {
            Expr::Number(n) => constant = bounded(constant + n)?,
            Expr::Sum(inner) => pending.extend(inner),
            term => {
                let (coefficient, rest) = term.split_coefficient();
                let entry = collected.entry(rest).or_insert(RBig::ZERO);
                *entry = bounded(&*entry + coefficient)?;
            }
        }
    }
    let mut terms = Vec::with_capacity(collected.len() + 1);
    if !constant.is_zero() {
        terms.push(Expr::Number(constant));
    }
    for (rest, coefficient) in collected {
        if !coefficient.is_zero() {
            terms.push(scale(&coefficient, rest));
        }
    }
    Ok(match terms.len() {
        0 => Expr::zero(),
        1 => terms.remove(0),
        _ => Expr::Sum(terms),
    })
}

/// `coefficient * rest`, where `rest` is canonical and has no coefficient of its own.
fn scale(coefficient: &RBig, rest: Expr) -> Expr {
    if coefficient.is_one() {
        return rest;
    }
    match rest {
        Expr::Number(n) => Expr::Number(n * coefficient),
        Expr::Product(mut factors) => {
            factors.insert(0, Expr::Number(coefficient.clone()));
            Expr::Product(factors)
        }
        other => Expr::Product(vec![Expr::Number(coefficient.clone()), other]),
    }
}

/// The product of `factors`, powers of equal bases collected.
pub(crate) fn product(work: &Work, factors: Vec<Expr>) -> Outcome<Expr> {
    let mut coefficient = RBig::ONE;
    let mut powers: BTreeMap<Expr, Vec<Expr>> = BTreeMap::new();
    let mut pending = factors;
    while let Some(factor) = pending.pop() {
        work.spend(1 + factor.size() as u64 / 16)?;
        match factor {
            Expr::Number(n) => coefficient = bounded(coefficient * n)?,
            Expr::Product(inner) => pending.extend(inner),
            Expr::Power(parts) => powers.entry(parts.0).or_default().push(parts.1),
            other => powers.entry(other).or_default().push(Expr::one()),
        }
    }
    if coefficient.is_zero() {
        return Ok(Expr::zero());
    }
    let mut merged = false;
    let mut done = Vec::new();
    // Roots of numbers of the same degree: sqrt(2)*sqrt(6) has one root.
    let mut radicals: BTreeMap<RBig, Vec<RBig>> = BTreeMap::new();
    for (base, mut exponents) in powers {
        let power = if exponents.len() == 1 {
            let exponent = exponents.remove(0);
            if exponent.is_one() { base } else { Expr::raw_power(base, exponent) }
        } else {
            merged = true;
            let exponent = sum(work, exponents)?;
            power(work, base, exponent)?
        };
        match &power {
            Expr::Power(parts) => match (&parts.0, &parts.1) {
                (Expr::Number(base), Expr::Number(exponent)) if !is_negative(base) => {
                    radicals.entry(exponent.clone()).or_default().push(base.clone());
                }
                _ => done.push(power),
            },
            _ => done.push(power),
        }
    }
    for (exponent, mut bases) in radicals {
        if bases.len() == 1 {
            done.push(Expr::raw_power(Expr::Number(bases.remove(0)), Expr::Number(exponent)));
        } else {
            merged = true;
            let base = bases.into_iter().fold(RBig::ONE, |a, b| a * b);
            done.push(power(work, Expr::Number(bounded(base)?), Expr::Number(exponent))?);
        }
    }
    if merged && done.iter().any(|f| matches!(f, Expr::Number(_) | Expr::Product(_) | Expr::Power(_))) {
        done.push(Expr::Number(coefficient));
        return work.deeper(|| product(work, done));
    }
    done.sort();
    if done.is_empty() {
        return Ok(Expr::Number(coefficient));
    }
    if !coefficient.is_one() {
        done.insert(0, Expr::Number(coefficient));
    }
    Ok(if done.len() == 1 { done.remove(0) } else { Expr::Product(done) })
}

pub(crate) fn negate(work: &Work, e: &Expr) -> Outcome<Expr> {
    match e {
        Expr::Sum(terms) => sum(work, terms.iter().map(|t| negate(work, t)).collect::<Outcome<_>>()?),
        _ => product(work, vec![Expr::int(-1), e.clone()]),
    }
}

pub(crate) fn difference(work: &Work, a: &Expr, b: &Expr) -> Outcome<Expr> {
    sum(work, vec![a.clone(), negate(work, b)?])
}

pub(crate) fn quotient(work: &Work, a: &Expr, b: &Expr) -> Outcome<Expr> {
    let inverse = power(work, b.clone(), Expr::int(-1))?;
    product(work, vec![a.clone(), inverse])
}

pub(crate) fn sqrt(work: &Work, e: Expr) -> Outcome<Expr> {
    power(work, e, Expr::Number(fraction(1, 2)))
}

pub(crate) fn exp(work: &Work, e: Expr) -> Outcome<Expr> {
    power(work, Expr::E, e)
}

/// `base ^ exponent`.
pub(crate) fn power(work: &Work, base: Expr, exponent: Expr) -> Outcome<Expr> {
    work.spend(1)?;
    work.deeper(|| match &exponent {
        Expr::Number(n) => power_by_number(work, &base, n),
        _ if base.is_one() => Ok(Expr::one()),
        _ if base == Expr::E => exponential(work, exponent),
        _ => match &base {
            Expr::Power(parts) if is_nonnegative(&parts.0) && is_real(&parts.1) && is_real(&exponent) => {
                let exponent = product(work, vec![parts.1.clone(), exponent])?;
                power(work, parts.0.clone(), exponent)
            }
            _ => Ok(Expr::raw_power(base, exponent)),
        },
    })
}

fn power_by_number(work: &Work, base: &Expr, n: &RBig) -> Outcome<Expr> {
    if n.is_zero() {
        return if base.is_zero() { Err(Fault::math("0^0 is not defined")) } else { Ok(Expr::one()) };
    }
    if n.is_one() {
        return Ok(base.clone());
    }
    let raw = || Expr::raw_power(base.clone(), Expr::Number(n.clone()));
    match base {
        Expr::Number(x) => roots::number_power(work, x, n),
        Expr::Constant(Constant::I) if n.is_int() => {
            let turns = number::modulo(n.numerator(), &IBig::from(4));
            Ok(match u8::try_from(turns).unwrap_or(0) {
                0 => Expr::one(),
                1 => Expr::I,
                2 => Expr::int(-1),
                _ => Expr::Product(vec![Expr::int(-1), Expr::I]),
            })
        }
        Expr::Call(Function::Abs, inner) if is_even(n) && is_real(inner) => power_by_number(work, inner, n),
        Expr::Power(parts) => {
            let (inner, exponent) = (&parts.0, &parts.1);
            let through = |inner: Expr| {
                let exponent = product(work, vec![exponent.clone(), Expr::Number(n.clone())])?;
                power(work, inner, exponent)
            };
            if n.is_int() || is_nonnegative(inner) && is_real(exponent) {
                return through(inner.clone());
            }
            match exponent {
                Expr::Number(e) if is_even(e) && is_real(inner) => through(call(work, Function::Abs, inner.clone())?),
                Expr::Number(e) if has_odd_denominator(n) && has_odd_denominator(e) && is_real(inner) => {
                    through(inner.clone())
                }
                _ => Ok(raw()),
            }
        }
        Expr::Product(factors) if n.is_int() || has_odd_denominator(n) && is_real(base) => {
            let factors = factors.iter().map(|f| power(work, f.clone(), Expr::Number(n.clone())));
            product(work, factors.collect::<Outcome<_>>()?)
        }
        Expr::Product(factors) => roots::product_root(work, factors, n),
        Expr::Sum(terms) if !n.is_int() => roots::sum_root(work, terms, n),
        _ => Ok(raw()),
    }
}

/// `e ^ exponent`: logarithms in the exponent come down, and multiples of `i*pi` become numbers.
fn exponential(work: &Work, exponent: Expr) -> Outcome<Expr> {
    let mut factors = Vec::new();
    let mut rest = Vec::new();
    for term in exponent.terms() {
        work.spend(1)?;
        let items = term.factors();
        let logarithms: Vec<usize> =
            (0..items.len()).filter(|i| matches!(items.get(*i), Some(Expr::Call(Function::Ln, _)))).collect();
        if let ([only], true) = (logarithms.as_slice(), is_real(term)) {
            let mut others = items.to_vec();
            // exp(x*ln(x)) stays as it is: limits compare the growth of exponents.
            if let Expr::Call(_, argument) = others.remove(*only)
                && (argument.variables().is_empty() || others.iter().all(|other| other.variables().is_empty()))
            {
                let exponent = product(work, others)?;
                factors.push(power(work, *argument, exponent)?);
                continue;
            }
        }
        if let Some(value) = functions::unit_circle(work, term)? {
            factors.push(value);
            continue;
        }
        rest.push(term.clone());
    }
    if factors.is_empty() {
        return Ok(Expr::raw_power(Expr::E, exponent));
    }
    let rest = sum(work, rest)?;
    factors.push(match rest {
        Expr::Number(n) if n.is_zero() => Expr::one(),
        Expr::Number(n) if n.is_one() => Expr::E,
        rest => Expr::raw_power(Expr::E, rest),
    });
    product(work, factors)
}

pub(crate) fn is_even(n: &RBig) -> bool {
    n.is_int() && number::modulo(n.numerator(), &IBig::from(2)) == IBig::ZERO
}

pub(crate) fn has_odd_denominator(n: &RBig) -> bool {
    number::modulo(&number::denominator(n), &IBig::from(2)) != IBig::ZERO
}

/// Whether no complex constant occurs: neither the imaginary unit nor what has no real value, such as `asin(2)`.
pub(crate) fn is_real(e: &Expr) -> bool {
    !e.any(&mut |part| match part {
        Expr::Constant(Constant::I) => true,
        Expr::Call(Function::Ln | Function::Asin | Function::Acos, _) => has_complex_value(part),
        Expr::Power(parts) => !parts.1.number().is_some_and(RBig::is_int) && has_complex_value(part),
        _ => false,
    })
}

fn has_complex_value(e: &Expr) -> bool {
    e.variables().is_empty() && numeric::evaluate(e, &[]).is_some_and(|v| v.real().is_none())
}

/// Whether it is known never to be negative, for real values of the variables.
pub(crate) fn is_nonnegative(e: &Expr) -> bool {
    match e {
        Expr::Number(n) => !is_negative(n),
        Expr::Constant(c) => *c != Constant::I,
        Expr::Call(Function::Abs | Function::Cosh, _) => true,
        Expr::Power(parts) => match (&parts.0, &parts.1) {
            (base, exponent) if is_nonnegative(base) && is_real(exponent) => true,
            (base, Expr::Number(n)) => is_real(base) && (is_even(n) || !has_odd_denominator(n)),
            _ => false,
        },
        Expr::Product(items) | Expr::Sum(items) => items.iter().all(is_nonnegative),
        _ => false,
    }
}

/// The integer exponent of a power, 1 for anything else.
pub(crate) fn integer_power(e: &Expr) -> (&Expr, i64) {
    match e {
        Expr::Power(parts) => match parts.1.number().and_then(small) {
            Some(n) => (&parts.0, n),
            None => (e, 1),
        },
        _ => (e, 1),
    }
}
