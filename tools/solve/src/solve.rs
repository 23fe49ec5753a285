//! Equations, inequalities and systems.

mod check;
mod equation;
mod polynomial;
mod regions;
mod search;
mod system;

use std::collections::BTreeSet;

use dashu::rational::RBig;

pub(crate) use check::substitute_raw;
pub(crate) use regions::{breaks, has_breaks};
pub(crate) use search::simplest_between;

use crate::{
    auto,
    decimal::decimal,
    error::{ErrorKind, Fault, Outcome},
    expr::{Expr, Function, Name},
    lexer::Relation,
    number::is_negative,
    numeric,
    parser::Statement,
    precise::Ball,
    simplify,
    solve::check::Check,
    work::Work,
};

/// The free integer in a family of solutions. No input can have this name; it is shown by a letter that is not taken.
const FREE: &str = "\u{1}n";

/// One solution of an equation in one variable.
#[derive(Debug, Clone)]
pub(crate) enum Root {
    Exact(Expr),
    /// Not further than `10^error` from a value, the only root of the polynomial there.
    Near {
        value: RBig,
        error: isize,
        polynomial: Option<String>,
    },
}

/// What was found, and what is known to be missing from it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roots {
    pub found: Vec<Root>,
    /// Every value solves the equation.
    pub everything: bool,
    /// Complex roots that are not listed.
    pub hidden_complex: u32,
    /// What the solutions were divided by.
    pub nonzero: Vec<Expr>,
    /// Of a search between bounds, whether it can have missed none there.
    pub searched: Option<bool>,
}

impl Roots {
    fn exact(e: Expr) -> Self {
        Self { found: vec![Root::Exact(e)], ..Self::default() }
    }

    fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
        self.everything |= other.everything;
        self.hidden_complex += other.hidden_complex;
        self.nonzero.extend(other.nonzero);
    }
}

/// Solves what was written for the variables and says the result in a line or a few.
pub(crate) fn solve(work: &Work, statements: &[Statement], variables: &[Name]) -> Outcome<String> {
    let inequality = |s: &Statement| !matches!(s.relation, None | Some(Relation::Equal));
    if statements.iter().any(inequality) {
        let [variable] = variables else {
            return Err(Fault::unsupported("inequalities are solved in one variable only"));
        };
        return regions::solve(work, statements, variable);
    }
    let text = match (statements, variables) {
        ([one], [variable]) => single(work, one, variable)?,
        _ => system::solve(work, statements, variables)?,
    };
    // A letter for the free integer that means nothing else.
    let mut taken: BTreeSet<Name> = variables.iter().cloned().collect();
    for statement in statements {
        taken.extend(statement.left.variables());
        taken.extend(statement.right.variables());
    }
    let letter = ["n", "k", "m", "j"].iter().find(|l| !taken.iter().any(|t| &**t == **l)).unwrap_or(&"N");
    Ok(text.replace(FREE, letter))
}

/// `left - right` in canonical form.
fn difference(work: &Work, statement: &Statement) -> Outcome<Expr> {
    let left = statement.left.normal(work)?;
    let right = statement.right.normal(work)?;
    auto::difference(work, &left, &right)
}

