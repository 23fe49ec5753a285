//! Simpler forms, and tests for equality.

use dashu::rational::RBig;

use crate::{
    auto,
    error::{Outcome, attempt},
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    numeric::{Complex, evaluate},
    poly::Poly,
    work::{MAX_WORK, Work},
};

/// Where values are compared: irregular, so that no coincidence of two expressions is likely, and of both signs.
const POINTS: [[f64; 3]; 7] = [
    [0.731_2, 1.283_7, 0.419_1],
    [1.618_9, 0.577_3, 2.236_1],
    [2.414_7, 1.732_9, 0.893_4],
    [-0.687_3, 1.131_7, 0.523_9],
    [0.318_5, -1.442_2, 1.259_7],
    [-1.873_6, -0.915_9, -2.685_4],
    [3.359_8, 2.807_7, 1.186_5],
];

/// The values of the variables of an expression at each of the points.
pub(crate) fn points(names: &[Name]) -> impl Iterator<Item = Vec<(Name, Complex)>> {
    POINTS.iter().map(move |point| {
        let at = |i: usize| point.get(i % 3).copied().unwrap_or(1.0) + (i / 3) as f64 * 0.371;
        names.iter().enumerate().map(|(i, name)| (name.clone(), Complex::from(at(i)))).collect()
    })
}

/// What values at points say of two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Differ,
    /// Equal at so many points.
    Agree(usize),
}

/// Compares values at points where both have one.
pub(crate) fn compare(a: &Expr, b: &Expr) -> Comparison {
    let mut names = a.variables();
    names.extend(b.variables());
    let names: Vec<Name> = names.into_iter().collect();
    let mut agreed = 0;
    for values in points(&names) {
        let (Some(x), Some(y)) = (evaluate(a, &values), evaluate(b, &values)) else { continue };
        let scale = x.abs().max(y.abs()).max(1e-3);
        if (x - y).abs() > 1e-7 * scale {
            return Comparison::Differ;
        }
        agreed += 1;
    }
    Comparison::Agree(agreed)
}

/// Whether an expression is zero for all values of its variables: shown exactly, or refuted by a value. Nothing where
/// neither succeeds.
pub(crate) fn is_zero(work: &Work, e: &Expr) -> Outcome<Option<bool>> {
    if let Expr::Number(n) = e {
        return Ok(Some(n.is_zero()));
    }
    let names: Vec<Name> = e.variables().into_iter().collect();
    for values in points(&names) {
        if let Some(value) = evaluate(e, &values) {
            // The terms' sizes say how much of the value may be rounding.
            let terms = e.terms().iter().filter_map(|t| evaluate(t, &values)).map(Complex::abs).fold(1e-3, f64::max);
            if value.abs() > 1e-7 * terms {
                return Ok(Some(false));
            }
        }
    }
    let exact = work.try_within(MAX_WORK / 8, || {
        let mut field = Field::new(work, Reading::Exponentials, &[e])?;
        let zero = field.read(e)?.num.is_zero();
        Ok(zero.then_some(true))
    })?;
    Ok(exact)
}

/// Whether two expressions are equal: exactly, or at enough points.
pub(crate) fn equal(work: &Work, a: &Expr, b: &Expr) -> Outcome<bool> {
    match compare(a, b) {
        Comparison::Differ => Ok(false),
        Comparison::Agree(count) => {
            let difference = auto::difference(work, a, b)?;
            Ok(is_zero(work, &difference)?.unwrap_or(count >= 2))
        }
    }
}

/// Whether two constants are the same number, shown exactly.
pub(crate) fn is_same_number(work: &Work, a: &Expr, b: &Expr) -> Outcome<bool> {
    if a == b {
        return Ok(true);
    }
    let difference = auto::difference(work, a, b)?;
    let found = attempt(work.deeper(|| {
        let mut field = Field::new(work, Reading::Plain, &[&difference])?;
        let zero = field.read(&difference)?.num.is_zero();
        Ok(Some(zero))
    }))?;
    Ok(found.unwrap_or(false))
}

/// A constant with roots in the form `(a + b*sqrt(c))/d`.
pub(crate) fn radicals(work: &Work, e: &Expr) -> Outcome<Expr> {
    let found = attempt(work.deeper(|| rational_form(work, e, Reading::Plain).map(Some)))?;
    Ok(found.unwrap_or_else(|| e.clone()))
}

/// One fraction in lowest terms, expanded above and below.
pub(crate) fn rational_form(work: &Work, e: &Expr, reading: Reading) -> Outcome<Expr> {
    let mut field = Field::new(work, reading, &[e])?;
    let ratio = field.read(e)?;
    field.write(&ratio)
}

/// Products multiplied out.
pub(crate) fn expand(work: &Work, e: &Expr) -> Outcome<Expr> {
    let mut field = Field::new(work, Reading::Plain, &[e])?;
    let ratio = field.read(e)?;
    let num = field.write_poly(&ratio.num)?;
    let den = auto::power(work, field.write_poly(&ratio.den)?, Expr::int(-1))?;
    if ratio.den.len() > 1 {
        return auto::product(work, vec![num, den]);
    }
    // Over a single product, every term has a denominator of its own: `x^2 + 2 + 1/x^2`.
    let terms = num.terms().iter().map(|term| auto::product(work, vec![term.clone(), den.clone()]));
    auto::sum(work, terms.collect::<Outcome<_>>()?)
}

