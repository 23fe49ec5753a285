//! Expressions as quotients of polynomials in *kernels*: variables, constants, roots, and values of functions. Two
//! expressions with the same quotient are equal; the readings differ in how much they know of functions.

mod read;

use std::collections::BTreeMap;

use dashu::{integer::IBig, rational::RBig};

use crate::{
    auto,
    error::{Fault, Outcome},
    expr::{Expr, Name},
    number::is_negative,
    poly::{self, Poly, exponent},
    work::Work,
};

/// What is known of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Every function value is a kernel of its own.
    Plain,
    /// Sines and cosines of sums and multiples are expanded; even powers of cosines become sines.
    Sines,
    /// The same with cosines.
    Cosines,
    /// Trigonometric and hyperbolic functions are exponentials: the strongest test for zero.
    Exponentials,
}

/// A quotient. The denominator is primitive with a positive leading coefficient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub num: Poly,
    pub den: Poly,
}

impl Ratio {
    pub(crate) fn poly(num: Poly) -> Self {
        Self { num, den: Poly::one() }
    }

    pub(crate) fn constant(value: RBig) -> Self {
        Self::poly(Poly::constant(value))
    }
}

/// `kernel ^ degree = value`.
#[derive(Debug, Clone)]
struct Relation {
    degree: u32,
    value: Poly,
}

/// The kernels met so far, with what is known of them.
pub(crate) struct Field<'w> {
    pub work: &'w Work,
    reading: Reading,
    kernels: Vec<Expr>,
    relations: Vec<Option<Relation>>,
    /// The common denominator of the multiples of an exponent or angle: for `exp(x/2)` and `exp(x/3)` it is 6.
    denominators: BTreeMap<(Expr, Expr), IBig>,
}

impl<'w> Field<'w> {
    /// A field in which all of `members` can be read.
    pub(crate) fn new(work: &'w Work, reading: Reading, members: &[&Expr]) -> Outcome<Self> {
        let (kernels, relations, denominators) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut field = Self { work, reading, kernels, relations, denominators };
        for member in members {
            field.prepare(member)?;
        }
        Ok(field)
    }

    /// The number of a kernel.
    pub(crate) fn kernel(&mut self, e: &Expr) -> Outcome<usize> {
        if let Some(index) = self.find(e) {
            return Ok(index);
        }
        if self.kernels.len() >= 40 {
            return Err(Fault::too_large());
        }
        // The relation may need kernels of its own.
        let relation = self.relation_of(e)?;
        if let Some(index) = self.find(e) {
            return Ok(index);
        }
        self.kernels.push(e.clone());
        self.relations.push(relation);
        Ok(self.kernels.len() - 1)
    }

    pub(crate) fn find(&self, e: &Expr) -> Option<usize> {
        self.kernels.iter().position(|k| k == e)
    }

    pub(crate) fn kernels(&self) -> &[Expr] {
        &self.kernels
    }

    /// The kernels in which a variable occurs.
    pub(crate) fn kernels_with(&self, variable: &Name) -> Vec<usize> {
        (0..self.kernels.len()).filter(|i| self.kernels.get(*i).is_some_and(|k| k.has(variable))).collect()
    }

    /// `kernel ^ degree = value`, where that holds.
    pub(crate) fn relation(&self, index: usize) -> Option<(u32, &Poly)> {
        self.relations.get(index)?.as_ref().map(|r| (r.degree, &r.value))
    }

    /// Powers of kernels with a relation, lowered.
    pub(crate) fn reduce(&self, p: Poly) -> Outcome<Poly> {
        let mut p = p;
        // A value may contain other kernels to be lowered, so until nothing changes.
        for _ in 0..24 {
            let high = p.variables().into_iter().find(|v| self.relation(*v).is_some_and(|(d, _)| p.degree(*v) >= d));
            let Some(index) = high else { return Ok(p) };
            let Some((degree, value)) = self.relation(index) else { return Ok(p) };
            let mut result = Poly::zero();
            for (power, coefficient) in p.coefficients(index) {
                let lowered = value.pow(self.work, power / degree)?;
                result = result.add(&coefficient.mul(self.work, &lowered)?.shift(index, power % degree)?);
            }
            p = result;
        }
        Err(Fault::too_large())
    }

    pub(crate) fn mul_poly(&self, a: &Poly, b: &Poly) -> Outcome<Poly> {
        self.reduce(a.mul(self.work, b)?)
    }

    /// Lowest terms: relations applied, common divisors cancelled, constant roots out of the denominator.
    pub(crate) fn ratio(&self, num: Poly, den: Poly) -> Outcome<Ratio> {
        let (mut num, mut den) = (self.reduce(num)?, self.reduce(den)?);
        if den.is_zero() {
            return Err(Fault::division_by_zero());
        }
        if num.is_zero() {
            return Ok(Ratio::poly(Poly::zero()));
        }
        if self.reading != Reading::Exponentials {
            (num, den) = self.cancel(num, den)?;
            while let Some(conjugate) = self.conjugate(&den)? {
                num = self.mul_poly(&num, &conjugate)?;
                den = self.mul_poly(&den, &conjugate)?;
                if den.is_zero() {
                    return Err(Fault::division_by_zero());
                }
                (num, den) = self.cancel(num, den)?;
            }
        }
        let content = den.content();
        let inverse = RBig::ONE / content;
        Ok(Ratio { num: num.scale(&inverse), den: den.scale(&inverse) })
    }

