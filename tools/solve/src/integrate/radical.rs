//! A polynomial times an odd power of the square root of a quadratic: `R(x)*sqrt(q)` plus a multiple of the integral of
//! `1/sqrt(q)`, found by comparing coefficients.

use dashu::rational::RBig;

use super::{is_below_zero, solve_linear};
use crate::{
    auto,
    error::Outcome,
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    number::{fraction, int},
    poly::Poly,
    work::Work,
};

pub(super) fn integrate(work: &Work, e: &Expr, x: &Name, _: u32) -> Outcome<Option<Expr>> {
    let mut radicand = None;
    let mut halves = 0;
    let mut others = Vec::new();
    for factor in e.factors() {
        match factor {
            Expr::Power(parts)
                if parts.1.number().is_some_and(|n| *n.denominator() == dashu::integer::UBig::from(2u8)) =>
            {
                if radicand.is_some() || !parts.0.has(x) {
                    return Ok(None);
                }
                halves = parts.1.number().map_or(0, |n| crate::number::small(&(n * int(2))).unwrap_or(0));
                radicand = Some(parts.0.clone());
            }
            _ => others.push(factor.clone()),
        }
    }
    let Some(radicand) = radicand else { return Ok(None) };
    if !(-1..=7).contains(&halves) {
        return Ok(None);
    }
    let others = auto::product(work, others)?;
    let mut field = Field::new(work, Reading::Plain, &[&radicand, &others])?;
    let (q, p) = (field.read(&radicand)?, field.read(&others)?);
    let index = field.kernel(&Expr::Variable(x.clone()))?;
    let numeric = |f: &Poly| f.variables().iter().all(|v| *v == index);
    if !q.den.is_one() || !p.den.is_one() || !numeric(&q.num) || !numeric(&p.num) || q.num.degree(index) != 2 {
        return Ok(None);
    }
    // P * q^(k/2) = (P * q^((k+1)/2)) / sqrt(q)
    let q = q.num;
    let p = p.num.mul(work, &q.pow(work, u32::try_from((halves + 1) / 2).unwrap_or(0))?)?;
    let degree = p.degree(index).max(1);
    // d/dx (x^k sqrt(q)) * sqrt(q) = k x^(k-1) q + x^k q'/2
    let slope = q.derivative(index).scale(&fraction(1, 2));
    let mut columns = vec![Poly::one()];
    for k in 0..degree {
        let power = Poly::power_of(index, k);
        let first = power.derivative(index).mul(work, &q)?;
        columns.push(first.add(&power.mul(work, &slope)?));
    }
    let at = |f: &Poly, k: u32| f.coefficient(index, k).leading();
    let rows =
        (0..=degree).map(|k| columns.iter().map(|c| at(c, k)).chain(std::iter::once(at(&p, k))).collect()).collect();
    let Some(values) = solve_linear(work, rows)? else { return Ok(None) };
    let mut algebraic = Poly::zero();
    for (k, value) in (0..).zip(values.iter().skip(1)) {
        algebraic = algebraic.add(&Poly::power_of(index, k).scale(value));
    }
    let root = auto::sqrt(work, radicand)?;
    let algebraic = auto::product(work, vec![field.write_poly(&algebraic)?, root.clone()])?;
    let scale = values.first().cloned().unwrap_or(RBig::ZERO);
    let rest = inverse_root(work, &field, &q, index, &root)?;
    let rest = auto::product(work, vec![Expr::Number(scale), rest])?;
    auto::sum(work, vec![algebraic, rest]).map(Some)
}

/// The integral of `1/sqrt(a x² + b x + c)`.
fn inverse_root(work: &Work, field: &Field<'_>, q: &Poly, index: usize, root: &Expr) -> Outcome<Expr> {
    let at = |k: u32| q.coefficient(index, k).leading();
    let (a, b, c) = (at(2), at(1), at(0));
    let slope = field.write_poly(&q.derivative(index))?;
    if is_below_zero(&a) {
        let discriminant = auto::sqrt(work, Expr::Number(&b * &b - int(4) * &a * &c))?;
        let argument = auto::quotient(work, &auto::negate(work, &slope)?, &discriminant)?;
        let angle = auto::call(work, Function::Asin, crate::simplify::radicals(work, &argument)?)?;
        let scale = auto::power(work, Expr::Number(-a), Expr::Number(fraction(-1, 2)))?;
        return auto::product(work, vec![scale, angle]);
    }
    let root_a = auto::sqrt(work, Expr::Number(a.clone()))?;
    let lead = auto::product(work, vec![Expr::int(2), root_a.clone(), root.clone()])?;
    let mut argument = auto::sum(work, vec![lead, slope])?;
    if b.is_zero() && a.is_one() {
        argument = auto::sum(work, vec![root.clone(), field.write_poly(&Poly::variable(index))?])?;
    }
    let log = auto::call(work, Function::Ln, auto::call(work, Function::Abs, argument)?)?;
    auto::product(work, vec![auto::power(work, root_a, Expr::int(-1))?, log])
}
