//! Answers against those of SymPy, by value: `oracle/make.py` says how `oracle/cases.jsonl` was made. The tool may refuse
//! what it has no method for, which is counted; it may not be wrong.

use std::collections::BTreeMap;

use toolwright_solve::{Request, run, value_at};

/// Cases that the tool refuses, at most.
const REFUSED: usize = 1;

#[derive(serde::Deserialize)]
struct Case {
    values: Option<Vec<(BTreeMap<String, String>, String)>>,
    factors: Option<Factors>,
    roots: Option<Vec<String>>,
    within: Option<(f64, f64)>,
    complex: Option<usize>,
    solutions: Option<Vec<BTreeMap<String, String>>>,
    members: Option<Vec<(String, bool)>>,
    changes: Option<Vec<(String, String, String)>>,
    value: Option<String>,
}

#[derive(serde::Deserialize)]
struct Factors {
    at: BTreeMap<String, String>,
    values: Vec<String>,
}

const EXPECTED: [&str; 9] =
    ["values", "factors", "roots", "within", "complex", "solutions", "members", "changes", "value"];

#[test]
fn no_answer_differs_from_that_of_sympy() {
    let (mut wrong, mut refused, mut count) = (Vec::new(), Vec::new(), 0);
    for line in include_str!("../oracle/cases.jsonl").lines() {
        count += 1;
        let case: Case = serde_json::from_str(line).expect(line);
        let mut arguments: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).expect(line);
        for key in EXPECTED {
            arguments.remove(key);
        }
        let request: Request = serde_json::from_value(arguments.clone().into()).expect(line);
        let shown = serde_json::Value::Object(arguments);
        match run(&request, &Default::default()) {
            Ok(answer) => {
                if let Err(why) = case.check(&answer) {
                    wrong.push(format!("{shown}\n  -> {answer}\n  {why}"));
                }
            }
            // That there is no solution is an answer.
            Err(error) if error.message().contains("there is no real solution") => {
                if !case.roots.as_ref().is_some_and(Vec::is_empty) {
                    wrong.push(format!("{shown}\n  -> {error}"));
                }
            }
            Err(error) => refused.push(format!("{shown}\n  -> {error}")),
        }
    }
    assert!(count >= 500, "only {count} cases");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(refused.len() <= REFUSED, "{} refused:\n{}", refused.len(), refused.join("\n"));
}

type Verdict = Result<(), String>;

impl Case {
    fn check(&self, answer: &str) -> Verdict {
        if let Some(values) = &self.values {
            for (at, expected) in values {
                let at: Vec<(&str, f64)> = at.iter().map(|(name, v)| (name.as_str(), fraction(v))).collect();
                agree(value_at(without_notes(answer), &at), fraction(expected), &format!("at {at:?}"))?;
            }
        }
        if let Some(factors) = &self.factors {
            factors.check(answer)?;
        }
        if let Some(roots) = &self.roots {
            let expected: Vec<f64> = roots.iter().map(|r| fraction(r)).collect();
            let mut found = real_roots(answer)?;
            if let Some((low, high)) = self.within {
                found.retain(|x| *x > low && *x < high);
            }
            same_numbers(found, expected)?;
        }
        if let Some(complex) = self.complex {
            let found = complex_count(answer);
            if found != complex {
                return Err(format!("{found} complex solutions, not {complex}"));
            }
        }
        if let Some(solutions) = &self.solutions {
            systems(answer, solutions)?;
        }
        for (at, belongs) in self.members.iter().flatten() {
            if contains(answer, fraction(at))? != *belongs {
                return Err(format!("{at} belongs to it: {belongs}"));
            }
        }
        for (low, high, expected) in self.changes.iter().flatten() {
            let at = |v: &str| value_at(without_notes(answer), &[("x", fraction(v))]);
            let change = at(high).zip(at(low)).map(|(b, a)| b - a);
            agree(change, fraction(expected), &format!("from {low} to {high}"))?;
        }
        match self.value.as_deref() {
            None => Ok(()),
            Some("none") if answer.starts_with("does not exist") || answer == "diverges" => Ok(()),
            Some("oo") if answer == "infinity" => Ok(()),
            Some("-oo") if answer == "-infinity" => Ok(()),
            Some(other @ ("none" | "oo" | "-oo")) => Err(format!("expected {other}")),
            Some(expected) => {
                let text = without_notes(answer).trim_start_matches("≈ ");
                agree(value_at(text, &[]), fraction(expected), "value")
            }
        }
    }
}

