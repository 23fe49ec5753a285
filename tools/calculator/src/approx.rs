//! Real arithmetic at fifty decimal digits, for results that are not rational.
//!
//! Everything goes through [`Context`], whose operations report what cannot be computed; the operators of `FBig` panic.

use std::cmp::Ordering;

use dashu::{
    base::{Abs, Sign},
    float::{Context, FBig, FpError, Repr, round::Rounded, round::mode::HalfAway},
    integer::IBig,
    rational::RBig,
};

use crate::error::{Fault, Outcome};

/// A finite decimal floating-point number.
pub(crate) type Real = Repr<10>;

/// Significant digits that are carried.
const PRECISION: usize = 50;
/// Digits that are trusted: what lies further down is rounding noise, so `sqrt(2)^2 - 2` is 0.
const TRUSTED: isize = 40;
/// Largest power of ten, either way; the range of exact numbers is the same.
const MAX_MAGNITUDE: isize = 6_030;

type Computed = Result<Rounded<FBig<HalfAway, 10>>, FpError>;

fn context() -> Context<HalfAway> {
    Context::new(PRECISION)
}

/// Position of the leading digit: 0 for 1 to 9.
pub(crate) fn magnitude(x: &Real) -> isize {
    if x.significand().is_zero() { isize::MIN / 4 } else { x.exponent() + x.digits() as isize - 1 }
}

fn finite(result: Computed) -> Outcome<Real> {
    match result {
        Ok(rounded) => {
            let x = rounded.value().into_repr();
            if x.is_infinite() || magnitude(&x) > MAX_MAGNITUDE {
                Err(Fault::too_large())
            } else if x.significand().is_zero() || magnitude(&x) < -MAX_MAGNITUDE {
                Ok(Real::zero())
            } else {
                Ok(x)
            }
        }
        Err(FpError::Overflow(_) | FpError::InfiniteInput) => Err(Fault::too_large()),
        Err(FpError::Underflow(_)) => Ok(Real::zero()),
        Err(FpError::OutOfDomain | FpError::Indeterminate) => Err(Fault::math("this has no real value")),
        Err(_) => Err(Fault::limit("this could not be computed to the needed precision")),
    }
}

pub(crate) fn from_exact(x: &RBig) -> Real {
    x.to_float::<HalfAway, 10>(PRECISION).value().into_repr()
}

/// The decimal value as it stands.
pub(crate) fn to_exact(x: &Real) -> RBig {
    // Only an infinity has no rational value, and `finite` keeps those out.
    RBig::try_from(x.clone()).unwrap_or(RBig::ZERO)
}

pub(crate) fn integer(n: i64) -> Real {
    Real::new(IBig::from(n), 0)
}

pub(crate) fn is_zero(x: &Real) -> bool {
    x.significand().is_zero()
}

pub(crate) fn is_negative(x: &Real) -> bool {
    x.sign() == Sign::Negative && !is_zero(x)
}

pub(crate) fn neg(x: &Real) -> Real {
    if is_zero(x) { Real::zero() } else { Real::new(-x.significand().clone(), x.exponent()) }
}

pub(crate) fn abs(x: &Real) -> Real {
    Real::new(x.significand().clone().abs(), if is_zero(x) { 0 } else { x.exponent() })
}

/// Zero where nothing is left of `x` but the rounding of numbers as large as `scale`.
fn without_noise(x: Real, scale: isize) -> Real {
    if magnitude(&x) < scale - TRUSTED { Real::zero() } else { x }
}

pub(crate) fn add(a: &Real, b: &Real) -> Outcome<Real> {
    let scale = magnitude(a).max(magnitude(b));
    Ok(without_noise(finite(context().add(a, b))?, scale))
}

pub(crate) fn sub(a: &Real, b: &Real) -> Outcome<Real> {
    add(a, &neg(b))
}

pub(crate) fn mul(a: &Real, b: &Real) -> Outcome<Real> {
    finite(context().mul(a, b))
}

pub(crate) fn div(a: &Real, b: &Real) -> Outcome<Real> {
    if is_zero(b) {
        return Err(Fault::division_by_zero());
    }
    finite(context().div(a, b))
}

/// The integer that `x` stands for, if rounding noise is all that parts them.
pub(crate) fn near_integer(x: &Real) -> Option<IBig> {
    if is_zero(x) {
        return Some(IBig::ZERO);
    }
    if magnitude(x) >= TRUSTED {
        return None;
    }
    let exact = to_exact(x);
    let rounded = exact.round();
    let difference = from_exact(&(exact - RBig::from(rounded.clone())));
    (magnitude(&difference) < magnitude(x).max(0) - TRUSTED).then_some(rounded)
}

