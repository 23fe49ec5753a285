//! Polynomials in any number of variables with rational coefficients. Variables are numbers here; what they stand for
//! is known to [`crate::field`].

mod cyclotomic;
mod factor;
mod gcd;
mod modular;
mod univariate;

use std::collections::BTreeMap;

use dashu::rational::RBig;

pub(crate) use factor::factor;
pub(crate) use gcd::{gcd, resultant};
pub(crate) use univariate::{Interval, real_roots};

use crate::{
    error::{Fault, Outcome},
    number::{self, bits, bounded, int, is_negative, rational_gcd},
    work::Work,
};

/// Terms of the largest polynomial.
const MAX_TERMS: usize = 3_000;

/// The largest exponent of a variable.
const MAX_DEGREE: u32 = 1_000;

/// Exponents by variable, without zeros at the end. Their order is the lexicographic one on monomials.
pub(crate) type Monomial = Vec<u32>;

/// A sum of monomials with coefficients that are not zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Poly {
    terms: BTreeMap<Monomial, RBig>,
}

impl Poly {
    pub(crate) fn zero() -> Self {
        Self::default()
    }

    pub(crate) fn one() -> Self {
        Self::constant(RBig::ONE)
    }

    pub(crate) fn constant(value: RBig) -> Self {
        Self::term(Vec::new(), value)
    }

    pub(crate) fn variable(index: usize) -> Self {
        Self::power_of(index, 1)
    }

    pub(crate) fn power_of(index: usize, exponent: u32) -> Self {
        let mut monomial = vec![0; index + 1];
        if let Some(last) = monomial.last_mut() {
            *last = exponent;
        }
        Self::term(trimmed(monomial), RBig::ONE)
    }

