//! Real values to many digits, each with a bound on its error: what decides signs, and whether something is a solution.

use std::cmp::Ordering;

use dashu::{
    base::Sign,
    float::{Context, FBig, FpError, Repr, round::Rounded, round::mode::HalfAway},
    integer::IBig,
    rational::RBig,
};

use crate::{
    auto,
    error::{Fault, Outcome},
    expr::{Constant, Expr, Function, Name},
    number::{absolute, bits, is_negative, small},
    simplify,
    work::Work,
};

type Real = Repr<10>;

/// Digits that are tried, one after the other.
const DIGITS: [usize; 2] = [50, 160];

/// What agrees with zero to so many decimal places, and cannot be shown to be zero, is taken for zero.
const ZERO: isize = -110;

/// Angles and exponents up to this power of ten.
const MAX_ARGUMENT: isize = 12;

/// Work of a transcendental function of fifty digits.
const FUNCTION: u64 = 250;

/// The exponent of the error of an exact value.
const EXACT: isize = isize::MIN / 8;

/// A decimal, and the power of ten that its error is not larger than.
#[derive(Debug, Clone)]
pub(crate) struct Ball {
    middle: Real,
    error: isize,
}

/// Why there is no value.
#[derive(Debug)]
enum Trouble {
    /// It is not real, or not defined, for certain.
    Undefined,
    /// Not known to so many digits.
    Unclear,
    Stop(Fault),
}

type Known = Result<Ball, Trouble>;

/// What is known of a constant.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Real(Ball),
    /// Not a real number, or not defined, for certain.
    Undefined,
    Unknown,
}

impl Ball {
    pub(crate) fn exact(x: &RBig) -> Self {
        if x.is_int() {
            return Self { middle: Real::new(x.numerator().clone(), 0), error: EXACT };
        }
        let middle = x.to_float::<HalfAway, 10>(DIGITS[1] + 10).value().into_repr();
        let error = magnitude(&middle) - (DIGITS[1] + 8) as isize;
        Self { middle, error }
    }

    /// `middle`, which is not further than `10^error` from what it stands for.
    pub(crate) fn around(middle: &RBig, error: isize) -> Self {
        let ball = Self::exact(middle);
        Self { error: ball.error.max(error), ..ball }
    }

    /// The sign, where the error does not hide it.
    pub(crate) fn sign(&self) -> Option<Ordering> {
        if is_zero(&self.middle) {
            return (self.error <= EXACT).then_some(Ordering::Equal);
        }
        let sign = if self.middle.sign() == Sign::Negative { Ordering::Less } else { Ordering::Greater };
        (magnitude(&self.middle) > self.error).then_some(sign)
    }

    /// Whether it is zero as far as can be told.
    fn is_tiny(&self) -> bool {
        self.error < ZERO && (is_zero(&self.middle) || magnitude(&self.middle) < ZERO)
    }

    pub(crate) fn middle(&self) -> RBig {
        RBig::try_from(self.middle.clone()).unwrap_or(RBig::ZERO)
    }

    pub(crate) fn error(&self) -> isize {
        self.error
    }
}

fn is_zero(x: &Real) -> bool {
    x.significand().is_zero()
}

/// The position of the leading digit: 0 for 1 to 9.
fn magnitude(x: &Real) -> isize {
    if is_zero(x) { EXACT } else { x.exponent() + x.digits() as isize - 1 }
}

fn negated(x: &Real) -> Real {
    if is_zero(x) { Real::zero() } else { Real::new(-x.significand().clone(), x.exponent()) }
}

/// The value of a constant. Variables have the values that are given.
pub(crate) fn value(work: &Work, e: &Expr, values: &[(Name, Ball)]) -> Outcome<Value> {
    let mut found = Value::Unknown;
    for digits in DIGITS {
        let evaluator = Evaluator { work, digits, context: Context::new(digits), values };
        match evaluator.value(e) {
            Ok(ball) => {
                let clear = ball.error < -40 || ball.error < magnitude(&ball.middle) - 40;
                found = Value::Real(ball);
                if clear {
                    break;
                }
            }
            Err(Trouble::Undefined) => return Ok(Value::Undefined),
            Err(Trouble::Unclear) => {}
            Err(Trouble::Stop(fault)) => return Err(fault),
        }
    }
    Ok(found)
}

