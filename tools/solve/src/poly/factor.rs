//! Factorisation over the rationals: square-free parts by Yun's algorithm, irreducible ones by Zassenhaus's in one
//! variable and by Kronecker's substitution in several.

use std::collections::BTreeMap;

use dashu::{base::BitTest, integer::IBig, rational::RBig};

use super::{
    Poly, cyclotomic, exponent,
    gcd::{content_in, gcd},
    modular::{self, Dense},
};
use crate::{
    error::{Fault, Outcome},
    number::modulo,
    work::Work,
};

/// Degree of the largest image of a polynomial in several variables.
const MAX_IMAGE: u32 = 160;

/// A rational, and irreducible primitive polynomials with their multiplicities.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    pub content: RBig,
    pub factors: Vec<(Poly, u32)>,
}

/// The factorisation of a polynomial that is not zero.
pub(crate) fn factor(work: &Work, f: &Poly) -> Outcome<Factors> {
    let content = f.content();
    let mut factors: BTreeMap<Poly, u32> = BTreeMap::new();
    for (part, multiplicity) in square_free(work, &f.primitive())? {
        for irreducible in split(work, &part)? {
            *factors.entry(irreducible).or_insert(0) += multiplicity;
        }
    }
    Ok(Factors { content, factors: factors.into_iter().collect() })
}

/// The square-free parts of a primitive polynomial, coprime to one another, with their multiplicities.
pub(crate) fn square_free(work: &Work, f: &Poly) -> Outcome<Vec<(Poly, u32)>> {
    let Some(main) = f.variables().first().copied() else { return Ok(Vec::new()) };
    let content = content_in(work, f, main)?;
    let f = f.divide(work, &content)?.unwrap_or_default().primitive();
    let mut parts = square_free(work, &content)?;
    let derivative = f.derivative(main);
    let repeated = gcd(work, &f, &derivative)?;
    let mut rest = f.divide(work, &repeated)?.unwrap_or_default();
    let mut slope = derivative.divide(work, &repeated)?.unwrap_or_default();
    let mut multiplicity = 1;
    while rest.degree(main) > 0 {
        slope = slope.sub(&rest.derivative(main));
        let part = gcd(work, &rest, &slope)?;
        rest = rest.divide(work, &part)?.unwrap_or_default();
        slope = slope.divide(work, &part)?.unwrap_or_default();
        if part.as_constant().is_none() {
            parts.push((part.primitive(), multiplicity));
        }
        multiplicity += 1;
    }
    Ok(parts)
}

/// The irreducible factors of a primitive square-free polynomial.
fn split(work: &Work, f: &Poly) -> Outcome<Vec<Poly>> {
    let variables = f.variables();
    match variables.as_slice() {
        [] => Ok(Vec::new()),
        [only] => univariate(work, f, *only),
        _ => several(work, f, &variables),
    }
}

fn several(work: &Work, f: &Poly, variables: &[usize]) -> Outcome<Vec<Poly>> {
    // Factors that lack a variable are in the content with respect to it.
    for v in variables {
        let content = content_in(work, f, *v)?;
        if content.as_constant().is_none() {
            let rest = f.divide(work, &content)?.unwrap_or_default().primitive();
            let mut found = work.deeper(|| split(work, &content))?;
            found.extend(work.deeper(|| split(work, &rest))?);
            return Ok(found);
        }
        if f.degree(*v) == 1 {
            return Ok(vec![f.clone()]);
        }
    }
    // A homogeneous polynomial has the factors of the one with a variable set to 1.
    let total = f.total_degree();
    if f.terms().all(|(m, _)| m.iter().sum::<u32>() == total)
        && let Some(last) = variables.last()
    {
        let flat = f.substitute(work, *last, &Poly::one())?;
        let factors = work.deeper(|| split(work, &flat.primitive()))?;
        return factors.iter().map(|g| homogeneous(g, *last)).collect();
    }
    kronecker(work, f, variables)
}

fn homogeneous(f: &Poly, index: usize) -> Outcome<Poly> {
    let total = f.total_degree();
    let mut result = Poly::zero();
    for (monomial, value) in f.terms() {
        let missing = total - monomial.iter().sum::<u32>();
        let term = Poly::term(monomial.clone(), value.clone());
        result = result.add(&term.shift(index, missing)?);
    }
    Ok(result.primitive())
}

