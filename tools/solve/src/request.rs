//! One call: its arguments, read and carried out.

use serde::Deserialize;
use toolwright_tool::CancellationToken;

use crate::{
    decimal::decimal,
    differentiate,
    error::{Fault, Outcome, SolveError},
    expr::{Expr, Name},
    integers, integrate,
    limit::{self, Bound, Side},
    numeric,
    parser::{self, Statement},
    precise::{self, Value},
    simplify, solve,
    work::{MAX_WORK, Work},
};

/// Terms and digits of the longest answer.
const MAX_ANSWER: usize = 6_000;

/// The size of the largest derivative that is simplified.
const MAX_SIZE: usize = 10_000;

/// The highest derivative.
const MAX_ORDER: u32 = 20;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// The shortest equal form.
    Simplify,
    /// Products multiplied out.
    Expand,
    /// Irreducible factors over the rationals.
    Factor,
    /// Equations, inequalities, systems.
    Solve,
    /// A derivative.
    Differentiate,
    /// An antiderivative, or the integral between bounds.
    Integrate,
    /// A limit.
    Limit,
    /// Values in place of variables.
    Substitute,
}

/// The arguments of a call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What is to be done.
    pub operation: Operation,
    /// The expression, or the equations.
    pub expression: String,
    /// The variable, or several with commas between them.
    #[serde(default)]
    pub variable: Option<String>,
    /// The values to substitute, such as `x = 3, y = 1/2`, or the point of a limit.
    #[serde(default)]
    pub at: Option<String>,
    /// The lower bound of an integral.
    #[serde(default)]
    pub from: Option<String>,
    /// The upper bound of an integral.
    #[serde(default)]
    pub to: Option<String>,
    /// Which derivative, 1 if absent.
    #[serde(default)]
    pub order: Option<u32>,
}

impl Request {
    /// A request with only an operation and an expression.
    #[must_use]
    pub fn new(operation: Operation, expression: impl Into<String>) -> Self {
        let expression = expression.into();
        Self { operation, expression, variable: None, at: None, from: None, to: None, order: None }
    }
}

/// Carries out a request; the crate's documentation describes the language.
///
/// # Errors
/// [`SolveError`] where the input cannot be read, has no value, passes a limit, or is not within the methods here.
///
/// # Examples
/// ```
/// use toolwright_solve::{Operation, Request, run};
/// let request = Request::new(Operation::Solve, "x^2 = x + 1");
/// let answer = run(&request, &Default::default()).unwrap();
/// assert_eq!(answer, "x = (1 + sqrt(5))/2 or x = (1 - sqrt(5))/2");
/// ```
pub fn run(request: &Request, cancel: &CancellationToken) -> Result<String, SolveError> {
    let work = Work::new(MAX_WORK, cancel.clone());
    let answer = perform(&work, request)?;
    if answer.len() > MAX_ANSWER {
        return Err(SolveError::new(Fault::limit("too large: the answer has too many terms to be of use"), ""));
    }
    Ok(answer)
}

/// The value of an expression in double precision, for values of its variables: a check on answers. Nothing where it
/// cannot be read or has no real value there.
#[must_use]
pub fn value_at(expression: &str, values: &[(&str, f64)]) -> Option<f64> {
    let declared: Vec<String> = values.iter().map(|(name, _)| (*name).to_owned()).collect();
    let e = parser::expression(expression, &declared).ok()?;
    let values: Vec<(Name, numeric::Complex)> = values.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
    numeric::evaluate(&e, &values)?.real()
}