/// A decimal or a fraction; what is none agrees with nothing.
fn fraction(text: &str) -> f64 {
    let number = |text: &str| text.parse().unwrap_or(f64::NAN);
    match text.split_once('/') {
        Some((n, d)) => number(n) / number(d),
        None => number(text),
    }
}

fn agree(found: Option<f64>, expected: f64, place: &str) -> Verdict {
    let found = found.ok_or_else(|| format!("no value {place}"))?;
    // Ten digits are shown of decimals.
    if (found - expected).abs() <= 2e-9 * expected.abs().max(1e-2) {
        return Ok(());
    }
    Err(format!("{place}: {found}, not {expected}"))
}

fn same_numbers(mut found: Vec<f64>, mut expected: Vec<f64>) -> Verdict {
    found.sort_by(f64::total_cmp);
    found.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    expected.sort_by(f64::total_cmp);
    if found.len() != expected.len() {
        return Err(format!("{found:?}, not {expected:?}"));
    }
    found.iter().zip(&expected).try_for_each(|(a, b)| agree(Some(*a), *b, "a number"))
}

/// The expression without what is said beside it.
fn without_notes(text: &str) -> &str {
    const NOTES: [&str; 9] = [
        " ≈ ",
        "… (real root of",
        " (real root of",
        " (found by search",
        " (n any integer",
        " (if ",
        " (only where",
        " (numeric",
        " (from the ",
    ];
    let end = NOTES.iter().filter_map(|note| text.find(note)).min().unwrap_or(text.len());
    &text[..end]
}

/// The values of `x = 2 or x ≈ 3.5`, of families for many n.
fn real_roots(answer: &str) -> Result<Vec<f64>, String> {
    let first = answer.split("; ").next().unwrap_or("");
    if first.starts_with("no ") {
        return Ok(Vec::new());
    }
    let family = answer.contains("any integer");
    let mut found = Vec::new();
    for piece in first.split(" or ") {
        let text = piece.trim_start_matches("x = ").trim_start_matches("x ≈ ");
        let members = if family { -40..=40 } else { 0..=0 };
        for n in members {
            let value = value_at(without_notes(text), &[("n", f64::from(n))]);
            found.push(value.ok_or_else(|| format!("no value of {text}"))?);
        }
    }
    Ok(found)
}

fn complex_count(answer: &str) -> usize {
    let parts = answer.split("; ").skip(1);
    parts
        .map(|part| match part.split_once(' ') {
            Some(("complex:", list)) => list.split(" or ").count(),
            Some((count, rest)) if rest.contains("not listed") => count.parse().unwrap_or(0),
            _ => 0,
        })
        .sum()
}

fn systems(answer: &str, solutions: &[BTreeMap<String, String>]) -> Verdict {
    let first = answer.split("; ").next().unwrap_or("");
    let mut found = Vec::new();
    for piece in first.split(" or ").filter(|piece| !piece.starts_with("no ")) {
        let mut solution = BTreeMap::new();
        for part in piece.split(", ") {
            let (name, value) = part.split_once(" = ").ok_or_else(|| format!("`{part}` is no value"))?;
            let value = value_at(without_notes(value), &[]).ok_or_else(|| format!("no value of {value}"))?;
            solution.insert(name.to_owned(), value);
        }
        found.push(solution);
    }
    let same = |a: &BTreeMap<String, f64>, b: &BTreeMap<String, String>| {
        a.len() == b.len() && b.iter().all(|(n, v)| a.get(n).is_some_and(|x| agree(Some(*x), fraction(v), "").is_ok()))
    };
    if found.len() != solutions.len() || !solutions.iter().all(|s| found.iter().any(|f| same(f, s))) {
        return Err(format!("{found:?}, not {solutions:?}"));
    }
    Ok(())
}