fn single(work: &Work, statement: &Statement, variable: &Name) -> Outcome<String> {
    let f = difference(work, statement)?;
    let gaps = has_gaps(&statement.left) || has_gaps(&statement.right);
    if !f.has(variable) && !simplify::is_zero(work, &f)?.unwrap_or(false) {
        if f.variables().is_empty() {
            return Ok("no solution".into());
        }
        return Err(Fault::unsupported(format!("there is nothing to solve for: {variable} does not occur in {f} = 0")));
    }
    let alone = f.variables().iter().all(|v| v == variable);
    let roots = match equation::exact(work, &f, variable)? {
        Some(roots) => roots,
        None => {
            // With moduli in it, whole intervals may solve the equation.
            let moduli = f.any(&mut |e| matches!(e, Expr::Call(Function::Abs, u) if u.has(variable)));
            if alone && moduli {
                match regions::solve(work, std::slice::from_ref(statement), variable) {
                    Err(fault) if fault.kind == ErrorKind::Unsupported => {}
                    other => return other,
                }
            }
            search::search(work, &f, variable)?
        }
    };
    if roots.everything {
        let note = if gaps { " for which both sides are defined" } else { "" };
        return Ok(format!("every {variable}{note}"));
    }
    let mut shown = Shown::default();
    for root in roots.found {
        match &root {
            Root::Exact(value) => {
                if shown.kept.iter().any(|(k, _)| matches!(k, Root::Exact(v) if v == value)) {
                    continue;
                }
                let values = [(variable.clone(), value.clone())];
                match check::candidate(work, std::slice::from_ref(statement), &values)? {
                    Check::Holds => shown.kept.push((root, false)),
                    Check::Sometimes => shown.kept.push((root, true)),
                    Check::Complex => shown.improper.push(value.clone()),
                    Check::Fails => shown.dropped = true,
                    Check::Unclear => {
                        return Err(Fault::unsupported(format!(
                            "{variable} = {value} is a candidate, but it could not be checked"
                        )));
                    }
                }
            }
            Root::Near { value, error, .. } => {
                let ball = Ball::around(value, *error);
                // The real roots of a polynomial are what they are.
                if !gaps && polynomial(&f, variable) {
                    shown.kept.push((root, false));
                    continue;
                }
                match check::near(work, statement, variable, &ball)? {
                    Some(true) => shown.kept.push((root, false)),
                    Some(false) => shown.dropped = true,
                    None => {
                        return Err(Fault::unsupported(format!(
                            "{variable} ≈ {} is a candidate, but it could not be checked",
                            decimal(value)
                        )));
                    }
                }
            }
        }
    }
    let parts = |e: &Expr| match e {
        Expr::Call(_, u) => u.has(variable),
        Expr::Power(p) => p.1.has(variable) || p.0.has(variable) && !p.1.number().is_some_and(RBig::is_int),
        _ => false,
    };
    drop_contained(work, &mut shown.kept)?;
    shown.rational =
        !f.any(&mut |e| parts(e)) && !statement.left.any(&mut |e| parts(e)) && !statement.right.any(&mut |e| parts(e));
    shown.hidden_complex = if shown.rational { roots.hidden_complex } else { 0 };
    shown.nonzero = roots.nonzero;
    shown.searched = roots.searched;
    Ok(shown.describe(variable))
}

/// Drops families of solutions that are a part of another: `2*pi*n` beside `pi*n`.
fn drop_contained(work: &Work, kept: &mut Vec<(Root, bool)>) -> Outcome<()> {
    let free = Expr::variable(FREE);
    // Start and step.
    let mut lines = Vec::new();
    for (root, sometimes) in kept.iter() {
        lines.push(match root {
            Root::Exact(e) if !sometimes => {
                let start = e.replace(work, &free, &Expr::zero())?;
                let step = auto::difference(work, &e.replace(work, &free, &Expr::one())?, &start)?;
                let rest =
                    auto::sum(work, vec![start.clone(), auto::product(work, vec![free.clone(), step.clone()])?])?;
                (auto::difference(work, e, &simplify::expand(work, &rest)?)?.is_zero() || rest == *e)
                    .then_some((start, step))
            }
            _ => None,
        });
    }
    let whole = |a: &Expr, b: &Expr| -> Outcome<bool> {
        let ratio = simplify::radicals(work, &auto::quotient(work, a, b)?)?;
        Ok(ratio.number().is_some_and(RBig::is_int))
    };
    let mut dropped = Vec::new();
    for (i, inner) in lines.iter().enumerate() {
        for (j, outer) in lines.iter().enumerate() {
            let (Some((start, step)), Some((other, period))) = (inner, outer) else { continue };
            if i == j || period.is_zero() || dropped.contains(&j) {
                continue;
            }
            if whole(&auto::difference(work, start, other)?, period)? && whole(step, period)? {
                dropped.push(i);
                break;
            }
        }
    }
    let mut index = 0;
    kept.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
    Ok(())
}

/// Whether it is put together from the variable and numbers by sums, products and whole powers.
fn polynomial(e: &Expr, variable: &Name) -> bool {
    match e {
        Expr::Sum(items) | Expr::Product(items) => items.iter().all(|item| polynomial(item, variable)),
        Expr::Power(parts) => {
            polynomial(&parts.0, variable) && parts.1.number().is_some_and(|n| n.is_int() && !is_negative(n))
        }
        Expr::Variable(name) => name == variable,
        Expr::Number(_) => true,
        _ => false,
    }
}

