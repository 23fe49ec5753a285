use std::cmp::Ordering;

use dashu::{
    base::{Abs, DivRem, EstimatedLog2, Gcd, Sign, UnsignedAbs},
    integer::{IBig, UBig},
    rational::RBig,
};

use crate::{
    approx::{self, Real},
    error::{Fault, Outcome},
};

/// Bits of the largest numerator or denominator: about 6,020 decimal digits.
pub(crate) const MAX_BITS: usize = 20_000;

/// A rational number, or a real one at fifty digits.
#[derive(Debug, Clone)]
pub(crate) enum Number {
    Exact(RBig),
    Approx(Real),
}

use Number::{Approx, Exact};

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Exact(RBig::from(n))
    }
}

impl From<IBig> for Number {
    fn from(n: IBig) -> Self {
        Exact(RBig::from(n))
    }
}

fn bits(n: &IBig) -> usize {
    n.unsigned_abs().bit_len()
}

trait BitLength {
    fn bit_len(&self) -> usize;
}

impl BitLength for UBig {
    fn bit_len(&self) -> usize {
        dashu::base::BitTest::bit_len(self)
    }
}

fn bounded(x: RBig) -> Outcome<Number> {
    if bits(x.numerator()).max(x.denominator().bit_len()) > MAX_BITS {
        return Err(Fault::too_large());
    }
    Ok(Exact(x))
}

