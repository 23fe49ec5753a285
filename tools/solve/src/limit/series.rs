//! Series in a small quantity with real exponents, whose coefficients may grow more slowly than any power of it.

use std::cmp::Ordering;

use super::{Limit, growth::Growth};
use crate::{
    auto,
    error::{Fault, Outcome},
    expr::{Expr, Function, Name},
    number::{fraction, int, small},
    numeric, simplify,
};

/// Exponents nearer to one another than this must be equal.
const NEAR: f64 = 1e-9;

/// An exponent: a real constant and its value.
#[derive(Debug, Clone)]
pub(super) struct Exponent {
    exact: Expr,
    near: f64,
}

impl Exponent {
    fn new(exact: Expr) -> Outcome<Self> {
        let near = numeric::evaluate(&exact, &[]).and_then(numeric::Complex::real);
        near.map(|near| Self { exact, near }).ok_or_else(unsupported)
    }

    fn zero() -> Self {
        Self { exact: Expr::zero(), near: 0.0 }
    }

    pub(super) fn sign(&self) -> Ordering {
        if self.near.abs() < NEAR { Ordering::Equal } else { self.near.total_cmp(&0.0) }
    }
}

/// Terms in rising order, and the exponent from which on terms are missing; nothing where none is.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub terms: Vec<(Exponent, Expr)>,
    pub error: Option<Exponent>,
}

fn unsupported() -> Fault {
    Fault::unsupported("no method here finds this limit")
}

/// What is expanded in: `small`, whose logarithm is `log`.
pub(super) struct Expansion<'a, 'w> {
    pub growth: &'a Growth<'w>,
    pub small: Name,
    pub log: Expr,
}

impl Expansion<'_, '_> {
    /// The series of an expression; nothing where more terms are needed on the way.
    pub(super) fn expand(&self, e: &Expr, n: usize) -> Outcome<Option<Series>> {
        let work = self.growth.work;
        work.spend(5)?;
        if !e.has(&self.small) {
            return Ok(Some(Self::constant(e.clone())));
        }
        work.deeper(|| match e {
            Expr::Variable(_) => {
                let one = Exponent { exact: Expr::one(), near: 1.0 };
                Ok(Some(Series { terms: vec![(one, Expr::one())], error: None }))
            }
            Expr::Sum(items) => {
                let mut total = Self::constant(Expr::zero());
                for item in items {
                    let Some(series) = self.expand(item, n)? else { return Ok(None) };
                    total = self.add(total, series)?;
                }
                Ok(Some(total))
            }
            Expr::Product(items) => {
                let mut total = Self::constant(Expr::one());
                for item in items {
                    let Some(series) = self.expand(item, n)? else { return Ok(None) };
                    total = self.mul(&total, &series, n)?;
                }
                Ok(Some(total))
            }
            Expr::Power(parts) if !parts.0.has(&self.small) => {
                let log = auto::call(work, Function::Ln, parts.0.clone())?;
                let exponent = auto::product(work, vec![parts.1.clone(), log])?;
                let Some(u) = self.expand(&exponent, n)? else { return Ok(None) };
                let Some((constant, rest)) = self.split(u)? else { return Ok(None) };
                let coefficient = |i: usize| Ok(Expr::Number(int(1) / factorial(i)));
                let series = self.compose(&rest, n, &coefficient)?;
                Ok(Some(self.scaled(&series, &auto::exp(work, constant)?)?))
            }
            Expr::Power(parts) if !parts.1.has(&self.small) && !parts.1.has(&self.growth.x) => {
                let Some(u) = self.expand(&parts.0, n)? else { return Ok(None) };
                self.power(u, &parts.1, n)
            }
            Expr::Call(function, u) => {
                let Some(u) = self.expand(u, n)? else { return Ok(None) };
                self.call(*function, u, n)
            }
            _ => Err(unsupported()),
        })
    }

    fn constant(e: Expr) -> Series {
        let terms = if e.is_zero() { Vec::new() } else { vec![(Exponent::zero(), e)] };
        Series { terms, error: None }
    }

    /// Without leading terms that are zero.
    pub(super) fn trimmed(&self, mut series: Series) -> Outcome<Series> {
        while let Some((_, coefficient)) = series.terms.first() {
            match simplify::is_zero(self.growth.work, coefficient)? {
                Some(true) => {
                    series.terms.remove(0);
                }
                Some(false) => break,
                None => return Err(unsupported()),
            }
        }
        Ok(series)
    }

