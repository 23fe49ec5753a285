//! The prime factors of a number, for certain: trial division, then the test of Miller and Rabin with bases that leave no
//! doubt below 2^64, and Pollard's rho method for what is composite.

use dashu::{base::UnsignedAbs, integer::UBig, rational::RBig};

use crate::{
    error::{Fault, Outcome},
    number::is_negative,
    work::Work,
};

/// Primes up to this are tried one by one.
const MAX_TRIAL: u64 = 10_000;

/// `2^3*3^2*5`, for a fraction above and below.
pub(crate) fn factored(work: &Work, x: &RBig) -> Outcome<String> {
    let above = product(work, &x.numerator().clone().unsigned_abs())?;
    let below = product(work, x.denominator())?;
    let sign = if is_negative(x) { "-" } else { "" };
    Ok(match (x.is_int(), below.contains('*')) {
        (true, _) => format!("{sign}{above}"),
        (false, false) => format!("{sign}{above}/{below}"),
        (false, true) => format!("{sign}{above}/({below})"),
    })
}

fn product(work: &Work, n: &UBig) -> Outcome<String> {
    let factors = prime_factors(work, n)?;
    if factors.is_empty() {
        return Ok(n.to_string());
    }
    let power = |(p, k): &(UBig, u32)| if *k == 1 { p.to_string() } else { format!("{p}^{k}") };
    Ok(factors.iter().map(power).collect::<Vec<_>>().join("*"))
}

/// The primes with their exponents, in order; none for 0 and 1.
fn prime_factors(work: &Work, n: &UBig) -> Outcome<Vec<(UBig, u32)>> {
    let mut found: Vec<(UBig, u32)> = Vec::new();
    let mut rest = n.clone();
    if rest <= UBig::ONE {
        return Ok(found);
    }
    work.spend(MAX_TRIAL / 2)?;
    for p in std::iter::once(2).chain((3..MAX_TRIAL).step_by(2)) {
        let mut exponent = 0;
        while (&rest % p) == 0 {
            rest /= UBig::from(p);
            exponent += 1;
        }
        if exponent > 0 {
            found.push((UBig::from(p), exponent));
        }
        if rest == UBig::ONE {
            return Ok(found);
        }
    }
    let Ok(rest) = u64::try_from(rest.clone()) else {
        return Err(Fault::unsupported("too large to factor: what is left has no prime factor below 10000"));
    };
    let mut primes = Vec::new();
    let mut pending = vec![rest];
    while let Some(n) = pending.pop() {
        if n == 1 {
            continue;
        }
        if is_prime(n) {
            primes.push(n);
            continue;
        }
        let divisor = divisor(work, n)?;
        pending.extend([divisor, n / divisor]);
    }
    primes.sort_unstable();
    for p in primes {
        match found.last_mut() {
            Some((last, exponent)) if *last == UBig::from(p) => *exponent += 1,
            _ => found.push((UBig::from(p), 1)),
        }
    }
    Ok(found)
}

fn times(a: u64, b: u64, m: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) % u128::from(m)).unwrap_or(0)
}

fn power(mut base: u64, mut exponent: u64, m: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base, m);
        }
        base = times(base, base, m);
        exponent >>= 1;
    }
    result
}

/// For an odd number without small factors. The bases are enough for 64 bits (J. Sorenson and J. Webster, 2015).
fn is_prime(n: u64) -> bool {
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|base| {
        let mut x = power(*base, odd, n);
        if x == 1 || x == n - 1 {
            return true;
        }
        (1..twos).any(|_| {
            x = times(x, x, n);
            x == n - 1
        })
    })
}

/// A divisor of a composite number.
fn divisor(work: &Work, n: u64) -> Outcome<u64> {
    let gcd = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    for shift in 1..50 {
        let step = |x: u64| (times(x, x, n) % n).checked_add(shift).map_or(shift, |sum| sum % n);
        let (mut slow, mut fast) = (2, 2);
        loop {
            work.spend(2)?;
            slow = step(slow);
            fast = step(step(fast));
            match gcd(slow.abs_diff(fast), n) {
                1 => {}
                found if found == n => break,
                found => return Ok(found),
            }
        }
    }
    Err(Fault::too_large())
}