/// The sign of a real constant: certain, but for zeros that agree with zero to more than a hundred places and that no
/// rule shows to be zero. Nothing where it cannot be told, or where there is no real value.
pub(crate) fn sign(work: &Work, e: &Expr, values: &[(Name, Ball)]) -> Outcome<Option<Ordering>> {
    if let Expr::Number(n) = e {
        return Ok(Some(if n.is_zero() { Ordering::Equal } else { n.cmp(&RBig::ZERO) }));
    }
    for digits in DIGITS {
        let evaluator = Evaluator { work, digits, context: Context::new(digits), values };
        match evaluator.value(e) {
            Ok(ball) => {
                if let Some(sign) = ball.sign() {
                    return Ok(Some(sign));
                }
                if ball.is_tiny() {
                    return Ok(Some(Ordering::Equal));
                }
            }
            Err(Trouble::Undefined) => return Ok(None),
            Err(Trouble::Unclear) => {}
            Err(Trouble::Stop(fault)) => return Err(fault),
        }
    }
    if values.is_empty() && simplify::is_zero(work, e)? == Some(true) {
        return Ok(Some(Ordering::Equal));
    }
    Ok(None)
}

/// The nearest double of a real constant.
pub(crate) fn double(work: &Work, e: &Expr) -> Outcome<Option<f64>> {
    Ok(match value(work, e, &[])? {
        Value::Real(ball) => Some(crate::number::to_f64(&ball.middle())),
        _ => None,
    })
}

/// Which of two real constants is larger.
pub(crate) fn compare(work: &Work, a: &Expr, b: &Expr) -> Outcome<Option<Ordering>> {
    sign(work, &auto::difference(work, a, b)?, &[])
}

struct Evaluator<'a> {
    work: &'a Work,
    digits: usize,
    context: Context<HalfAway>,
    values: &'a [(Name, Ball)],
}