/// Powers of one variable in place of all: products of the image's factors, read back, are tried as divisors.
fn kronecker(work: &Work, f: &Poly, variables: &[usize]) -> Outcome<Vec<Poly>> {
    let mut places: Vec<(usize, u32)> = Vec::new();
    let mut stride: u32 = 1;
    let mut order = variables.to_vec();
    order.sort_by_key(|v| f.degree(*v));
    for v in order {
        places.push((v, stride));
        stride = stride.saturating_mul(f.degree(v) + 1);
    }
    if stride > MAX_IMAGE {
        return Err(Fault::limit("too large to factor: too many variables of high degree"));
    }
    let mut image = Poly::zero();
    for (monomial, value) in f.terms() {
        let power = places.iter().map(|(v, stride)| exponent(monomial, *v) * stride).sum();
        image = image.add(&Poly::power_of(0, power).scale(value));
    }
    let Factors { factors, .. } = factor(work, &image)?;
    let mut pieces: Vec<Poly> = factors.into_iter().flat_map(|(g, k)| std::iter::repeat_n(g, k as usize)).collect();
    let back = |g: &Poly| {
        let mut result = Poly::zero();
        for (monomial, value) in g.terms() {
            let mut power = exponent(monomial, 0);
            let mut term = Poly::constant(value.clone());
            for (v, stride) in places.iter().rev() {
                term = term.shift(*v, power / stride).unwrap_or_default();
                power %= stride;
            }
            result = result.add(&term);
        }
        result.primitive()
    };
    let mut rest = f.clone();
    let mut found = Vec::new();
    let mut size = 1;
    while 2 * size <= pieces.len() {
        let mut hit = None;
        for subset in subsets(pieces.len(), size) {
            work.spend(20)?;
            let mut product = Poly::one();
            for i in &subset {
                if let Some(piece) = pieces.get(*i) {
                    product = product.mul(work, piece)?;
                }
            }
            let candidate = back(&product);
            if candidate.as_constant().is_none()
                && let Some(quotient) = rest.divide(work, &candidate)?
            {
                hit = Some((subset, candidate, quotient));
                break;
            }
        }
        match hit {
            Some((subset, candidate, quotient)) => {
                found.push(candidate);
                rest = quotient.primitive();
                pieces = keep(pieces, &subset);
            }
            None => size += 1,
        }
    }
    if rest.as_constant().is_none() {
        found.push(rest);
    }
    Ok(found)
}

fn keep<T>(items: Vec<T>, without: &[usize]) -> Vec<T> {
    items.into_iter().enumerate().filter(|(i, _)| !without.contains(i)).map(|(_, item)| item).collect()
}

/// All ways to choose `size` of `count` indices, in order, one at a time.
fn subsets(count: usize, size: usize) -> impl Iterator<Item = Vec<usize>> {
    let first: Vec<usize> = (0..size).collect();
    std::iter::successors((size <= count).then_some(first), move |last| {
        let mut next = last.clone();
        let at = (0..size).rev().find(|i| next.get(*i).is_some_and(|v| *v < count - size + i))?;
        let start = *next.get(at)?;
        for (offset, place) in next.iter_mut().skip(at).enumerate() {
            *place = start + 1 + offset;
        }
        Some(next)
    })
}

/// Integer coefficients, lowest first.
type Integers = Vec<IBig>;

fn to_integers(f: &Poly, index: usize) -> Integers {
    let mut dense = vec![IBig::ZERO; f.degree(index) as usize + 1];
    for (monomial, value) in f.terms() {
        if let Some(place) = dense.get_mut(exponent(monomial, index) as usize) {
            *place = value.numerator().clone();
        }
    }
    dense
}

fn from_integers(coefficients: &[IBig], index: usize) -> Poly {
    let mut result = Poly::zero();
    for (power, c) in coefficients.iter().enumerate() {
        let power = u32::try_from(power).unwrap_or(u32::MAX);
        result = result.add(&Poly::power_of(index, power).scale(&RBig::from(c.clone())));
    }
    result
}

/// Zassenhaus's algorithm: factors modulo a prime, lifted to a power of it that is larger than any coefficient of a
/// factor, and put together to true factors.
fn univariate(work: &Work, f: &Poly, index: usize) -> Outcome<Vec<Poly>> {
    let degree = f.degree(index);
    if degree <= 1 {
        return Ok(vec![f.clone()]);
    }
    if f.coefficient(index, 0).is_zero() {
        let x = Poly::variable(index);
        let rest = f.divide(work, &x)?.unwrap_or_default();
        let mut found = univariate(work, &rest, index)?;
        found.push(x);
        return Ok(found);
    }
    if let Some(known) = cyclotomic::factors(work, f, index)? {
        return Ok(known);
    }
    let integers = to_integers(f, index);
    let Some((p, images)) = best_prime(work, &integers)? else { return Err(Fault::too_large()) };
    if images.len() == 1 {
        return Ok(vec![f.clone()]);
    }
    // Mignotte's bound on the coefficients of a factor, times the leading coefficient, and room for the sign.
    let largest = integers.iter().map(BitTest::bit_len).max().unwrap_or(1);
    let lead_bits = integers.last().map_or(1, BitTest::bit_len);
    let bits = degree as usize + largest + lead_bits + degree.ilog2() as usize + 3;
    let mut modulus = IBig::from(p);
    while modulus.bit_len() <= bits {
        modulus = &modulus * &modulus;
    }
    let lifted = lift_all(work, &integers, &images, p, &modulus)?;
    recombine(work, f, index, lifted, &modulus)
}

