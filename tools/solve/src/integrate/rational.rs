//! Rational functions, by partial fractions over the rationals: logarithms and arc tangents for irreducible factors of
//! degree one and two.

use dashu::rational::RBig;

use super::{is_below_zero, solve_linear};
use crate::{
    auto,
    error::Outcome,
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    number::{fraction, int},
    poly::{self, Poly},
    work::Work,
};

pub(super) fn integrate(work: &Work, e: &Expr, x: &Name) -> Outcome<Option<Expr>> {
    let variable = Expr::Variable(x.clone());
    let mut field = Field::new(work, Reading::Plain, &[e])?;
    let ratio = field.read(e)?;
    let index = field.kernel(&variable)?;
    if field.kernels_with(x) != [index] {
        return Ok(None);
    }
    let (num, den) = (&ratio.num, &ratio.den);
    if !den.has(index) {
        return polynomial(&field, num, den, index).map(Some);
    }
    let numeric = |p: &Poly| p.variables().iter().all(|v| *v == index);
    if !numeric(num) || !numeric(den) {
        return with_parameters(&field, num, den, index);
    }
    let Some(pieces) = partial_fractions(work, num, den, index)? else { return Ok(None) };
    let mut terms = Vec::new();
    for Piece { top, base, power } in pieces {
        match &base {
            None => terms.push(polynomial(&field, &top, &Poly::one(), index)?),
            Some(base) => match piece(&field, &top, base, power, index)? {
                Some(term) => terms.push(term),
                None => return Ok(None),
            },
        }
    }
    auto::sum(work, terms).map(Some)
}

fn polynomial(field: &Field<'_>, num: &Poly, den: &Poly, index: usize) -> Outcome<Expr> {
    let mut raised = Poly::zero();
    for (power, coefficient) in num.coefficients(index) {
        let term = coefficient.scale(&fraction(1, i64::from(power) + 1)).shift(index, power + 1)?;
        raised = raised.add(&term);
    }
    let top = field.write_poly(&raised)?;
    if den.is_one() {
        return Ok(top);
    }
    let below = auto::power(field.work, field.write_poly(den)?, Expr::int(-1))?;
    super::scaled(field.work, vec![below], &top)
}

/// `top / base^power`; the polynomial part has no base.
struct Piece {
    top: Poly,
    base: Option<Poly>,
    power: u32,
}

/// The partial fractions, by comparing coefficients.
fn partial_fractions(work: &Work, num: &Poly, den: &Poly, index: usize) -> Outcome<Option<Vec<Piece>>> {
    let degree = den.degree(index);
    // The polynomial part.
    let mut rest = num.clone();
    let mut whole = Poly::zero();
    let lead = den.coefficient(index, degree).leading();
    while !rest.is_zero() && rest.degree(index) >= degree {
        let top = rest.coefficient(index, rest.degree(index)).leading() / &lead;
        let term = Poly::power_of(index, rest.degree(index) - degree).scale(&top);
        rest = rest.sub(&den.mul(work, &term)?);
        whole = whole.add(&term);
    }
    let mut pieces = vec![Piece { top: whole, base: None, power: 0 }];
    let factors = poly::factor(work, den)?;
    // One unknown for every coefficient: the columns are den/base^power times powers of the variable.
    let mut columns: Vec<(Poly, usize, u32)> = Vec::new();
    let mut shapes: Vec<(Poly, u32)> = Vec::new();
    for (base, multiplicity) in &factors.factors {
        let mut divisor = Poly::one();
        for power in 1..=*multiplicity {
            divisor = divisor.mul(work, base)?;
            let Some(cofactor) = den.divide(work, &divisor)? else { return Ok(None) };
            for k in 0..base.degree(index) {
                columns.push((cofactor.shift(index, k)?, shapes.len(), k));
            }
            shapes.push((base.clone(), power));
        }
    }
    let at = |p: &Poly, k: u32| p.coefficient(index, k).leading();
    let rows = (0..degree)
        .map(|k| {
            let mut row: Vec<RBig> = columns.iter().map(|(p, _, _)| at(p, k)).collect();
            row.push(at(&rest, k));
            row
        })
        .collect();
    let Some(values) = solve_linear(work, rows)? else { return Ok(None) };
    let mut tops = vec![Poly::zero(); shapes.len()];
    for (value, (_, shape, k)) in values.iter().zip(&columns) {
        if let Some(top) = tops.get_mut(*shape) {
            *top = top.add(&Poly::power_of(index, *k).scale(value));
        }
    }
    for (top, (base, power)) in tops.into_iter().zip(shapes) {
        if !top.is_zero() {
            pieces.push(Piece { top, base: Some(base), power });
        }
    }
    Ok(Some(pieces))
}