/// Irreducible factors over the rationals, above and below.
pub(crate) fn factor(work: &Work, e: &Expr) -> Outcome<Expr> {
    factored(work, e, Reading::Plain)
}

fn factored(work: &Work, e: &Expr, reading: Reading) -> Outcome<Expr> {
    let mut field = Field::new(work, reading, &[e])?;
    let ratio = field.read(e)?;
    let num = field.write_factored(&ratio.num)?;
    let den = auto::power(work, field.write_factored(&ratio.den)?, Expr::int(-1))?;
    auto::product(work, vec![num, den])
}

/// The shortest of the forms that are known to be equal.
pub(crate) fn simplify(work: &Work, e: &Expr) -> Outcome<Expr> {
    let mut best = e.clone();
    // Where a form brings no gain, the earlier one stays, so the order is one of preference.
    for _ in 0..2 {
        let before = best.clone();
        for method in [Method::Form(Reading::Plain), Method::Factored(Reading::Plain), Method::Logarithms] {
            improve(work, e, &mut best, method)?;
        }
        let trigonometric = e.any(&mut |part| matches!(part, Expr::Call(f, _) if is_trigonometric(*f)));
        if trigonometric {
            for reading in [Reading::Sines, Reading::Cosines] {
                improve(work, e, &mut best, Method::Form(reading))?;
                improve(work, e, &mut best, Method::Factored(reading))?;
            }
            improve(work, e, &mut best, Method::DoubleAngles)?;
            improve(work, e, &mut best, Method::Tangents)?;
        }
        if let Some(value) = constant_value(work, &best)? {
            return Ok(value);
        }
        if best == before {
            break;
        }
    }
    Ok(best)
}

/// The number that a sum or product of functions is, whatever the variables are: `cosh(x)^2 - sinh(x)^2`.
fn constant_value(work: &Work, e: &Expr) -> Outcome<Option<Expr>> {
    if !e.any(&mut |part| matches!(part, Expr::Call(..) | Expr::Power(_))) || e.size() < 3 {
        return Ok(None);
    }
    let found = work.try_within(MAX_WORK / 16, || {
        let mut field = Field::new(work, Reading::Exponentials, &[e])?;
        let ratio = field.read(e)?;
        let value = ratio.num.leading() / ratio.den.leading();
        let rest = ratio.num.sub(&ratio.den.scale(&value));
        Ok(rest.is_zero().then_some(Expr::Number(value)))
    })?;
    Ok(found.filter(|value| compare(value, e) != Comparison::Differ))
}

fn is_trigonometric(f: Function) -> bool {
    matches!(f, Function::Sin | Function::Cos | Function::Tan)
}

#[derive(Debug, Clone, Copy)]
enum Method {
    Form(Reading),
    Factored(Reading),
    Logarithms,
    DoubleAngles,
    Tangents,
}

fn improve(work: &Work, original: &Expr, best: &mut Expr, method: Method) -> Outcome<()> {
    let current = best.clone();
    let found = work.try_within(MAX_WORK / 16, || {
        let inner = |work: &Work, e: &Expr| inside(work, e);
        let e = inner(work, &current)?;
        let e = match method {
            Method::Form(reading) => rational_form(work, &e, reading)?,
            Method::Factored(reading) => factored(work, &e, reading)?,
            Method::Logarithms => merge_logarithms(work, &e)?,
            Method::DoubleAngles => double_angles(work, &e, false)?,
            Method::Tangents => tangents(work, &e)?,
        };
        Ok(Some(e))
    })?;
    if let Some(found) = found
        && found.size() < best.size()
        && compare(original, &found) != Comparison::Differ
    {
        *best = found;
    }
    Ok(())
}

/// Arguments of functions and what stands under roots, simplified on their own.
fn inside(work: &Work, e: &Expr) -> Outcome<Expr> {
    e.map_children(work, &mut |child, work| match child {
        Expr::Call(function, argument) => {
            let argument = shorter_form(work, argument)?;
            auto::call(work, *function, argument)
        }
        Expr::Power(parts) if parts.1.number().is_some_and(|n| !n.is_int()) => {
            let base = shorter_form(work, &parts.0)?;
            let squares = factor(work, &base)?;
            let rooted = auto::power(work, squares, parts.1.clone())?;
            let plain = auto::power(work, base, parts.1.clone())?;
            Ok(if rooted.size() < plain.size() { rooted } else { plain })
        }
        other => inside(work, other),
    })
    .and_then(|e| match &e {
        Expr::Power(parts) if parts.1.number().is_some_and(|n| !n.is_int()) => {
            let squares = factor(work, &parts.0)?;
            let rooted = auto::power(work, squares, parts.1.clone())?;
            Ok(if rooted.size() < e.size() { rooted } else { e })
        }
        _ => Ok(e),
    })
}