    /// Collects terms of equal exponents, and drops those that the error hides and those beyond a number.
    fn collect(&self, mut terms: Vec<(Exponent, Expr)>, mut error: Option<Exponent>, most: usize) -> Outcome<Series> {
        let work = self.growth.work;
        terms.sort_by(|a, b| a.0.near.total_cmp(&b.0.near));
        let mut groups: Vec<(Exponent, Vec<Expr>)> = Vec::new();
        for (exponent, coefficient) in terms {
            if error.as_ref().is_some_and(|e| exponent.near > e.near - NEAR) {
                break;
            }
            match groups.last_mut() {
                Some((last, coefficients)) if exponent.near - last.near < NEAR => {
                    if last.exact != exponent.exact && !simplify::is_same_number(work, &last.exact, &exponent.exact)? {
                        return Err(unsupported());
                    }
                    coefficients.push(coefficient);
                }
                _ => groups.push((exponent, vec![coefficient])),
            }
        }
        if groups.len() > most
            && let Some((first, _)) = groups.get(most)
        {
            error = Some(first.clone());
            groups.truncate(most);
        }
        let mut terms = Vec::new();
        for (exponent, coefficients) in groups {
            let coefficient = auto::sum(work, coefficients)?;
            if !coefficient.is_zero() {
                terms.push((exponent, coefficient));
            }
        }
        Ok(Series { terms, error })
    }

