//! Systems: linear ones by Gauss's elimination, others by substitution and resultants.

use std::collections::BTreeMap;

use super::{
    Root,
    check::{self, Check},
    difference, equation,
};
use crate::{
    error::{Fault, Outcome},
    expr::{Expr, Name},
    field::{Field, Ratio, Reading},
    numeric,
    parser::Statement,
    poly::{self, Poly},
    simplify,
    work::Work,
};

/// Solutions that are followed at once.
const MAX_BRANCHES: usize = 40;

type Assignment = BTreeMap<Name, Expr>;

pub(super) fn solve(work: &Work, statements: &[Statement], variables: &[Name]) -> Outcome<String> {
    let equations = statements.iter().map(|s| difference(work, s)).collect::<Outcome<Vec<_>>>()?;
    if let Some(found) = linear(work, &equations, variables)? {
        // What has no denominators, roots and the like needs no check: elimination is exact.
        let gaps = statements.iter().any(|s| super::has_gaps(&s.left) || super::has_gaps(&s.right));
        if gaps && let Some(assignment) = &found.assignment {
            match check::candidate(work, statements, assignment)? {
                Check::Holds => {}
                Check::Fails => return Ok("no solution (the candidate does not satisfy the equations)".into()),
                _ => return Err(Fault::unsupported("the solution could not be checked")),
            }
        }
        return Ok(found.text);
    }
    let mut search = Branches { work, nonzero: Vec::new() };
    let candidates = search.branches(&equations, variables, 0)?;
    let mut kept: Vec<(Assignment, bool)> = Vec::new();
    for candidate in candidates {
        if kept.iter().any(|(k, _)| *k == candidate) {
            continue;
        }
        let values: Vec<(Name, Expr)> = candidate.iter().map(|(n, e)| (n.clone(), e.clone())).collect();
        match check::candidate(work, statements, &values)? {
            Check::Holds => kept.push((candidate, false)),
            Check::Sometimes => kept.push((candidate, true)),
            Check::Fails | Check::Complex => {}
            Check::Unclear => return Err(Fault::unsupported("a candidate for a solution could not be checked")),
        }
    }
    let complex = |a: &(Assignment, bool)| a.0.values().any(super::is_complex);
    let (complex, mut real): (Vec<_>, Vec<_>) = kept.into_iter().partition(complex);
    let key = |a: &(Assignment, bool)| -> Vec<f64> {
        variables.iter().filter_map(|v| Some(numeric::evaluate(a.0.get(v)?, &[])?.re)).collect()
    };
    real.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
    let show = |list: &[(Assignment, bool)]| {
        let one = |(a, sometimes): &(Assignment, bool)| {
            let parts = variables.iter().filter_map(|v| Some(format!("{v} = {}", a.get(v)?)));
            let free: Vec<&str> = variables.iter().filter(|v| !a.contains_key(*v)).map(|v| &**v).collect();
            let free = if free.is_empty() { String::new() } else { format!(" ({} free)", free.join(", ")) };
            let note = if *sometimes { " (only where it satisfies the equations)" } else { "" };
            parts.collect::<Vec<_>>().join(", ") + &free + note
        };
        list.iter().map(one).collect::<Vec<_>>().join(" or ")
    };
    let text = match (real.is_empty(), complex.is_empty()) {
        (true, true) => "no solution".into(),
        (true, false) => format!("no real solution; complex: {}", show(&complex)),
        (false, true) => show(&real),
        (false, false) => format!("{}; complex: {}", show(&real), show(&complex)),
    };
    Ok(text + &super::conditions(&search.nonzero))
}

/// The solution of a linear system.
struct Linear {
    text: String,
    /// The values, where there is one solution.
    assignment: Option<Vec<(Name, Expr)>>,
}

