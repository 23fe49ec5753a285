//! Polynomials times exponentials, sines, cosines and their powers and products: as sums of `x^k * exp(a*x + b)` with
//! complex `a`, whose antiderivatives are known, and back.

use crate::{
    auto,
    error::Outcome,
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    poly::exponent,
    simplify,
    work::Work,
};

pub(super) fn integrate(work: &Work, e: &Expr, x: &Name) -> Outcome<Option<Expr>> {
    let variable = Expr::Variable(x.clone());
    let mut field = Field::new(work, Reading::Exponentials, &[e])?;
    let ratio = field.read(e)?;
    let index = field.kernel(&variable)?;
    let kernels = field.kernels_with(x);
    let exponential = |k: &Expr| match k {
        Expr::Power(parts) => !parts.0.has(x),
        _ => false,
    };
    let suitable = |k: &usize| *k == index || field.kernels().get(*k).is_some_and(exponential);
    if !kernels.iter().all(suitable) || kernels.len() < 2 || ratio.den.has(index) || ratio.den.len() != 1 {
        return Ok(None);
    }
    let Some((below, scale)) = ratio.den.terms().next().map(|(m, c)| (m.clone(), c.clone())) else { return Ok(None) };
    let mut terms = Vec::new();
    for (monomial, value) in ratio.num.terms() {
        let mut constant = vec![Expr::Number(value / &scale)];
        let mut exponents = Vec::new();
        for (i, kernel) in field.kernels().iter().enumerate().filter(|(i, _)| *i != index) {
            let power = i64::from(exponent(monomial, i)) - i64::from(exponent(&below, i));
            if power == 0 {
                continue;
            }
            match kernel {
                Expr::Power(parts) if kernels.contains(&i) => {
                    let base = auto::call(work, Function::Ln, parts.0.clone())?;
                    exponents.push(auto::product(work, vec![Expr::int(power), parts.1.clone(), base])?);
                }
                other => constant.push(auto::power(work, other.clone(), Expr::int(power))?),
            }
        }
        let exponent_sum = auto::sum(work, exponents)?;
        let Some(term) = term(work, exponent(monomial, index), &exponent_sum, x)? else { return Ok(None) };
        constant.push(term);
        terms.push(auto::product(work, constant)?);
    }
    let total = auto::sum(work, terms)?;
    let real = simplify::expand(work, &total)?;
    if real.contains(&Expr::I) {
        return Ok(None);
    }
    Ok(Some(real))
}

/// The integral of `x^k * exp(u)` for a linear u, written with sine and cosine.
fn term(work: &Work, k: u32, u: &Expr, x: &Name) -> Outcome<Option<Expr>> {
    let variable = Expr::Variable(x.clone());
    let power = |n: u32| auto::power(work, variable.clone(), Expr::int(i64::from(n)));
    if !u.has(x) {
        let raised = auto::quotient(work, &power(k + 1)?, &Expr::int(i64::from(k) + 1))?;
        return auto::product(work, vec![euler(work, u)?, raised]).map(Some);
    }
    let Some((a, _)) = super::linear(work, u, x)? else { return Ok(None) };
    let mut terms = Vec::new();
    let mut factor = auto::power(work, a.clone(), Expr::int(-1))?;
    for j in 0..=k {
        terms.push(auto::product(work, vec![factor.clone(), if k > j { power(k - j)? } else { Expr::one() }])?);
        factor = auto::quotient(work, &auto::product(work, vec![factor, Expr::int(i64::from(j) - i64::from(k))])?, &a)?;
    }
    auto::product(work, vec![auto::sum(work, terms)?, euler(work, u)?]).map(Some)
}

/// `exp(p + i*q)` as `exp(p)*(cos(q) + i*sin(q))`.
fn euler(work: &Work, u: &Expr) -> Outcome<Expr> {
    let (mut real, mut imaginary) = (Vec::new(), Vec::new());
    for term in u.terms() {
        if term.contains(&Expr::I) {
            let minus_i = Expr::Product(vec![Expr::int(-1), Expr::I]);
            imaginary.push(auto::product(work, vec![minus_i, term.clone()])?);
        } else {
            real.push(term.clone());
        }
    }
    let size = auto::exp(work, auto::sum(work, real)?)?;
    let angle = auto::sum(work, imaginary)?;
    let sine = auto::product(work, vec![Expr::I, auto::call(work, Function::Sin, angle.clone())?])?;
    let cosine = auto::call(work, Function::Cos, angle)?;
    auto::product(work, vec![size, auto::sum(work, vec![cosine, sine])?])
}
