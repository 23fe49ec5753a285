//! Real solutions of equations without a closed form, by dividing an interval: where enclosures show that there is no
//! zero, or a derivative without one that there is at most one, nothing can be missed.

use std::{cmp::Ordering, collections::VecDeque};

use dashu::{integer::IBig, rational::RBig};

use super::{Root, Roots};
use crate::{
    differentiate::derivative,
    error::{Fault, Outcome, attempt},
    expr::{Expr, Name},
    interval::{Interval, Range, range},
    number::{absolute, fraction, int},
    numeric::{self, Complex},
    precise::{self, Ball, Value},
    work::Work,
};

/// The search is between minus this and this.
pub(super) const REACH: i64 = 50;

/// Intervals that are looked at.
const MAX_BOXES: u32 = 20_000;

/// Intervals are not divided further than to this width.
const FINEST: f64 = 1e-6;

/// More solutions are not listed.
const MAX_SOLUTIONS: usize = 12;

/// Solutions are refined to so many decimal places.
const PLACES: usize = 40;

/// What the division of the interval has led to.
struct Search<'a> {
    work: &'a Work,
    f: &'a Expr,
    slope: Option<Expr>,
    x: &'a Name,
    boxes: u32,
    cost: u64,
    roots: Vec<Root>,
    /// Small intervals of which nothing is known.
    unclear: Vec<(RBig, RBig)>,
}

/// Real solutions of `f = 0`.
pub(super) fn search(work: &Work, f: &Expr, x: &Name) -> Outcome<Roots> {
    if f.variables().len() > 1 {
        return Err(Fault::unsupported("no closed form found, and with other letters in it no number either"));
    }
    let slope = attempt(derivative(work, f, x).map(Some))?;
    let cost = (f.size() + slope.as_ref().map_or(0, Expr::size)) as u64 / 4 + 1;
    let mut search = Search { work, f, slope, x, boxes: 0, cost, roots: Vec::new(), unclear: Vec::new() };
    // Not halved at zero, where solutions like to be.
    let middle = fraction(318_309, 1_000_000);
    search.divide(VecDeque::from([(int(-REACH), middle.clone()), (middle, int(REACH))]))?;
    let complete = search.settle()?;
    let roots = search.roots;
    if roots.is_empty() {
        let known = if complete { "there is no real solution" } else { "none was found by search" };
        return Err(Fault::unsupported(format!("no closed form found; {known} between -{REACH} and {REACH}")));
    }
    Ok(Roots { found: roots, searched: Some(complete), ..Roots::default() })
}