/// The solution of a linear system; nothing for a system that is not linear.
fn linear(work: &Work, equations: &[Expr], variables: &[Name]) -> Outcome<Option<Linear>> {
    let members: Vec<&Expr> = equations.iter().collect();
    let mut field = Field::new(work, Reading::Plain, &members)?;
    let mut rows: Vec<Vec<Ratio>> = Vec::new();
    let indices =
        variables.iter().map(|v| field.kernel(&Expr::Variable(v.clone()))).collect::<Outcome<Vec<usize>>>()?;
    for equation in equations {
        let ratio = field.read(equation)?;
        let foreign = variables.iter().any(|v| {
            field.kernels_with(v).iter().any(|k| !indices.contains(k) && (ratio.num.has(*k) || ratio.den.has(*k)))
        });
        let total: u32 =
            ratio.num.terms().map(|(m, _)| indices.iter().map(|i| poly::exponent(m, *i)).sum()).max().unwrap_or(0);
        if foreign || total > 1 || indices.iter().any(|i| ratio.den.has(*i)) {
            return Ok(None);
        }
        let mut row = Vec::new();
        let mut rest = ratio.num.clone();
        for index in &indices {
            let coefficient = ratio.num.coefficient(*index, 1);
            rest = rest.sub(&coefficient.shift(*index, 1)?);
            row.push(Ratio::poly(coefficient));
        }
        row.push(Ratio::poly(rest.negate()));
        rows.push(row);
    }
    let mut nonzero = Vec::new();
    let pivots = eliminate(&field, &mut rows, variables.len(), &mut nonzero)?;
    let nonzero = super::conditions(&nonzero);
    let right = |row: &[Ratio]| row.last().cloned().unwrap_or_else(|| Ratio::poly(Poly::zero()));
    for row in rows.iter().skip(pivots.len()) {
        let rest = right(row);
        if !rest.num.is_zero() {
            let free = rest.num.as_constant().is_none_or(|c| c.is_zero());
            let when = if free { format!(" unless {} = 0", field.write_poly(&rest.num)?) } else { String::new() };
            return Ok(Some(Linear { text: format!("no solution{when}{nonzero}"), assignment: None }));
        }
    }
    let free: Vec<usize> = (0..variables.len()).filter(|c| !pivots.contains(c)).collect();
    let mut parts = Vec::new();
    let mut values = Vec::new();
    for (column, name) in variables.iter().enumerate() {
        let Some(at) = pivots.iter().position(|p| *p == column) else { continue };
        let Some(row) = rows.get(at) else { continue };
        let mut value = right(row);
        for other in &free {
            let (Some(c), Some(index)) = (row.get(*other), indices.get(*other)) else { continue };
            let term = field.mul(c, &Ratio::poly(Poly::variable(*index).negate()))?;
            value = field.add(&value, &term)?;
        }
        let value = field.write(&value)?;
        parts.push(format!("{name} = {value}"));
        values.push((name.clone(), value));
    }
    let names: Vec<&str> = free.iter().filter_map(|c| variables.get(*c)).map(|n| &**n).collect();
    let text = match (parts.is_empty(), names.is_empty()) {
        (true, _) => format!("every {}", names.join(", ")),
        (false, true) => parts.join(", ") + &nonzero,
        (false, false) => format!("{} ({} free){nonzero}", parts.join(", "), names.join(", ")),
    };
    Ok(Some(Linear { text, assignment: Some(values) }))
}

