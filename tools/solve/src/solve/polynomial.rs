//! Roots of polynomials: exactly up to degree two and where powers can be substituted, else isolated.

use dashu::{integer::IBig, rational::RBig};

use super::{Root, Roots};
use crate::{
    auto,
    error::{Fault, Outcome},
    expr::Expr,
    field::Field,
    number::fraction,
    numeric,
    poly::{self, Poly, real_roots},
};

/// Decimal places to which roots without a closed form are isolated.
const PLACES: isize = 60;

/// All roots of a polynomial in one kernel. Other kernels are parameters.
pub(super) fn roots(field: &Field<'_>, p: &Poly, index: usize) -> Outcome<Roots> {
    let mut roots = Roots::default();
    for (factor, _) in poly::factor(field.work, p)?.factors {
        if factor.has(index) {
            roots.extend(of_irreducible(field, &factor, index)?);
        }
    }
    Ok(roots)
}

fn of_irreducible(field: &Field<'_>, p: &Poly, index: usize) -> Outcome<Roots> {
    let work = field.work;
    match p.degree(index) {
        1 => {
            let ratio = field.ratio(p.coefficient(index, 0).negate(), p.coefficient(index, 1))?;
            Ok(Roots { nonzero: condition(field, p, index)?, ..Roots::exact(field.write(&ratio)?) })
        }
        2 => {
            let [c, b, a] = [0, 1, 2].map(|k| field.write_poly(&p.coefficient(index, k)));
            Ok(Roots { nonzero: condition(field, p, index)?, ..quadratic(field, &a?, &b?, &c?)? })
        }
        degree => {
            // Only powers of x^k: a polynomial in that, of lower degree.
            let common = p.coefficients(index).keys().fold(0, |g, k| gcd_of(g, *k));
            if common > 1 && degree / common <= 2 {
                let mut lower = Poly::zero();
                for (power, coefficient) in p.coefficients(index) {
                    lower = lower.add(&coefficient.shift(index, power / common)?);
                }
                let inner = of_irreducible(field, &lower, index)?;
                let mut roots =
                    Roots { hidden_complex: inner.hidden_complex * common, nonzero: inner.nonzero, ..Roots::default() };
                for root in inner.found {
                    let Root::Exact(value) = root else { return Err(Fault::unsupported("no closed form found")) };
                    roots.extend(powers_equal(field, &value, common)?);
                }
                return Ok(roots);
            }
            if p.variables() != [index] {
                return Err(Fault::unsupported(format!(
                    "no closed form found: of degree {degree} with parameters in it, {}",
                    field.write_poly(p)?
                )));
            }
            let polynomial = field.write_poly(p)?.to_string();
            let width = RBig::from_parts(IBig::ONE, dashu::integer::UBig::from(10u8).pow(PLACES.unsigned_abs()));
            let intervals = real_roots(work, p, index, &width)?;
            let hidden = degree - u32::try_from(intervals.len()).unwrap_or(0);
            let near = |i: poly::Interval| Root::Near {
                value: i.middle(),
                error: -PLACES,
                polynomial: Some(polynomial.clone()),
            };
            Ok(Roots { found: intervals.into_iter().map(near).collect(), hidden_complex: hidden, ..Roots::default() })
        }
    }
}

/// What must not be zero for the polynomial to have the degree that it seems to have.
fn condition(field: &Field<'_>, p: &Poly, index: usize) -> Outcome<Vec<Expr>> {
    let lead = field.write_poly(&p.leading_in(index).primitive())?;
    Ok(if lead.variables().is_empty() { Vec::new() } else { vec![lead] })
}

fn gcd_of(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd_of(b, a % b) }
}

/// The two roots of `a x² + b x + c`, that with the plus sign first.
fn quadratic(field: &Field<'_>, a: &Expr, b: &Expr, c: &Expr) -> Outcome<Roots> {
    let work = field.work;
    let square = auto::power(work, b.clone(), Expr::int(2))?;
    let product = auto::product(work, vec![Expr::int(-4), a.clone(), c.clone()])?;
    let discriminant = auto::sum(work, vec![square, product])?;
    let discriminant = crate::simplify::expand(work, &discriminant)?;
    let root = auto::sqrt(work, discriminant)?;
    let minus_b = auto::negate(work, b)?;
    let twice_a = auto::product(work, vec![Expr::int(2), a.clone()])?;
    let mut found = Vec::new();
    for sign in [1, -1] {
        let root = auto::product(work, vec![Expr::int(sign), root.clone()])?;
        let numerator = auto::sum(work, vec![minus_b.clone(), root])?;
        let value = auto::quotient(work, &numerator, &twice_a)?;
        found.push(Root::Exact(crate::simplify::radicals(work, &value)?));
    }
    Ok(Roots { found, ..Roots::default() })
}

/// The solutions of `x^k = value`.
fn powers_equal(field: &Field<'_>, value: &Expr, k: u32) -> Outcome<Roots> {
    let work = field.work;
    let exponent = Expr::Number(fraction(1, i64::from(k)));
    let mut roots = Roots::default();
    let size = numeric::evaluate(value, &[]);
    let push = |roots: &mut Roots, e: Expr| roots.found.push(Root::Exact(e));
    match size {
        Some(v) if v.real().is_none() => roots.hidden_complex = k,
        Some(v) if v.re < 0.0 => {
            let positive = auto::negate(work, value)?;
            let root = auto::power(work, positive, exponent)?;
            if k % 2 == 1 {
                push(&mut roots, auto::negate(work, &root)?);
                roots.hidden_complex = k - 1;
            } else if k == 2 {
                let root = auto::product(work, vec![Expr::I, root])?;
                push(&mut roots, root.clone());
                push(&mut roots, auto::negate(work, &root)?);
            } else {
                roots.hidden_complex = k;
            }
        }
        _ => {
            let root = auto::power(work, value.clone(), exponent)?;
            push(&mut roots, root.clone());
            roots.hidden_complex = k - 1;
            if k.is_multiple_of(2) {
                push(&mut roots, auto::negate(work, &root)?);
                roots.hidden_complex = k - 2;
            }
        }
    }
    Ok(roots)
}
