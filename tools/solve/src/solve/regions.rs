//! Sets of solutions that are intervals. What is said of a variable can only change at zeros, poles and ends of the
//! domain, so it is looked at there and between them.

use std::cmp::Ordering;

use dashu::rational::RBig;

use super::{FREE, Root, check::substitute_raw, equation, search::simplest_between};
use crate::{
    auto,
    decimal::decimal,
    error::{Fault, Outcome},
    expr::{Expr, Function, Name},
    lexer::Relation,
    number::{int, is_negative},
    parser::Statement,
    precise::{self, Ball, Value},
    work::Work,
};

/// Moduli in one expression: each is taken with both signs.
const MAX_MODULI: usize = 4;

/// Members of a family of critical points between two bounds.
const MAX_MEMBERS: i64 = 60;

/// A point where something may change: its exact form as text, and its value.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub text: String,
    pub exact: Option<Expr>,
    pub ball: Ball,
    /// The statements of whose difference it is a zero.
    zero_of: Vec<usize>,
    /// Whether all statements hold at the point itself.
    included: bool,
}

/// The values of x for which all statements hold.
pub(super) fn solve(work: &Work, statements: &[Statement], x: &Name) -> Outcome<String> {
    let mut points = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let f = super::difference(work, statement)?;
        if f.variables().iter().any(|v| v != x) {
            return Err(Fault::unsupported("inequalities with other letters in them are not solved here"));
        }
        gather(work, &f, x, Some(index), None, &mut points)?;
        for side in [&statement.left, &statement.right] {
            for part in suspects(work, side, x)? {
                gather(work, &part, x, None, None, &mut points)?;
            }
        }
    }
    let mut points = in_order(points)?;
    let included = points.iter().map(|p| holds_at(work, statements, x, p)).collect::<Outcome<Vec<_>>>()?;
    for (point, included) in points.iter_mut().zip(included) {
        point.included = included;
    }
    let mut inside = Vec::new();
    for sample in samples(&points) {
        inside.push(all_hold(work, statements, x, &Ball::exact(&sample))?.ok_or_else(undecided)?);
    }
    Ok(describe(x, &points, &inside))
}

fn undecided() -> Fault {
    Fault::unsupported("whether it holds could not be decided between or at the critical points")
}

/// The points between two bounds where an expression may have no value or jump, in order; nothing where they are not all
/// known. Bounds that are absent are infinite.
pub(crate) fn breaks(
    work: &Work,
    e: &Expr,
    x: &Name,
    low: Option<&Expr>,
    high: Option<&Expr>,
) -> Outcome<Option<Vec<Point>>> {
    let found = || -> Outcome<Vec<Point>> {
        let mut points = Vec::new();
        for part in suspects(work, e, x)? {
            gather(work, &part, x, None, Some((low, high)), &mut points)?;
        }
        let mut inside = Vec::new();
        for point in in_order(points)? {
            let beyond = |bound: Option<&Expr>, outside: Ordering| -> Outcome<bool> {
                let Some(bound) = bound else { return Ok(false) };
                let difference = match &point.exact {
                    Some(e) => precise::compare(work, e, bound)?,
                    None => {
                        let name: Name = FREE.into();
                        let rest = auto::difference(work, &Expr::Variable(name.clone()), bound)?;
                        precise::sign(work, &rest, &[(name, point.ball.clone())])?
                    }
                };
                let difference = difference.ok_or_else(undecided)?;
                Ok(difference == outside || difference == Ordering::Equal)
            };
            if !beyond(low, Ordering::Less)? && !beyond(high, Ordering::Greater)? {
                inside.push(point);
            }
        }
        Ok(inside)
    };
    crate::error::attempt(found().map(Some))
}

/// Whether there may be such points at all.
pub(crate) fn has_breaks(work: &Work, e: &Expr, x: &Name) -> Outcome<bool> {
    suspects(work, e, x).map(|found| !found.is_empty())
}