/// Reduced row echelon form; the columns of the pivots.
fn eliminate(
    field: &Field<'_>,
    rows: &mut [Vec<Ratio>],
    columns: usize,
    nonzero: &mut Vec<Expr>,
) -> Outcome<Vec<usize>> {
    let zero = Ratio::poly(Poly::zero());
    let mut pivots = Vec::new();
    for column in 0..columns {
        let top = pivots.len();
        let entry = |row: &Vec<Ratio>| row.get(column).cloned().unwrap_or_else(|| zero.clone());
        // A number is the better pivot: a parameter could be zero.
        let usable = |r: &usize| rows.get(*r).is_some_and(|row| !entry(row).num.is_zero());
        let size = |r: &usize| rows.get(*r).map_or(0, |row| entry(row).num.total_degree());
        let Some(found) = (top..rows.len()).filter(usable).min_by_key(size) else { continue };
        rows.swap(top, found);
        let Some(row) = rows.get(top) else { continue };
        let pivot = field.write_poly(&entry(row).num.primitive())?;
        if !pivot.variables().is_empty() {
            nonzero.push(pivot);
        }
        let inverse = field.invert(&entry(row))?;
        let scaled = row.iter().map(|e| field.mul(e, &inverse)).collect::<Outcome<Vec<_>>>()?;
        for (r, row) in rows.iter_mut().enumerate() {
            if r == top {
                row.clone_from(&scaled);
                continue;
            }
            let factor = entry(row);
            if factor.num.is_zero() {
                continue;
            }
            let minus = Ratio { num: factor.num.negate(), den: factor.den };
            for (place, s) in row.iter_mut().zip(&scaled) {
                *place = field.add(place, &field.mul(s, &minus)?)?;
            }
        }
        pivots.push(column);
    }
    Ok(pivots)
}

/// The search for candidates for the solutions of polynomial equations.
struct Branches<'w> {
    work: &'w Work,
    /// What was divided by.
    nonzero: Vec<Expr>,
}

