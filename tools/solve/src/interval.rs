//! Enclosures of the values of an expression over an interval, in doubles rounded outwards. They show that there is no
//! zero and no pole where a search passes.

use crate::{
    auto,
    expr::{Constant, Expr, Function, Name},
    number::{small, to_f64},
};

/// All numbers from `low` to `high`, which may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Interval {
    pub low: f64,
    pub high: f64,
}

/// What is known of the values over an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Range {
    /// Defined everywhere, and between these.
    Within(Interval),
    /// Not real anywhere.
    Nowhere,
    Unknown,
}

impl Interval {
    pub(crate) fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    fn point(x: f64) -> Self {
        Self { low: x, high: x }
    }

    /// The error of a library function is below this many last places.
    fn widened(self) -> Self {
        let down = |x: f64| x.next_down().next_down().next_down();
        let up = |x: f64| x.next_up().next_up().next_up();
        Self { low: down(self.low), high: up(self.high) }
    }

    pub(crate) fn has_zero(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }

    pub(crate) fn width(self) -> f64 {
        self.high - self.low
    }

    fn add(self, b: Self) -> Self {
        Self { low: (self.low + b.low).next_down(), high: (self.high + b.high).next_up() }
    }

    fn negate(self) -> Self {
        Self { low: -self.high, high: -self.low }
    }

    fn mul(self, b: Self) -> Self {
        // Zero times infinity is zero here: the infinite ends are bounds, not values.
        let times = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
        let all = [times(self.low, b.low), times(self.low, b.high), times(self.high, b.low), times(self.high, b.high)];
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { low: low.next_down(), high: high.next_up() }
    }

    fn is_sound(self) -> bool {
        !self.low.is_nan() && !self.high.is_nan() && self.low <= self.high
    }
}

/// The values of `e` where the variable is in the interval.
pub(crate) fn range(e: &Expr, variable: &Name, over: Interval) -> Range {
    match enclose(e, variable, over) {
        Range::Within(interval) if !interval.is_sound() => Range::Unknown,
        found => found,
    }
}

fn enclose(e: &Expr, variable: &Name, over: Interval) -> Range {
    match e {
        Expr::Number(n) => {
            let x = to_f64(n);
            let exact = small(n).is_some_and(|n| n.unsigned_abs() < 1 << 53);
            Range::Within(if exact { Interval::point(x) } else { Interval { low: x.next_down(), high: x.next_up() } })
        }
        Expr::Constant(Constant::Pi) => Range::Within(Interval::point(std::f64::consts::PI).widened()),
        Expr::Constant(Constant::E) => Range::Within(Interval::point(std::f64::consts::E).widened()),
        Expr::Constant(Constant::I) => Range::Unknown,
        Expr::Variable(name) if name == variable => Range::Within(over),
        Expr::Variable(_) => Range::Unknown,
        Expr::Sum(items) => items.iter().fold(Range::Within(Interval::point(0.0)), |total, item| {
            both(total, range(item, variable, over), |a, b| Range::Within(a.add(b)))
        }),
        Expr::Product(items) => items.iter().fold(Range::Within(Interval::point(1.0)), |total, item| {
            both(total, range(item, variable, over), |a, b| Range::Within(a.mul(b)))
        }),
        Expr::Power(parts) => power(&parts.0, &parts.1, variable, over),
        Expr::Call(function, argument) => match range(argument, variable, over) {
            Range::Within(x) => call(*function, x),
            other => other,
        },
    }
}

/// Nowhere real is the one that is so for certain, whatever the other is.
fn both(a: Range, b: Range, join: impl FnOnce(Interval, Interval) -> Range) -> Range {
    match (a, b) {
        (Range::Within(a), Range::Within(b)) => join(a, b),
        (Range::Nowhere, Range::Within(_)) | (Range::Within(_), Range::Nowhere) => Range::Nowhere,
        _ => Range::Unknown,
    }
}

fn power(base: &Expr, exponent: &Expr, variable: &Name, over: Interval) -> Range {
    if *base == Expr::E {
        return match range(exponent, variable, over) {
            Range::Within(x) => exp(x),
            other => other,
        };
    }
    let b = match range(base, variable, over) {
        Range::Within(b) => b,
        other => return other,
    };
    if let Expr::Number(n) = exponent {
        if let Some(n) = small(n) {
            return whole_power(b, n);
        }
        let x = to_f64(n);
        let odd_root = auto::has_odd_denominator(n);
        let raise = |v: f64| v.powf(x.abs());
        let positive = |b: Interval| Interval { low: raise(b.low).max(0.0), high: raise(b.high) }.widened();
        let size = if b.low >= 0.0 {
            positive(b)
        } else if b.high < 0.0 {
            if !odd_root {
                return Range::Nowhere;
            }
            let size = positive(b.negate());
            if auto::is_even(&dashu::rational::RBig::from(n.numerator().clone())) { size } else { size.negate() }
        } else {
            return Range::Unknown;
        };
        return if x < 0.0 { reciprocal(size) } else { Range::Within(size) };
    }
    if b.low <= 0.0 {
        return Range::Unknown;
    }
    both(call(Function::Ln, b), range(exponent, variable, over), |log, x| exp(log.mul(x)))
}