pub(crate) fn perform(work: &Work, request: &Request) -> Result<String, SolveError> {
    let input = request.expression.as_str();
    let place = |fault: Fault| SolveError::new(fault, input);
    let plain = |fault: Fault| SolveError::new(Fault { at: None, ..fault }, input);
    let named = request.variable.as_deref().unwrap_or("");
    let declared: Vec<String> = named
        .split([',', ';', ' '])
        .map(|n| n.trim().to_owned())
        .filter(|n| !n.is_empty() && !matches!(n.as_str(), "and"))
        .collect();
    if let Some(bad) = declared.iter().find(|n| !is_name(n)) {
        return Err(plain(Fault::syntax(format!("`variable` is a name such as x, not `{bad}`"))));
    }
    if request.operation == Operation::Solve {
        let statements = parser::statements(input, &declared).map_err(place)?;
        if statements.len() > 1
            && let Some(bare) = statements.iter().find(|s| s.relation.is_none() && s.left.rational().is_some())
        {
            let hint = "commas separate equations, and decimals have a point";
            return Err(plain(Fault::syntax(format!("`{}` alone is no equation: {hint}", bare.left))));
        }
        let variables = unknowns(&statements, &declared).map_err(plain)?;
        return solve::solve(work, &statements, &variables).map_err(plain);
    }
    let (input, declared) = match (request.operation, differential(input, &declared)) {
        (Operation::Integrate, Some((integrand, name))) => (integrand, vec![name]),
        _ => (input, declared),
    };
    let raw = parser::expression(input, &declared).map_err(place)?;
    if request.operation == Operation::Substitute {
        let Some(at) = request.at.as_deref().filter(|at| !at.trim().is_empty()) else {
            return Err(plain(Fault::syntax("`at` is missing: give values there, as in x = 3, y = 1/2")));
        };
        let raw = &raw;
        let values = parser::statements(at, &declared).map_err(|fault| SolveError::new(fault, at))?;
        return substitute(work, raw, &values).map_err(plain);
    }
    let e = raw.normal(work).map_err(plain)?;
    let only = || variable(&e, &declared);
    let bound = |text: &str| -> Result<Bound, SolveError> {
        bound(work, text, &declared).map_err(|fault| SolveError::new(fault, text))
    };
    match request.operation {
        Operation::Simplify => simplify::simplify(work, &e).map(|e| e.to_string()).map_err(plain),
        Operation::Expand => simplify::expand(work, &e).map(|e| e.to_string()).map_err(plain),
        Operation::Factor => match &e {
            Expr::Number(n) => integers::factored(work, n).map_err(plain),
            e => simplify::factor(work, e).map(|e| e.to_string()).map_err(plain),
        },
        Operation::Differentiate => {
            let order = request.order.unwrap_or(1);
            if order == 0 || order > MAX_ORDER {
                return Err(plain(Fault::limit(format!("`order` is from 1 to {MAX_ORDER}"))));
            }
            let name = only().map_err(plain)?;
            differentiate(work, &e, &name, order).map(|e| e.to_string()).map_err(plain)
        }
        Operation::Integrate => {
            let name = only().map_err(plain)?;
            match (&request.from, &request.to) {
                (Some(from), Some(to)) => {
                    let (low, high) = (bound(from)?, bound(to)?);
                    integrate::definite(work, &e, &name, &low, &high).map_err(plain)
                }
                (None, None) => match integrate::antiderivative(work, &e, &name).map_err(plain)? {
                    Some(found) => Ok(format!("{found}{}", integrate::conditions(&e, &found, &name))),
                    None => Err(plain(integrate::not_found())),
                },
                _ => Err(plain(Fault::syntax("an integral has both bounds, `from` and `to`, or none"))),
            }
        }
        Operation::Limit => {
            let name = only().map_err(plain)?;
            let Some(at) = request.at.as_deref().map(str::trim).filter(|at| !at.is_empty()) else {
                return Err(plain(Fault::syntax("`at` is missing: say where the limit is taken, 0, 2+ or inf")));
            };
            let at =
                at.strip_prefix(&format!("{name} ->")).or_else(|| at.strip_prefix(&format!("{name} ="))).unwrap_or(at);
            let (at, side) = match at.strip_suffix(['+', '-', '−']) {
                Some(rest) if at.ends_with('+') => (rest, Side::Right),
                Some(rest) => (rest, Side::Left),
                None => (at, Side::Both),
            };
            limit::limit(work, &e, &name, &bound(at)?, side).map_err(plain)
        }
        Operation::Solve | Operation::Substitute => Ok(String::new()),
    }
}