pub(crate) fn shorter_form(work: &Work, e: &Expr) -> Outcome<Expr> {
    let form = rational_form(work, e, Reading::Plain)?;
    Ok(if form.size() < e.size() { form } else { e.clone() })
}

/// `a*ln(x) + a*ln(y)` stays apart, since signs are not known, but logarithms of numbers are put together.
fn merge_logarithms(work: &Work, e: &Expr) -> Outcome<Expr> {
    let Expr::Sum(terms) = e else { return Ok(e.clone()) };
    let mut argument = RBig::ONE;
    let mut others = Vec::new();
    let mut count = 0;
    for term in terms {
        let (c, rest) = term.split_coefficient();
        match (&rest, crate::number::small(&c)) {
            (Expr::Call(Function::Ln, inner), Some(times)) if inner.number().is_some() && times.abs() < 20 => {
                let base = inner.number().cloned().unwrap_or(RBig::ONE);
                argument *= crate::number::power(work, &base, times)?;
                count += 1;
            }
            _ => others.push(term.clone()),
        }
    }
    if count < 2 {
        return Ok(e.clone());
    }
    others.push(auto::call(work, Function::Ln, Expr::Number(argument))?);
    auto::sum(work, others)
}

/// `sin(x)*cos(x)` as `sin(2*x)/2`, `cos(x)^2 - sin(x)^2` as `cos(2*x)`, by trying; kept where it is shorter, or always.
pub(crate) fn double_angles(work: &Work, e: &Expr, always: bool) -> Outcome<Expr> {
    let mut angles = Vec::new();
    e.any(&mut |part| {
        if let Expr::Call(f, angle) = part
            && is_trigonometric(*f)
            && !angles.contains(&**angle)
        {
            angles.push((**angle).clone());
        }
        false
    });
    let mut best = e.clone();
    for angle in angles.iter().take(3) {
        let doubled = auto::product(work, vec![Expr::int(2), angle.clone()])?;
        let mut field = Field::new(work, Reading::Cosines, &[e])?;
        let ratio = field.read(e)?;
        let sine = field.kernel(&auto::call(work, Function::Sin, angle.clone())?)?;
        let cosine = field.kernel(&auto::call(work, Function::Cos, angle.clone())?)?;
        let (sine2, cosine2) = (Expr::variable("\u{1}"), Expr::variable("\u{2}"));
        let (s2, c2) = (field.kernel(&sine2)?, field.kernel(&cosine2)?);
        let half = RBig::ONE / RBig::from(2);
        // cos² = (1 + C)/2, sin*cos = S/2; what is left of single sines and cosines stays.
        let mut rebuilt = [Poly::zero(), Poly::zero()];
        for (place, p) in rebuilt.iter_mut().zip([&ratio.num, &ratio.den]) {
            for (power, coefficient) in p.coefficients(cosine) {
                let square = Poly::one().add(&Poly::variable(c2)).scale(&half).pow(work, power / 2)?;
                let term = coefficient.mul(work, &square)?.shift(cosine, power % 2)?;
                *place = place.add(&term);
            }
            let mut merged = Poly::zero();
            for (power, coefficient) in place.coefficients(sine) {
                for (odd, part) in coefficient.coefficients(cosine) {
                    let term = if power == 1 && odd == 1 {
                        part.mul(work, &Poly::variable(s2))?.scale(&half)
                    } else {
                        part.shift(cosine, odd)?.shift(sine, power)?
                    };
                    merged = merged.add(&term);
                }
            }
            *place = merged;
        }
        let [num, den] = rebuilt;
        let ratio = field.ratio(num, den)?;
        let found = field.write(&ratio)?;
        let found = found.replace(work, &sine2, &auto::call(work, Function::Sin, doubled.clone())?)?;
        let found = found.replace(work, &cosine2, &auto::call(work, Function::Cos, doubled)?)?;
        if (always || found.size() < best.size()) && compare(&found, e) != Comparison::Differ {
            best = found;
        }
    }
    Ok(best)
}

/// `sin(x)/cos(x)` as `tan(x)`.
fn tangents(work: &Work, e: &Expr) -> Outcome<Expr> {
    e.rewrite(work, &mut |part| {
        let Expr::Product(factors) = part else { return Ok(None) };
        for (i, factor) in factors.iter().enumerate() {
            let (base, n) = auto::integer_power(factor);
            let Expr::Call(Function::Sin, angle) = base else { continue };
            let cosine = Expr::Call(Function::Cos, angle.clone());
            let Some(j) = factors.iter().position(|f| auto::integer_power(f) == (&cosine, -n)) else { continue };
            let rest = factors.iter().enumerate().filter(|(k, _)| *k != i && *k != j).map(|(_, f)| f.clone());
            let tangent = auto::call(work, Function::Tan, (**angle).clone())?;
            let mut rest: Vec<Expr> = rest.collect();
            rest.push(auto::power(work, tangent, Expr::int(n))?);
            return auto::product(work, rest).map(Some);
        }
        Ok(None)
    })
}
