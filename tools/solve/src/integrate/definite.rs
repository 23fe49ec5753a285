//! Integrals between bounds: an antiderivative is taken between the points where it or the integrand may break off, with
//! its limits there, so that poles and jumps are seen.

use std::cmp::Ordering;

use super::{antiderivative, quadrature};
use crate::{
    auto,
    decimal::decimal,
    error::{Fault, Outcome},
    expr::{Expr, Name},
    field::{Field, Reading},
    limit::{Bound, Limit, one_sided},
    number::{fraction, int},
    precise::{self, Ball, Value},
    simplify,
    solve::{breaks, has_breaks, simplest_between},
    work::Work,
};

/// The text of the integral of `e` from `low` to `high`.
pub(crate) fn definite(work: &Work, e: &Expr, x: &Name, low: &Bound, high: &Bound) -> Outcome<String> {
    let known = e.variables().iter().all(|v| v == x);
    let constant = |bound: &Bound| !matches!(bound, Bound::At(e) if !e.variables().is_empty());
    if !known || !constant(low) || !constant(high) {
        return with_letters(work, e, x, low, high);
    }
    match order(work, low, high)? {
        Ordering::Equal => Ok("0".into()),
        Ordering::Less => Ok(between(work, e, x, low, high, 1)?),
        Ordering::Greater => Ok(between(work, e, x, high, low, -1)?),
    }
}

fn order(work: &Work, low: &Bound, high: &Bound) -> Outcome<Ordering> {
    let unclear = || Fault::unsupported("the bounds are not two real numbers that can be told apart");
    match (low, high) {
        (Bound::At(a), Bound::At(b)) => precise::compare(work, a, b)?.ok_or_else(unclear),
        (a, b) if a == b => Err(unclear()),
        (Bound::MinusInfinity, _) | (_, Bound::Infinity) => Ok(Ordering::Less),
        _ => Ok(Ordering::Greater),
    }
}

/// With other letters in it, poles could be anywhere, so only what has none is integrated.
fn with_letters(work: &Work, e: &Expr, x: &Name, low: &Bound, high: &Bound) -> Outcome<String> {
    let refused = || {
        Fault::unsupported(
            "with other letters in it, only a function without gaps is integrated between two finite bounds",
        )
    };
    let (Bound::At(low), Bound::At(high)) = (low, high) else { return Err(refused()) };
    let f = antiderivative(work, e, x)?.ok_or_else(super::not_found)?;
    if has_breaks(work, e, x)? || has_breaks(work, &f, x)? {
        return Err(refused());
    }
    let variable = Expr::Variable(x.clone());
    let (top, bottom) = (f.replace(work, &variable, high)?, f.replace(work, &variable, low)?);
    let difference = simplify::expand(work, &auto::difference(work, &top, &bottom)?)?;
    let result = simplify::simplify(work, &difference)?;
    Ok(format!("{result}{}", super::conditions(e, &f, x)))
}

/// The integral between bounds in order.
fn between(work: &Work, e: &Expr, x: &Name, low: &Bound, high: &Bound, sign: i64) -> Outcome<String> {
    let signed = |value: Expr| -> Outcome<String> {
        let value = auto::product(work, vec![Expr::int(sign), value])?;
        let value = simplify::simplify(work, &simplify::expand(work, &value)?)?;
        Ok(value.to_string())
    };
    if let Some(value) = gaussian(work, e, x, low, high)? {
        return signed(value);
    }
    if let Some(f) = antiderivative(work, e, x)? {
        match by_pieces(work, e, &f, x, low, high)? {
            Some(Limit::Value(value)) => return signed(value),
            Some(_) => return Ok("diverges".into()),
            None => {}
        }
    }
    let (Bound::At(a), Bound::At(b)) = (low, high) else { return Err(super::not_found()) };
    let value = quadrature::integral(work, e, x, a, b)?.ok_or_else(super::not_found)?;
    let value = if sign < 0 { -value } else { value };
    Ok(format!("≈ {} (numeric; no closed form found)", decimal(&value)))
}

/// The sum over the pieces between which the antiderivative or the integrand may break off; nothing where not all of
/// these points or limits are found.
fn by_pieces(work: &Work, e: &Expr, f: &Expr, x: &Name, low: &Bound, high: &Bound) -> Outcome<Option<Limit>> {
    let finite = |bound: &Bound| match bound {
        Bound::At(e) => Some(e.clone()),
        _ => None,
    };
    let (a, b) = (finite(low), finite(high));
    let mut cuts = Vec::new();
    for part in [e, f] {
        let Some(found) = breaks(work, part, x, a.as_ref(), b.as_ref())? else { return Ok(None) };
        for point in found {
            let Some(exact) = point.exact else { return Ok(None) };
            cuts.push((point.ball.middle(), exact));
        }
    }
    cuts.sort();
    cuts.dedup_by(|p, q| p.1 == q.1);
    let mut ends = vec![low.clone()];
    ends.extend(cuts.into_iter().map(|(_, e)| Bound::At(e)));
    ends.push(high.clone());
    let mut terms = Vec::new();
    let mut diverges = false;
    for pair in ends.windows(2) {
        let [from, to] = pair else { continue };
        match value_between(work, e, x, from, to)? {
            Value::Real(_) => {}
            Value::Undefined => {
                return Err(Fault::math("the integrand has no real values on a part of the interval"));
            }
            Value::Unknown => return Ok(None),
        }
        // Seen from the piece, its lower end is approached from the right.
        for (end, right, sign) in [(to, false, 1), (from, true, -1)] {
            match value_at_end(work, f, x, end, right)? {
                Some(Limit::Value(value)) => terms.push(auto::product(work, vec![Expr::int(sign), value])?),
                Some(_) => diverges = true,
                None => return Ok(None),
            }
        }
    }
    if diverges {
        return Ok(Some(Limit::Oscillates));
    }
    auto::sum(work, terms).map(|total| Some(Limit::Value(total)))
}