/// Where a value may cease to exist or jump: denominators, what stands under roots and in logarithms, half turns.
fn suspects(work: &Work, e: &Expr, x: &Name) -> Outcome<Vec<Expr>> {
    let mut found = Vec::new();
    let mut squares = Vec::new();
    e.any(&mut |part| {
        match part {
            Expr::Power(parts) => {
                let whole = parts.1.rational().is_some_and(|n| n.is_int() && !is_negative(&n));
                if !whole {
                    found.push(parts.0.clone());
                }
            }
            Expr::Call(Function::Ln, u) => found.push((**u).clone()),
            Expr::Call(Function::Tan, u) => found.push(Expr::Call(Function::Cos, u.clone())),
            Expr::Call(Function::Asin | Function::Acos, u) => squares.push((**u).clone()),
            _ => {}
        }
        false
    });
    for u in squares {
        found.push(auto::difference(work, &auto::power(work, u.normal(work)?, Expr::int(2))?, &Expr::one())?);
    }
    let parts = found.into_iter().filter(|part| part.has(x));
    let mut normal: Vec<Expr> = parts.map(|part| part.normal(work)).collect::<Outcome<_>>()?;
    normal.sort();
    normal.dedup();
    Ok(normal)
}

type Bounds<'a> = Option<(Option<&'a Expr>, Option<&'a Expr>)>;

/// The zeros of f. Families of them are only taken between bounds.
fn gather(
    work: &Work,
    f: &Expr,
    x: &Name,
    index: Option<usize>,
    bounds: Bounds<'_>,
    points: &mut Vec<Point>,
) -> Outcome<()> {
    if !f.has(x) {
        return Ok(());
    }
    let mut moduli: Vec<Expr> = Vec::new();
    f.any(&mut |e| {
        if matches!(e, Expr::Call(Function::Abs, u) if u.has(x)) && !moduli.contains(e) {
            moduli.push(e.clone());
        }
        false
    });
    if moduli.len() > MAX_MODULI {
        return Err(Fault::unsupported("too many absolute values"));
    }
    // The innermost first, so that what is put in its place has none.
    if let Some(modulus) = moduli.iter().min_by_key(|m| m.size())
        && let Expr::Call(_, u) = modulus
    {
        work.deeper(|| gather(work, u, x, None, bounds, points))?;
        for sign in [1, -1] {
            let plain = auto::product(work, vec![Expr::int(sign), (**u).clone()])?;
            let case = f.replace(work, modulus, &plain)?;
            work.deeper(|| gather(work, &case, x, index, bounds, points))?;
        }
        return Ok(());
    }
    let Some(roots) = equation::exact(work, f, x)? else {
        return Err(Fault::unsupported(format!("no closed form found for the zeros of {f}")));
    };
    if roots.everything {
        return Ok(());
    }
    let zero_of: Vec<usize> = index.into_iter().collect();
    let mut add = |text: String, exact: Option<Expr>, ball: Ball| {
        points.push(Point { text, exact, ball, zero_of: zero_of.clone(), included: false });
    };
    for root in roots.found {
        match root {
            Root::Exact(e) => {
                for member in members(work, &e, bounds)? {
                    match precise::value(work, &member, &[])? {
                        Value::Real(ball) => add(member.to_string(), Some(member), ball),
                        // A complex zero is no point of the line.
                        Value::Undefined => {}
                        Value::Unknown => return Err(undecided()),
                    }
                }
            }
            Root::Near { value, error, polynomial } => {
                let of = polynomial.map(|p| format!(" (real root of {p})")).unwrap_or_default();
                add(format!("{}…{of}", decimal(&value)), None, Ball::around(&value, error));
            }
        }
    }
    Ok(())
}

/// The members of a family between the bounds; what is no family is its only member.
fn members(work: &Work, e: &Expr, bounds: Bounds<'_>) -> Outcome<Vec<Expr>> {
    if !e.has(FREE) {
        return Ok(vec![e.clone()]);
    }
    let Some((Some(low), Some(high))) = bounds else {
        return Err(Fault::unsupported("periodic inequalities are not solved here"));
    };
    let free = Expr::variable(FREE);
    let at = |n: i64| e.replace(work, &free, &Expr::int(n));
    let double = |e: &Expr| precise::double(work, e)?.ok_or_else(undecided);
    let (start, next) = (double(&at(0)?)?, double(&at(1)?)?);
    let step = next - start;
    let straight = (double(&at(2)?)? - next - step).abs() < 1e-9;
    let ends = [low, high].map(|b| double(b).map(|b| (b - start) / step));
    let [a, b] = ends;
    let (a, b): (f64, f64) = (a?, b?);
    if !straight || step == 0.0 || !a.is_finite() || !b.is_finite() || (a - b).abs() > MAX_MEMBERS as f64 {
        return Err(Fault::unsupported("too many critical points"));
    }
    let (first, last) = (a.min(b).floor() as i64 - 1, a.max(b).ceil() as i64 + 1);
    (first..=last).map(at).collect()
}

