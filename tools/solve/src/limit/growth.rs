//! Which parts of an expression grow fastest, and its limit at infinity by the leading term in them.

use std::cmp::Ordering;

use super::{
    Limit,
    series::{Expansion, Series},
};
use crate::{
    auto,
    error::{Fault, Outcome},
    expr::{Expr, Function, Name},
    number::fraction,
    precise, simplify,
    work::Work,
};

/// Terms of a series that are tried before its leading one is given up.
const TERMS: [usize; 4] = [3, 6, 12, 20];

/// Limits for a variable that tends to infinity.
pub(super) struct Growth<'w> {
    pub work: &'w Work,
    pub x: Name,
}

impl<'w> Growth<'w> {
    pub(super) fn new(work: &'w Work, x: Name) -> Self {
        Self { work, x }
    }

    fn unsupported() -> Fault {
        Fault::unsupported("no method here finds this limit")
    }

    /// The limit at infinity.
    pub(super) fn limit(&self, e: &Expr) -> Outcome<Limit> {
        self.work.spend(5)?;
        self.work.deeper(|| {
            let e = self.prepare(e)?;
            if !e.has(&self.x) {
                return Ok(Limit::Value(e));
            }
            if e == Expr::Variable(self.x.clone()) {
                return Ok(Limit::Infinite { negative: false });
            }
            let (coefficient, power) = self.leading(&e)?;
            match power {
                Ordering::Greater => Ok(Limit::Value(Expr::zero())),
                Ordering::Less => match self.sign(&coefficient)? {
                    Ordering::Equal => Err(Self::unsupported()),
                    sign => Ok(Limit::Infinite { negative: sign == Ordering::Less }),
                },
                Ordering::Equal => self.limit(&coefficient),
            }
        })
    }

    /// The sign from some point on.
    pub(super) fn sign(&self, e: &Expr) -> Outcome<Ordering> {
        self.work.spend(5)?;
        self.work.deeper(|| {
            if !e.has(&self.x) {
                return precise::sign(self.work, e, &[])?.ok_or_else(Self::unsupported);
            }
            let e = self.prepare(e)?;
            let (coefficient, _) = self.leading(&e)?;
            if coefficient.has(&self.x) && coefficient == e {
                return Err(Self::unsupported());
            }
            self.sign(&coefficient)
        })
    }

    /// Everything by exponentials, logarithms, sines, cosines, arc tangents and powers with constant exponents.
    fn prepare(&self, e: &Expr) -> Outcome<Expr> {
        let work = self.work;
        if !e.has(&self.x) {
            return Ok(e.clone());
        }
        let e = e.map_children(work, &mut |child, _| self.prepare(child))?;
        let again = |e: Expr| work.deeper(|| self.prepare(&e));
        match &e {
            Expr::Power(parts) if parts.1.has(&self.x) && parts.0 != Expr::E => {
                let (base, exponent) = (&parts.0, &parts.1);
                if self.sign(base)? != Ordering::Greater {
                    return Err(Self::unsupported());
                }
                if !base.has(&self.x) {
                    return Ok(e);
                }
                let log = auto::call(work, Function::Ln, base.clone())?;
                Ok(Expr::raw_power(Expr::E, auto::product(work, vec![exponent.clone(), log])?))
            }
            Expr::Call(function, u) if u.has(&self.x) => {
                let u = (**u).clone();
                let half = Expr::Number(fraction(1, 2));
                let exponentials = |sign: i64| -> Outcome<Expr> {
                    let up = auto::exp(work, u.clone())?;
                    let down = auto::exp(work, auto::negate(work, &u)?)?;
                    let down = auto::product(work, vec![Expr::int(sign), down])?;
                    auto::product(work, vec![half.clone(), auto::sum(work, vec![up, down])?])
                };
                match function {
                    Function::Abs => match self.sign(&u)? {
                        Ordering::Less => auto::negate(work, &u),
                        _ => Ok(u),
                    },
                    Function::Tan => {
                        let (sin, cos) =
                            (Expr::Call(Function::Sin, u.clone().into()), Expr::Call(Function::Cos, u.into()));
                        auto::quotient(work, &sin, &cos)
                    }
                    Function::Sinh => exponentials(-1),
                    Function::Cosh => exponentials(1),
                    Function::Tanh => auto::quotient(work, &exponentials(-1)?, &exponentials(1)?),
                    Function::Asin | Function::Acos => {
                        let square = auto::power(work, u.clone(), Expr::int(2))?;
                        let root = auto::sqrt(work, auto::difference(work, &Expr::one(), &square)?)?;
                        let angle = auto::call(work, Function::Atan, auto::quotient(work, &u, &root)?)?;
                        if *function == Function::Asin {
                            return again(angle);
                        }
                        let quarter = auto::product(work, vec![half, Expr::PI])?;
                        again(auto::difference(work, &quarter, &angle)?)
                    }
                    _ => Ok(e),
                }
            }
            _ => Ok(e),
        }
    }