impl Number {
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Exact(_))
    }

    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Exact(x) => x.is_zero(),
            Approx(x) => approx::is_zero(x),
        }
    }

    pub(crate) fn is_negative(&self) -> bool {
        match self {
            Exact(x) => x.sign() == Sign::Negative && !x.is_zero(),
            Approx(x) => approx::is_negative(x),
        }
    }

    pub(crate) fn real(&self) -> Real {
        match self {
            Exact(x) => approx::from_exact(x),
            Approx(x) => x.clone(),
        }
    }

    /// The rational value; of an approximation, its decimal digits as they stand.
    pub(crate) fn rational(&self) -> RBig {
        match self {
            Exact(x) => x.clone(),
            Approx(x) => approx::to_exact(x),
        }
    }

    /// 64-bit words that the number takes: the unit in which work is counted.
    pub(crate) fn words(&self) -> u64 {
        match self {
            Exact(x) => ((bits(x.numerator()) + x.denominator().bit_len()) / 64) as u64 + 1,
            Approx(_) => 4,
        }
    }

    /// The integer, if it is one (up to rounding noise).
    pub(crate) fn integer(&self) -> Option<IBig> {
        match self {
            Exact(x) => x.is_int().then(|| x.numerator().clone()),
            Approx(x) => approx::near_integer(x),
        }
    }

    pub(crate) fn neg(&self) -> Self {
        match self {
            Exact(x) => Exact(-x.clone()),
            Approx(x) => Approx(approx::neg(x)),
        }
    }

    pub(crate) fn abs(&self) -> Self {
        match self {
            Exact(x) => Exact(x.clone().abs()),
            Approx(x) => Approx(approx::abs(x)),
        }
    }

    pub(crate) fn add(&self, other: &Self) -> Outcome<Self> {
        match (self, other) {
            (Exact(a), Exact(b)) => {
                let (da, db) = (a.denominator().bit_len(), b.denominator().bit_len());
                if (bits(a.numerator()) + db).max(bits(b.numerator()) + da).max(da + db) > 2 * MAX_BITS {
                    return Err(Fault::too_large());
                }
                bounded(a + b)
            }
            _ => approx::add(&self.real(), &other.real()).map(Approx),
        }
    }

    pub(crate) fn sub(&self, other: &Self) -> Outcome<Self> {
        self.add(&other.neg())
    }

    pub(crate) fn mul(&self, other: &Self) -> Outcome<Self> {
        match (self, other) {
            // Both are within MAX_BITS, so what is computed before the check is within twice that.
            (Exact(a), Exact(b)) => bounded(a * b),
            _ => approx::mul(&self.real(), &other.real()).map(Approx),
        }
    }

    pub(crate) fn div(&self, other: &Self) -> Outcome<Self> {
        if other.is_zero() {
            return Err(Fault::division_by_zero());
        }
        match (self, other) {
            (Exact(a), Exact(b)) => bounded(a / b),
            _ => approx::div(&self.real(), &other.real()).map(Approx),
        }
    }

    /// The quotient rounded down.
    pub(crate) fn floor_div(&self, other: &Self) -> Outcome<Self> {
        Ok(self.div(other)?.round_to_integer(Rounding::Down))
    }

    /// The remainder of [`Self::floor_div`]: it has the sign of the divisor, as in mathematics and in Python.
    pub(crate) fn modulo(&self, other: &Self) -> Outcome<Self> {
        if other.is_zero() {
            return Err(Fault::math("remainder of a division by zero"));
        }
        self.sub(&self.floor_div(other)?.mul(other)?)
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Exact(a), Exact(b)) => a.cmp(b),
            (Approx(a), Approx(b)) => a.cmp(b),
            _ => self.rational().cmp(&other.rational()),
        }
    }

    pub(crate) fn power(&self, exponent: &Self) -> Outcome<Self> {
        if let Exact(y) = exponent {
            if y.is_int() {
                return self.integer_power(y.numerator());
            }
            if let Exact(x) = self
                && let Some(degree) = u32::try_from(y.denominator()).ok().filter(|q| *q <= 64)
            {
                // x^(p/q): exact where the root is, and real for negative x where q is odd.
                if x.sign() == Sign::Negative && degree.is_multiple_of(2) {
                    return Err(Fault::math("an even root of a negative number is not real"));
                }
                return self.root(degree)?.integer_power(y.numerator());
            }
        }
        if self.is_negative() {
            return Err(Fault::math("a negative number has no real power with such an exponent"));
        }
        if self.is_zero() {
            return if exponent.is_negative() { Err(Fault::division_by_zero()) } else { Ok(Self::from(0)) };
        }
        approx::powf(&self.real(), &exponent.real()).map(Approx)
    }

    fn integer_power(&self, n: &IBig) -> Outcome<Self> {
        let negative = n.sign() == Sign::Negative;
        if n.is_zero() {
            return Ok(Self::from(1));
        }
        if self.is_zero() {
            return if negative { Err(Fault::division_by_zero()) } else { Ok(self.clone()) };
        }
        let odd = !(n % IBig::from(2)).is_zero();
        if let Exact(x) = self {
            if x.clone().abs().is_one() {
                return Ok(if odd { self.clone() } else { Self::from(1) });
            }
            let size = bits(x.numerator()).max(x.denominator().bit_len());
            // A b-bit number is at least 2^(b-1), so this is a lower bound for what would be computed.
            let exponent = usize::try_from(n.unsigned_abs()).ok().filter(|e| (size - 1).saturating_mul(*e) <= MAX_BITS);
            if let Some(exponent) = exponent.and_then(|e| isize::try_from(e).ok()) {
                return bounded(x.pow(if negative { -exponent } else { exponent }));
            }
            if x.is_int() && !negative {
                return Err(Fault::too_large());
            }
        }
        let magnitude = approx::powf(&approx::abs(&self.real()), &Exact(RBig::from(n.clone())).real())?;
        Ok(Approx(if self.is_negative() && odd { approx::neg(&magnitude) } else { magnitude }))
    }

    /// The real `degree`-th root; of a negative number, for an odd degree. Exact where it is rational.
    pub(crate) fn root(&self, degree: u32) -> Outcome<Self> {
        if self.is_negative() {
            if degree.is_multiple_of(2) {
                let name = if degree == 2 { "the square" } else { "an even" };
                return Err(Fault::math(format!("{name} root of a negative number is not real")));
            }
            return Ok(self.neg().root(degree)?.neg());
        }
        if self.is_zero() || degree == 1 {
            return Ok(self.clone());
        }
        if let Exact(x) = self {
            let perfect = |n: &UBig| {
                let root = n.nth_root(degree as usize);
                (root.pow(degree as usize) == *n).then_some(root)
            };
            if let (Some(numerator), Some(denominator)) =
                (perfect(&x.numerator().unsigned_abs()), perfect(x.denominator()))
            {
                return Ok(Exact(RBig::from_parts(IBig::from(numerator), denominator)));
            }
        }
        approx::root(&self.real(), degree).map(Approx)
    }

    /// The logarithm to a base; exact where the base is rational and the number one of its whole powers.
    pub(crate) fn log(&self, base: &Self) -> Outcome<Self> {
        let divisor = approx::ln(&base.real())?;
        let quotient = approx::ln(&self.real())?;
        if approx::is_zero(&divisor) {
            return Err(Fault::math("1 is no base for a logarithm"));
        }
        let quotient = approx::div(&quotient, &divisor)?;
        if self.is_exact()
            && base.is_exact()
            && let Some(n) = approx::near_integer(&quotient)
            && let Ok(power) = base.integer_power(&n)
            && power.is_exact()
            && power.compare(self) == Ordering::Equal
        {
            return Ok(n.into());
        }
        Ok(Approx(quotient))
    }

    pub(crate) fn round_to_integer(&self, rounding: Rounding) -> Self {
        if let Some(n) = self.integer() {
            return n.into();
        }
        let x = self.rational();
        match rounding {
            Rounding::Down => x.floor(),
            Rounding::Up => x.ceil(),
            Rounding::ToZero => x.trunc(),
            Rounding::HalfAway => round_half_away(&x),
        }
        .into()
    }

    /// Rounds to `places` decimals, or for a negative number to tens, hundreds …
    pub(crate) fn round_to_places(&self, places: i64, rounding: Rounding) -> Outcome<Self> {
        let scale = Self::from(10).integer_power(&IBig::from(places))?;
        let rounded = self.mul(&scale)?.round_to_integer(rounding).div(&scale)?;
        Ok(if self.is_exact() { rounded } else { Approx(rounded.real()) })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    Down,
    Up,
    ToZero,
    /// As taught in school: 2.5 → 3, -2.5 → -3.
    HalfAway,
}