    fn cancel(&self, num: Poly, den: Poly) -> Outcome<(Poly, Poly)> {
        let common = poly::gcd(self.work, &num, &den)?;
        if common.is_one() {
            return Ok((num, den));
        }
        match (num.divide(self.work, &common)?, den.divide(self.work, &common)?) {
            (Some(num), Some(den)) => Ok((num, den)),
            _ => Ok((num, den)),
        }
    }

    /// What the denominator is multiplied with to get rid of a root of a number or of the imaginary unit.
    fn conjugate(&self, den: &Poly) -> Outcome<Option<Poly>> {
        for index in den.variables() {
            let constant = self.kernels.get(index).is_some_and(|k| k.variables().is_empty());
            let Some((degree, _)) = self.relation(index).filter(|_| constant) else { continue };
            let parts = den.coefficients(index);
            if parts.len() == 1 {
                return Ok(Some(Poly::power_of(index, degree - den.degree(index))));
            }
            if degree == 2 {
                let low = parts.get(&0).cloned().unwrap_or_default();
                let high = parts.get(&1).cloned().unwrap_or_default();
                return Ok(Some(low.sub(&high.shift(index, 1)?)));
            }
        }
        Ok(None)
    }

    pub(crate) fn add(&self, a: &Ratio, b: &Ratio) -> Outcome<Ratio> {
        if a.den == b.den {
            let num = a.num.add(&b.num);
            return if a.den.is_one() { Ok(Ratio::poly(num)) } else { self.ratio(num, a.den.clone()) };
        }
        let num = a.num.mul(self.work, &b.den)?.add(&b.num.mul(self.work, &a.den)?);
        self.ratio(num, a.den.mul(self.work, &b.den)?)
    }

    pub(crate) fn mul(&self, a: &Ratio, b: &Ratio) -> Outcome<Ratio> {
        let num = self.mul_poly(&a.num, &b.num)?;
        if a.den.is_one() && b.den.is_one() {
            return Ok(Ratio::poly(num));
        }
        self.ratio(num, a.den.mul(self.work, &b.den)?)
    }

    pub(crate) fn invert(&self, a: &Ratio) -> Outcome<Ratio> {
        self.ratio(a.den.clone(), a.num.clone())
    }

    pub(crate) fn power(&self, a: &Ratio, exponent: i64) -> Outcome<Ratio> {
        let base = if exponent < 0 { self.invert(a)? } else { a.clone() };
        let n = u32::try_from(exponent.unsigned_abs()).map_err(|_| Fault::too_large())?;
        if self.relations.iter().all(Option::is_none) || base.num.len() == 1 {
            let num = self.reduce(base.num.pow(self.work, n)?)?;
            return Ok(Ratio { num, den: self.reduce(base.den.pow(self.work, n)?)? });
        }
        let mut result = Ratio::constant(RBig::ONE);
        for _ in 0..n.min(2_000) {
            let num = self.mul_poly(&result.num, &base.num)?;
            result = Ratio { num, den: self.mul_poly(&result.den, &base.den)? };
        }
        self.ratio(result.num, result.den)
    }

    /// The polynomial as an expression: a sum of products.
    pub(crate) fn write_poly(&self, p: &Poly) -> Outcome<Expr> {
        let mut terms = Vec::with_capacity(p.len());
        for (monomial, value) in p.terms() {
            let mut factors = vec![Expr::Number(value.clone())];
            for (index, kernel) in self.kernels.iter().enumerate() {
                let power = exponent(monomial, index);
                if power > 0 {
                    factors.push(auto::power(self.work, kernel.clone(), Expr::int(i64::from(power)))?);
                }
            }
            terms.push(auto::product(self.work, factors)?);
        }
        auto::sum(self.work, terms)
    }

    /// The quotient as an expression, its fraction's content in front: `(1 + sqrt(5))/2`.
    pub(crate) fn write(&self, r: &Ratio) -> Outcome<Expr> {
        let content = if r.num.is_zero() { RBig::ONE } else { r.num.content() };
        // Only the denominator of the content goes outside; `2*x + 2` stays.
        let outside = RBig::ONE / RBig::from(content.denominator().clone());
        let outside = if r.den.is_one() { outside } else { content };
        let outside = if is_negative(&outside) && r.num.len() > 1 && r.den.is_one() { -outside } else { outside };
        let num = self.write_poly(&r.num.scale(&(RBig::ONE / &outside)))?;
        let den = auto::power(self.work, self.write_poly(&r.den)?, Expr::int(-1))?;
        auto::product(self.work, vec![Expr::Number(outside), num, den])
    }

    /// A polynomial as a product of irreducible factors.
    pub(crate) fn write_factored(&self, p: &Poly) -> Outcome<Expr> {
        if p.is_zero() {
            return Ok(Expr::zero());
        }
        let factors = poly::factor(self.work, p)?;
        let mut product = vec![Expr::Number(factors.content)];
        for (factor, multiplicity) in factors.factors {
            let factor = self.write_poly(&factor)?;
            product.push(auto::power(self.work, factor, Expr::int(i64::from(multiplicity)))?);
        }
        auto::product(self.work, product)
    }
}
