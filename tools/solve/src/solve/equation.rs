//! One equation in one variable: as a polynomial in whatever the variable stands in, which is then solved for. What
//! comes out are candidates; the caller puts them into the equation.

use super::{FREE, Root, Roots, polynomial};
use crate::{
    auto,
    error::{Fault, Outcome},
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    number::{fraction, int, is_negative, small},
    numeric,
    poly::{self, Poly},
    work::{MAX_WORK, Work},
};

/// Roots and moduli that are eliminated, and substitutions within one another.
const MAX_STEPS: u32 = 6;

/// Candidates for the solutions of `f = 0`, among which are all real ones; nothing where no method finds them.
pub(super) fn exact(work: &Work, f: &Expr, x: &Name) -> Outcome<Option<Roots>> {
    let found = work.try_within(MAX_WORK / 4, || attempt_exact(work, f, x, 0).map(Some))?;
    if found.is_some() {
        return Ok(found);
    }
    // In another form it may be of a known kind: sin(x)*cos(x) is sin(2*x)/2.
    work.try_within(MAX_WORK / 8, || {
        let other = crate::simplify::double_angles(work, f, true)?;
        if other == *f || !other.has(x) { Ok(None) } else { attempt_exact(work, &other, x, 0).map(Some) }
    })
}

fn attempt_exact(work: &Work, f: &Expr, x: &Name, step: u32) -> Outcome<Roots> {
    if step > MAX_STEPS {
        return Err(Fault::unsupported("no closed form found"));
    }
    let mut last = Fault::unsupported("no closed form found");
    for reading in [Reading::Plain, Reading::Cosines, Reading::Sines] {
        let trigonometric = |e: &Expr| matches!(e, Expr::Call(Function::Sin | Function::Cos | Function::Tan, _));
        if reading != Reading::Plain && !f.any(&mut |e| trigonometric(e)) {
            break;
        }
        let found = work.deeper(|| {
            let mut field = Field::new(work, reading, &[f])?;
            let ratio = field.read(f)?;
            if ratio.num.is_zero() {
                return Ok(Roots { everything: true, ..Roots::default() });
            }
            by_factors(&mut field, &ratio.num, x, step)
        });
        match found {
            Ok(roots) => return Ok(roots),
            Err(fault) if fault.is_final() => return Err(fault),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

/// Solves every factor of the numerator by itself.
fn by_factors(field: &mut Field<'_>, num: &Poly, x: &Name, step: u32) -> Outcome<Roots> {
    let work = field.work;
    let mut roots = Roots::default();
    for (factor, _) in poly::factor(work, num)?.factors {
        let kernels: Vec<usize> = field.kernels_with(x).into_iter().filter(|k| factor.has(*k)).collect();
        match kernels.as_slice() {
            // A factor without the variable: the rest is only solved for where it is not zero.
            [] => {
                let factor = field.write_poly(&factor)?;
                if !factor.variables().is_empty() {
                    roots.nonzero.push(factor);
                }
            }
            [only] => {
                let only = *only;
                let kernel = field.kernels().get(only).cloned().unwrap_or_else(Expr::zero);
                let found = polynomial::roots(field, &factor, only)?;
                if matches!(&kernel, Expr::Variable(_)) {
                    roots.extend(found);
                    continue;
                }
                roots.nonzero.extend(found.nonzero);
                for root in found.found {
                    let Root::Exact(value) = root else { return Err(Fault::unsupported("no closed form found")) };
                    roots.extend(invert(work, &kernel, &value, x, step)?);
                }
            }
            _ => roots.extend(mixed(field, &factor, &kernels, x, step)?),
        }
    }
    Ok(roots)
}

/// An equation in several kernels with the variable in them.
fn mixed(field: &mut Field<'_>, p: &Poly, kernels: &[usize], x: &Name, step: u32) -> Outcome<Roots> {
    let work = field.work;
    let kernel = |i: usize| field.kernels().get(i).cloned().unwrap_or_else(Expr::zero);
    // Roots and moduli: eliminated by the resultant with their relation.
    let algebraic = kernels
        .iter()
        .copied()
        .find(|k| matches!(kernel(*k), Expr::Power(_) | Expr::Call(Function::Abs, _)) && field.relation(*k).is_some());
    if let Some((k, (degree, value))) = algebraic.and_then(|k| Some((k, field.relation(k)?))) {
        let relation = Poly::power_of(k, degree).sub(value);
        let eliminated = poly::resultant(work, p, &relation, k)?;
        if eliminated.is_zero() {
            return Err(Fault::unsupported("no closed form found"));
        }
        let f = field.write_poly(&eliminated)?;
        let mut roots = attempt_exact(work, &f, x, step + 1)?;
        // Raising to a power adds complex candidates that solve nothing.
        roots.hidden_complex = 0;
        return Ok(roots);
    }
    if let Some(roots) = circular(field, p, kernels, x, step)? {
        return Ok(roots);
    }
    if let Some(f) = two_powers(field, p, kernels)? {
        return attempt_exact(work, &f, x, step + 1);
    }
    if let Some(f) = logarithms(field, p, kernels)? {
        return attempt_exact(work, &f, x, step + 1);
    }
    Err(Fault::unsupported("no closed form found"))
}

/// Sines and cosines of one angle, as rational functions of the tangent of its half.
fn circular(field: &mut Field<'_>, p: &Poly, kernels: &[usize], x: &Name, step: u32) -> Outcome<Option<Roots>> {
    let work = field.work;
    let mut angle = None;
    for k in kernels {
        match field.kernels().get(*k) {
            Some(Expr::Call(Function::Sin | Function::Cos, a)) if angle.as_ref().is_none_or(|b| b == a) => {
                angle = Some(a.clone());
            }
            _ => return Ok(None),
        }
    }
    let Some(angle) = angle else { return Ok(None) };
    let sine = field.kernel(&Expr::Call(Function::Sin, angle.clone()))?;
    let cosine = field.kernel(&Expr::Call(Function::Cos, angle.clone()))?;
    // a sin + b cos = 0 is an equation for the tangent.
    let homogeneous = p.degree(sine) == 1
        && p.degree(cosine) == 1
        && p.coefficient(sine, 0).coefficient(cosine, 0).is_zero()
        && !p.coefficient(sine, 1).has(cosine);
    if homogeneous {
        let ratio = field.ratio(p.coefficient(cosine, 1).negate(), p.coefficient(sine, 1))?;
        let value = crate::simplify::radicals(work, &field.write(&ratio)?)?;
        return invert(work, &Expr::Call(Function::Tan, angle), &value, x, step).map(Some);
    }
    let t = Expr::variable("\u{1}t");
    let half = field.kernel(&t)?;
    let (square, one) = (Poly::power_of(half, 2), Poly::one());
    let bottom = one.add(&square);
    let top = p.degree(sine) + p.degree(cosine);
    let mut result = Poly::zero();
    for (i, part) in p.coefficients(sine) {
        for (j, coefficient) in part.coefficients(cosine) {
            let s = Poly::variable(half).scale(&int(2)).pow(work, i)?;
            let c = one.sub(&square).pow(work, j)?;
            let rest = bottom.pow(work, top - i - j)?;
            result = result.add(&coefficient.mul(work, &s)?.mul(work, &c)?.mul(work, &rest)?);
        }
    }
    let mut roots = Roots::default();
    // The half turn is where the tangent is infinite.
    let mut at_pi = p.substitute(work, sine, &Poly::zero())?;
    at_pi = at_pi.substitute(work, cosine, &Poly::constant(int(-1)))?;
    if at_pi.is_zero() {
        let u = auto::sum(work, vec![Expr::PI, turn(work, 2)?])?;
        roots.extend(solve_argument(work, &angle, &u, x, step)?);
    }
    for root in polynomial::roots(field, &result, half)?.found {
        match root {
            Root::Exact(value) if super::is_complex(&value) => {}
            Root::Exact(value) => {
                let half_angle = auto::call(work, Function::Atan, value)?;
                let u = auto::product(work, vec![Expr::int(2), half_angle])?;
                let u = auto::sum(work, vec![u, turn(work, 2)?])?;
                roots.extend(solve_argument(work, &angle, &u, x, step)?);
            }
            _ => return Ok(None),
        }
    }
    Ok(Some(roots))
}

/// `a * b^u = c * d^v` as `ln a + u ln b - ln c - v ln d = 0`.
fn two_powers(field: &Field<'_>, p: &Poly, kernels: &[usize]) -> Outcome<Option<Expr>> {
    let work = field.work;
    let exponential = |k: &usize| match field.kernels().get(*k) {
        Some(Expr::Power(parts)) => auto::is_nonnegative(&parts.0) && parts.0.variables().is_empty(),
        _ => false,
    };
    if p.len() != 2 || !kernels.iter().all(exponential) {
        return Ok(None);
    }
    let mut sides = Vec::new();
    for (monomial, coefficient) in p.terms() {
        let mut logs = vec![(coefficient.clone(), Expr::zero())];
        for (index, kernel) in field.kernels().iter().enumerate() {
            let power = i64::from(poly::exponent(monomial, index));
            if power == 0 {
                continue;
            }
            let log = match kernel {
                Expr::Power(parts) if kernels.contains(&index) => {
                    let log = auto::call(work, Function::Ln, parts.0.clone())?;
                    auto::product(work, vec![Expr::int(power), parts.1.clone(), log])?
                }
                other => auto::product(work, vec![Expr::int(power), auto::call(work, Function::Ln, other.clone())?])?,
            };
            logs.push((int(1), log));
        }
        sides.push(logs);
    }
    let [first, second] = sides.as_slice() else { return Ok(None) };
    let constant = |side: &[(dashu::rational::RBig, Expr)]| side.first().map_or(int(0), |(c, _)| c.clone());
    let ratio = -constant(first) / constant(second);
    if is_negative(&ratio) {
        return Ok(None);
    }
    let mut terms = vec![auto::call(work, Function::Ln, Expr::Number(ratio))?];
    terms.extend(first.iter().skip(1).map(|(_, e)| e.clone()));
    for (_, e) in second.iter().skip(1) {
        terms.push(auto::negate(work, e)?);
    }
    auto::sum(work, terms).map(Some)
}

/// A sum of whole multiples of logarithms, as an equation for the product of their arguments.
fn logarithms(field: &Field<'_>, p: &Poly, kernels: &[usize]) -> Outcome<Option<Expr>> {
    let work = field.work;
    let mut product = Vec::new();
    let mut rest = p.clone();
    let mut unit = None;
    for k in kernels {
        let Some(Expr::Call(Function::Ln, argument)) = field.kernels().get(*k) else { return Ok(None) };
        if p.degree(*k) != 1 {
            return Ok(None);
        }
        let coefficient = p.coefficient(*k, 1);
        if kernels.iter().any(|other| coefficient.has(*other)) {
            return Ok(None);
        }
        rest = rest.sub(&coefficient.shift(*k, 1)?);
        // Multiples of one common factor, which may be the logarithm of another base.
        let unit = unit.get_or_insert_with(|| coefficient.primitive());
        let Some(times) = coefficient.divide(work, unit)?.and_then(|q| q.as_constant()).and_then(|c| small(&c)) else {
            return Ok(None);
        };
        product.push(auto::power(work, (**argument).clone(), Expr::int(times))?);
    }
    let Some(unit) = unit else { return Ok(None) };
    let exponent = field.write(&field.ratio(rest.negate(), unit)?)?;
    let right = auto::exp(work, exponent)?;
    auto::difference(work, &auto::product(work, product)?, &right).map(Some)
}

/// `k * pi * n` with a free integer n.
fn turn(work: &Work, k: i64) -> Outcome<Expr> {
    auto::product(work, vec![Expr::int(k), Expr::PI, Expr::variable(FREE)])
}

/// Candidates for `argument = value`.
fn solve_argument(work: &Work, argument: &Expr, value: &Expr, x: &Name, step: u32) -> Outcome<Roots> {
    let f = auto::difference(work, argument, value)?;
    let found = attempt_exact(work, &f, x, step + 1)?;
    // With a free n in it, the expanded form is the usual one: pi/2 + pi*n.
    let mut roots = Roots { found: Vec::new(), ..found.clone() };
    for root in found.found {
        roots.found.push(match root {
            Root::Exact(e) if e.has(FREE) && !value.is_zero() => {
                Root::Exact(spread(work, &crate::simplify::expand(work, &e)?)?)
            }
            other => other,
        });
    }
    Ok(roots)
}

/// A fraction of a sum as a sum of fractions.
fn spread(work: &Work, e: &Expr) -> Outcome<Expr> {
    let Some(sum) = e.factors().iter().find(|f| matches!(f, Expr::Sum(_))) else { return Ok(e.clone()) };
    let others: Vec<Expr> = e.factors().iter().filter(|f| *f != sum).cloned().collect();
    let terms = sum.terms().iter().map(|t| {
        let mut factors = others.clone();
        factors.push(t.clone());
        auto::product(work, factors)
    });
    auto::sum(work, terms.collect::<Outcome<_>>()?)
}

/// Candidates for `kernel(x) = value`.
fn invert(work: &Work, kernel: &Expr, value: &Expr, x: &Name, step: u32) -> Outcome<Roots> {
    let number = numeric::evaluate(value, &[]);
    let real = number.and_then(numeric::Complex::real);
    let negative = real.is_some_and(|v| v < -1e-12);
    let complex = number.is_some() && real.is_none();
    let solve = |argument: &Expr, target: &Expr| solve_argument(work, argument, target, x, step);
    let both = |argument: &Expr, first: Expr, second: Expr| -> Outcome<Roots> {
        let mut roots = solve(argument, &first)?;
        if first != second {
            roots.extend(solve(argument, &second)?);
        }
        Ok(roots)
    };
    match kernel {
        Expr::Variable(_) => Ok(Roots::exact(value.clone())),
        Expr::Power(parts) => match &parts.1 {
            Expr::Number(n) if !parts.0.variables().is_empty() && *n.numerator() == dashu::integer::IBig::ONE => {
                if (negative || complex) && !auto::has_odd_denominator(n) {
                    return Ok(Roots::default());
                }
                let raised = auto::power(work, value.clone(), Expr::Number(int(1) / n))?;
                solve(&parts.0, &raised)
            }
            exponent if !parts.0.has(x) => {
                if negative || complex || value.is_zero() {
                    return Ok(Roots::default());
                }
                if !auto::is_nonnegative(&parts.0) && parts.0.variables().is_empty() {
                    return Err(Fault::unsupported("no closed form found"));
                }
                let log = auto::call(work, Function::Ln, value.clone())?;
                let base = auto::call(work, Function::Ln, parts.0.clone())?;
                let target = auto::quotient(work, &log, &base)?;
                solve(exponent, &crate::simplify::radicals(work, &target)?)
            }
            _ => Err(Fault::unsupported("no closed form found")),
        },
        Expr::Call(function, argument) => {
            if complex {
                return Ok(Roots::default());
            }
            let beyond = real.is_some_and(|v| v.abs() > 1.0 + 1e-12);
            match function {
                Function::Abs if negative => Ok(Roots::default()),
                Function::Abs => both(argument, value.clone(), auto::negate(work, value)?),
                Function::Ln => solve(argument, &auto::exp(work, value.clone())?),
                Function::Sin | Function::Cos if beyond => Ok(Roots::default()),
                Function::Sin => {
                    if value.is_zero() {
                        return solve(argument, &turn(work, 1)?);
                    }
                    let angle = auto::call(work, Function::Asin, value.clone())?;
                    let other = auto::difference(work, &Expr::PI, &angle)?;
                    let other = if real.is_some_and(|v| (v.abs() - 1.0).abs() < 1e-12) { angle.clone() } else { other };
                    both(argument, periodic(work, angle, 2)?, periodic(work, other, 2)?)
                }
                Function::Cos => {
                    let angle = auto::call(work, Function::Acos, value.clone())?;
                    if value.is_zero() {
                        return solve(argument, &periodic(work, angle, 1)?);
                    }
                    let other = auto::negate(work, &angle)?;
                    let other = if real.is_some_and(|v| (v.abs() - 1.0).abs() < 1e-12) { angle.clone() } else { other };
                    both(argument, periodic(work, angle, 2)?, periodic(work, other, 2)?)
                }
                Function::Tan => {
                    let angle = auto::call(work, Function::Atan, value.clone())?;
                    solve(argument, &periodic(work, angle, 1)?)
                }
                Function::Asin => solve(argument, &auto::call(work, Function::Sin, value.clone())?),
                Function::Acos => solve(argument, &auto::call(work, Function::Cos, value.clone())?),
                Function::Atan => solve(argument, &auto::call(work, Function::Tan, value.clone())?),
                Function::Sinh | Function::Cosh => {
                    let sign = Expr::int(if *function == Function::Sinh { 1 } else { -1 });
                    let square = auto::power(work, value.clone(), Expr::int(2))?;
                    let root = auto::sqrt(work, auto::sum(work, vec![square, sign])?)?;
                    let argument_of_log = auto::sum(work, vec![value.clone(), root])?;
                    let log = auto::call(work, Function::Ln, argument_of_log)?;
                    if *function == Function::Sinh {
                        return solve(argument, &log);
                    }
                    if real.is_some_and(|v| v < 1.0) {
                        return Ok(Roots::default());
                    }
                    both(argument, log.clone(), auto::negate(work, &log)?)
                }
                Function::Tanh if real.is_some_and(|v| v.abs() >= 1.0) => Ok(Roots::default()),
                Function::Tanh => {
                    let above = auto::sum(work, vec![Expr::one(), value.clone()])?;
                    let below = auto::difference(work, &Expr::one(), value)?;
                    let ratio = crate::simplify::radicals(work, &auto::quotient(work, &above, &below)?)?;
                    let log = auto::call(work, Function::Ln, ratio)?;
                    solve(argument, &auto::product(work, vec![Expr::Number(fraction(1, 2)), log])?)
                }
            }
        }
        _ => Err(Fault::unsupported("no closed form found")),
    }
}

fn periodic(work: &Work, angle: Expr, halves: i64) -> Outcome<Expr> {
    auto::sum(work, vec![angle, turn(work, halves)?])
}