/// Sorted, each value once. Points that cannot be told apart and are not shown to be the same are an error.
fn in_order(mut points: Vec<Point>) -> Outcome<Vec<Point>> {
    points.sort_by_key(|point| point.ball.middle());
    let mut distinct: Vec<Point> = Vec::new();
    for point in points {
        if point.ball.error() > -25 && point.exact.as_ref().is_none_or(|e| e.number().is_none()) {
            return Err(undecided());
        }
        let close = |a: &Point, b: &Point| {
            let gap = b.ball.middle() - a.ball.middle();
            let limit = dashu::integer::UBig::from(10u8).pow(24);
            gap < RBig::from_parts(dashu::integer::IBig::ONE, limit)
        };
        match distinct.last_mut() {
            Some(last) if close(last, &point) => {
                let both_rational = |e: &Option<Expr>| e.as_ref().and_then(|e| e.number().cloned());
                if let (Some(a), Some(b)) = (both_rational(&last.exact), both_rational(&point.exact))
                    && a != b
                {
                    return Err(undecided());
                }
                last.zero_of.extend(point.zero_of);
                if last.exact.is_none() {
                    last.exact = point.exact;
                    last.text = point.text;
                }
            }
            _ => distinct.push(point),
        }
    }
    Ok(distinct)
}

/// One value in each of the intervals between the points, with few digits.
fn samples(points: &[Point]) -> Vec<RBig> {
    let at = |p: &Point| p.ball.middle();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return vec![int(0)] };
    let mut found = vec![RBig::from(at(first).floor()) - int(1)];
    for pair in points.windows(2) {
        if let [a, b] = pair {
            let (a, b) = (at(a), at(b));
            // Away from both ends, whose values are rounded.
            let margin = (&b - &a) / int(8);
            found.push(simplest_between(&(&a + &margin), &(&b - &margin)));
        }
    }
    found.push(RBig::from(at(last).ceil()) + int(1));
    found
}

fn relation_holds(relation: Relation, sign: Ordering) -> bool {
    match relation {
        Relation::Equal => sign == Ordering::Equal,
        Relation::Less => sign == Ordering::Less,
        Relation::LessOrEqual => sign != Ordering::Greater,
        Relation::Greater => sign == Ordering::Greater,
        Relation::GreaterOrEqual => sign != Ordering::Less,
    }
}

