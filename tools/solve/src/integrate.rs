//! Antiderivatives. Every one is differentiated and compared with the integrand before it is given out, so a method
//! may guess.

mod definite;
mod exponential;
mod quadrature;
mod radical;
mod rational;

pub(crate) use definite::definite;

use crate::{
    auto,
    differentiate::derivative,
    error::{Fault, Outcome, attempt},
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    number::{fraction, int, is_negative, small},
    poly::Poly,
    simplify,
    work::{MAX_WORK, Work},
};

/// Substitutions and parts within one another.
const MAX_STEPS: u32 = 4;

pub(crate) fn not_found() -> Fault {
    Fault::unsupported("no closed form found for this integral")
}

/// What must not be zero for the formula to hold, and is no denominator of the integrand already: `(if n + 1 ≠ 0)`.
pub(crate) fn conditions(e: &Expr, found: &Expr, x: &Name) -> String {
    let mut conditions: Vec<String> = Vec::new();
    found.any(&mut |part| {
        if let Expr::Power(parts) = part
            && let Some(n) = parts.1.number()
            && !parts.0.has(x)
            && !parts.0.variables().is_empty()
            && !e.contains(part)
        {
            let root = !auto::has_odd_denominator(n) && !auto::is_nonnegative(&parts.0);
            let known = e.any(&mut |inner| matches!(inner, Expr::Power(p) if p.0 == parts.0 && p.1.looks_negative()));
            let condition = match (root, is_negative(n)) {
                (true, below) => Some(format!("{} {} 0", parts.0, if below { ">" } else { ">=" })),
                (false, true) if !known => Some(format!("{} ≠ 0", parts.0)),
                _ => None,
            };
            conditions.extend(condition.filter(|c| !conditions.contains(c)));
        }
        false
    });
    if conditions.is_empty() { String::new() } else { format!(" (if {})", conditions.join(" and ")) }
}

