//! Helpers on exact integers and rationals.

use dashu::{
    base::{Abs, BitTest, Gcd, RemEuclid, Sign, UnsignedAbs},
    integer::{IBig, UBig},
    rational::RBig,
};

use crate::{
    error::{Fault, Outcome},
    work::Work,
};

/// Bits of the largest integer that is kept.
pub(crate) const MAX_BITS: usize = 20_000;

/// Primes up to this are found in a number under a root or a logarithm.
const MAX_TRIAL: u64 = 20_000;

pub(crate) fn int(n: i64) -> RBig {
    RBig::from(IBig::from(n))
}

pub(crate) fn fraction(n: i64, d: i64) -> RBig {
    RBig::from_parts_signed(IBig::from(n), IBig::from(d))
}

pub(crate) fn is_negative(x: &RBig) -> bool {
    x.sign() == Sign::Negative && !x.is_zero()
}

pub(crate) fn absolute(x: &RBig) -> RBig {
    if is_negative(x) { -x.clone() } else { x.clone() }
}

pub(crate) fn denominator(x: &RBig) -> IBig {
    IBig::from(x.denominator().clone())
}

pub(crate) fn bits(x: &RBig) -> usize {
    x.numerator().bit_len() + x.denominator().bit_len()
}

/// The nearest double; infinite where it is out of range.
pub(crate) fn to_f64(x: &RBig) -> f64 {
    x.to_f64().value()
}

/// The integer, where it is one and fits.
pub(crate) fn small(x: &RBig) -> Option<i64> {
    if x.is_int() { i64::try_from(x.numerator().clone()).ok() } else { None }
}

pub(crate) fn gcd(a: &IBig, b: &IBig) -> IBig {
    if *a == IBig::ZERO {
        return a_abs(b);
    }
    if *b == IBig::ZERO {
        return a_abs(a);
    }
    IBig::from(a.gcd(b))
}

fn a_abs(a: &IBig) -> IBig {
    a.clone().abs()
}

pub(crate) fn lcm(a: &IBig, b: &IBig) -> IBig {
    if *a == IBig::ZERO || *b == IBig::ZERO { IBig::ZERO } else { (a / gcd(a, b) * b).abs() }
}

/// The largest rational that both are integer multiples of.
pub(crate) fn rational_gcd(a: &RBig, b: &RBig) -> RBig {
    RBig::from_parts_signed(gcd(a.numerator(), b.numerator()), lcm(&denominator(a), &denominator(b)))
}

/// `a` modulo `m`, from 0 up to `m`.
pub(crate) fn modulo(a: &IBig, m: &IBig) -> IBig {
    IBig::from(a.rem_euclid(m))
}

/// An integer power, bounded in size. Zero has no negative power.
pub(crate) fn power(work: &Work, base: &RBig, exponent: i64) -> Outcome<RBig> {
    if exponent < 0 && base.is_zero() {
        return Err(Fault::division_by_zero());
    }
    let n = usize::try_from(exponent.unsigned_abs()).map_err(|_| Fault::too_large())?;
    let unit = base.numerator().unsigned_abs() == UBig::ONE && base.denominator() == &UBig::ONE;
    if base.is_zero() || unit {
        return Ok(if unit && n.is_multiple_of(2) || n == 0 { RBig::ONE } else { base.clone() });
    }
    let size = bits(base).saturating_mul(n);
    if size > MAX_BITS {
        return Err(Fault::too_large());
    }
    work.spend(1 + (size as u64) / 16)?;
    let numerator = base.numerator().pow(n);
    let denominator = IBig::from(base.denominator().pow(n));
    Ok(if exponent < 0 {
        RBig::from_parts_signed(denominator, numerator)
    } else {
        RBig::from_parts_signed(numerator, denominator)
    })
}

/// Refuses numbers that have grown too large.
pub(crate) fn bounded(x: RBig) -> Outcome<RBig> {
    if bits(&x) > 2 * MAX_BITS { Err(Fault::too_large()) } else { Ok(x) }
}

/// The prime powers of a positive integer by trial division. A part without small primes is taken for a prime, or for
/// the power of one where it is a perfect power; that is enough to tell radicals and logarithms apart consistently.
pub(crate) fn prime_powers(work: &Work, n: &UBig) -> Outcome<Vec<(UBig, u32)>> {
    let mut rest = n.clone();
    let mut found = Vec::new();
    let mut p: u64 = 2;
    while p <= MAX_TRIAL && rest > UBig::ONE {
        if u64::try_from(rest.clone()).is_ok_and(|r| p.saturating_mul(p) > r) {
            break;
        }
        let prime = UBig::from(p);
        let mut exponent = 0;
        while (&rest % p) == 0 {
            rest /= &prime;
            exponent += 1;
        }
        if exponent > 0 {
            found.push((prime, exponent));
        }
        p += if p == 2 { 1 } else { 2 };
    }
    work.spend(p * (1 + rest.bit_len() as u64 / 64) / 8)?;
    if rest > UBig::ONE {
        let (base, exponent) = perfect_power(&rest);
        found.push((base, exponent));
    }
    Ok(found)
}

/// `n` as `b^k` with the largest `k`.
fn perfect_power(n: &UBig) -> (UBig, u32) {
    let longest = u32::try_from(n.bit_len()).unwrap_or(u32::MAX).min(64);
    for k in (2..=longest).rev() {
        let root = n.nth_root(k as usize);
        if root.pow(k as usize) == *n {
            return (root, k);
        }
    }
    (n.clone(), 1)
}

/// The exact `k`-th root of a rational that is not negative.
pub(crate) fn exact_root(x: &RBig, k: usize) -> Option<RBig> {
    if is_negative(x) || k == 0 {
        return None;
    }
    let numerator = x.numerator().clone().unsigned_abs();
    let (n, d) = (numerator.nth_root(k), x.denominator().nth_root(k));
    (n.pow(k) == numerator && d.pow(k) == *x.denominator()).then(|| RBig::from_parts(IBig::from(n), d))
}
