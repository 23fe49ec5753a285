//! Values of functions that are known exactly, and their symmetries.

use dashu::{base::UnsignedAbs, integer::IBig, rational::RBig};

use super::{is_nonnegative, is_real, negate, power, product, sqrt, sum};
use crate::{
    error::{Fault, Outcome},
    expr::{Expr, Function},
    number::{self, fraction, int, is_negative, prime_powers, small},
    numeric,
    work::Work,
};

/// `function(argument)`.
pub(crate) fn call(work: &Work, function: Function, argument: Expr) -> Outcome<Expr> {
    work.spend(2)?;
    work.deeper(|| match function {
        Function::Abs => absolute(work, argument),
        Function::Ln => logarithm(work, argument),
        Function::Sin | Function::Cos | Function::Tan => trigonometric(work, function, argument),
        Function::Asin | Function::Acos | Function::Atan => inverse(work, function, argument),
        Function::Sinh | Function::Cosh | Function::Tanh => hyperbolic(work, function, argument),
    })
}

fn raw(function: Function, argument: Expr) -> Expr {
    Expr::Call(function, Box::new(argument))
}

fn absolute(work: &Work, e: Expr) -> Outcome<Expr> {
    if is_nonnegative(&e) {
        return Ok(e);
    }
    if is_real(&e) && e.variables().is_empty() {
        let value = numeric::evaluate(&e, &[]).map_or(0.0, |v| v.re);
        if value.abs() > 1e-9 {
            return if value > 0.0 { Ok(e) } else { negate(work, &e) };
        }
    }
    match &e {
        Expr::Product(factors) if is_real(&e) => {
            let parts = factors.iter().map(|f| call(work, Function::Abs, f.clone())).collect::<Outcome<Vec<_>>>()?;
            let (calls, mut outside): (Vec<_>, Vec<_>) =
                parts.into_iter().partition(|p| matches!(p, Expr::Call(Function::Abs, _)));
            // One bar around what stays: |x*y|, not |x|*|y|.
            let inside: Vec<Expr> = calls
                .into_iter()
                .filter_map(|c| if let Expr::Call(_, inner) = c { Some(*inner) } else { None })
                .collect();
            if !inside.is_empty() {
                outside.push(raw(Function::Abs, product(work, inside)?));
            }
            product(work, outside)
        }
        Expr::Power(parts) if is_real(&e) && parts.1.number().is_some_and(RBig::is_int) => {
            let inner = call(work, Function::Abs, parts.0.clone())?;
            power(work, inner, parts.1.clone())
        }
        Expr::Sum(terms) if terms.iter().all(Expr::looks_negative) => Ok(raw(Function::Abs, negate(work, &e)?)),
        Expr::Sum(terms) if terms.len() == 2 && terms.iter().filter(|t| t.looks_negative()).count() == 1 => {
            // |1 - x| is |x - 1|: the term that is not a number goes first.
            let lead = terms.iter().find(|t| t.number().is_none());
            if lead.is_some_and(Expr::looks_negative) {
                return Ok(raw(Function::Abs, negate(work, &e)?));
            }
            Ok(raw(Function::Abs, e))
        }
        _ => Ok(raw(Function::Abs, e)),
    }
}

fn logarithm(work: &Work, e: Expr) -> Outcome<Expr> {
    match &e {
        Expr::Constant(crate::expr::Constant::E) => Ok(Expr::one()),
        Expr::Number(x) if x.is_zero() => Err(Fault::math("the logarithm of zero is not defined")),
        Expr::Number(x) if x.is_one() => Ok(Expr::zero()),
        Expr::Number(x) if is_negative(x) => {
            let real = logarithm(work, Expr::Number(-x.clone()))?;
            sum(work, vec![real, Expr::Product(vec![Expr::PI, Expr::I])])
        }
        Expr::Number(x) if *x < RBig::ONE => negate(work, &logarithm(work, Expr::Number(RBig::ONE / x))?),
        Expr::Number(x) if x.is_int() => {
            let powers = prime_powers(work, &x.numerator().clone().unsigned_abs())?;
            let common = powers.iter().fold(IBig::ZERO, |g, (_, k)| number::gcd(&g, &IBig::from(*k)));
            let Some(common @ 2..) = u32::try_from(common).ok() else { return Ok(raw(Function::Ln, e)) };
            let root = powers.iter().fold(RBig::ONE, |r, (p, k)| r * RBig::from(p.pow((k / common) as usize)));
            Ok(Expr::Product(vec![Expr::int(i64::from(common)), raw(Function::Ln, Expr::Number(root))]))
        }
        Expr::Power(parts) if is_real(&parts.1) => match (&parts.0, &parts.1) {
            (base, exponent) if *base == Expr::E => Ok(exponent.clone()),
            (base, exponent @ Expr::Number(n)) if is_nonnegative(base) || !super::has_odd_denominator(n) => {
                let inner = call(work, Function::Ln, base.clone())?;
                product(work, vec![exponent.clone(), inner])
            }
            (Expr::Number(_), exponent) if is_nonnegative(&parts.0) => {
                let inner = call(work, Function::Ln, parts.0.clone())?;
                product(work, vec![exponent.clone(), inner])
            }
            _ => Ok(raw(Function::Ln, e)),
        },
        _ => Ok(raw(Function::Ln, e)),
    }
}