fn piece(field: &Field<'_>, top: &Poly, base: &Poly, power: u32, index: usize) -> Outcome<Option<Expr>> {
    let work = field.work;
    let number = |n: RBig| Expr::Number(n);
    let at = |p: &Poly, k: u32| p.coefficient(index, k).leading();
    let shown = field.write_poly(base)?;
    let lower = |k: u32| auto::power(work, shown.clone(), Expr::int(-i64::from(k)));
    match base.degree(index) {
        1 => {
            let scale = at(top, 0) / at(base, 1);
            if power == 1 {
                let log = auto::call(work, Function::Ln, auto::call(work, Function::Abs, shown.clone())?)?;
                return auto::product(work, vec![number(scale), log]).map(Some);
            }
            let scale = scale / int(1 - i64::from(power));
            auto::product(work, vec![number(scale), lower(power - 1)?]).map(Some)
        }
        2 => {
            let (a, b, c) = (at(base, 2), at(base, 1), at(base, 0));
            let (slope, constant) = (at(top, 1), at(top, 0));
            let d = int(4) * &a * &c - &b * &b;
            let mut terms = Vec::new();
            // slope*x + constant = slope/(2a) * base' + rest
            let share = &slope / (int(2) * &a);
            let mut rest = constant - &share * &b;
            let log_or_power = if power == 1 {
                let inside =
                    if is_below_zero(&d) { auto::call(work, Function::Abs, shown.clone())? } else { shown.clone() };
                auto::call(work, Function::Ln, inside)?
            } else {
                auto::product(work, vec![number(fraction(1, 1 - i64::from(power))), lower(power - 1)?])?
            };
            terms.push(auto::product(work, vec![number(share), log_or_power])?);
            let slope_of_base = field.write_poly(&base.derivative(index))?;
            // The reduction formula for 1/base^k.
            for k in (2..=power).rev() {
                let k1 = int(i64::from(k) - 1);
                let scale = &rest / (&k1 * &d);
                terms.push(auto::product(work, vec![number(scale), slope_of_base.clone(), lower(k - 1)?])?);
                rest = rest * int(2 * (2 * i64::from(k) - 3)) * &a / (&k1 * &d);
            }
            terms.push(inverse_quadratic(work, &slope_of_base, &d, &number(rest))?);
            auto::sum(work, terms).map(Some)
        }
        _ => {
            // Only the logarithm of the whole: top = k * base'.
            let slope = base.derivative(index);
            let scale = top.leading() / slope.leading();
            if power != 1 || !top.sub(&slope.scale(&scale)).is_zero() {
                return Ok(None);
            }
            let log = auto::call(work, Function::Ln, auto::call(work, Function::Abs, shown)?)?;
            auto::product(work, vec![number(scale), log]).map(Some)
        }
    }
}

/// The integral of `scale / (a x² + b x + c)`, where `slope` is `2 a x + b` and `d` is `4 a c - b²`.
fn inverse_quadratic(work: &Work, slope: &Expr, d: &RBig, scale: &Expr) -> Outcome<Expr> {
    if !is_below_zero(d) {
        return inverse_tangent(work, slope, &Expr::Number(d.clone()), scale);
    }
    let root = auto::sqrt(work, Expr::Number(-d.clone()))?;
    let above = auto::difference(work, slope, &root)?;
    let below = auto::sum(work, vec![slope.clone(), root.clone()])?;
    let ratio = auto::call(work, Function::Abs, auto::quotient(work, &above, &below)?)?;
    let log = auto::call(work, Function::Ln, ratio)?;
    auto::product(work, vec![scale.clone(), auto::power(work, root, Expr::int(-1))?, log])
}

