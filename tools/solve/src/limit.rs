//! Limits, by comparing the growth of exponentials (D. Gruntz, "On computing limits in a symbolic manipulation system",
//! 1996): every limit is turned into one at infinity, where the fastest growing part becomes the variable of a series.

mod growth;
mod series;

use crate::{
    auto,
    error::{Fault, Outcome, attempt},
    expr::{Expr, Function, Name},
    field::{Field, Reading},
    limit::growth::Growth,
    poly::Poly,
    precise::{self, Ball, Value},
    simplify,
    work::Work,
};

/// An end of an interval, or where a limit is taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    At(Expr),
    Infinity,
    MinusInfinity,
}

/// From where a point is approached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Both,
    Left,
    Right,
}

/// What a function tends to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Limit {
    Value(Expr),
    Infinite {
        negative: bool,
    },
    /// It does not tend to anything.
    Oscillates,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(e) => e.fmt(f),
            Self::Infinite { negative } => f.write_str(if *negative { "-infinity" } else { "infinity" }),
            Self::Oscillates => f.write_str("no limit (it oscillates)"),
        }
    }
}

/// The text of the limit.
pub(crate) fn limit(work: &Work, e: &Expr, x: &Name, at: &Bound, side: Side) -> Outcome<String> {
    let not_found = || Fault::unsupported("no method here finds this limit");
    let Bound::At(point) = at else {
        let found = one_sided(work, e, x, at, true)?.ok_or_else(not_found)?;
        return Ok(alone(&found));
    };
    if side != Side::Both {
        let right = side == Side::Right;
        if outside(work, e, x, point, right)? {
            return Err(Fault::math(format!("it has no real values on that side of {point}")));
        }
        let found = one_sided(work, e, x, at, right)?.ok_or_else(not_found)?;
        return Ok(alone(&found));
    }
    let (no_left, no_right) = (outside(work, e, x, point, false)?, outside(work, e, x, point, true)?);
    if no_left && no_right {
        return Err(Fault::math(format!("it has no real values next to {point}")));
    }
    if no_left || no_right {
        let found = one_sided(work, e, x, at, no_left)?.ok_or_else(not_found)?;
        let (from, other) = if no_left { ("right", "left") } else { ("left", "right") };
        return Ok(format!("{} (from the {from}; there are no real values on the {other})", alone(&found)));
    }
    match (one_sided(work, e, x, at, false)?, one_sided(work, e, x, at, true)?) {
        (Some(left), Some(right)) if left == right => Ok(alone(&left)),
        (Some(Limit::Value(a)), Some(Limit::Value(b))) if simplify::equal(work, &a, &b)? => Ok(a.to_string()),
        (Some(left), Some(right)) => Ok(format!("does not exist: {left} from the left, {right} from the right")),
        _ => Err(not_found()),
    }
}

fn alone(limit: &Limit) -> String {
    match limit {
        Limit::Oscillates => "does not exist: it oscillates".into(),
        other => other.to_string(),
    }
}

