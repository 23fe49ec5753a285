//! Univariate polynomials modulo a small prime, dense, lowest coefficient first, without zeros at the top.

use dashu::{integer::IBig, rational::RBig};

use crate::{
    error::Outcome,
    number::{denominator, modulo},
    work::Work,
};

pub(super) type Dense = Vec<u64>;

pub(super) fn pow(mut base: u64, mut exponent: u64, p: u64) -> u64 {
    let mut result = 1;
    base %= p;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % p;
        }
        base = base * base % p;
        exponent >>= 1;
    }
    result
}

pub(super) fn inverse(a: u64, p: u64) -> u64 {
    pow(a, p - 2, p)
}

pub(super) fn reduce_integer(a: &IBig, p: u64) -> u64 {
    u64::try_from(modulo(a, &IBig::from(p))).unwrap_or(0)
}

/// The rational modulo p, unless p divides its denominator.
pub(super) fn reduce(a: &RBig, p: u64) -> Option<u64> {
    let below = reduce_integer(&denominator(a), p);
    (below != 0).then(|| reduce_integer(a.numerator(), p) * inverse(below, p) % p)
}

pub(super) fn trim(mut a: Dense) -> Dense {
    while a.last() == Some(&0) {
        a.pop();
    }
    a
}

pub(super) fn sub(a: &[u64], b: &[u64], p: u64) -> Dense {
    let at = |v: &[u64], i: usize| v.get(i).copied().unwrap_or(0);
    trim((0..a.len().max(b.len())).map(|i| (at(a, i) + p - at(b, i)) % p).collect())
}

pub(super) fn mul(work: &Work, a: &[u64], b: &[u64], p: u64) -> Outcome<Dense> {
    if a.is_empty() || b.is_empty() {
        return Ok(Dense::new());
    }
    work.spend((a.len() * b.len()) as u64 / 8 + 1)?;
    let mut product = vec![0u64; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (place, y) in product.iter_mut().skip(i).zip(b) {
            *place = (*place + x * y) % p;
        }
    }
    Ok(trim(product))
}

/// Quotient and remainder; the divisor is not zero.
pub(super) fn divide(work: &Work, a: &[u64], b: &[u64], p: u64) -> Outcome<(Dense, Dense)> {
    let mut rest = a.to_vec();
    let Some(lead) = b.last().filter(|_| a.len() >= b.len()) else { return Ok((Dense::new(), rest)) };
    let scale = inverse(*lead, p);
    let steps = a.len() - b.len() + 1;
    work.spend((steps * b.len()) as u64 / 8 + 1)?;
    let mut quotient = vec![0; steps];
    for shift in (0..steps).rev() {
        let top = rest.get(shift + b.len() - 1).copied().unwrap_or(0) * scale % p;
        if let Some(place) = quotient.get_mut(shift) {
            *place = top;
        }
        for (place, y) in rest.iter_mut().skip(shift).zip(b) {
            *place = (*place + (p - top) * y) % p;
        }
    }
    Ok((trim(quotient), trim(rest)))
}

pub(super) fn monic(a: &[u64], p: u64) -> Dense {
    let scale = a.last().map_or(1, |lead| inverse(*lead, p));
    a.iter().map(|c| c * scale % p).collect()
}

pub(super) fn gcd(work: &Work, a: &[u64], b: &[u64], p: u64) -> Outcome<Dense> {
    let (mut a, mut b) = (trim(a.to_vec()), trim(b.to_vec()));
    while !b.is_empty() {
        let (_, rest) = divide(work, &a, &b, p)?;
        a = b;
        b = rest;
    }
    Ok(monic(&a, p))
}

/// `s` and `t` with `s a + t b = 1`, where a and b are coprime.
pub(super) fn bezout(work: &Work, a: &[u64], b: &[u64], p: u64) -> Outcome<(Dense, Dense)> {
    let (mut r0, mut r1) = (a.to_vec(), b.to_vec());
    let (mut s0, mut s1) = (vec![1], Dense::new());
    let (mut t0, mut t1) = (Dense::new(), vec![1]);
    while !r1.is_empty() {
        let (quotient, rest) = divide(work, &r0, &r1, p)?;
        let s = sub(&s0, &mul(work, &quotient, &s1, p)?, p);
        let t = sub(&t0, &mul(work, &quotient, &t1, p)?, p);
        (r0, r1, s0, s1, t0, t1) = (r1, rest, s1, s, t1, t);
    }
    let scale = r0.last().map_or(1, |lead| inverse(*lead, p));
    let scaled = |v: Dense| v.iter().map(|c| c * scale % p).collect();
    Ok((scaled(s0), scaled(t0)))
}

pub(super) fn derivative(a: &[u64], p: u64) -> Dense {
    trim(a.iter().enumerate().skip(1).map(|(i, c)| c * (i as u64 % p) % p).collect())
}

fn power_modulo(work: &Work, base: &[u64], exponent: &IBig, f: &[u64], p: u64) -> Outcome<Dense> {
    let mut result = vec![1];
    for bit in (0..dashu::base::BitTest::bit_len(exponent)).rev() {
        result = divide(work, &mul(work, &result, &result, p)?, f, p)?.1;
        if dashu::base::BitTest::bit(exponent, bit) {
            result = divide(work, &mul(work, &result, base, p)?, f, p)?.1;
        }
    }
    Ok(result)
}

/// The irreducible factors of a monic square-free polynomial modulo an odd prime (Cantor and Zassenhaus, 1981).
pub(super) fn factor(work: &Work, f: &[u64], p: u64) -> Outcome<Vec<Dense>> {
    let mut found = Vec::new();
    let mut rest = f.to_vec();
    let x = vec![0, 1];
    let mut frobenius = x.clone();
    let mut degree = 0;
    while rest.len() > 1 {
        degree += 1;
        if 2 * degree > rest.len() - 1 {
            found.push(rest);
            break;
        }
        frobenius = power_modulo(work, &frobenius, &IBig::from(p), &rest, p)?;
        let common = gcd(work, &sub(&frobenius, &x, p), &rest, p)?;
        if common.len() > 1 {
            rest = divide(work, &rest, &common, p)?.0;
            frobenius = divide(work, &frobenius, &rest, p)?.1;
            split(work, common, degree, p, &mut found)?;
        }
    }
    Ok(found)
}

/// Splits a product of irreducible factors of one degree by random elements.
fn split(work: &Work, f: Dense, degree: usize, p: u64, found: &mut Vec<Dense>) -> Outcome<()> {
    let exponent = (IBig::from(p).pow(degree) - IBig::ONE) / IBig::from(2);
    let mut state: u64 = 0x2545_F491_4F6C_DD1D;
    let mut pending = vec![f];
    while let Some(f) = pending.pop() {
        if f.len() - 1 == degree {
            found.push(f);
            continue;
        }
        loop {
            let random: Dense = (1..f.len())
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state % p
                })
                .collect();
            let raised = power_modulo(work, &trim(random), &exponent, &f, p)?;
            let common = gcd(work, &sub(&raised, &[1], p), &f, p)?;
            if common.len() > 1 && common.len() < f.len() {
                pending.push(divide(work, &f, &common, p)?.0);
                pending.push(common);
                break;
            }
        }
    }
    Ok(())
}