impl Search<'_> {
    /// The widest first, so that where the work ends, it has not been spent on one place.
    fn divide(&mut self, mut pending: VecDeque<(RBig, RBig)>) -> Outcome<()> {
        while let Some((low, high)) = pending.pop_front() {
            if self.roots.len() > MAX_SOLUTIONS {
                return Err(Fault::unsupported(format!(
                    "no closed form found; there are more than {MAX_SOLUTIONS} real solutions between -{REACH} and {REACH}"
                )));
            }
            self.work.spend(self.cost)?;
            self.boxes += 1;
            let over = Interval::new(crate::number::to_f64(&low).next_down(), crate::number::to_f64(&high).next_up());
            let values = range(self.f, self.x, over);
            match values {
                Range::Nowhere => continue,
                Range::Within(values) if !values.has_zero() => continue,
                _ => {}
            }
            let monotone = self
                .slope
                .as_ref()
                .is_some_and(|slope| matches!(range(slope, self.x, over), Range::Within(slope) if !slope.has_zero()));
            if monotone && matches!(values, Range::Within(_)) && self.between(&low, &high)? {
                continue;
            }
            if over.width() < FINEST || self.boxes > MAX_BOXES {
                self.unclear.push((low, high));
                continue;
            }
            let middle = &low + (&high - &low) * fraction(7, 15);
            pending.push_back((low, middle.clone()));
            pending.push_back((middle, high));
        }
        Ok(())
    }

    fn sign(&self, at: &RBig) -> Outcome<Option<Ordering>> {
        precise::sign(self.work, self.f, &[(self.x.clone(), Ball::exact(at))])
    }

    /// Finds the one zero of a function that is continuous and monotone there, if there is one. Whether that is settled.
    fn between(&mut self, low: &RBig, high: &RBig) -> Outcome<bool> {
        let (Some(left), Some(right)) = (self.sign(low)?, self.sign(high)?) else { return Ok(false) };
        if left == right && left != Ordering::Equal {
            return Ok(true);
        }
        let (mut low, mut high) = (low.clone(), high.clone());
        if left == Ordering::Equal {
            high = low.clone();
        } else if right == Ordering::Equal {
            low = high.clone();
        }
        let width = tiny(PLACES);
        if high != low
            && let Some((a, b)) = self.newton(&low, &high, left, &width)?
        {
            (low, high) = (a, b);
        }
        while &high - &low > width {
            let middle = (&low + &high) / int(2);
            match self.sign(&middle)? {
                Some(Ordering::Equal) => (low, high) = (middle.clone(), middle),
                Some(sign) if sign == left => low = middle,
                Some(_) => high = middle,
                None => return Ok(false),
            }
        }
        let value = (&low + &high) / int(2);
        self.push(value)?;
        Ok(true)
    }

    /// A narrow interval around the zero by Newton's method, where the signs at its ends confirm it.
    fn newton(&self, low: &RBig, high: &RBig, left: Ordering, width: &RBig) -> Outcome<Option<(RBig, RBig)>> {
        let Some(slope) = &self.slope else { return Ok(None) };
        let mut x = (low + high) / int(2);
        for _ in 0..60 {
            let at = [(self.x.clone(), Ball::exact(&x))];
            let Value::Real(value) = precise::value(self.work, self.f, &at)? else { return Ok(None) };
            let near = [(self.x.clone(), Complex::from(crate::number::to_f64(&x)))];
            let steepness =
                numeric::evaluate(slope, &near).and_then(Complex::real).and_then(|v| RBig::try_from(v).ok());
            let Some(steepness) = steepness.filter(|s| !s.is_zero()) else { return Ok(None) };
            let step = rounded(&(value.middle() / steepness));
            x -= &step;
            if x < *low || x > *high {
                return Ok(None);
            }
            let half = width / int(4);
            if absolute(&step) < half {
                let (a, b) = (&x - &half, &x + &half);
                let (Some(before), Some(after)) = (self.sign(&a)?, self.sign(&b)?) else { return Ok(None) };
                return Ok((before == left && after != left).then_some((a, b)));
            }
        }
        Ok(None)
    }

    fn push(&mut self, value: RBig) -> Outcome<()> {
        // A fraction that fits to all places may be the solution itself.
        let simple = simplest(&value);
        let close = |a: &RBig| absolute(&(a - &value)) < tiny(PLACES - 2);
        let exact = close(&simple) && self.sign(&simple)? == Some(Ordering::Equal);
        let root = if exact {
            Root::Exact(Expr::Number(simple))
        } else {
            let error = 1 - isize::try_from(PLACES).unwrap_or(0);
            Root::Near { value, error, polynomial: None }
        };
        let same = |other: &Root| matches!((&root, other), (Root::Exact(a), Root::Exact(b)) if a == b);
        if !self.roots.iter().any(same) {
            self.roots.push(root);
        }
        Ok(())
    }

    /// Looks for double zeros at simple fractions in what is left. Whether nothing else can be there.
    fn settle(&mut self) -> Outcome<bool> {
        let mut complete = true;
        let mut unclear = std::mem::take(&mut self.unclear);
        unclear.sort();
        let mut clusters: Vec<(RBig, RBig)> = Vec::new();
        for (low, high) in unclear {
            match clusters.last_mut() {
                Some(last) if last.1 == low => last.1 = high,
                _ => clusters.push((low, high)),
            }
        }
        for (low, high) in clusters {
            let simple = simplest_between(&low, &high);
            let tiny = &high - &low < fraction(1, 10_000);
            if tiny && self.sign(&simple)? == Some(Ordering::Equal) {
                self.roots.push(Root::Exact(Expr::Number(simple)));
            }
            // Next to a zero of higher order there may be another one.
            complete = false;
        }
        self.roots.sort_by(|a, b| Self::place(a).cmp(&Self::place(b)));
        Ok(complete)
    }

    fn place(root: &Root) -> RBig {
        match root {
            Root::Exact(Expr::Number(n)) => n.clone(),
            Root::Near { value, .. } => value.clone(),
            Root::Exact(_) => RBig::ZERO,
        }
    }
}

/// One at a decimal place.
fn tiny(places: usize) -> RBig {
    RBig::from_parts(IBig::ONE, dashu::integer::UBig::from(10u8).pow(places))
}

/// A number cut to a few more places than are wanted.
fn rounded(x: &RBig) -> RBig {
    let scale = RBig::from(IBig::from(10).pow(PLACES + 6));
    RBig::from((x * &scale).round()) / scale
}

/// The fraction of small denominator next to a value.
fn simplest(value: &RBig) -> RBig {
    let slack = tiny(PLACES - 2);
    simplest_between(&(value - &slack), &(value + &slack))
}

/// The fraction with the smallest denominator between two, by continued fractions.
pub(crate) fn simplest_between(low: &RBig, high: &RBig) -> RBig {
    if crate::number::is_negative(high) {
        return -simplest_between(&-high.clone(), &-low.clone());
    }
    if crate::number::is_negative(low) || low.is_zero() {
        return RBig::ZERO;
    }
    let (mut low, mut high) = (low.clone(), high.clone());
    let mut whole = Vec::new();
    for _ in 0..200 {
        let floor = RBig::from(low.floor());
        if floor == low || &floor + RBig::ONE <= high {
            whole.push(if floor == low { floor } else { floor + RBig::ONE });
            break;
        }
        let (next_low, next_high) = (RBig::ONE / (&high - &floor), RBig::ONE / (&low - &floor));
        whole.push(floor);
        (low, high) = (next_low, next_high);
    }
    let mut result = whole.pop().unwrap_or(RBig::ZERO);
    while let Some(next) = whole.pop() {
        result = next + RBig::ONE / result;
    }
    result
}