/// Whether there are no real values on a side of a point, as of `ln(x)` to the left of 0: shown at two places near it.
fn outside(work: &Work, e: &Expr, x: &Name, point: &Expr, right: bool) -> Outcome<bool> {
    if !point.variables().is_empty() || e.variables().iter().any(|v| v != x) {
        return Ok(false);
    }
    for places in [9, 12] {
        let step = dashu::rational::RBig::from_parts(
            dashu::integer::IBig::from(if right { 1 } else { -1 }),
            dashu::integer::UBig::from(10u8).pow(places),
        );
        let near = auto::sum(work, vec![point.clone(), Expr::Number(step)])?;
        let Value::Real(ball) = precise::value(work, &near, &[])? else { return Ok(false) };
        let middle = Ball::around(&ball.middle(), ball.error());
        if !matches!(precise::value(work, e, &[(x.clone(), middle)])?, Value::Undefined) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The limit from one side, which for a point is the right or the left; nothing where no method finds it.
pub(crate) fn one_sided(work: &Work, e: &Expr, x: &Name, at: &Bound, right: bool) -> Outcome<Option<Limit>> {
    let t: Name = "\u{1}x".into();
    let far = Expr::Variable(t.clone());
    let near = auto::power(work, far.clone(), Expr::int(-1))?;
    let place = match at {
        Bound::At(point) if right => auto::sum(work, vec![point.clone(), near])?,
        Bound::At(point) => auto::difference(work, point, &near)?,
        Bound::Infinity => far,
        Bound::MinusInfinity => auto::negate(work, &far)?,
    };
    let found =
        attempt(e.replace(work, &Expr::Variable(x.clone()), &place).and_then(|g| at_infinity(work, &g, &t).map(Some)))?;
    Ok(match found {
        Some(Limit::Value(value)) => Some(Limit::Value(simplify::simplify(work, &value)?)),
        other => other,
    })
}

fn at_infinity(work: &Work, g: &Expr, t: &Name) -> Outcome<Limit> {
    let growth = Growth::new(work, t.clone());
    match growth.limit(g) {
        Err(fault) if !fault.is_final() => match bounded(work, &growth, g, t)? {
            Some(limit) => Ok(limit),
            None => Err(fault),
        },
        other => other,
    }
}

/// Sines and cosines of what grows without bound are bounded: where they only stand in terms that vanish, they play no
/// role; where one stands alone in a term that does not, there is no limit.
fn bounded(work: &Work, growth: &Growth<'_>, g: &Expr, t: &Name) -> Outcome<Option<Limit>> {
    let mut waves = Vec::new();
    g.any(&mut |part| {
        if matches!(part, Expr::Call(Function::Sin | Function::Cos, u) if u.has(t)) && !waves.contains(part) {
            waves.push(part.clone());
        }
        false
    });
    let mut stand_in = g.clone();
    let mut names = Vec::new();
    for (index, wave) in waves.iter().enumerate() {
        let Expr::Call(_, u) = wave else { continue };
        let grows = attempt(growth.limit(u).map(Some))?;
        if matches!(grows, Some(Limit::Infinite { .. })) {
            let name = Expr::variable(&format!("\u{1}s{index}"));
            stand_in = stand_in.replace(work, wave, &name)?;
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(None);
    }
    let mut field = Field::new(work, Reading::Plain, &[&stand_in])?;
    let ratio = field.read(&stand_in)?;
    let indices = names.iter().map(|n| field.kernel(n)).collect::<Outcome<Vec<_>>>()?;
    // In anything but a polynomial in them they do play a role.
    let hidden = field.kernels().iter().any(|k| !names.contains(k) && names.iter().any(|n| k.contains(n)));
    if hidden || indices.iter().any(|i| ratio.den.has(*i)) {
        return Ok(None);
    }
    let den = field.write_poly(&ratio.den)?;
    let limit_of =
        |num: &Poly| -> Outcome<Limit> { growth.limit(&auto::quotient(work, &field.write_poly(num)?, &den)?) };
    let mut rest = ratio.num.clone();
    let mut alone = None;
    let (mut lasting, mut growing) = (0, 0);
    for index in &indices {
        for (power, part) in rest.coefficients(*index) {
            if power == 0 {
                continue;
            }
            rest = rest.sub(&part.shift(*index, power)?);
            // The part may have other waves in it: each of its coefficients counts.
            let single = power == 1 && indices.iter().all(|i| !part.has(*i));
            let mut pieces = vec![part];
            for other in &indices {
                pieces = pieces.iter().flat_map(|p| p.coefficients(*other).into_values()).collect();
            }
            for piece in pieces {
                match limit_of(&piece)? {
                    Limit::Value(e) if e.is_zero() || simplify::is_zero(work, &e)? == Some(true) => {}
                    other => {
                        lasting += 1;
                        growing += i32::from(!matches!(other, Limit::Value(_)));
                        alone = single.then_some(());
                    }
                }
            }
        }
    }
    let rest = limit_of(&rest)?;
    Ok(match (lasting, alone) {
        (0, _) => Some(rest),
        (1, Some(())) if matches!(rest, Limit::Value(_)) => Some(Limit::Oscillates),
        _ if growing == 0 && matches!(rest, Limit::Infinite { .. }) => Some(rest),
        _ => None,
    })
}