fn inverse_tangent(work: &Work, slope: &Expr, d: &Expr, scale: &Expr) -> Outcome<Expr> {
    let root = auto::sqrt(work, d.clone())?;
    let argument = crate::simplify::radicals(work, &auto::quotient(work, slope, &root)?)?;
    let angle = auto::call(work, Function::Atan, argument)?;
    let front = auto::product(work, vec![Expr::int(2), scale.clone(), auto::power(work, root, Expr::int(-1))?])?;
    auto::product(work, vec![crate::simplify::radicals(work, &front)?, angle])
}

/// Denominators of degree one or two with parameters in them.
fn with_parameters(field: &Field<'_>, num: &Poly, den: &Poly, index: usize) -> Outcome<Option<Expr>> {
    let work = field.work;
    let coefficient = |p: &Poly, k: u32| field.write_poly(&p.coefficient(index, k));
    if let Some(found) = simple_poles(field, num, den, index)? {
        return Ok(Some(found));
    }
    let shown = field.write_poly(den)?;
    match (num.degree(index), den.degree(index)) {
        (0, 1) => {
            let scale = auto::quotient(work, &field.write_poly(num)?, &coefficient(den, 1)?)?;
            let log = auto::call(work, Function::Ln, auto::call(work, Function::Abs, shown)?)?;
            auto::product(work, vec![scale, log]).map(Some)
        }
        (0 | 1, 2) => {
            let (a, b, c) = (coefficient(den, 2)?, coefficient(den, 1)?, coefficient(den, 0)?);
            let twice_a = auto::product(work, vec![Expr::int(2), a.clone()])?;
            let share = auto::quotient(work, &coefficient(num, 1)?, &twice_a)?;
            let shifted = auto::product(work, vec![share.clone(), b.clone()])?;
            let rest = auto::difference(work, &coefficient(num, 0)?, &shifted)?;
            let square = auto::power(work, b, Expr::int(2))?;
            let d = auto::difference(work, &auto::product(work, vec![Expr::int(4), a, c])?, &square)?;
            let slope = field.write_poly(&den.derivative(index))?;
            let log = auto::call(work, Function::Ln, shown)?;
            let log = auto::product(work, vec![share, log])?;
            auto::sum(work, vec![log, inverse_tangent(work, &slope, &d, &rest)?]).map(Some)
        }
        _ => Ok(None),
    }
}

/// Where the denominator falls into different linear factors: a logarithm for each, with its residue.
fn simple_poles(field: &Field<'_>, num: &Poly, den: &Poly, index: usize) -> Outcome<Option<Expr>> {
    let work = field.work;
    let factors = poly::factor(work, den)?.factors;
    let linear = |(f, k): &(Poly, u32)| !f.has(index) || f.degree(index) == 1 && *k == 1;
    if num.degree(index) >= den.degree(index) || !factors.iter().all(linear) {
        return Ok(None);
    }
    let Some(variable) = field.kernels().get(index).cloned() else { return Ok(None) };
    let (top, slope) = (field.write_poly(num)?, field.write_poly(&den.derivative(index))?);
    let mut terms = Vec::new();
    for (factor, _) in factors.iter().filter(|(f, _)| f.has(index)) {
        let ratio = field.ratio(factor.coefficient(index, 0).negate(), factor.coefficient(index, 1))?;
        let pole = field.write(&ratio)?;
        let residue =
            auto::quotient(work, &top.replace(work, &variable, &pole)?, &slope.replace(work, &variable, &pole)?)?;
        let residue = crate::simplify::simplify(work, &residue)?;
        let modulus = auto::call(work, Function::Abs, field.write_poly(factor)?)?;
        terms.push(auto::product(work, vec![residue, auto::call(work, Function::Ln, modulus)?])?);
    }
    auto::sum(work, terms).map(Some)
}