/// Whether a value is in a set such as `x < -1 or 2 <= x <= sqrt(7) or x = 9`.
fn contains(set: &str, x: f64) -> Result<bool, String> {
    let bound = |text: &str| value_at(without_notes(text), &[]).ok_or_else(|| format!("no value of {text}"));
    for part in set.split(" or ").map(without_notes) {
        let words: Vec<&str> = part.split(" x ").collect();
        let holds = match words.as_slice() {
            _ if part == "every x" => true,
            _ if part == "no real solution" => false,
            [only] => {
                let rest = only.strip_prefix("x ").ok_or_else(|| format!("`{only}` is no set"))?;
                let (relation, text) = rest.split_once(' ').ok_or_else(|| format!("`{only}` is no set"))?;
                compare(x, relation, bound(text)?)
            }
            [low, rest] => {
                let (low, less) = low.rsplit_once(' ').ok_or_else(|| format!("`{part}` is no set"))?;
                let (relation, high) = rest.split_once(' ').ok_or_else(|| format!("`{part}` is no set"))?;
                let turned = less.replace('<', ">");
                compare(x, &turned, bound(low)?) && compare(x, relation, bound(high)?)
            }
            _ => return Err(format!("`{part}` is no set")),
        };
        if holds {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compare(x: f64, relation: &str, bound: f64) -> bool {
    let equal = (x - bound).abs() <= 1e-13 * bound.abs().max(1.0);
    match relation {
        "<" => !equal && x < bound,
        "<=" => equal || x < bound,
        ">" => !equal && x > bound,
        ">=" => equal || x > bound,
        _ => equal,
    }
}

impl Factors {
    fn check(&self, answer: &str) -> Verdict {
        let at: Vec<(&str, f64)> = self.at.iter().map(|(name, v)| (name.as_str(), fraction(v))).collect();
        let mut found = Vec::new();
        for (base, times) in split_factors(answer) {
            let value = value_at(base, &at).ok_or_else(|| format!("no value of {base}"))?;
            found.extend(std::iter::repeat_n(value.abs(), times));
        }
        let mut expected: Vec<f64> = self.values.iter().map(|v| fraction(v)).collect();
        found.sort_by(f64::total_cmp);
        expected.sort_by(f64::total_cmp);
        if found.len() != expected.len() {
            return Err(format!("{} factors, not {}", found.len(), expected.len()));
        }
        found.iter().zip(&expected).try_for_each(|(a, b)| agree(Some(*a), *b, "a factor"))
    }
}

/// The factors that are not numbers, with their exponents: of `3*x^2*(x + 1)`, x twice and x + 1.
fn split_factors(answer: &str) -> Vec<(&str, usize)> {
    let mut depth = 0;
    let mut cuts = vec![0];
    let mut sum = false;
    for (i, c) in answer.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '*' | '/' if depth == 0 => cuts.push(i + 1),
            '+' | '-' if depth == 0 && i > 0 => sum = true,
            _ => {}
        }
    }
    if sum {
        return vec![(answer, 1)];
    }
    cuts.push(answer.len() + 1);
    let pieces = cuts.windows(2).map(|w| &answer[w[0]..w[1] - 1]);
    let pieces = pieces.map(|piece| piece.trim_start_matches('-')).filter(|piece| piece.parse::<f64>().is_err());
    pieces
        .map(|piece| match piece.rsplit_once('^') {
            Some((base, power)) if !power.contains(')') => (base, power.parse().unwrap_or(1)),
            _ => (piece, 1),
        })
        .collect()
}
