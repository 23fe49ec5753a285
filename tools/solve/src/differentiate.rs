//! Derivatives of elementary functions.

use crate::{
    auto::{call, difference, is_real, negate, power, product, quotient, sqrt, sum},
    error::{Fault, Outcome},
    expr::{Expr, Function},
    work::Work,
};

/// The derivative with respect to a variable, without simplification beyond the canonical form.
pub(crate) fn derivative(work: &Work, e: &Expr, variable: &str) -> Outcome<Expr> {
    work.spend(2)?;
    if !e.has(variable) {
        return Ok(Expr::zero());
    }
    work.deeper(|| match e {
        Expr::Number(_) | Expr::Constant(_) => Ok(Expr::zero()),
        Expr::Variable(_) => Ok(Expr::one()),
        Expr::Sum(terms) => {
            let terms = terms.iter().map(|t| derivative(work, t, variable)).collect::<Outcome<_>>()?;
            sum(work, terms)
        }
        Expr::Product(factors) => {
            let mut terms = Vec::new();
            for (i, factor) in factors.iter().enumerate().filter(|(_, f)| f.has(variable)) {
                let mut changed = factors.clone();
                if let Some(place) = changed.get_mut(i) {
                    *place = derivative(work, factor, variable)?;
                }
                terms.push(product(work, changed)?);
            }
            sum(work, terms)
        }
        Expr::Power(parts) => {
            let (base, exponent) = (&parts.0, &parts.1);
            let slope = derivative(work, base, variable)?;
            if !exponent.has(variable) {
                let lower = sum(work, vec![exponent.clone(), Expr::int(-1)])?;
                let power = power(work, base.clone(), lower)?;
                return product(work, vec![exponent.clone(), power, slope]);
            }
            // (b^u)' = b^u (u' ln b + u b'/b)
            let log = call(work, Function::Ln, base.clone())?;
            let first = product(work, vec![derivative(work, exponent, variable)?, log])?;
            let second = product(work, vec![exponent.clone(), quotient(work, &slope, base)?])?;
            product(work, vec![e.clone(), sum(work, vec![first, second])?])
        }
        Expr::Call(function, argument) => {
            let inner = derivative(work, argument, variable)?;
            let outer = outer_derivative(work, *function, argument)?;
            product(work, vec![outer, inner])
        }
    })
}

fn outer_derivative(work: &Work, function: Function, u: &Expr) -> Outcome<Expr> {
    let u = u.clone();
    let square = |e: Expr| power(work, e, Expr::int(2));
    let inverse = |e: Expr| power(work, e, Expr::int(-1));
    match function {
        Function::Abs if !is_real(&u) => {
            Err(Fault::unsupported("the modulus of a complex function is not differentiated"))
        }
        Function::Abs => quotient(work, &u, &call(work, Function::Abs, u.clone())?),
        Function::Ln => inverse(u),
        Function::Sin => call(work, Function::Cos, u),
        Function::Cos => negate(work, &call(work, Function::Sin, u)?),
        Function::Tan => inverse(square(call(work, Function::Cos, u)?)?),
        Function::Asin => inverse(sqrt(work, difference(work, &Expr::one(), &square(u)?)?)?),
        Function::Acos => negate(work, &inverse(sqrt(work, difference(work, &Expr::one(), &square(u)?)?)?)?),
        Function::Atan => inverse(sum(work, vec![Expr::one(), square(u)?])?),
        Function::Sinh => call(work, Function::Cosh, u),
        Function::Cosh => call(work, Function::Sinh, u),
        Function::Tanh => inverse(square(call(work, Function::Cosh, u)?)?),
    }
}