/// An integrand without the `dx` behind it, and the variable that this names.
fn differential<'a>(input: &'a str, declared: &[String]) -> Option<(&'a str, String)> {
    let text = input.trim_end();
    let start = text
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
    let name = text.get(start..)?.strip_prefix('d')?;
    let known = matches!(name, "x" | "y" | "z" | "t" | "u") || declared.iter().any(|d| d == name);
    let free = declared.is_empty() || declared.len() == 1 && declared.iter().any(|d| d == name);
    let integrand = if start == 0 { "1" } else { text.get(..start)? };
    (known && free).then(|| (integrand, name.to_owned()))
}

fn is_name(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(|c| c.is_alphanumeric() || c == '_')
        && word.len() <= 40
}

/// The variables to solve for: those named, else all, unless one equation has several.
fn unknowns(statements: &[Statement], declared: &[String]) -> Outcome<Vec<Name>> {
    if !declared.is_empty() {
        return Ok(declared.iter().map(|n| Name::from(n.as_str())).collect());
    }
    let mut names = std::collections::BTreeSet::new();
    for statement in statements {
        names.extend(statement.left.variables());
        names.extend(statement.right.variables());
    }
    let names: Vec<Name> = names.into_iter().collect();
    let relations = statements.iter().all(|s| matches!(s.relation, None | Some(crate::lexer::Relation::Equal)));
    match names.iter().find(|n| &***n == "x") {
        _ if names.is_empty() => Ok(vec!["x".into()]),
        Some(x) if names.len() > statements.len() && statements.len() == 1 && relations => Ok(vec![x.clone()]),
        None if names.len() > 1 && statements.len() == 1 => {
            let list = names.join(", ");
            Err(Fault::syntax(format!("say which to solve for in `variable`: one of {list}")))
        }
        _ => Ok(names),
    }
}

/// The one variable of an operation: the one named, the only one, or x.
fn variable(e: &Expr, declared: &[String]) -> Outcome<Name> {
    if let [only] = declared {
        return Ok(only.as_str().into());
    }
    let names: Vec<Name> = e.variables().into_iter().collect();
    match names.as_slice() {
        [] => Ok("x".into()),
        [only] => Ok(only.clone()),
        _ if names.iter().any(|n| &**n == "x") && declared.is_empty() => Ok("x".into()),
        _ => Err(Fault::syntax(format!("say with respect to which one in `variable`: one of {}", names.join(", ")))),
    }
}

fn differentiate(work: &Work, e: &Expr, name: &Name, order: u32) -> Outcome<Expr> {
    let mut slope = e.clone();
    for _ in 0..order {
        slope = differentiate::derivative(work, &slope, name)?;
        if slope.size() > MAX_SIZE {
            return Err(Fault::too_large());
        }
        slope = simplify::simplify(work, &slope)?;
    }
    Ok(slope)
}

fn substitute(work: &Work, raw: &Expr, values: &[Statement]) -> Outcome<String> {
    let mut result = raw.clone();
    // First to names that nothing else has, so that x = y, y = x swaps.
    let mut targets = Vec::new();
    for (index, statement) in values.iter().enumerate() {
        let (Expr::Variable(name), Some(crate::lexer::Relation::Equal)) = (&statement.left, statement.relation) else {
            return Err(Fault::syntax("`at` gives values as in x = 3, y = 1/2"));
        };
        let place = Expr::variable(&format!("\u{1}{index}"));
        result = solve::substitute_raw(&result, &Expr::Variable(name.clone()), &place);
        targets.push((place, statement.right.clone()));
    }
    for (place, value) in targets {
        result = solve::substitute_raw(&result, &place, &value);
    }
    let e = result.normal(work)?;
    let e = simplify::simplify(work, &e)?;
    if matches!(e, Expr::Number(_)) || !e.variables().is_empty() {
        return Ok(e.to_string());
    }
    Ok(match precise::value(work, &e, &[])? {
        Value::Real(ball) => format!("{e} ≈ {}", decimal(&ball.middle())),
        _ => e.to_string(),
    })
}

fn bound(work: &Work, text: &str, declared: &[String]) -> Outcome<Bound> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let (negative, word) = match compact.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, compact.strip_prefix('+').unwrap_or(&compact)),
    };
    if matches!(word, "inf" | "infinity" | "oo" | "∞") {
        return Ok(if negative { Bound::MinusInfinity } else { Bound::Infinity });
    }
    Ok(Bound::At(parser::expression(text, declared)?.normal(work)?))
}