/// The rational `q` of `q*pi`.
fn turns(e: &Expr) -> Option<RBig> {
    let (q, rest) = e.split_coefficient();
    match rest {
        Expr::Constant(crate::expr::Constant::Pi) => Some(q),
        Expr::Number(_) if q.is_zero() => Some(q),
        _ => None,
    }
}

/// `e^(i*pi*q)`, where its parts are known.
pub(super) fn unit_circle(work: &Work, term: &Expr) -> Outcome<Option<Expr>> {
    let (q, rest) = term.split_coefficient();
    if rest != Expr::Product(vec![Expr::PI, Expr::I]) {
        return Ok(None);
    }
    let (Some(cos), Some(sin)) = (sine(work, &(&q + fraction(1, 2)))?, sine(work, &q)?) else { return Ok(None) };
    let imaginary = product(work, vec![Expr::I, sin])?;
    sum(work, vec![cos, imaginary]).map(Some)
}

/// The exact `sin(q*pi)`, for multiples of 15, 18 and 22.5 degrees.
fn sine(work: &Work, q: &RBig) -> Outcome<Option<Expr>> {
    let q = q - int(2) * RBig::from((q / int(2)).floor());
    let (q, negative) = if q >= RBig::ONE { (q - RBig::ONE, true) } else { (q, false) };
    let q = if q > fraction(1, 2) { RBig::ONE - q } else { q };
    let root = |n: i64| sqrt(work, Expr::int(n));
    let nested = |a: i64, b: i64, c: i64, d: i64| {
        let inner = sum(work, vec![Expr::int(a), product(work, vec![Expr::int(b), root(c)?])?])?;
        product(work, vec![Expr::Number(fraction(1, d)), sqrt(work, inner)?])
    };
    let over = |terms: Vec<Expr>, d: i64| {
        let numerator = sum(work, terms)?;
        product(work, vec![Expr::Number(fraction(1, d)), numerator])
    };
    let key = (small(&(&q * int(120))), q.denominator() <= &dashu::integer::UBig::from(120u8));
    let value = match key {
        (Some(0), _) => Expr::zero(),
        (Some(60), _) => Expr::one(),
        (Some(20), _) => Expr::Number(fraction(1, 2)),
        (Some(30), _) => over(vec![root(2)?], 2)?,
        (Some(40), _) => over(vec![root(3)?], 2)?,
        (Some(10), _) => over(vec![root(6)?, negate(work, &root(2)?)?], 4)?,
        (Some(50), _) => over(vec![root(6)?, root(2)?], 4)?,
        (Some(12), _) => over(vec![root(5)?, Expr::int(-1)], 4)?,
        (Some(36), _) => over(vec![root(5)?, Expr::one()], 4)?,
        (Some(24), _) => nested(10, -2, 5, 4)?,
        (Some(48), _) => nested(10, 2, 5, 4)?,
        (Some(15), _) => nested(2, -1, 2, 2)?,
        (Some(45), _) => nested(2, 1, 2, 2)?,
        _ => return Ok(None),
    };
    Ok(Some(if negative { negate(work, &value)? } else { value }))
}

fn trigonometric(work: &Work, function: Function, e: Expr) -> Outcome<Expr> {
    if let Some(q) = turns(&e) {
        let (sin, cos) = (sine(work, &q)?, sine(work, &(&q + fraction(1, 2)))?);
        match (function, sin, cos) {
            (Function::Sin, Some(value), _) | (Function::Cos, _, Some(value)) => return Ok(value),
            (Function::Tan, Some(_), Some(cos)) if cos.is_zero() => {
                return Err(Fault::math("the tangent is not defined there"));
            }
            (Function::Tan, Some(sin), Some(cos)) => {
                let ratio = super::quotient(work, &sin, &cos)?;
                return crate::simplify::radicals(work, &ratio);
            }
            _ => {}
        }
    }
    if let Some(shifted) = shift(work, function, &e)? {
        return Ok(shifted);
    }
    if flips(&e) {
        let flipped = call(work, function, negate(work, &e)?)?;
        return if function == Function::Cos { Ok(flipped) } else { negate(work, &flipped) };
    }
    if let Expr::Call(inner, u) = &e {
        let u = (**u).clone();
        let square = power(work, u.clone(), Expr::int(2))?;
        let complement = |sign: i64| -> Outcome<Expr> {
            let square = product(work, vec![Expr::int(sign), square.clone()])?;
            sqrt(work, sum(work, vec![Expr::one(), square])?)
        };
        match (function, inner) {
            (Function::Sin, Function::Asin) | (Function::Cos, Function::Acos) | (Function::Tan, Function::Atan) => {
                return Ok(u);
            }
            (Function::Sin, Function::Acos) | (Function::Cos, Function::Asin) => return complement(-1),
            (Function::Tan, Function::Asin) => return super::quotient(work, &u, &complement(-1)?),
            (Function::Tan, Function::Acos) => return super::quotient(work, &complement(-1)?, &u),
            (Function::Sin, Function::Atan) => return super::quotient(work, &u, &complement(1)?),
            (Function::Cos, Function::Atan) => return super::quotient(work, &Expr::one(), &complement(1)?),
            _ => {}
        }
    }
    Ok(raw(function, e))
}