impl Branches<'_> {
    fn branches(&mut self, equations: &[Expr], variables: &[Name], depth: u32) -> Outcome<Vec<Assignment>> {
        let work = self.work;
        if depth > 6 {
            return Err(Fault::unsupported("no closed form found for this system"));
        }
        let members: Vec<&Expr> = equations.iter().collect();
        let mut field = Field::new(work, Reading::Plain, &members)?;
        let mut polys = Vec::new();
        for equation in equations {
            let num = field.read(equation)?.num;
            if num.is_zero() {
                continue;
            }
            let mentions = |v: &Name| field.kernels_with(v).iter().any(|k| num.has(*k));
            if !variables.iter().any(mentions) {
                return Ok(Vec::new());
            }
            polys.push(num);
        }
        if polys.is_empty() || variables.is_empty() {
            return Ok(vec![Assignment::new()]);
        }
        let unknown: Vec<(Name, usize)> = variables
            .iter()
            .map(|v| Ok((v.clone(), field.kernel(&Expr::Variable(v.clone()))?)))
            .collect::<Outcome<_>>()?;
        let in_poly = |p: &Poly| unknown.iter().filter(|(_, i)| p.has(*i)).cloned().collect::<Vec<_>>();
        // A factor equal to zero is a case of its own.
        for (at, p) in polys.iter().enumerate() {
            let factors = poly::factor(work, p)?.factors;
            if factors.len() > 1 {
                let mut found = Vec::new();
                for (factor, _) in factors {
                    let mut rest = equations_of(&field, &polys, at)?;
                    rest.push(field.write_poly(&factor)?);
                    found.extend(work.deeper(|| self.branches(&rest, variables, depth + 1))?);
                    if found.len() > MAX_BRANCHES {
                        return Err(Fault::too_large());
                    }
                }
                return Ok(found);
            }
        }
        // One that gives a variable in terms of the others.
        for (at, p) in polys.iter().enumerate() {
            for (name, index) in in_poly(p) {
                let lead = p.coefficient(index, 1);
                if p.degree(index) != 1 || unknown.iter().any(|(_, i)| lead.has(*i)) {
                    continue;
                }
                let divisor = field.write_poly(&lead.primitive())?;
                if !divisor.variables().is_empty() {
                    self.nonzero.push(divisor);
                }
                let value = field.write(&field.ratio(p.coefficient(index, 0).negate(), lead)?)?;
                let rest = equations_of(&field, &polys, at)?;
                return self.substitute(&rest, variables, &name, &[value], depth);
            }
        }
        // One in a single variable.
        for (at, p) in polys.iter().enumerate() {
            if let [(name, _)] = in_poly(p).as_slice() {
                let values = self.exact_roots(&field.write_poly(p)?, name)?;
                let rest = equations_of(&field, &polys, at)?;
                return self.substitute(&rest, variables, name, &values, depth);
            }
        }
        // Two that share a variable, which their resultant lacks.
        for (i, p) in polys.iter().enumerate() {
            for q in polys.iter().skip(i + 1) {
                let shared =
                    in_poly(p).into_iter().filter(|(_, k)| q.has(*k)).min_by_key(|(_, k)| p.degree(*k) * q.degree(*k));
                let Some((_, index)) = shared else { continue };
                let eliminated = poly::resultant(work, p, q, index)?;
                if eliminated.is_zero() || in_poly(&eliminated).is_empty() && eliminated.as_constant().is_none() {
                    continue;
                }
                let mut rest = equations_of(&field, &polys, i)?;
                rest.insert(0, field.write_poly(&eliminated)?);
                rest.push(field.write_poly(p)?);
                if in_poly(&eliminated).len() != 1 {
                    continue;
                }
                let name = in_poly(&eliminated).remove(0).0;
                let values = self.exact_roots(&field.write_poly(&eliminated)?, &name)?;
                rest.remove(0);
                return self.substitute(&rest, variables, &name, &values, depth);
            }
        }
        Err(Fault::unsupported("no closed form found for this system"))
    }

    fn exact_roots(&mut self, f: &Expr, name: &Name) -> Outcome<Vec<Expr>> {
        let Some(roots) = equation::exact(self.work, f, name)? else {
            return Err(Fault::unsupported(format!("no closed form found: {name} is a root of {f}")));
        };
        self.nonzero.extend(roots.nonzero);
        let mut values = Vec::new();
        for root in roots.found {
            match root {
                Root::Exact(value) => values.push(value),
                _ => return Err(Fault::unsupported(format!("no closed form found: {name} is a root of {f}"))),
            }
        }
        Ok(values)
    }

    /// Solves the rest for every value of one variable.
    fn substitute(
        &mut self,
        rest: &[Expr],
        variables: &[Name],
        name: &Name,
        values: &[Expr],
        depth: u32,
    ) -> Outcome<Vec<Assignment>> {
        let work = self.work;
        let others: Vec<Name> = variables.iter().filter(|v| *v != name).cloned().collect();
        let part = Expr::Variable(name.clone());
        let mut found = Vec::new();
        for value in values {
            let put = |e: &Expr| simplify::expand(work, &e.replace(work, &part, value)?);
            let reduced = match rest.iter().map(put).collect::<Outcome<Vec<_>>>() {
                Ok(reduced) => reduced,
                Err(fault) if fault.is_final() => return Err(fault),
                Err(_) => continue,
            };
            let used: Vec<Name> =
                others.iter().filter(|v| reduced.iter().any(|e| e.has(v)) || value.has(v)).cloned().collect();
            for mut assignment in work.deeper(|| self.branches(&reduced, &used, depth + 1))? {
                let mut own = value.clone();
                for (other, e) in &assignment {
                    own = own.replace(work, &Expr::Variable(other.clone()), e)?;
                }
                let own = simplify::simplify(work, &simplify::radicals(work, &own)?)?;
                assignment.insert(name.clone(), own);
                found.push(assignment);
            }
            if found.len() > MAX_BRANCHES {
                return Err(Fault::too_large());
            }
        }
        Ok(found)
    }
}

fn equations_of(field: &Field<'_>, polys: &[Poly], without: usize) -> Outcome<Vec<Expr>> {
    let others = polys.iter().enumerate().filter(|(i, _)| *i != without);
    others.map(|(_, p)| field.write_poly(p)).collect()
}