fn holds_at(work: &Work, statements: &[Statement], x: &Name, point: &Point) -> Outcome<bool> {
    if let Some(value) = &point.exact {
        for statement in statements {
            let put = |side: &Expr| substitute_raw(side, &Expr::Variable(x.clone()), value);
            let (left, right) = (put(&statement.left), put(&statement.right));
            let difference = match (left.normal(work), right.normal(work)) {
                (Ok(l), Ok(r)) => auto::difference(work, &l, &r)?,
                (Err(fault), _) | (_, Err(fault)) if fault.is_final() => return Err(fault),
                _ => return Ok(false),
            };
            for side in [&left, &right] {
                match precise::value(work, side, &[])? {
                    Value::Real(_) => {}
                    Value::Undefined => return Ok(false),
                    Value::Unknown if vanishing_denominator(work, side, &[])? => return Ok(false),
                    // A root or a modulus of a hidden zero; its normal form says what it is.
                    Value::Unknown => match precise::value(work, &side.normal(work)?, &[])? {
                        Value::Real(_) => {}
                        Value::Undefined => return Ok(false),
                        Value::Unknown => return Err(undecided()),
                    },
                }
            }
            let sign = precise::sign(work, &difference, &[])?.ok_or_else(undecided)?;
            if !relation_holds(statement.relation.unwrap_or(Relation::Equal), sign) {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    for (index, statement) in statements.iter().enumerate() {
        let single = std::slice::from_ref(statement);
        let relation = statement.relation.unwrap_or(Relation::Equal);
        let values = [(x.clone(), point.ball.clone())];
        for side in [&statement.left, &statement.right] {
            match precise::value(work, side, &values)? {
                Value::Real(_) => {}
                Value::Undefined => return Ok(false),
                Value::Unknown if vanishing_denominator(work, side, &values)? => return Ok(false),
                Value::Unknown => return Err(undecided()),
            }
        }
        let holds = match all_hold(work, single, x, &point.ball)? {
            Some(holds) => holds,
            None if point.zero_of.contains(&index) => relation_holds(relation, Ordering::Equal),
            None => return Err(undecided()),
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a denominator cannot be told from zero.
fn vanishing_denominator(work: &Work, e: &Expr, values: &[(Name, Ball)]) -> Outcome<bool> {
    let mut below = Vec::new();
    e.any(&mut |part| {
        if let Expr::Power(parts) = part
            && parts.1.number().is_some_and(is_negative)
        {
            below.push(parts.0.clone());
        }
        false
    });
    for part in below {
        if let Value::Real(ball) = precise::value(work, &part, values)?
            && ball.sign().is_none_or(|s| s == Ordering::Equal)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether all statements hold at a value; nothing where that cannot be told.
fn all_hold(work: &Work, statements: &[Statement], x: &Name, at: &Ball) -> Outcome<Option<bool>> {
    let values = [(x.clone(), at.clone())];
    let mut all = true;
    for statement in statements {
        work.spend(20)?;
        for side in [&statement.left, &statement.right] {
            match precise::value(work, side, &values)? {
                Value::Real(_) => {}
                Value::Undefined => return Ok(Some(false)),
                Value::Unknown => return Ok(None),
            }
        }
        let minus = Expr::Product(vec![Expr::int(-1), statement.right.clone()]);
        let difference = Expr::Sum(vec![statement.left.clone(), minus]);
        let Some(sign) = precise::sign(work, &difference, &values)? else { return Ok(None) };
        all &= relation_holds(statement.relation.unwrap_or(Relation::Equal), sign);
    }
    Ok(Some(all))
}

/// `-1 <= x <= 2 or x > 5`.
fn describe(x: &Name, points: &[Point], inside: &[bool]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut start: Option<(Option<usize>, bool)> = None;
    let text = |i: usize| points.get(i).map_or("", |p| p.text.as_str());
    let single = |i: usize| {
        let sign = if points.get(i).is_some_and(|p| p.exact.is_none()) { "≈" } else { "=" };
        format!("{x} {sign} {}", text(i))
    };
    let close = |start: (Option<usize>, bool), end: Option<(usize, bool)>| -> String {
        let less = |closed: bool| if closed { "<=" } else { "<" };
        match (start, end) {
            ((None, _), None) => format!("every {x}"),
            ((Some(a), closed), None) => format!("{x} {} {}", if closed { ">=" } else { ">" }, text(a)),
            ((None, _), Some((b, closed))) => format!("{x} {} {}", less(closed), text(b)),
            ((Some(a), c), Some((b, d))) => format!("{} {} {x} {} {}", text(a), less(c), less(d), text(b)),
        }
    };
    for (i, holds) in inside.iter().enumerate() {
        if *holds && start.is_none() {
            let from = i.checked_sub(1);
            start = Some((from, from.and_then(|p| points.get(p)).is_some_and(|p| p.included)));
        }
        let Some(point) = points.get(i) else { break };
        let next = inside.get(i + 1).copied().unwrap_or(false);
        match start {
            Some(_) if point.included && next => {}
            Some(open) => {
                parts.push(close(open, Some((i, point.included))));
                start = None;
            }
            None if point.included && !next => parts.push(single(i)),
            None => {}
        }
    }
    if let Some(open) = start {
        parts.push(close(open, None));
    }
    if parts.is_empty() { "no real solution".into() } else { parts.join(" or ") }
}
