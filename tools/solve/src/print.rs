//! Expressions as text that can be read again: `2*x*cos(x^2)`, `(1 + sqrt(5))/2`.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use dashu::{base::UnsignedAbs, integer::UBig, rational::RBig};

use crate::{
    auto,
    expr::{Constant, Expr, Function, Name},
    number::{absolute, fraction, is_negative, to_f64},
};

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        write(self, Level::Sum, &mut text);
        f.write_str(&text)
    }
}

/// How tightly the surroundings bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    Factor,
    Base,
}

fn write(e: &Expr, level: Level, out: &mut String) {
    let own = match e {
        Expr::Sum(_) => Level::Sum,
        Expr::Product(_) => Level::Factor,
        Expr::Number(n) if is_negative(n) => Level::Sum,
        Expr::Number(n) if !n.is_int() => Level::Factor,
        Expr::Power(parts) if parts.1.looks_negative() && parts.1.number().is_some() => Level::Factor,
        Expr::Power(_) if as_root(e).is_none() && as_exponential(e).is_none() => Level::Base,
        _ => {
            write_bare(e, out);
            return;
        }
    };
    // A power as the base of a power, a product in a product and a sum in either need brackets.
    let bare = match own {
        Level::Sum => level == Level::Sum,
        Level::Factor => level <= Level::Sum && !e.looks_negative() || level == Level::Sum,
        Level::Base => level <= Level::Factor,
    };
    if bare {
        write_bare(e, out);
    } else {
        out.push('(');
        write_bare(e, out);
        out.push(')');
    }
}

fn write_bare(e: &Expr, out: &mut String) {
    match e {
        Expr::Number(n) => out.push_str(&n.to_string()),
        Expr::Constant(Constant::E) => out.push('e'),
        Expr::Constant(Constant::Pi) => out.push_str("pi"),
        Expr::Constant(Constant::I) => out.push('i'),
        Expr::Variable(name) => out.push_str(name),
        Expr::Call(function, argument) => write_call(function.name(), argument, out),
        Expr::Sum(terms) => write_sum(terms, out),
        Expr::Product(_) => write_product(e, out),
        Expr::Power(parts) => {
            if let Some(radicand) = as_root(e) {
                write_call("sqrt", radicand, out);
            } else if let Some(exponent) = as_exponential(e) {
                write_call("exp", exponent, out);
            } else if parts.1.looks_negative() && parts.1.number().is_some() {
                write_product(e, out);
            } else {
                write(&parts.0, Level::Base, out);
                out.push('^');
                match &parts.1 {
                    Expr::Number(n) if n.is_int() => out.push_str(&n.to_string()),
                    Expr::Variable(_) | Expr::Constant(_) => write_bare(&parts.1, out),
                    other => {
                        out.push('(');
                        write_bare(other, out);
                        out.push(')');
                    }
                }
            }
        }
    }
}

fn write_call(name: &str, argument: &Expr, out: &mut String) {
    out.push_str(name);
    out.push('(');
    write_bare(argument, out);
    out.push(')');
}

/// What stands under a square root.
fn as_root(e: &Expr) -> Option<&Expr> {
    match e {
        Expr::Power(parts) if parts.1.number().is_some_and(|n| *n == fraction(1, 2)) => Some(&parts.0),
        _ => None,
    }
}

/// The exponent of e, where it is not just a number.
fn as_exponential(e: &Expr) -> Option<&Expr> {
    match e {
        Expr::Power(parts) if parts.0 == Expr::E && parts.1.number().is_none() => Some(&parts.1),
        _ => None,
    }
}

fn write_sum(terms: &[Expr], out: &mut String) {
    let mut keyed: Vec<(TermKey, &Expr)> = terms.iter().map(|t| (TermKey::of(t), t)).collect();
    keyed.sort_by(|a, b| a.0.compare(&b.0).then_with(|| a.1.cmp(b.1)));
    // `sqrt(2) - 1` and `1 - x^2` read better than `-1 + sqrt(2)` and `-x^2 + 1`.
    let two = keyed.len() == 2;
    if keyed.first().is_some_and(|(key, t)| (key.constant || two) && t.looks_negative())
        && let Some(positive) = keyed.iter().position(|(_, t)| !t.looks_negative())
    {
        keyed.swap(0, positive);
    }
    for (index, (_, term)) in keyed.into_iter().enumerate() {
        if index == 0 {
            write(term, Level::Sum, out);
        } else if term.looks_negative() {
            out.push_str(" - ");
            let mut text = String::new();
            write(term, Level::Sum, &mut text);
            out.push_str(text.strip_prefix('-').unwrap_or(&text));
        } else {
            out.push_str(" + ");
            write(term, Level::Sum, out);
        }
    }
}