/// An antiderivative, checked; nothing where no method finds one.
pub(crate) fn antiderivative(work: &Work, e: &Expr, x: &Name) -> Outcome<Option<Expr>> {
    let e = simplify::simplify(work, e)?;
    let Some(found) = find(work, &e, x, 0)? else { return Ok(None) };
    let tidy = |f: &Expr| -> Outcome<Expr> {
        // The constants that a method leaves behind are dropped.
        let terms = f.terms().iter().filter(|t| t.has(x)).cloned().collect();
        // atan(tan(u)) differs from u by constants only, and u has no jumps.
        auto::sum(work, terms)?.rewrite(work, &mut |part| {
            Ok(match part {
                Expr::Call(Function::Atan, inner) => match &**inner {
                    Expr::Call(Function::Tan, u) => Some((**u).clone()),
                    _ => None,
                },
                _ => None,
            })
        })
    };
    let found = tidy(&found)?;
    for candidate in [simplify::simplify(work, &found)?, found] {
        let candidate = tidy(&candidate)?;
        // A real function has a real one.
        if candidate.contains(&Expr::I) && !e.contains(&Expr::I) {
            continue;
        }
        let slope = derivative(work, &candidate, x)?;
        if simplify::equal(work, &slope, &e)? {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn find(work: &Work, e: &Expr, x: &Name, step: u32) -> Outcome<Option<Expr>> {
    let variable = Expr::Variable(x.clone());
    if !e.has(x) {
        return auto::product(work, vec![e.clone(), variable]).map(Some);
    }
    if step > MAX_STEPS {
        return Ok(None);
    }
    // Constant factors first.
    let (constant, rest): (Vec<_>, Vec<_>) = e.factors().iter().cloned().partition(|f| !f.has(x));
    if !constant.is_empty() {
        let rest = auto::product(work, rest)?;
        let Some(found) = work.deeper(|| find(work, &rest, x, step))? else { return Ok(None) };
        return scaled(work, constant, &found).map(Some);
    }
    type Method = fn(&Work, &Expr, &Name, u32) -> Outcome<Option<Expr>>;
    let methods: [Method; 8] = [
        |w, e, x, _| rational::integrate(w, e, x),
        |w, e, x, _| table(w, e, x),
        |w, e, x, _| exponential::integrate(w, e, x),
        termwise,
        radical::integrate,
        by_substitution,
        by_parts,
        |w, e, x, _| half_angle(w, e, x),
    ];
    for method in methods {
        let share = (MAX_WORK / 4) >> (2 * step);
        let found = work.try_within(share, || attempt(work.deeper(|| method(work, e, x, step))))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// A constant times an antiderivative, term by term.
fn scaled(work: &Work, constant: Vec<Expr>, found: &Expr) -> Outcome<Expr> {
    let terms = found.terms().iter().map(|t| {
        let mut factors = constant.clone();
        factors.push(t.clone());
        auto::product(work, factors)
    });
    auto::sum(work, terms.collect::<Outcome<_>>()?)
}

/// The terms of a sum, or of the product multiplied out, one by one.
fn termwise(work: &Work, e: &Expr, x: &Name, step: u32) -> Outcome<Option<Expr>> {
    let sum = match e {
        Expr::Sum(_) => e.clone(),
        _ => distributed(work, e)?,
    };
    let Expr::Sum(terms) = &sum else { return Ok(None) };
    let mut found = Vec::new();
    for term in terms {
        let Some(part) = find(work, term, x, step + u32::from(!matches!(e, Expr::Sum(_))))? else { return Ok(None) };
        found.push(part);
    }
    auto::sum(work, found).map(Some)
}

/// Multiplied out above the fraction bar, denominators and roots left as they are.
fn distributed(work: &Work, e: &Expr) -> Outcome<Expr> {
    let mut terms = vec![Expr::one()];
    for factor in e.factors() {
        let (base, n) = auto::integer_power(factor);
        let times = if matches!(base, Expr::Sum(_)) && (1..=6).contains(&n) { n } else { 0 };
        let single = [factor.clone()];
        let (parts, times) = if times > 0 { (base.terms(), times) } else { (single.as_slice(), 1) };
        for _ in 0..times {
            let mut next = Vec::new();
            for a in &terms {
                for b in parts {
                    next.push(auto::product(work, vec![a.clone(), b.clone()])?);
                }
            }
            terms = next;
        }
    }
    auto::sum(work, terms)
}

/// `a` and `b` of `a*x + b`.
fn linear(work: &Work, e: &Expr, x: &Name) -> Outcome<Option<(Expr, Expr)>> {
    let slope = simplify::radicals(work, &derivative(work, e, x)?)?;
    if slope.has(x) || slope.is_zero() {
        return Ok(None);
    }
    let at_zero = attempt(e.replace(work, &Expr::Variable(x.clone()), &Expr::zero()).map(Some))?;
    Ok(at_zero.map(|b| (slope, b)))
}

/// Functions of a linear argument whose antiderivatives are known.
fn table(work: &Work, e: &Expr, x: &Name) -> Outcome<Option<Expr>> {
    let half = Expr::Number(fraction(1, 2));
    let call = |f, u: &Expr| auto::call(work, f, u.clone());
    let square = |u: &Expr| auto::power(work, u.clone(), Expr::int(2));
    let ln_abs = |u: Expr| auto::call(work, Function::Ln, auto::call(work, Function::Abs, u)?);
    let (u, outer) = match e {
        Expr::Power(parts) if !parts.1.has(x) => {
            let (u, n) = (&parts.0, &parts.1);
            if let (Expr::Call(f, inner), Some(-2)) = (u, n.number().and_then(small)) {
                let outer = match f {
                    Function::Cos => call(Function::Tan, inner)?,
                    Function::Sin => {
                        auto::negate(work, &auto::power(work, call(Function::Tan, inner)?, Expr::int(-1))?)?
                    }
                    Function::Cosh => call(Function::Tanh, inner)?,
                    _ => return Ok(None),
                };
                (&**inner, outer)
            } else {
                let next = auto::sum(work, vec![n.clone(), Expr::one()])?;
                let outer = if next.is_zero() {
                    ln_abs(u.clone())?
                } else {
                    auto::quotient(work, &auto::power(work, u.clone(), next.clone())?, &next)?
                };
                (u, outer)
            }
        }
        Expr::Power(parts) if !parts.0.has(x) => {
            let log = call(Function::Ln, &parts.0)?;
            (&parts.1, auto::quotient(work, e, &log)?)
        }
        Expr::Variable(_) => return auto::product(work, vec![half, square(e)?]).map(Some),
        Expr::Call(f, u) => {
            let u = &**u;
            let root = |sign: i64| -> Outcome<Expr> {
                let square = auto::product(work, vec![Expr::int(sign), square(u)?])?;
                auto::sqrt(work, auto::sum(work, vec![Expr::one(), square])?)
            };
            let itself = auto::product(work, vec![u.clone(), e.clone()])?;
            let outer = match f {
                Function::Sin => auto::negate(work, &call(Function::Cos, u)?)?,
                Function::Cos => call(Function::Sin, u)?,
                Function::Tan => auto::negate(work, &ln_abs(call(Function::Cos, u)?)?)?,
                Function::Sinh => call(Function::Cosh, u)?,
                Function::Cosh => call(Function::Sinh, u)?,
                Function::Tanh => call(Function::Ln, &call(Function::Cosh, u)?)?,
                Function::Abs => auto::product(work, vec![half, u.clone(), e.clone()])?,
                Function::Ln => auto::difference(work, &itself, u)?,
                Function::Asin => auto::sum(work, vec![itself, root(-1)?])?,
                Function::Acos => auto::difference(work, &itself, &root(-1)?)?,
                Function::Atan => {
                    let log = call(Function::Ln, &auto::sum(work, vec![Expr::one(), square(u)?])?)?;
                    auto::difference(work, &itself, &auto::product(work, vec![half, log])?)?
                }
            };
            (u, outer)
        }
        _ => return Ok(None),
    };
    let Some((a, _)) = linear(work, u, x)? else { return Ok(None) };
    let inverse = auto::power(work, a, Expr::int(-1))?;
    scaled(work, vec![inverse], &outer).map(Some)
}

/// `f(g(x)) g'(x)`, for every part `g` of the integrand.
fn by_substitution(work: &Work, e: &Expr, x: &Name, step: u32) -> Outcome<Option<Expr>> {
    let mut inner: Vec<Expr> = Vec::new();
    let mut exponents = Vec::new();
    e.any(&mut |part| {
        let mut offer = |g: &Expr| {
            let plain = matches!(g, Expr::Variable(_));
            if g.has(x) && !plain && !inner.contains(g) {
                inner.push(g.clone());
            }
        };
        match part {
            Expr::Call(_, u) => {
                offer(u);
                offer(part);
            }
            Expr::Power(parts) => {
                if let (Expr::Variable(_), Some(n)) = (&parts.0, parts.1.number().and_then(small)) {
                    exponents.push(n.abs());
                } else if let (Expr::Variable(_), Expr::Number(_)) = (&parts.0, &parts.1) {
                    offer(part);
                } else {
                    offer(&parts.0);
                    offer(&parts.1);
                    if parts.1.has(x) || parts.1.number().is_some_and(|n| !n.is_int()) {
                        offer(part);
                    }
                }
            }
            _ => {}
        }
        false
    });
    for n in exponents {
        for k in [n, n / 2, n + 1, (n + 1) / 2] {
            let g = auto::power(work, Expr::Variable(x.clone()), Expr::int(k.max(1)))?;
            if k >= 2 && !inner.contains(&g) {
                inner.push(g);
            }
        }
    }
    inner.sort_by_key(|g| std::cmp::Reverse(g.size()));
    let t: Name = format!("\u{1}{step}").into();
    for g in inner.iter().take(12) {
        let slope = derivative(work, g, x)?;
        if slope.is_zero() {
            continue;
        }
        let quotient = auto::quotient(work, e, &slope)?;
        let forms = [
            attempt(simplify::factor(work, &quotient).map(Some))?,
            attempt(simplify::rational_form(work, &quotient, Reading::Cosines).map(Some))?,
            attempt(simplify::rational_form(work, &quotient, Reading::Sines).map(Some))?,
        ];
        for form in std::iter::once(quotient).chain(forms.into_iter().flatten()) {
            let Some(in_t) = attempt(in_terms_of(work, &form, g, x, &t).map(Some))? else { continue };
            if in_t.has(x) || in_t.size() > 2 * e.size() + 8 {
                continue;
            }
            if let Some(found) = find(work, &in_t, &t, step + 1)? {
                return found.replace(work, &Expr::Variable(t), g).map(Some);
            }
            break;
        }
    }
    Ok(None)
}

/// The expression with `t` for `g`, and for what stands in `g` where that can be solved for it.
fn in_terms_of(work: &Work, e: &Expr, g: &Expr, x: &Name, t: &Name) -> Outcome<Expr> {
    let t = Expr::Variable(t.clone());
    let replaced = e.rewrite(work, &mut |part| {
        if part == g {
            return Ok(Some(t.clone()));
        }
        if let (Expr::Power(p), Expr::Power(q)) = (part, g)
            && p.0 == q.0
        {
            let ratio = simplify::radicals(work, &auto::quotient(work, &p.1, &q.1)?)?;
            if ratio.number().is_some_and(|n| n.is_int()) {
                return auto::power(work, t.clone(), ratio).map(Some);
            }
        }
        Ok(None)
    })?;
    if !replaced.has(x) {
        return Ok(replaced);
    }
    // g = a*x^n + b gives x^n = (t - b)/a; g = x^(1/n) gives x = t^n.
    let variable = Expr::Variable(x.clone());
    if let Expr::Power(parts) = g
        && parts.0 == variable
        && let Expr::Number(n) = &parts.1
        && !n.is_int()
    {
        let value = auto::power(work, t, Expr::Number(int(1) / n))?;
        return replaced.replace(work, &variable, &value);
    }
    let terms: Vec<&Expr> = g.terms().iter().filter(|term| term.has(x)).collect();
    let [term] = terms.as_slice() else { return Ok(replaced) };
    let (constant, power): (Vec<_>, Vec<_>) = term.factors().iter().cloned().partition(|f| !f.has(x));
    let [power] = power.as_slice() else { return Ok(replaced) };
    let (base, n) = auto::integer_power(power);
    if *base != variable || n < 1 {
        return Ok(replaced);
    }
    let shift = auto::difference(work, g, term)?;
    let value = auto::difference(work, &t, &shift)?;
    let value = auto::quotient(work, &value, &auto::product(work, constant)?)?;
    replaced.rewrite(work, &mut |part| {
        let (base, m) = auto::integer_power(part);
        if *base == variable && m % n == 0 {
            return auto::power(work, value.clone(), Expr::int(m / n)).map(Some);
        }
        Ok(None)
    })
}

/// A logarithm or inverse function times something that can be integrated.
fn by_parts(work: &Work, e: &Expr, x: &Name, step: u32) -> Outcome<Option<Expr>> {
    for (i, factor) in e.factors().iter().enumerate() {
        let (base, n) = auto::integer_power(factor);
        let inverse = matches!(base, Expr::Call(Function::Ln | Function::Asin | Function::Acos | Function::Atan, _));
        if !inverse || n < 1 {
            continue;
        }
        let rest = e.factors().iter().enumerate().filter(|(j, _)| *j != i).map(|(_, f)| f.clone()).collect();
        let rest = auto::product(work, rest)?;
        let Some(integral) = find(work, &rest, x, step + 1)? else { continue };
        let slope = derivative(work, factor, x)?;
        let second = simplify::simplify(work, &auto::product(work, vec![integral.clone(), slope])?)?;
        let Some(second) = find(work, &second, x, step + 1)? else { continue };
        let first = auto::product(work, vec![integral, factor.clone()])?;
        return auto::difference(work, &first, &second).map(Some);
    }
    Ok(None)
}

/// Rational functions of sine and cosine by the tangent of the half angle.
fn half_angle(work: &Work, e: &Expr, x: &Name) -> Outcome<Option<Expr>> {
    let mut field = Field::new(work, Reading::Cosines, &[e])?;
    let ratio = field.read(e)?;
    let kernels = field.kernels_with(x);
    let mut angle = None;
    for k in &kernels {
        match field.kernels().get(*k) {
            Some(Expr::Call(Function::Sin | Function::Cos, a)) if angle.as_ref().is_none_or(|b| b == a) => {
                angle = Some(a.clone());
            }
            _ => return Ok(None),
        }
    }
    let Some(angle) = angle else { return Ok(None) };
    let Some((slope, _)) = linear(work, &angle, x)? else { return Ok(None) };
    let t: Name = "\u{1}t".into();
    let sine = field.kernel(&Expr::Call(Function::Sin, angle.clone()))?;
    let cosine = field.kernel(&Expr::Call(Function::Cos, angle.clone()))?;
    let index = field.kernel(&Expr::Variable(t.clone()))?;
    let (square, one) = (Poly::power_of(index, 2), Poly::one());
    let bottom = one.add(&square);
    let top = [&ratio.num, &ratio.den].iter().map(|p| p.degree(sine) + p.degree(cosine)).max().unwrap_or(0);
    let convert = |p: &Poly| -> Outcome<Poly> {
        let mut result = Poly::zero();
        for (i, part) in p.coefficients(sine) {
            for (j, coefficient) in part.coefficients(cosine) {
                let s = Poly::variable(index).scale(&int(2)).pow(work, i)?;
                let c = one.sub(&square).pow(work, j)?;
                let rest = bottom.pow(work, top - i - j)?;
                result = result.add(&coefficient.mul(work, &s)?.mul(work, &c)?.mul(work, &rest)?);
            }
        }
        Ok(result)
    };
    let num = convert(&ratio.num)?.scale(&int(2));
    let den = convert(&ratio.den)?.mul(work, &bottom)?;
    let in_t = field.write(&field.ratio(num, den)?)?;
    let Some(found) = rational::integrate(work, &in_t, &t)? else { return Ok(None) };
    let half = auto::product(work, vec![Expr::Number(fraction(1, 2)), *angle])?;
    let found = found.replace(work, &Expr::Variable(t), &auto::call(work, Function::Tan, half)?)?;
    let inverse = auto::power(work, slope, Expr::int(-1))?;
    scaled(work, vec![inverse], &found).map(Some)
}

/// Solves a square system of linear equations; nothing where it has no unique solution. Rows end with the right side.
fn solve_linear(work: &Work, mut rows: Vec<Vec<dashu::rational::RBig>>) -> Outcome<Option<Vec<dashu::rational::RBig>>> {
    use dashu::rational::RBig;
    let columns = rows.first().map_or(0, |r| r.len().saturating_sub(1));
    for column in 0..columns {
        let entry = |row: &Vec<RBig>| row.get(column).cloned().unwrap_or(RBig::ZERO);
        let Some(found) = (column..rows.len()).find(|r| rows.get(*r).is_some_and(|row| !entry(row).is_zero())) else {
            return Ok(None);
        };
        rows.swap(column, found);
        let Some(pivot) = rows.get(column) else { return Ok(None) };
        let lead = entry(pivot);
        let pivot: Vec<RBig> = pivot.iter().map(|c| c / &lead).collect();
        work.spend((rows.len() * columns) as u64)?;
        for (r, row) in rows.iter_mut().enumerate() {
            if r == column {
                row.clone_from(&pivot);
                continue;
            }
            let factor = entry(row);
            if !factor.is_zero() {
                for (place, c) in row.iter_mut().zip(&pivot) {
                    *place = crate::number::bounded(&*place - c * &factor)?;
                }
            }
        }
    }
    let consistent = rows.iter().skip(columns).all(|row| row.last().is_none_or(RBig::is_zero));
    Ok(consistent.then(|| rows.iter().take(columns).filter_map(|row| row.last().cloned()).collect()))
}

fn is_below_zero(n: &dashu::rational::RBig) -> bool {
    is_negative(n)
}