pub(crate) fn pi() -> Real {
    context().pi::<10>(None).value().into_repr()
}

pub(crate) fn e() -> Outcome<Real> {
    exp(&Real::one())
}

/// The golden ratio.
pub(crate) fn phi() -> Outcome<Real> {
    div(&add(&Real::one(), &sqrt(&integer(5))?)?, &integer(2))
}

pub(crate) fn exp(x: &Real) -> Outcome<Real> {
    // e^14000 is beyond the largest magnitude; refusing here keeps the library's own range checks out of play.
    if x.cmp(&integer(14_000)) == Ordering::Greater {
        return Err(Fault::too_large());
    }
    if x.cmp(&integer(-14_000)) == Ordering::Less {
        return Ok(Real::zero());
    }
    finite(context().exp(x, None))
}

pub(crate) fn ln(x: &Real) -> Outcome<Real> {
    if is_zero(x) || is_negative(x) {
        return Err(Fault::math("the logarithm needs a positive number"));
    }
    finite(context().ln(x, None))
}

/// `x^y` for a positive `x`.
pub(crate) fn powf(x: &Real, y: &Real) -> Outcome<Real> {
    exp(&mul(y, &ln(x)?)?)
}

pub(crate) fn sqrt(x: &Real) -> Outcome<Real> {
    if is_negative(x) {
        return Err(Fault::math("the square root of a negative number is not real"));
    }
    finite(context().sqrt(x))
}

/// The `n`-th root of a number that is not negative.
pub(crate) fn root(x: &Real, n: u32) -> Outcome<Real> {
    match n {
        _ if is_zero(x) => Ok(Real::zero()),
        2 => sqrt(x),
        3 => finite(context().cbrt(x)),
        _ => exp(&div(&ln(x)?, &integer(i64::from(n)))?),
    }
}

/// A function of an angle in radians.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigonometric {
    Sin,
    Cos,
    Tan,
}

pub(crate) fn trigonometric(function: Trigonometric, x: &Real) -> Outcome<Real> {
    // Of an angle with thirty digits before the point, ten digits are left of the fraction of a turn.
    if magnitude(x) > 30 {
        return Err(Fault::limit("this angle is too large for its sine to mean anything"));
    }
    let scale = magnitude(x).max(0);
    let sin = || Ok::<_, Fault>(without_noise(finite(context().sin(x, None))?, scale));
    let cos = || Ok::<_, Fault>(without_noise(finite(context().cos(x, None))?, scale));
    match function {
        Trigonometric::Sin => sin(),
        Trigonometric::Cos => cos(),
        Trigonometric::Tan => {
            let cos = cos()?;
            if is_zero(&cos) {
                return Err(Fault::math("the tangent is undefined here"));
            }
            div(&sin()?, &cos)
        }
    }
}

fn within_one(x: &Real) -> Outcome<()> {
    if abs(x).cmp(&Real::one()) == Ordering::Greater {
        return Err(Fault::math("this needs a number from -1 to 1"));
    }
    Ok(())
}

pub(crate) fn asin(x: &Real) -> Outcome<Real> {
    within_one(x)?;
    finite(context().asin(x, None))
}

pub(crate) fn acos(x: &Real) -> Outcome<Real> {
    within_one(x)?;
    finite(context().acos(x, None))
}

pub(crate) fn atan(x: &Real) -> Outcome<Real> {
    finite(context().atan(x, None))
}

/// The angle of the point (`x`, `y`).
pub(crate) fn atan2(y: &Real, x: &Real) -> Outcome<Real> {
    if is_zero(x) && is_zero(y) {
        return Err(Fault::math("the point (0, 0) has no angle"));
    }
    finite(context().atan2(y, x, None))
}

/// Hyperbolic sine, cosine and tangent from the exponential.
pub(crate) fn hyperbolic(function: Trigonometric, x: &Real) -> Outcome<Real> {
    let (up, down) = (exp(x)?, exp(&neg(x))?);
    let (sinh, cosh) = (|| div(&sub(&up, &down)?, &integer(2)), || div(&add(&up, &down)?, &integer(2)));
    match function {
        Trigonometric::Sin => sinh(),
        Trigonometric::Cos => cosh(),
        Trigonometric::Tan => div(&sinh()?, &cosh()?),
    }
}