/// What terms are sorted by: those with variables first, of higher degree first, then by the variables' names.
struct TermKey {
    constant: bool,
    degree: f64,
    powers: BTreeMap<Name, f64>,
}

impl TermKey {
    fn of(term: &Expr) -> Self {
        let mut powers: BTreeMap<Name, f64> = BTreeMap::new();
        let mut constant = true;
        for factor in term.factors() {
            let (base, exponent) = match factor {
                Expr::Power(parts) => (&parts.0, parts.1.number().map_or(0.0, to_f64)),
                other => (other, 1.0),
            };
            if let Expr::Variable(name) = base {
                *powers.entry(name.clone()).or_insert(0.0) += exponent;
            }
            constant &= !factor.any(&mut |e| matches!(e, Expr::Variable(_)));
        }
        Self { constant, degree: powers.values().sum(), powers }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let first = self.constant.cmp(&other.constant);
        first.then_with(|| other.degree.total_cmp(&self.degree)).then_with(|| {
            let names: BTreeSet<&Name> = self.powers.keys().chain(other.powers.keys()).collect();
            for name in names {
                let power = |key: &Self| key.powers.get(name).copied().unwrap_or(0.0);
                let order = power(other).total_cmp(&power(self));
                if order != Ordering::Equal {
                    return order;
                }
            }
            Ordering::Equal
        })
    }
}

/// The place of a factor in a product: numbers, roots of numbers, constants, `i`, variables, sums, functions.
fn rank(e: &Expr) -> (u8, usize) {
    let base = match e {
        Expr::Power(parts) => &parts.0,
        other => other,
    };
    let rank = match base {
        Expr::Number(_) => 0,
        Expr::Constant(Constant::I) => 3,
        Expr::Constant(_) if as_exponential(e).is_some() => 6,
        Expr::Constant(_) => 1,
        _ if e.variables().is_empty() => 2,
        Expr::Variable(_) => 4,
        Expr::Sum(_) | Expr::Product(_) | Expr::Power(_) => 5,
        Expr::Call(Function::Ln | Function::Abs, _) => 6,
        Expr::Call(..) => 7,
    };
    (rank, if rank == 5 { base.size() } else { 0 })
}

fn write_product(e: &Expr, out: &mut String) {
    let mut above: Vec<Expr> = Vec::new();
    let mut below: Vec<Expr> = Vec::new();
    let mut coefficient = RBig::ONE;
    for factor in e.factors() {
        match factor {
            Expr::Number(n) => coefficient *= n,
            Expr::Power(parts) => match &parts.1 {
                Expr::Number(n) if is_negative(n) => {
                    let n = -n.clone();
                    below.push(match &parts.0 {
                        // 5^(-1/2) would be canonical nowhere, but may stand in what was written.
                        base if n.is_one() => base.clone(),
                        base => Expr::raw_power(base.clone(), Expr::Number(n)),
                    });
                }
                _ => above.push(factor.clone()),
            },
            _ => above.push(factor.clone()),
        }
    }
    if is_negative(&coefficient) {
        out.push('-');
        coefficient = absolute(&coefficient);
    }
    let numerator = coefficient.numerator().clone().unsigned_abs();
    if numerator != UBig::ONE || above.is_empty() {
        above.insert(0, Expr::Number(RBig::from(numerator)));
    }
    if *coefficient.denominator() != UBig::ONE {
        below.insert(0, Expr::Number(RBig::from(coefficient.denominator().clone())));
    }
    write_factors(above, out);
    if below.is_empty() {
        return;
    }
    out.push('/');
    if below.len() == 1 {
        write_factors(below, out);
    } else {
        out.push('(');
        write_factors(below, out);
        out.push(')');
    }
}

fn write_factors(mut factors: Vec<Expr>, out: &mut String) {
    factors.sort_by(|a, b| {
        let by_base = || auto::integer_power(a).0.cmp(auto::integer_power(b).0);
        rank(a).cmp(&rank(b)).then_with(by_base).then_with(|| a.cmp(b))
    });
    for (index, factor) in factors.iter().enumerate() {
        if index > 0 {
            out.push('*');
        }
        write(factor, Level::Factor, out);
    }
}