/// Whether there may be values for which a side has no value.
fn has_gaps(e: &Expr) -> bool {
    e.any(&mut |part| match part {
        Expr::Power(parts) => {
            let whole = parts.1.rational().is_some_and(|n| n.is_int() && !is_negative(&n));
            let constant = parts.0.variables().is_empty();
            !constant && !whole || constant && parts.0 != Expr::E && parts.1.rational().is_none()
        }
        Expr::Call(Function::Ln | Function::Tan | Function::Asin | Function::Acos, _) => true,
        _ => false,
    })
}

fn is_complex(e: &Expr) -> bool {
    !auto::is_real(e) || e.variables().is_empty() && numeric::evaluate(e, &[]).is_some_and(|v| v.real().is_none())
}

/// What is left of the candidates, and what is said beside them.
#[derive(Debug, Default)]
struct Shown {
    /// Solutions, and whether they hold for some values of the other letters only.
    kept: Vec<(Root, bool)>,
    /// Real values that solve the equation only where square roots and logarithms may be complex.
    improper: Vec<Expr>,
    dropped: bool,
    /// The equation is one of polynomials and their quotients, so that complex solutions are known too.
    rational: bool,
    hidden_complex: u32,
    nonzero: Vec<Expr>,
    searched: Option<bool>,
}

impl Shown {
    /// `x = 2 or x = 3`, and what there is to say beside it.
    fn describe(self, variable: &Name) -> String {
        let mut rational: Vec<RBig> = Vec::new();
        let (mut real, mut complex) = (Vec::new(), Vec::new());
        let mut near: Vec<(RBig, String)> = Vec::new();
        let mut family = false;
        for (root, sometimes) in self.kept {
            let note = if sometimes { " (only where it satisfies the equation)" } else { "" };
            match root {
                Root::Exact(Expr::Number(n)) if !sometimes => rational.push(n),
                Root::Exact(e) if is_complex(&e) => complex.push(format!("{variable} = {e}")),
                Root::Exact(e) => {
                    family |= e.has(FREE);
                    real.push(format!("{variable} = {e}{note}"));
                }
                Root::Near { value, polynomial, .. } => {
                    let of = polynomial.map(|p| format!(" (real root of {p})")).unwrap_or_default();
                    let text = format!("{variable} ≈ {}{of}", decimal(&value));
                    near.push((value, text));
                }
            }
        }
        rational.sort();
        near.sort();
        let mut lines: Vec<String> =
            rational.into_iter().map(|n| format!("{variable} = {}", Expr::Number(n))).collect();
        lines.extend(real);
        lines.extend(near.into_iter().map(|(_, text)| text));
        let mut text = lines.join(" or ");
        if family {
            text.push_str(&format!(" ({FREE} any integer)"));
        }
        let none = text.is_empty();
        if none {
            let nothing = complex.is_empty() && self.hidden_complex == 0 && self.rational;
            text = if nothing { "no solution".into() } else { "no real solution".into() };
        }
        if !complex.is_empty() {
            text.push_str(&format!("; complex: {}", complex.join(" or ")));
        }
        if self.hidden_complex > 0 {
            let more = if complex.is_empty() { "" } else { "more " };
            let s = if self.hidden_complex == 1 { "" } else { "s" };
            text.push_str(&format!("; {} {more}complex root{s} not listed", self.hidden_complex));
        }
        if !self.improper.is_empty() {
            let list: Vec<String> = self.improper.iter().map(|e| format!("{variable} = {e}")).collect();
            text.push_str(&format!("; only if complex values are allowed in between: {}", list.join(" or ")));
        } else if none && self.dropped {
            text.push_str(" (the candidates do not satisfy the equation)");
        }
        text.push_str(&conditions(&self.nonzero));
        match self.searched {
            Some(true) => text.push_str(&format!(" (found by search; no others between -{0} and {0})", search::REACH)),
            Some(false) => {
                text.push_str(&format!(" (found by search between -{0} and {0}; there may be others)", search::REACH))
            }
            None => {}
        }
        text
    }
}

/// `(if a ≠ 0)`, for what was divided by.
fn conditions(nonzero: &[Expr]) -> String {
    let mut shown: Vec<String> = Vec::new();
    for e in nonzero {
        // A power is zero where its base is.
        let base = match e {
            Expr::Power(parts) if parts.1.number().is_some() => &parts.0,
            other => other,
        };
        let text = format!("{base} ≠ 0");
        if !shown.contains(&text) {
            shown.push(text);
        }
    }
    if shown.is_empty() { String::new() } else { format!(" (if {})", shown.join(" and ")) }
}
