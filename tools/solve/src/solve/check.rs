//! Candidates are put into what was written: every solution that is said has been through here.

use std::cmp::Ordering;

use super::FREE;
use crate::{
    auto,
    error::Outcome,
    expr::{Expr, Name},
    numeric,
    parser::Statement,
    precise::{self, Ball, Value},
    simplify,
    work::Work,
};

/// What is known of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Check {
    Holds,
    /// It holds, but a value on the way is not real although the candidate is.
    Complex,
    /// It holds for some values of the other letters, or of the free integer.
    Sometimes,
    Unclear,
    Fails,
}

/// Puts values into equations. Sides without a value there, and sides that differ, refute them.
pub(super) fn candidate(work: &Work, statements: &[Statement], values: &[(Name, Expr)]) -> Outcome<Check> {
    let mut worst = Check::Holds;
    for statement in statements {
        let mut sides = [statement.left.clone(), statement.right.clone()];
        for side in &mut sides {
            *side = put(side, values);
        }
        let [left, right] = sides;
        let complex = values.iter().any(|(_, v)| super::is_complex(v));
        let free = Expr::variable(FREE);
        let found = if left.has(FREE) || right.has(FREE) {
            let mut found = Vec::new();
            for n in [0, 1, -1, 2, -3] {
                let member = |e: &Expr| substitute_raw(e, &free, &Expr::int(n));
                found.push(equation(work, &member(&left), &member(&right), complex)?);
            }
            match (found.iter().min(), found.iter().max()) {
                (Some(best), Some(worst)) if best == worst => *worst,
                _ if found.contains(&Check::Unclear) => Check::Unclear,
                _ => Check::Sometimes,
            }
        } else {
            equation(work, &left, &right, complex)?
        };
        worst = worst.max(found);
        if worst == Check::Fails {
            break;
        }
    }
    Ok(worst)
}

/// All values at once, so that `x = y, y = x` swaps.
fn put(e: &Expr, values: &[(Name, Expr)]) -> Expr {
    match e {
        Expr::Variable(name) => values.iter().find(|(n, _)| n == name).map_or_else(|| e.clone(), |(_, v)| v.clone()),
        _ => rebuilt(e, &|part| put(part, values)),
    }
}

/// The tree with a value in place of a part, and nothing else changed.
pub(crate) fn substitute_raw(e: &Expr, part: &Expr, value: &Expr) -> Expr {
    if e == part { value.clone() } else { rebuilt(e, &|inner| substitute_raw(inner, part, value)) }
}

fn rebuilt(e: &Expr, change: &dyn Fn(&Expr) -> Expr) -> Expr {
    match e {
        Expr::Number(_) | Expr::Constant(_) | Expr::Variable(_) => e.clone(),
        Expr::Call(function, argument) => Expr::Call(*function, Box::new(change(argument))),
        Expr::Power(parts) => Expr::raw_power(change(&parts.0), change(&parts.1)),
        Expr::Product(items) => Expr::Product(items.iter().map(change).collect()),
        Expr::Sum(items) => Expr::Sum(items.iter().map(change).collect()),
    }
}

fn equation(work: &Work, left: &Expr, right: &Expr, complex: bool) -> Outcome<Check> {
    // Put together from the inside out, so that 0/0 is met before it can cancel.
    let (l, r) = match (left.normal(work), right.normal(work)) {
        (Ok(l), Ok(r)) => (l, r),
        (Err(fault), _) | (_, Err(fault)) if fault.is_final() => return Err(fault),
        _ => return Ok(Check::Fails),
    };
    if !l.variables().is_empty() || !r.variables().is_empty() {
        return Ok(sampled(left, right));
    }
    if denominators_vanish(work, &l)? || denominators_vanish(work, &r)? {
        return Ok(Check::Fails);
    }
    let difference = auto::difference(work, &l, &r)?;
    let real = match (precise::value(work, left, &[])?, precise::value(work, right, &[])?) {
        (Value::Real(_), Value::Real(_)) => true,
        (Value::Undefined, _) | (_, Value::Undefined) => false,
        _ => {
            return Ok(match simplify::is_zero(work, &difference)? {
                Some(true) => Check::Holds,
                Some(false) => Check::Fails,
                None => Check::Unclear,
            });
        }
    };
    if real {
        return Ok(match precise::sign(work, &difference, &[])? {
            Some(Ordering::Equal) => Check::Holds,
            Some(_) => Check::Fails,
            None => Check::Unclear,
        });
    }
    let holds = if complex { Check::Holds } else { Check::Complex };
    Ok(match simplify::is_zero(work, &difference)? {
        Some(true) => holds,
        Some(false) => Check::Fails,
        // No rule shows it, but the digits agree.
        None => match numeric::evaluate(&difference, &[]) {
            Some(v) if v.abs() < 1e-9 => holds,
            _ => Check::Unclear,
        },
    })
}

/// With other letters in it, an equation is looked at for several values of them, of both signs.
fn sampled(left: &Expr, right: &Expr) -> Check {
    let mut names = left.variables();
    names.extend(right.variables());
    let names: Vec<Name> = names.into_iter().collect();
    let (mut agree, mut differ) = (0, 0);
    for values in simplify::points(&names) {
        let (Some(l), Some(r)) = (numeric::evaluate(left, &values), numeric::evaluate(right, &values)) else {
            continue;
        };
        if (l - r).abs() <= 1e-7 * l.abs().max(r.abs()).max(1e-3) {
            agree += 1;
        } else {
            differ += 1;
        }
    }
    match (agree, differ) {
        (0 | 1, 0) => Check::Unclear,
        (_, 0) => Check::Holds,
        (0, _) => Check::Fails,
        _ => Check::Sometimes,
    }
}

/// Whether a denominator is a zero that was not seen as one, such as `sqrt(3 + 2*sqrt(2)) - 1 - sqrt(2)`.
fn denominators_vanish(work: &Work, e: &Expr) -> Outcome<bool> {
    let mut suspects = Vec::new();
    e.any(&mut |part| {
        if let Expr::Power(parts) = part
            && parts.1.looks_negative()
            && parts.0.variables().is_empty()
            && numeric::evaluate(&parts.0, &[]).is_none_or(|v| v.abs() < 1e-9)
        {
            suspects.push(parts.0.clone());
        }
        false
    });
    for suspect in suspects {
        if precise::sign(work, &suspect, &[])? == Some(Ordering::Equal)
            || simplify::is_zero(work, &suspect)? == Some(true)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an equation holds for a value that is known up to an error; nothing where the error hides it.
pub(super) fn near(work: &Work, statement: &Statement, variable: &Name, ball: &Ball) -> Outcome<Option<bool>> {
    let values = [(variable.clone(), ball.clone())];
    let mut sides = Vec::new();
    for side in [&statement.left, &statement.right] {
        match precise::value(work, side, &values)? {
            Value::Real(_) => sides.push(side.clone()),
            Value::Undefined => return Ok(Some(false)),
            Value::Unknown => return Ok(None),
        }
    }
    let [left, right] = sides.as_slice() else { return Ok(None) };
    let minus = Expr::Product(vec![Expr::int(-1), right.clone()]);
    let Value::Real(difference) = precise::value(work, &Expr::Sum(vec![left.clone(), minus]), &values)? else {
        return Ok(None);
    };
    Ok(match difference.sign() {
        Some(sign) => Some(sign == Ordering::Equal),
        None => (difference.error() < -15).then_some(true),
    })
}