fn reciprocal(b: Interval) -> Range {
    if b.has_zero() {
        return Range::Unknown;
    }
    Range::Within(Interval { low: (1.0 / b.high).next_down(), high: (1.0 / b.low).next_up() })
}

fn whole_power(b: Interval, n: i64) -> Range {
    if n < 0 {
        return match n.checked_neg().map(|n| whole_power(b, n)) {
            Some(Range::Within(p)) => reciprocal(p),
            _ => Range::Unknown,
        };
    }
    let Ok(k) = i32::try_from(n) else { return Range::Unknown };
    // Each multiplication may lose half a last place.
    let slack = f64::from(k.min(1_000_000)) * f64::EPSILON;
    let grown =
        |x: f64, outward: f64| if x.is_finite() { x + outward * (x.abs() * slack + f64::MIN_POSITIVE) } else { x };
    let (low, high) = (b.low.powi(k), b.high.powi(k));
    let (low, high) = if k % 2 == 0 {
        let smallest = if b.has_zero() { 0.0 } else { low.min(high) };
        (smallest, low.max(high))
    } else {
        (low, high)
    };
    let low = if low == 0.0 && k % 2 == 0 { 0.0 } else { grown(low, -1.0) };
    Range::Within(Interval { low, high: grown(high, 1.0) })
}

fn exp(x: Interval) -> Range {
    let widened = Interval { low: x.low.exp(), high: x.high.exp() }.widened();
    Range::Within(Interval { low: widened.low.max(0.0), high: widened.high })
}

/// Whether `offset + k * period` is in the interval, for an integer k; surely so where in doubt.
fn meets(x: Interval, offset: f64, period: f64) -> bool {
    let slack = 1e-12 * (1.0 + x.low.abs().max(x.high.abs()));
    ((x.low - slack - offset) / period).ceil() <= ((x.high + slack - offset) / period).floor()
}

fn call(function: Function, x: Interval) -> Range {
    use std::f64::consts::{FRAC_PI_2, PI, TAU};
    let grow = |f: fn(f64) -> f64| Interval { low: f(x.low), high: f(x.high) }.widened();
    let within = |low: f64, high: f64| Range::Within(Interval { low, high });
    match function {
        Function::Abs => {
            if x.low >= 0.0 {
                Range::Within(x)
            } else if x.high <= 0.0 {
                Range::Within(x.negate())
            } else {
                within(0.0, x.high.max(-x.low))
            }
        }
        Function::Ln if x.high <= 0.0 => Range::Nowhere,
        Function::Ln if x.low <= 0.0 => Range::Unknown,
        Function::Ln => Range::Within(grow(f64::ln)),
        Function::Sin | Function::Cos => {
            if !x.low.is_finite() || !x.high.is_finite() || x.width() > TAU || x.high.abs().max(x.low.abs()) > 1e9 {
                return within(-1.0, 1.0);
            }
            let (f, top): (fn(f64) -> f64, f64) =
                if function == Function::Sin { (f64::sin, FRAC_PI_2) } else { (f64::cos, 0.0) };
            let (a, b) = (f(x.low), f(x.high));
            let mut ends = Interval { low: a.min(b), high: a.max(b) }.widened();
            if meets(x, top, TAU) {
                ends.high = 1.0;
            }
            if meets(x, top + PI, TAU) {
                ends.low = -1.0;
            }
            within(ends.low.max(-1.0), ends.high.min(1.0))
        }
        Function::Tan => {
            if !x.low.is_finite() || !x.high.is_finite() || meets(x, FRAC_PI_2, PI) || x.high.abs() > 1e9 {
                return Range::Unknown;
            }
            Range::Within(grow(f64::tan))
        }
        Function::Asin | Function::Acos => {
            if x.low > 1.0 || x.high < -1.0 {
                return Range::Nowhere;
            }
            if x.low < -1.0 || x.high > 1.0 {
                return Range::Unknown;
            }
            if function == Function::Asin {
                return Range::Within(grow(f64::asin));
            }
            Range::Within(Interval { low: x.high.acos(), high: x.low.acos() }.widened())
        }
        Function::Atan => Range::Within(grow(f64::atan)),
        Function::Sinh => Range::Within(grow(f64::sinh)),
        Function::Tanh => Range::Within(grow(f64::tanh)),
        Function::Cosh => {
            let (a, b) = (x.low.cosh(), x.high.cosh());
            let low = if x.has_zero() { 1.0 } else { a.min(b) };
            let widened = Interval { low, high: a.max(b) }.widened();
            within(widened.low.max(1.0), widened.high)
        }
    }
}