    fn term(monomial: Monomial, coefficient: RBig) -> Self {
        let mut terms = BTreeMap::new();
        if !coefficient.is_zero() {
            terms.insert(monomial, coefficient);
        }
        Self { terms }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn is_one(&self) -> bool {
        self.as_constant().is_some_and(|c| c.is_one())
    }

    /// The value, where no variable occurs.
    pub(crate) fn as_constant(&self) -> Option<RBig> {
        match self.terms.first_key_value() {
            None => Some(RBig::ZERO),
            Some((monomial, value)) if self.terms.len() == 1 && monomial.is_empty() => Some(value.clone()),
            _ => None,
        }
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = (&Monomial, &RBig)> {
        self.terms.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The coefficient of the greatest monomial.
    pub(crate) fn leading(&self) -> RBig {
        self.terms.last_key_value().map_or(RBig::ZERO, |(_, c)| c.clone())
    }

    pub(crate) fn degree(&self, index: usize) -> u32 {
        self.terms.keys().map(|m| exponent(m, index)).max().unwrap_or(0)
    }

    pub(crate) fn total_degree(&self) -> u32 {
        self.terms.keys().map(|m| m.iter().sum()).max().unwrap_or(0)
    }

    pub(crate) fn has(&self, index: usize) -> bool {
        self.terms.keys().any(|m| exponent(m, index) > 0)
    }

    /// The variables that occur.
    pub(crate) fn variables(&self) -> Vec<usize> {
        let count = self.terms.keys().map(Vec::len).max().unwrap_or(0);
        (0..count).filter(|i| self.has(*i)).collect()
    }

    fn insert(&mut self, monomial: Monomial, value: RBig) {
        use std::collections::btree_map::Entry;
        match self.terms.entry(monomial) {
            Entry::Vacant(place) => {
                if !value.is_zero() {
                    place.insert(value);
                }
            }
            Entry::Occupied(mut place) => {
                let total = place.get() + value;
                if total.is_zero() {
                    place.remove();
                } else {
                    place.insert(total);
                }
            }
        }
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        let (mut sum, small) = if self.len() >= other.len() { (self.clone(), other) } else { (other.clone(), self) };
        for (monomial, value) in &small.terms {
            sum.insert(monomial.clone(), value.clone());
        }
        sum
    }

    pub(crate) fn negate(&self) -> Self {
        self.scale(&int(-1))
    }

    pub(crate) fn sub(&self, other: &Self) -> Self {
        self.add(&other.negate())
    }

    pub(crate) fn scale(&self, factor: &RBig) -> Self {
        if factor.is_zero() {
            return Self::zero();
        }
        Self { terms: self.terms.iter().map(|(m, c)| (m.clone(), c * factor)).collect() }
    }

    fn largest_bits(&self) -> usize {
        self.terms.values().map(bits).max().unwrap_or(0)
    }

    pub(crate) fn mul(&self, work: &Work, other: &Self) -> Outcome<Self> {
        let weight = 1 + ((self.largest_bits() + other.largest_bits()) / 64) as u64;
        let mut product = Self::zero();
        for (m, c) in &self.terms {
            work.spend(other.len() as u64 * weight)?;
            for (n, d) in &other.terms {
                let monomial = multiply(m, n)?;
                product.insert(monomial, bounded(c * d)?);
            }
            if product.len() > MAX_TERMS {
                return Err(Fault::too_large());
            }
        }
        Ok(product)
    }

    pub(crate) fn pow(&self, work: &Work, exponent: u32) -> Outcome<Self> {
        if exponent == 0 {
            return Ok(Self::one());
        }
        if let (1, Some((m, c))) = (self.len(), self.terms.first_key_value()) {
            let monomial = m
                .iter()
                .map(|e| e.checked_mul(exponent).filter(|e| *e <= MAX_DEGREE).ok_or_else(Fault::too_large))
                .collect::<Outcome<_>>()?;
            return Ok(Self::term(monomial, number::power(work, c, i64::from(exponent))?));
        }
        if self.is_zero() {
            return Ok(Self::zero());
        }
        if exponent > MAX_DEGREE {
            return Err(Fault::too_large());
        }
        // Sparse polynomials are multiplied one by one: squaring makes the factors dense.
        let mut power = Self::one();
        for _ in 0..exponent {
            power = power.mul(work, self)?;
        }
        Ok(power)
    }

    /// The quotient, where the division leaves no remainder.
    pub(crate) fn divide(&self, work: &Work, divisor: &Self) -> Outcome<Option<Self>> {
        let Some((lead, coefficient)) = divisor.terms.last_key_value() else {
            return Err(Fault::division_by_zero());
        };
        let weight = 1 + (divisor.largest_bits() / 64) as u64;
        let mut rest = self.clone();
        let mut quotient = Self::zero();
        while let Some((monomial, value)) = rest.terms.last_key_value() {
            let Some(difference) = without(monomial, lead) else { return Ok(None) };
            let factor = value / coefficient;
            work.spend(divisor.len() as u64 * (weight + bits(&factor) as u64 / 64) + 1)?;
            for (m, c) in &divisor.terms {
                rest.insert(multiply(m, &difference)?, -(c * &factor));
            }
            quotient.insert(difference, bounded(factor)?);
        }
        Ok(Some(quotient))
    }

    /// The coefficients of the powers of one variable.
    pub(crate) fn coefficients(&self, index: usize) -> BTreeMap<u32, Self> {
        let mut by_power: BTreeMap<u32, Self> = BTreeMap::new();
        for (monomial, value) in &self.terms {
            let power = exponent(monomial, index);
            let mut rest = monomial.clone();
            if let Some(e) = rest.get_mut(index) {
                *e = 0;
            }
            by_power.entry(power).or_default().terms.insert(trimmed(rest), value.clone());
        }
        by_power
    }

    pub(crate) fn coefficient(&self, index: usize, power: u32) -> Self {
        self.coefficients(index).remove(&power).unwrap_or_default()
    }

    pub(crate) fn leading_in(&self, index: usize) -> Self {
        self.coefficients(index).pop_last().map_or_else(Self::zero, |(_, c)| c)
    }

    /// The same times a power of a variable.
    pub(crate) fn shift(&self, index: usize, by: u32) -> Outcome<Self> {
        let factor = Self::power_of(index, by);
        let Some((power, _)) = factor.terms.first_key_value() else { return Ok(self.clone()) };
        let terms = self.terms.iter().map(|(m, c)| Ok((multiply(m, power)?, c.clone())));
        Ok(Self { terms: terms.collect::<Outcome<_>>()? })
    }

    pub(crate) fn derivative(&self, index: usize) -> Self {
        let mut result = Self::zero();
        for (monomial, value) in &self.terms {
            let power = exponent(monomial, index);
            if power > 0 {
                let mut lower = monomial.clone();
                if let Some(e) = lower.get_mut(index) {
                    *e -= 1;
                }
                result.insert(trimmed(lower), value * int(i64::from(power)));
            }
        }
        result
    }

    /// `value` in place of a variable.
    pub(crate) fn substitute(&self, work: &Work, index: usize, value: &Self) -> Outcome<Self> {
        let mut result = Self::zero();
        let mut last = None;
        // Horner's scheme, from the highest power down.
        for (power, coefficient) in self.coefficients(index).into_iter().rev() {
            if let Some(last) = last {
                result = result.mul(work, &value.pow(work, last - power)?)?;
            }
            result = result.add(&coefficient);
            last = Some(power);
        }
        match last {
            Some(lowest) if lowest > 0 => result.mul(work, &value.pow(work, lowest)?),
            _ => Ok(result),
        }
    }

    /// The rational number of the leading coefficient's sign that leaves coprime integers when it is divided by.
    pub(crate) fn content(&self) -> RBig {
        let content = self.terms.values().fold(RBig::ZERO, |g, c| rational_gcd(&g, c));
        if is_negative(&self.leading()) { -content } else { content }
    }

    /// With coprime integer coefficients and a positive leading one.
    pub(crate) fn primitive(&self) -> Self {
        if self.is_zero() { Self::zero() } else { self.scale(&(RBig::ONE / self.content())) }
    }
}

pub(crate) fn exponent(monomial: &[u32], index: usize) -> u32 {
    monomial.get(index).copied().unwrap_or(0)
}

fn trimmed(mut monomial: Monomial) -> Monomial {
    while monomial.last() == Some(&0) {
        monomial.pop();
    }
    monomial
}

fn multiply(a: &[u32], b: &[u32]) -> Outcome<Monomial> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut product = long.to_vec();
    for (e, f) in product.iter_mut().zip(short) {
        *e += f;
    }
    if product.iter().any(|e| *e > MAX_DEGREE) { Err(Fault::too_large()) } else { Ok(product) }
}

/// `a / b`, where b divides a.
fn without(a: &[u32], b: &[u32]) -> Option<Monomial> {
    if b.len() > a.len() {
        return None;
    }
    let mut quotient = a.to_vec();
    for (e, f) in quotient.iter_mut().zip(b) {
        *e = e.checked_sub(*f)?;
    }
    Some(trimmed(quotient))
}