/// Whether an odd or even function is better written with the opposite argument.
fn flips(e: &Expr) -> bool {
    match e {
        Expr::Sum(terms) => terms.iter().all(Expr::looks_negative),
        _ => e.looks_negative(),
    }
}

/// Multiples of a right angle in a sum come out of the argument: `sin(x + pi/2)` is `cos(x)`.
fn shift(work: &Work, function: Function, e: &Expr) -> Outcome<Option<Expr>> {
    let Expr::Sum(terms) = e else { return Ok(None) };
    let Some(at) = terms.iter().position(|t| turns(t).is_some_and(|q| (q * int(2)).is_int())) else {
        return Ok(None);
    };
    let mut rest = terms.clone();
    let quarter = turns(&rest.remove(at)).map_or(RBig::ZERO, |q| q * int(2));
    let rest = sum(work, rest)?;
    let quarter = i64::try_from(number::modulo(quarter.numerator(), &IBig::from(4))).unwrap_or(0);
    let (other, negative) = match (function, quarter) {
        (Function::Tan, 0 | 2) => (Function::Tan, false),
        (Function::Tan, _) => {
            let inverse = power(work, call(work, Function::Tan, rest)?, Expr::int(-1))?;
            return negate(work, &inverse).map(Some);
        }
        (f, 0) => (f, false),
        (f, 2) => (f, true),
        (Function::Sin, 1) => (Function::Cos, false),
        (Function::Sin, _) => (Function::Cos, true),
        (_, 1) => (Function::Sin, true),
        _ => (Function::Sin, false),
    };
    let value = call(work, other, rest)?;
    if negative { negate(work, &value).map(Some) } else { Ok(Some(value)) }
}

fn inverse(work: &Work, function: Function, e: Expr) -> Outcome<Expr> {
    if flips(&e) {
        let positive = call(work, function, negate(work, &e)?)?;
        let negative = negate(work, &positive)?;
        return if function == Function::Acos { difference_from_pi(work, &positive) } else { Ok(negative) };
    }
    if e.variables().is_empty()
        && let Some(value) = numeric::evaluate(&e, &[]).filter(|v| v.im.abs() < 1e-9)
    {
        // `sqrt(3) - 2` is negative, though it is not written with a minus sign in front.
        let negative = value.re < -1e-9;
        let size = if negative { negate(work, &e)? } else { e.clone() };
        if let Some(angle) = known_angle(work, function, &size, value.re.abs())? {
            return match (function, negative) {
                (Function::Acos, true) => difference_from_pi(work, &angle),
                (_, true) => negate(work, &angle),
                _ => Ok(angle),
            };
        }
    }
    Ok(raw(function, e))
}

fn difference_from_pi(work: &Work, angle: &Expr) -> Outcome<Expr> {
    let negative = negate(work, angle)?;
    sum(work, vec![Expr::PI, negative])
}

/// The exact angle whose sine, cosine or tangent is a constant that is not negative, where it is one of a list.
fn known_angle(work: &Work, function: Function, e: &Expr, value: f64) -> Outcome<Option<Expr>> {
    let tangent = function == Function::Atan;
    for angle in [0, 20, 30, 40, 60, 10, 50, 12, 36, 15, 45, 24, 48] {
        if tangent && angle == 60 {
            continue;
        }
        let exact = std::f64::consts::PI * f64::from(angle) / 120.0;
        let near = if tangent { exact.tan() } else { exact.sin() };
        if (value - near).abs() > 1e-9 {
            continue;
        }
        let q = fraction(i64::from(angle), 120);
        let angle = product(work, vec![Expr::Number(q.clone()), Expr::PI])?;
        let known = call(work, if tangent { Function::Tan } else { Function::Sin }, angle.clone())?;
        if crate::simplify::is_same_number(work, &known, e)? {
            return match function {
                Function::Acos => product(work, vec![Expr::Number(fraction(1, 2) - q), Expr::PI]).map(Some),
                _ => Ok(Some(angle)),
            };
        }
    }
    Ok(None)
}

fn hyperbolic(work: &Work, function: Function, e: Expr) -> Outcome<Expr> {
    if e.is_zero() {
        return Ok(if function == Function::Cosh { Expr::one() } else { Expr::zero() });
    }
    if flips(&e) {
        let flipped = call(work, function, negate(work, &e)?)?;
        return if function == Function::Cosh { Ok(flipped) } else { negate(work, &flipped) };
    }
    if let Expr::Call(Function::Ln, u) = &e
        && function != Function::Tanh
    {
        let u = (**u).clone();
        let inverse = power(work, u.clone(), Expr::int(-1))?;
        let inverse = if function == Function::Sinh { negate(work, &inverse)? } else { inverse };
        return product(work, vec![Expr::Number(fraction(1, 2)), sum(work, vec![u, inverse])?]);
    }
    Ok(raw(function, e))
}