/// Of a few primes that keep the polynomial square-free, the one with the fewest factors.
fn best_prime(work: &Work, f: &[IBig]) -> Outcome<Option<(u64, Vec<Dense>)>> {
    let mut best: Option<(u64, Vec<Dense>)> = None;
    let mut tried = 0;
    for p in (3..2_000u64).step_by(2).filter(|p| (3..).step_by(2).take_while(|d| d * d <= *p).all(|d| p % d != 0)) {
        let image: Dense = f.iter().map(|c| modular::reduce_integer(c, p)).collect();
        work.spend(f.len() as u64)?;
        if image.last() == Some(&0) {
            continue;
        }
        let image = modular::monic(&image, p);
        if modular::gcd(work, &image, &modular::derivative(&image, p), p)?.len() > 1 {
            continue;
        }
        let factors = modular::factor(work, &image, p)?;
        if best.as_ref().is_none_or(|(_, old)| factors.len() < old.len()) {
            best = Some((p, factors));
        }
        tried += 1;
        if tried == 5 || best.as_ref().is_some_and(|(_, factors)| factors.len() == 1) {
            break;
        }
    }
    Ok(best)
}

fn recombine(work: &Work, f: &Poly, index: usize, mut pieces: Vec<Integers>, modulus: &IBig) -> Outcome<Vec<Poly>> {
    let mut rest = f.clone();
    let mut found = Vec::new();
    let mut size = 1;
    while 2 * size <= pieces.len() {
        let lead = rest.leading().numerator().clone();
        let last = rest.coefficient(index, 0).leading().numerator().clone() * &lead;
        let mut hit = None;
        for subset in subsets(pieces.len(), size) {
            work.spend(10)?;
            let chosen: Vec<&Integers> = subset.iter().filter_map(|i| pieces.get(*i)).collect();
            // The constant coefficient must divide; most subsets fall here.
            let constant = chosen
                .iter()
                .fold(lead.clone(), |c, piece| piece.first().map_or(IBig::ZERO, |first| modulo(&(c * first), modulus)));
            let constant = symmetric(constant, modulus);
            if constant == IBig::ZERO || &last % &constant != IBig::ZERO {
                continue;
            }
            let mut product = vec![lead.clone()];
            for piece in chosen {
                product = multiply(work, &product, piece, modulus)?;
            }
            let product: Integers = product.into_iter().map(|c| symmetric(c, modulus)).collect();
            let candidate = from_integers(&product, index).primitive();
            if let Some(quotient) = rest.divide(work, &candidate)? {
                hit = Some((subset, candidate, quotient));
                break;
            }
        }
        match hit {
            Some((subset, candidate, quotient)) => {
                found.push(candidate);
                rest = quotient.primitive();
                pieces = keep(pieces, &subset);
            }
            None => size += 1,
        }
    }
    if rest.as_constant().is_none() {
        found.push(rest);
    }
    Ok(found)
}

fn symmetric(a: IBig, modulus: &IBig) -> IBig {
    if &a * IBig::from(2) > *modulus { a - modulus } else { a }
}