pub(crate) fn round_half_away(x: &RBig) -> IBig {
    let (quotient, remainder) = x.numerator().unsigned_abs().div_rem(x.denominator());
    let up = remainder * UBig::from(2u8) >= *x.denominator();
    let magnitude = IBig::from(if up { quotient + UBig::ONE } else { quotient });
    if x.sign() == Sign::Negative { -magnitude } else { magnitude }
}

/// log2, not less than the true one.
fn log2_ceiling(n: &UBig) -> f64 {
    if n.is_zero() { 0.0 } else { f64::from(n.log2_bounds().1) }
}

/// The product of the integers from `from` to `to`, both included; balanced, so that the factors grow together.
fn product(from: u64, to: u64) -> UBig {
    if from > to {
        return UBig::ONE;
    }
    if to - from < 8 {
        return (from..=to).fold(UBig::ONE, |product, n| product * UBig::from(n));
    }
    let middle = from + (to - from) / 2;
    product(from, middle) * product(middle + 1, to)
}

pub(crate) fn factorial(n: &Number) -> Outcome<Number> {
    let whole = n.integer().ok_or_else(|| Fault::math("the factorial needs a whole number"))?;
    if whole.sign() == Sign::Negative {
        return Err(Fault::math("the factorial of a negative number is not defined"));
    }
    let n = u64::try_from(&whole).ok().filter(|n| *n <= MAX_BITS as u64).ok_or_else(Fault::too_large)?;
    // Stirling, from below: log2(n!) ≥ n (log2 n - log2 e).
    let float = n as f64;
    if n > 1 && float * (float.log2() - std::f64::consts::LOG2_E) > MAX_BITS as f64 {
        return Err(Fault::too_large());
    }
    bounded(RBig::from(IBig::from(product(2, n))))
}

fn counts(n: &Number, k: &Number) -> Outcome<(UBig, UBig)> {
    let whole = |x: &Number| x.integer().and_then(|x| UBig::try_from(x).ok());
    match (whole(n), whole(k)) {
        (Some(n), Some(k)) => Ok((n, k)),
        _ => Err(Fault::math("this needs whole numbers that are not negative")),
    }
}

/// Ways to choose `k` of `n`.
pub(crate) fn combinations(n: &Number, k: &Number) -> Outcome<Number> {
    let (n, k) = counts(n, k)?;
    if k > n {
        return Ok(Number::from(0));
    }
    let k = k.clone().min(&n - k);
    let k = usize::try_from(&k).ok().filter(|k| *k <= MAX_BITS).ok_or_else(Fault::too_large)?;
    // C(n, k) ≥ (n/k)^k.
    if k > 0 && k as f64 * (log2_ceiling(&n) - (k as f64).log2() - 0.01) > MAX_BITS as f64 {
        return Err(Fault::too_large());
    }
    let mut result = UBig::ONE;
    for i in 0..k {
        result = result * (&n - UBig::from(i)) / UBig::from(i + 1);
    }
    bounded(RBig::from(IBig::from(result)))
}

/// Ways to arrange `k` of `n`.
pub(crate) fn permutations(n: &Number, k: &Number) -> Outcome<Number> {
    let (n, k) = counts(n, k)?;
    if k > n {
        return Ok(Number::from(0));
    }
    let k = usize::try_from(&k).ok().filter(|k| *k <= MAX_BITS).ok_or_else(Fault::too_large)?;
    // P(n, k) ≥ k!, and ≥ (n - k)^k.
    let least = (&n - UBig::from(k)).max(UBig::from(k / 3));
    if k > 0 && k as f64 * (log2_ceiling(&least) - 0.01) > MAX_BITS as f64 {
        return Err(Fault::too_large());
    }
    let mut result = UBig::ONE;
    for i in 0..k {
        result *= &n - UBig::from(i);
    }
    bounded(RBig::from(IBig::from(result)))
}

pub(crate) fn gcd(a: &IBig, b: &IBig) -> IBig {
    // The library's gcd panics where both are zero.
    if a.is_zero() && b.is_zero() { IBig::ZERO } else { IBig::from(a.unsigned_abs().gcd(b.unsigned_abs())) }
}

pub(crate) fn lcm(a: &IBig, b: &IBig) -> IBig {
    if a.is_zero() || b.is_zero() { IBig::ZERO } else { (a * b / gcd(a, b)).abs() }
}