impl Evaluator<'_> {
    fn value(&self, e: &Expr) -> Known {
        self.spend(1)?;
        match e {
            Expr::Number(n) => {
                if bits(n) > 12_000 {
                    return Err(Trouble::Unclear);
                }
                Ok(Ball::exact(n))
            }
            Expr::Constant(Constant::I) => Err(Trouble::Undefined),
            Expr::Constant(Constant::Pi) => self.rounded(Ok(self.context.pi::<10>(None)), EXACT),
            Expr::Constant(Constant::E) => self.exp(&Ball::exact(&RBig::ONE)),
            Expr::Variable(name) => {
                self.values.iter().find(|(n, _)| n == name).map(|(_, ball)| ball.clone()).ok_or(Trouble::Unclear)
            }
            Expr::Sum(terms) => {
                let mut total = Ball { middle: Real::zero(), error: EXACT };
                for term in terms {
                    total = self.add(&total, &self.value(term)?)?;
                }
                Ok(total)
            }
            Expr::Product(factors) => {
                let mut total = Ball::exact(&RBig::ONE);
                for factor in factors {
                    total = self.mul(&total, &self.value(factor)?)?;
                }
                Ok(total)
            }
            Expr::Power(parts) => self.power(&parts.0, &parts.1),
            Expr::Call(function, argument) => self.call(*function, &self.value(argument)?),
        }
    }

    fn spend(&self, units: u64) -> Result<(), Trouble> {
        self.work.spend(units * if self.digits > DIGITS[0] { 2 } else { 1 }).map_err(Trouble::Stop)
    }

    /// A result with the error of its own last digit, and what it has from its operands.
    fn rounded(&self, result: Result<Rounded<FBig<HalfAway, 10>>, FpError>, error: isize) -> Known {
        let exact = error <= EXACT;
        match result {
            Ok(rounded) => {
                let lossless = matches!(rounded, Rounded::Exact(_));
                let middle = rounded.value().into_repr();
                if middle.is_infinite() || magnitude(&middle) > 100_000 {
                    return Err(Trouble::Unclear);
                }
                let own = if lossless { EXACT } else { magnitude(&middle) - self.digits as isize + 2 };
                let error = if exact { own } else { own.max(error) + 1 };
                Ok(Ball { middle, error })
            }
            Err(FpError::OutOfDomain) if exact => Err(Trouble::Undefined),
            Err(_) => Err(Trouble::Unclear),
        }
    }

    fn add(&self, a: &Ball, b: &Ball) -> Known {
        let error = a.error.max(b.error);
        let error = if a.error > EXACT && b.error > EXACT { error + 1 } else { error };
        self.rounded(self.context.add(&a.middle, &b.middle), error)
    }

    fn negate(a: &Ball) -> Ball {
        Ball { middle: negated(&a.middle), error: a.error }
    }

    fn mul(&self, a: &Ball, b: &Ball) -> Known {
        self.spend(1)?;
        let cross = |x: &Ball, y: &Ball| {
            if y.error <= EXACT || is_zero(&x.middle) { EXACT } else { magnitude(&x.middle) + 1 + y.error }
        };
        let both = if a.error > EXACT && b.error > EXACT { a.error + b.error } else { EXACT };
        let error = cross(a, b).max(cross(b, a)).max(both);
        let error = if error > EXACT { error + 1 } else { EXACT };
        self.rounded(self.context.mul(&a.middle, &b.middle), error)
    }

    fn invert(&self, a: &Ball) -> Known {
        self.spend(2)?;
        match a.sign() {
            Some(Ordering::Equal) => return Err(Trouble::Undefined),
            None => return Err(Trouble::Unclear),
            _ => {}
        }
        // |1/a - 1/b| = |a - b| / |a b|; the sign being clear, |b| is not below a tenth of the middle.
        let size = magnitude(&a.middle);
        if a.error > EXACT && a.error > size - 2 {
            return Err(Trouble::Unclear);
        }
        let error = if a.error > EXACT { a.error - 2 * size + 1 } else { EXACT };
        self.rounded(self.context.div(&Real::one(), &a.middle), error)
    }

    fn exp(&self, x: &Ball) -> Known {
        self.spend(FUNCTION)?;
        if magnitude(&x.middle) > 4 || x.error > -1 {
            return Err(Trouble::Unclear);
        }
        let result = self.context.exp(&x.middle, None);
        let size = match &result {
            Ok(value) => magnitude(value.value_ref().repr()),
            Err(_) => return Err(Trouble::Unclear),
        };
        let error = if x.error > EXACT { size + 2 + x.error } else { EXACT };
        self.rounded(result, error)
    }

    fn ln(&self, x: &Ball) -> Known {
        self.spend(FUNCTION)?;
        match x.sign() {
            Some(Ordering::Greater) => {}
            Some(_) => return Err(Trouble::Undefined),
            None => return Err(Trouble::Unclear),
        }
        let size = magnitude(&x.middle);
        if x.error > EXACT && x.error > size - 2 {
            return Err(Trouble::Unclear);
        }
        let error = if x.error > EXACT { x.error - size + 1 } else { EXACT };
        self.rounded(self.context.ln(&x.middle, None), error)
    }

    fn power(&self, base: &Expr, exponent: &Expr) -> Known {
        if *base == Expr::E {
            return self.exp(&self.value(exponent)?);
        }
        let b = self.value(base)?;
        if let Some(n) = &exponent.rational() {
            if let Some(n) = small(n) {
                return self.whole_power(&b, n);
            }
            if n.is_int() || bits(n) > 60 {
                return Err(Trouble::Unclear);
            }
            return match b.sign() {
                Some(Ordering::Equal) if is_negative(n) => Err(Trouble::Undefined),
                Some(Ordering::Equal) => Ok(b),
                Some(Ordering::Greater) => self.root_power(&b, n),
                Some(Ordering::Less) if auto::has_odd_denominator(n) => {
                    let size = self.root_power(&Self::negate(&b), n)?;
                    let odd = !auto::is_even(&RBig::from(n.numerator().clone()));
                    Ok(if odd { Self::negate(&size) } else { size })
                }
                Some(Ordering::Less) => Err(Trouble::Undefined),
                None => Err(Trouble::Unclear),
            };
        }
        let x = self.value(exponent)?;
        match b.sign() {
            Some(Ordering::Greater) => self.exp(&self.mul(&x, &self.ln(&b)?)?),
            // A negative number has no real power with a general exponent.
            Some(Ordering::Less) if x.error < -20 && !Self::is_near_integer(&x) => Err(Trouble::Undefined),
            _ => Err(Trouble::Unclear),
        }
    }

    fn is_near_integer(x: &Ball) -> bool {
        let middle = x.middle();
        let distance = absolute(&(&middle - RBig::from(middle.round())));
        distance < RBig::from_parts(IBig::ONE, dashu::integer::UBig::from(10u8).pow(18))
    }

    /// `b ^ n` for a positive b.
    fn root_power(&self, b: &Ball, n: &RBig) -> Known {
        if *n.denominator() == dashu::integer::UBig::from(2u8)
            && let Some(n) = small(&(n * RBig::from(2)))
        {
            let size = magnitude(&b.middle);
            if b.error > EXACT && b.error > size - 2 {
                return Err(Trouble::Unclear);
            }
            let error = if b.error > EXACT { b.error - size.div_euclid(2) + 1 } else { EXACT };
            let root = self.rounded(self.context.sqrt(&b.middle), error)?;
            return self.whole_power(&root, n);
        }
        let log = self.mul(&Ball::exact(n), &self.ln(b)?)?;
        self.exp(&log)
    }

    fn whole_power(&self, b: &Ball, n: i64) -> Known {
        if n < 0 {
            return self.invert(&self.whole_power(b, n.checked_neg().ok_or(Trouble::Unclear)?)?);
        }
        if n > 100_000 || magnitude(&b.middle).saturating_mul(n as isize) > 50_000 {
            return Err(Trouble::Unclear);
        }
        // The relative error grows with n; step by step it would be bounded far too widely.
        let digits = n.checked_ilog10().map_or(0, |d| d as isize) + 1;
        let careful = b.error > EXACT && b.error < magnitude(&b.middle) - 4 - digits;
        let mut result = Ball::exact(&RBig::ONE);
        let mut square = if careful { Ball { middle: b.middle.clone(), error: EXACT } } else { b.clone() };
        let mut left = n;
        while left > 0 {
            if left & 1 == 1 {
                result = self.mul(&result, &square)?;
            }
            left >>= 1;
            if left > 0 {
                square = self.mul(&square, &square)?;
            }
        }
        if careful {
            let inherited = magnitude(&result.middle) - magnitude(&b.middle) + b.error + digits + 1;
            result.error = result.error.max(inherited) + 1;
        }
        Ok(result)
    }

    fn call(&self, function: Function, x: &Ball) -> Known {
        let inverse = matches!(function, Function::Asin | Function::Acos | Function::Atan);
        self.spend(if inverse { 3 * FUNCTION } else { FUNCTION })?;
        let error = x.error;
        let one = Ball::exact(&RBig::ONE);
        let half = Ball::exact(&crate::number::fraction(1, 2));
        let circular = matches!(function, Function::Sin | Function::Cos | Function::Tan);
        if circular && (magnitude(&x.middle) > MAX_ARGUMENT || error > -1) {
            return Err(Trouble::Unclear);
        }
        // The angle is right to its own digits, so its function is to as many places.
        let places =
            if magnitude(&x.middle) > 0 && circular { magnitude(&x.middle) - self.digits as isize + 2 } else { EXACT };
        let error = error.max(places);
        match function {
            Function::Abs => match x.sign() {
                Some(Ordering::Less) => Ok(Self::negate(x)),
                Some(_) => Ok(x.clone()),
                None => {
                    let middle = if x.middle.sign() == Sign::Negative { negated(&x.middle) } else { x.middle.clone() };
                    Ok(Ball { middle, error: x.error })
                }
            },
            Function::Ln => self.ln(x),
            Function::Sin => self.rounded(self.context.sin(&x.middle, None), error),
            Function::Cos => self.rounded(self.context.cos(&x.middle, None), error),
            Function::Tan => {
                let (sin, cos) = (self.call(Function::Sin, x)?, self.call(Function::Cos, x)?);
                self.mul(&sin, &self.invert(&cos)?)
            }
            Function::Atan => self.rounded(self.context.atan(&x.middle, None), error),
            Function::Asin | Function::Acos => {
                // 1 - x²: its sign is that of the domain, and its root bounds the slope.
                let rest = self.add(&one, &Self::negate(&self.mul(x, x)?))?;
                let error = match rest.sign() {
                    Some(Ordering::Less) => return Err(Trouble::Undefined),
                    None => return Err(Trouble::Unclear),
                    _ if error <= EXACT => EXACT,
                    Some(Ordering::Equal) => return Err(Trouble::Unclear),
                    Some(Ordering::Greater) => error - magnitude(&rest.middle).div_euclid(2) + 1,
                };
                let asin = function == Function::Asin;
                let angle = if asin { self.context.asin(&x.middle, None) } else { self.context.acos(&x.middle, None) };
                self.rounded(angle, error)
            }
            Function::Sinh | Function::Cosh | Function::Tanh => {
                let up = self.exp(x)?;
                let down = self.invert(&up)?;
                let difference = self.add(&up, &Self::negate(&down))?;
                let sum = self.add(&up, &down)?;
                match function {
                    Function::Sinh => self.mul(&half, &difference),
                    Function::Cosh => self.mul(&half, &sum),
                    _ => self.mul(&difference, &self.invert(&sum)?),
                }
            }
        }
    }
}