/// Lifts a factorisation modulo p to one modulo `modulus`, a power of it, by halves.
fn lift_all(work: &Work, f: &[IBig], images: &[Dense], p: u64, modulus: &IBig) -> Outcome<Vec<Integers>> {
    if images.len() == 1 {
        return Ok(vec![make_monic(f, modulus)]);
    }
    let (left, right) = images.split_at(images.len() / 2);
    let join = |parts: &[Dense], start: u64| -> Outcome<Dense> {
        parts.iter().try_fold(vec![start], |product, part| modular::mul(work, &product, part, p))
    };
    let lead = f.last().map_or(1, |c| modular::reduce_integer(c, p));
    let (g, h) = (join(left, lead)?, join(right, 1)?);
    let (s, t) = modular::bezout(work, &g, &h, p)?;
    let wide = |v: &Dense| v.iter().map(|c| IBig::from(*c)).collect::<Integers>();
    let (mut g, mut h, mut s, mut t) = (wide(&g), wide(&h), wide(&s), wide(&t));
    let mut m = IBig::from(p);
    while m < *modulus {
        m = &m * &m;
        // Hensel's step: von zur Gathen and Gerhard, Modern Computer Algebra, algorithm 15.10.
        let e = subtract(f, &multiply(work, &g, &h, &m)?, &m);
        let (q, r) = divide(work, &multiply(work, &s, &e, &m)?, &h, &m)?;
        g = add(&g, &add(&multiply(work, &t, &e, &m)?, &multiply(work, &q, &g, &m)?, &m), &m);
        h = add(&h, &r, &m);
        let one: Integers = vec![IBig::ONE];
        let b = subtract(&add(&multiply(work, &s, &g, &m)?, &multiply(work, &t, &h, &m)?, &m), &one, &m);
        let (c, d) = divide(work, &multiply(work, &s, &b, &m)?, &h, &m)?;
        s = subtract(&s, &d, &m);
        let correction = add(&multiply(work, &t, &b, &m)?, &multiply(work, &c, &g, &m)?, &m);
        t = subtract(&t, &correction, &m);
    }
    let mut lifted = work.deeper(|| lift_all(work, &g, left, p, modulus))?;
    lifted.extend(work.deeper(|| lift_all(work, &h, right, p, modulus))?);
    Ok(lifted)
}

fn make_monic(f: &[IBig], modulus: &IBig) -> Integers {
    // The inverse by the extended Euclidean algorithm; the leading coefficient is a unit.
    let lead = f.last().map_or(IBig::ONE, |c| modulo(c, modulus));
    let (mut r0, mut r1, mut t0, mut t1) = (modulus.clone(), lead, IBig::ZERO, IBig::ONE);
    while r1 != IBig::ZERO {
        let quotient = &r0 / &r1;
        let (r, t) = (&r0 - &quotient * &r1, &t0 - &quotient * &t1);
        (r0, r1, t0, t1) = (r1, r, t1, t);
    }
    f.iter().map(|c| modulo(&(c * &t0), modulus)).collect()
}

fn trim(mut a: Integers) -> Integers {
    while a.last() == Some(&IBig::ZERO) {
        a.pop();
    }
    a
}

fn combine(a: &[IBig], b: &[IBig], m: &IBig, operation: impl Fn(&IBig, &IBig) -> IBig) -> Integers {
    let zero = IBig::ZERO;
    let length = a.len().max(b.len());
    trim((0..length).map(|i| modulo(&operation(a.get(i).unwrap_or(&zero), b.get(i).unwrap_or(&zero)), m)).collect())
}

fn add(a: &[IBig], b: &[IBig], m: &IBig) -> Integers {
    combine(a, b, m, |x, y| x + y)
}

fn subtract(a: &[IBig], b: &[IBig], m: &IBig) -> Integers {
    combine(a, b, m, |x, y| x - y)
}

fn multiply(work: &Work, a: &[IBig], b: &[IBig], m: &IBig) -> Outcome<Integers> {
    if a.is_empty() || b.is_empty() {
        return Ok(Integers::new());
    }
    work.spend((a.len() * b.len()) as u64 * (1 + m.bit_len() as u64 / 64))?;
    let mut product = vec![IBig::ZERO; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (place, y) in product.iter_mut().skip(i).zip(b) {
            *place += x * y;
        }
    }
    Ok(trim(product.into_iter().map(|c| modulo(&c, m)).collect()))
}

/// Division by a monic polynomial.
fn divide(work: &Work, a: &[IBig], b: &[IBig], m: &IBig) -> Outcome<(Integers, Integers)> {
    let mut rest: Integers = a.to_vec();
    if a.len() < b.len() || b.is_empty() {
        return Ok((Integers::new(), rest));
    }
    let steps = a.len() - b.len() + 1;
    work.spend((steps * b.len()) as u64 * (1 + m.bit_len() as u64 / 64))?;
    let mut quotient = vec![IBig::ZERO; steps];
    for shift in (0..steps).rev() {
        let top = rest.get(shift + b.len() - 1).cloned().unwrap_or(IBig::ZERO);
        for (place, y) in rest.iter_mut().skip(shift).zip(b) {
            *place = modulo(&(&*place - &top * y), m);
        }
        if let Some(place) = quotient.get_mut(shift) {
            *place = top;
        }
    }
    Ok((trim(quotient), trim(rest)))
}