    /// The coefficient of the leading term in the fastest part, and the sign of its exponent: positive where it vanishes.
    fn leading(&self, e: &Expr) -> Outcome<(Expr, Ordering)> {
        let work = self.work;
        let x = Expr::Variable(self.x.clone());
        let mut e = e.clone();
        let mut fastest = self.fastest(&e)?;
        if fastest.is_empty() {
            return Ok((e, Ordering::Equal));
        }
        if fastest.contains(&x) {
            // One level up: x is the exponential of a new x, which has the same limits.
            let up = auto::exp(work, x.clone())?;
            e = e.replace(work, &x, &up)?;
            // Powers of it are exponentials of their own then.
            fastest = self.fastest(&e)?;
            if fastest.is_empty() || fastest.contains(&x) {
                return Ok((e, Ordering::Equal));
            }
        }
        let smallest = fastest.iter().min_by_key(|f| f.size()).ok_or_else(Self::unsupported)?;
        let exponent = self.log(smallest)?;
        let Limit::Infinite { negative } = self.limit(&exponent)? else { return Err(Self::unsupported()) };
        let t = if negative { auto::negate(work, &exponent)? } else { exponent };
        let name: Name = "\u{1}w".into();
        let small = Expr::Variable(name.clone());
        // What contains others comes first, so that they are met in what it is replaced by.
        fastest.sort_by_key(|f| std::cmp::Reverse(f.size()));
        for part in &fastest {
            let log = self.log(part)?;
            let Limit::Value(times) = self.limit(&auto::quotient(work, &log, &t)?)? else {
                return Err(Self::unsupported());
            };
            let times = simplify::radicals(work, &times)?;
            let rest = auto::difference(work, &log, &auto::product(work, vec![times.clone(), t.clone()])?)?;
            let rest = simplify::expand(work, &rest)?;
            let power = auto::power(work, small.clone(), auto::negate(work, &times)?)?;
            let other = auto::product(work, vec![auto::exp(work, rest)?, power])?;
            e = e.replace(work, part, &other)?;
        }
        if !e.has(&name) {
            return Ok((e, Ordering::Equal));
        }
        let expansion = Expansion { growth: self, small: name, log: auto::negate(work, &t)? };
        for terms in TERMS {
            let Some(series) = expansion.expand(&e, terms)? else { continue };
            match expansion.trimmed(series)? {
                Series { terms, .. } if !terms.is_empty() => {
                    let Some((power, coefficient)) = terms.into_iter().next() else { continue };
                    return Ok((coefficient, power.sign()));
                }
                Series { error: None, .. } => return Ok((Expr::zero(), Ordering::Equal)),
                _ => {}
            }
        }
        Err(Self::unsupported())
    }

    /// The logarithm of an exponential, or of x.
    fn log(&self, e: &Expr) -> Outcome<Expr> {
        match e {
            Expr::Power(parts) if parts.0 == Expr::E => Ok(parts.1.clone()),
            Expr::Power(parts) => {
                let log = auto::call(self.work, Function::Ln, parts.0.clone())?;
                auto::product(self.work, vec![parts.1.clone(), log])
            }
            other => auto::call(self.work, Function::Ln, other.clone()),
        }
    }

    /// The parts that grow or vanish fastest: x itself, or exponentials.
    fn fastest(&self, e: &Expr) -> Outcome<Vec<Expr>> {
        self.work.spend(2)?;
        if !e.has(&self.x) {
            return Ok(Vec::new());
        }
        self.work.deeper(|| match e {
            Expr::Variable(_) => Ok(vec![e.clone()]),
            Expr::Sum(items) | Expr::Product(items) => {
                let mut found = Vec::new();
                for item in items {
                    found = self.faster(found, self.fastest(item)?)?;
                }
                Ok(found)
            }
            Expr::Power(parts) if !parts.1.has(&self.x) => self.fastest(&parts.0),
            Expr::Power(parts) => {
                let inner = self.fastest(&parts.1)?;
                match self.limit(&self.log(e)?)? {
                    Limit::Infinite { .. } => self.faster(vec![e.clone()], inner),
                    _ => Ok(inner),
                }
            }
            Expr::Call(_, u) => self.fastest(u),
            _ => Ok(Vec::new()),
        })
    }

    /// Whether it is the exponential of a sum of powers of x, which outgrows every power.
    fn is_steep(&self, e: &Expr) -> bool {
        let Expr::Power(parts) = e else { return false };
        let power = |term: &Expr| {
            let mut with_x = term.factors().iter().filter(|f| f.has(&self.x));
            let positive = match with_x.next() {
                Some(Expr::Variable(_)) => true,
                Some(Expr::Power(p)) => {
                    matches!(p.0, Expr::Variable(_)) && p.1.number().is_some_and(|n| *n > dashu::rational::RBig::ZERO)
                }
                _ => false,
            };
            positive && with_x.next().is_none()
        };
        !parts.0.has(&self.x) && parts.1.terms().iter().all(power)
    }

    /// The faster of two sets, or both where they are alike.
    fn faster(&self, a: Vec<Expr>, b: Vec<Expr>) -> Outcome<Vec<Expr>> {
        let (Some(f), Some(g)) = (a.first(), b.first()) else { return Ok(if a.is_empty() { b } else { a }) };
        let joined = || {
            let mut joined = a.clone();
            joined.extend(b.iter().filter(|e| !a.contains(e)).cloned());
            joined
        };
        if a.iter().any(|e| b.contains(e)) {
            return Ok(joined());
        }
        // Known without a comparison, which would come back to here.
        let x = Expr::Variable(self.x.clone());
        if *g == x && self.is_steep(f) {
            return Ok(a);
        }
        if *f == x && self.is_steep(g) {
            return Ok(b);
        }
        let ratio = auto::quotient(self.work, &self.log(f)?, &self.log(g)?)?;
        match self.limit(&ratio)? {
            Limit::Infinite { .. } => Ok(a),
            Limit::Value(value) => match simplify::is_zero(self.work, &value)? {
                Some(true) => Ok(b),
                Some(false) => Ok(joined()),
                None => Err(Self::unsupported()),
            },
            Limit::Oscillates => Err(Self::unsupported()),
        }
    }
}