/// The integrand at a place between two ends: where it is real there, it is so everywhere, as it cannot break off.
fn value_between(work: &Work, e: &Expr, x: &Name, from: &Bound, to: &Bound) -> Outcome<Value> {
    let middle = |bound: &Bound| -> Outcome<Option<dashu::rational::RBig>> {
        let Bound::At(e) = bound else { return Ok(None) };
        Ok(match precise::value(work, e, &[])? {
            Value::Real(ball) => Some(ball.middle()),
            _ => None,
        })
    };
    let place = match (middle(from)?, middle(to)?) {
        (Some(a), Some(b)) => {
            // Near one end, where exponentials are within reach.
            let width = (&b - &a).min(int(2));
            simplest_between(&(&a + &width * fraction(1, 5)), &(&a + &width * fraction(2, 5)))
        }
        (Some(a), None) => a + int(1),
        (None, Some(b)) => b - int(1),
        (None, None) => int(0),
    };
    precise::value(work, e, &[(x.clone(), Ball::exact(&place))])
}

/// The value of the antiderivative at an end, or its limit from inside.
fn value_at_end(work: &Work, f: &Expr, x: &Name, end: &Bound, right: bool) -> Outcome<Option<Limit>> {
    if let Bound::At(point) = end {
        // A function that does not break off at the point has its value as its limit.
        if !has_breaks(work, f, x)? {
            return f.replace(work, &Expr::Variable(x.clone()), point).map(|value| Some(Limit::Value(value)));
        }
        let near = |sign: i64| auto::sum(work, vec![point.clone(), Expr::Number(fraction(sign, 1_000))]);
        let smooth = breaks(work, f, x, Some(&near(-1)?), Some(&near(1)?))?.is_some_and(|found| found.is_empty());
        if smooth {
            let value = f.replace(work, &Expr::Variable(x.clone()), point)?;
            return Ok(Some(Limit::Value(value)));
        }
    }
    one_sided(work, f, x, end, right)
}

/// The integral of `c*exp(a*x^2 + b*x + d)` over the line, and over half of it where b is zero.
fn gaussian(work: &Work, e: &Expr, x: &Name, low: &Bound, high: &Bound) -> Outcome<Option<Expr>> {
    let zero = |bound: &Bound| matches!(bound, Bound::At(e) if e.is_zero());
    let whole = *low == Bound::MinusInfinity && *high == Bound::Infinity;
    let half = zero(low) && *high == Bound::Infinity || *low == Bound::MinusInfinity && zero(high);
    if !whole && !half {
        return Ok(None);
    }
    let (constant, rest): (Vec<_>, Vec<_>) = e.factors().iter().cloned().partition(|f| !f.has(x));
    let [Expr::Power(parts)] = rest.as_slice() else { return Ok(None) };
    let variable = Expr::Variable(x.clone());
    let mut field = Field::new(work, Reading::Plain, &[&parts.1, &variable])?;
    let exponent = field.read(&parts.1)?;
    let index = field.kernel(&variable)?;
    if parts.0 != Expr::E
        || !exponent.den.is_one()
        || field.kernels_with(x) != [index]
        || exponent.num.degree(index) != 2
    {
        return Ok(None);
    }
    let at = |k: u32| field.write_poly(&exponent.num.coefficient(index, k));
    let (a, b, d) = (at(2)?, at(1)?, at(0)?);
    if precise::sign(work, &a, &[])? != Some(Ordering::Less) || half && !b.is_zero() {
        return Ok(None);
    }
    let a = auto::negate(work, &a)?;
    let root = auto::sqrt(work, auto::quotient(work, &Expr::PI, &a)?)?;
    let square = auto::power(work, b, Expr::int(2))?;
    let shift = auto::quotient(work, &square, &auto::product(work, vec![Expr::int(4), a])?)?;
    let top = auto::exp(work, auto::sum(work, vec![d, shift])?)?;
    let share = Expr::Number(if half { fraction(1, 2) } else { int(1) });
    let mut factors = constant;
    factors.extend([root, top, share]);
    auto::product(work, factors).map(Some)
}