    fn lower(a: Option<Exponent>, b: Option<Exponent>) -> Option<Exponent> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if a.near <= b.near { a } else { b }),
            (a, b) => a.or(b),
        }
    }

    fn plus(&self, a: &Exponent, b: &Exponent) -> Outcome<Exponent> {
        let exact = auto::sum(self.growth.work, vec![a.exact.clone(), b.exact.clone()])?;
        Ok(Exponent { exact, near: a.near + b.near })
    }

    fn add(&self, a: Series, b: Series) -> Outcome<Series> {
        let error = Self::lower(a.error, b.error);
        let terms = a.terms.into_iter().chain(b.terms).collect();
        self.collect(terms, error, 200)
    }

    fn mul(&self, a: &Series, b: &Series, n: usize) -> Outcome<Series> {
        let work = self.growth.work;
        // Where a series starts, at the least.
        let start = |s: &Series| s.terms.first().map(|t| t.0.clone()).or_else(|| s.error.clone());
        let (Some(start_a), Some(start_b)) = (start(a), start(b)) else { return Ok(Self::constant(Expr::zero())) };
        let cross = |error: &Option<Exponent>, start: &Exponent| -> Outcome<Option<Exponent>> {
            error.as_ref().map(|e| self.plus(e, start)).transpose()
        };
        let error = Self::lower(cross(&a.error, &start_b)?, cross(&b.error, &start_a)?);
        let mut terms = Vec::new();
        for (p, c) in &a.terms {
            for (q, d) in &b.terms {
                work.spend(4)?;
                terms.push((self.plus(p, q)?, auto::product(work, vec![c.clone(), d.clone()])?));
            }
        }
        self.collect(terms, error, 3 * n + 8)
    }

    fn scaled(&self, series: &Series, factor: &Expr) -> Outcome<Series> {
        let work = self.growth.work;
        let terms =
            series.terms.iter().map(|(p, c)| Ok((p.clone(), auto::product(work, vec![c.clone(), factor.clone()])?)));
        Ok(Series { terms: terms.collect::<Outcome<_>>()?, error: series.error.clone() })
    }

    /// The constant term, and the terms that vanish. Those that grow are no part of what is expanded here.
    fn split(&self, series: Series) -> Outcome<Option<(Expr, Series)>> {
        let series = self.trimmed(series)?;
        if series.error.as_ref().is_some_and(|e| e.near < NEAR) {
            return Ok(None);
        }
        let mut constant = Vec::new();
        let mut terms = Vec::new();
        for (exponent, coefficient) in series.terms {
            match exponent.sign() {
                Ordering::Less => return Err(unsupported()),
                Ordering::Equal => constant.push(coefficient),
                Ordering::Greater => terms.push((exponent, coefficient)),
            }
        }
        let constant = auto::sum(self.growth.work, constant)?;
        Ok(Some((constant, Series { terms, error: series.error })))
    }

    /// The sum of `coefficient(i) * v^i`, for a v that vanishes.
    fn compose(&self, v: &Series, n: usize, coefficient: &dyn Fn(usize) -> Outcome<Expr>) -> Outcome<Series> {
        let mut total = Self::constant(coefficient(0)?);
        let start = v.terms.first().map(|t| t.0.clone()).or_else(|| v.error.clone());
        let Some(start) = start else { return Ok(total) };
        let mut power = Self::constant(Expr::one());
        for i in 1..n {
            power = self.mul(&power, v, n)?;
            total = self.add(total, self.scaled(&power, &coefficient(i)?)?)?;
        }
        let times = Expr::int(i64::try_from(n).unwrap_or(i64::MAX));
        let missing = Exponent::new(auto::product(self.growth.work, vec![times, start.exact])?)?;
        let error = Self::lower(total.error.clone(), Some(missing));
        self.collect(total.terms, error, 3 * n + 8)
    }

    /// The leading term, and what the rest is beside it.
    fn lead(&self, series: Series) -> Outcome<Option<(Exponent, Expr, Series)>> {
        let work = self.growth.work;
        let mut series = self.trimmed(series)?;
        if series.terms.is_empty() {
            return if series.error.is_some() { Ok(None) } else { Err(Fault::division_by_zero()) };
        }
        let (exponent, coefficient) = series.terms.remove(0);
        let down = Exponent { exact: auto::negate(work, &exponent.exact)?, near: -exponent.near };
        let mut terms = Vec::new();
        for (p, c) in &series.terms {
            terms.push((self.plus(p, &down)?, auto::quotient(work, c, &coefficient)?));
        }
        let error = series.error.as_ref().map(|e| self.plus(e, &down)).transpose()?;
        Ok(Some((exponent, coefficient, Series { terms, error })))
    }

    fn power(&self, u: Series, exponent: &Expr, n: usize) -> Outcome<Option<Series>> {
        let work = self.growth.work;
        let whole = exponent.number().and_then(small);
        if let Some(times @ 1..=8) = whole {
            let mut result = u.clone();
            for _ in 1..times {
                result = self.mul(&result, &u, n)?;
            }
            return Ok(Some(result));
        }
        let positive = numeric::evaluate(exponent, &[]).and_then(numeric::Complex::real).is_some_and(|v| v > 0.0);
        if u.terms.is_empty() && u.error.is_none() && positive {
            return Ok(Some(u));
        }
        let Some((start, coefficient, rest)) = self.lead(u)? else { return Ok(None) };
        let front = self.coefficient_power(&coefficient, exponent)?;
        let place = Exponent::new(auto::product(work, vec![start.exact, exponent.clone()])?)?;
        let binomial = |i: usize| -> Outcome<Expr> {
            let mut factors = Vec::new();
            for k in 0..i {
                let k = i64::try_from(k).unwrap_or(0);
                factors.push(auto::sum(work, vec![exponent.clone(), Expr::int(-k)])?);
                factors.push(Expr::Number(fraction(1, k + 1)));
            }
            auto::product(work, factors)
        };
        let series = self.compose(&rest, n, &binomial)?;
        let shift = Series { terms: vec![(place, front)], error: None };
        self.mul(&shift, &series, n).map(Some)
    }

    /// A power of a coefficient, whose sign matters where the exponent is no integer.
    fn coefficient_power(&self, coefficient: &Expr, exponent: &Expr) -> Outcome<Expr> {
        let work = self.growth.work;
        let whole = exponent.number().is_some_and(dashu::rational::RBig::is_int);
        // With other letters in it, the power is taken as it is written.
        let known = coefficient.variables().iter().all(|v| *v == self.growth.x);
        if !whole && known && self.growth.sign(coefficient)? == Ordering::Less {
            let Some(n) = exponent.number().filter(|n| auto::has_odd_denominator(n)) else { return Err(unsupported()) };
            let odd = !auto::is_even(&dashu::rational::RBig::from(n.numerator().clone()));
            let size = auto::power(work, auto::negate(work, coefficient)?, exponent.clone())?;
            return if odd { auto::negate(work, &size) } else { Ok(size) };
        }
        auto::power(work, coefficient.clone(), exponent.clone())
    }

    fn call(&self, function: Function, u: Series, n: usize) -> Outcome<Option<Series>> {
        let work = self.growth.work;
        match function {
            Function::Ln => {
                let Some((start, coefficient, rest)) = self.lead(u)? else { return Ok(None) };
                let known = coefficient.variables().iter().all(|v| *v == self.growth.x);
                if known && self.growth.sign(&coefficient)? != Ordering::Greater {
                    return Err(unsupported());
                }
                let front = auto::call(work, Function::Ln, coefficient)?;
                let shift = auto::product(work, vec![start.exact, self.log.clone()])?;
                let term = |i: usize| {
                    let i = i64::try_from(i).unwrap_or(0);
                    Ok(if i == 0 { Expr::zero() } else { Expr::Number(fraction(if i % 2 == 0 { -1 } else { 1 }, i)) })
                };
                let series = self.compose(&rest, n, &term)?;
                self.add(Self::constant(auto::sum(work, vec![front, shift])?), series).map(Some)
            }
            Function::Sin | Function::Cos => {
                let Some((constant, rest)) = self.split(u)? else { return Ok(None) };
                if constant.has(&self.growth.x) && !matches!(self.growth.limit(&constant)?, Limit::Value(_)) {
                    return Err(unsupported());
                }
                // The derivatives of sine are cosine, minus sine, minus cosine, sine.
                let (sin, cos) =
                    (auto::call(work, Function::Sin, constant.clone())?, auto::call(work, Function::Cos, constant)?);
                let first = usize::from(function == Function::Cos);
                let term = |i: usize| {
                    let turn = (i + first) % 4;
                    let value = if turn.is_multiple_of(2) { sin.clone() } else { cos.clone() };
                    let scale = int(if turn >= 2 { -1 } else { 1 }) / factorial(i);
                    auto::product(work, vec![Expr::Number(scale), value])
                };
                self.compose(&rest, n, &term).map(Some)
            }
            Function::Atan => {
                let u = self.trimmed(u)?;
                let grows = u.terms.first().is_some_and(|(p, _)| p.sign() == Ordering::Less);
                if grows {
                    let Some((_, coefficient)) = u.terms.first() else { return Err(unsupported()) };
                    let sign = if self.growth.sign(coefficient)? == Ordering::Less { -1 } else { 1 };
                    let quarter = auto::product(work, vec![Expr::Number(fraction(sign, 2)), Expr::PI])?;
                    let Some(inverse) = self.power(u, &Expr::int(-1), n)? else { return Ok(None) };
                    let angle = self.small_angle(&inverse, n)?;
                    return self.add(Self::constant(quarter), self.scaled(&angle, &Expr::int(-1))?).map(Some);
                }
                let Some((constant, rest)) = self.split(u)? else { return Ok(None) };
                // atan(c + v) = atan(c) + atan(v / (1 + c² + c v))
                let square = auto::power(work, constant.clone(), Expr::int(2));
                let square = if constant.is_zero() { Expr::zero() } else { square? };
                let below = self
                    .add(Self::constant(auto::sum(work, vec![Expr::one(), square])?), self.scaled(&rest, &constant)?)?;
                let Some(inverse) = self.power(below, &Expr::int(-1), n)? else { return Ok(None) };
                let angle = self.small_angle(&self.mul(&rest, &inverse, n)?, n)?;
                self.add(Self::constant(auto::call(work, Function::Atan, constant)?), angle).map(Some)
            }
            _ => Err(unsupported()),
        }
    }

    /// The arc tangent of what vanishes.
    fn small_angle(&self, v: &Series, n: usize) -> Outcome<Series> {
        let term = |i: usize| {
            let i = i64::try_from(i).unwrap_or(0);
            Ok(match i % 4 {
                1 => Expr::Number(fraction(1, i)),
                3 => Expr::Number(fraction(-1, i)),
                _ => Expr::zero(),
            })
        };
        self.compose(v, n, &term)
    }
}

fn factorial(n: usize) -> dashu::rational::RBig {
    (1..=n).fold(int(1), |product, k| product * int(i64::try_from(k).unwrap_or(1)))
}
