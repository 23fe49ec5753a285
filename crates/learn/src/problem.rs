//! Hand-written problems with their numbers drawn: a question, the calculations in order with their real results, and
//! an answer.

use std::{collections::BTreeMap, sync::OnceLock};

use regex_lite::Regex;

use crate::{
    Draw,
    cast::{Cast, Names},
    number::{Manner, plain},
    phrasing::{Problem, Slot, draw_slots, fill},
};

/// Longest result that is shown to a model in training; more digits teach nothing but copying noise.
const LONGEST: usize = 8;

/// A problem that was worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// The question.
    pub question: String,
    /// Expression and result of each calculation.
    pub steps: Vec<(String, String)>,
    /// The reply.
    pub answer: String,
}

/// Matches made once.
struct Patterns {
    earlier: Regex,
    name: Regex,
    /// Forms of percentages, each with the one that is used.
    forms: [(Regex, &'static str); 3],
}

fn patterns() -> &'static Patterns {
    static PATTERNS: OnceLock<Patterns> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let new = |pattern: &str| Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let name = r"(#\d|[A-Za-z]\w*)";
        Patterns {
            earlier: new(r"#(\d+)"),
            name: new(r"[A-Za-z_]\w*"),
            forms: [
                (new(&format!(r"\(1([-+]){name}/100\)")), "(100$1$2)/100"),
                (new(&format!(r"^(\([^()]*\)|{name})\*100/{name}$")), "$1/$3*100"),
                (new(&format!(r"^{name}/100\*{name}$")), "$1*$2/100"),
            ],
        }
    })
}

impl Problem {
    /// Draws its numbers and names, and works it out. `None` where this draw leads to no clean result.
    pub fn solve(&self, names: Names, draw: &mut Draw) -> Option<Solved> {
        let values = draw_slots(&self.slots, self.condition.as_deref(), draw)?;
        let mut steps: Vec<(String, String)> = Vec::new();
        for step in &self.steps {
            let expression = expression(step, &values, &steps)?;
            let result = toolwright_calculator::evaluate(&expression).ok()?.to_string();
            let longest = if draw.chance(0.1) { LONGEST + 6 } else { LONGEST };
            if result.len() > longest || !result.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
                return None;
            }
            steps.push((expression, result));
        }
        let last = steps.last()?.1.clone();
        let (cast, manner) = (Cast::draw(names, draw), Manner::draw(draw));
        let surface: BTreeMap<&str, String> = values
            .iter()
            .map(|(name, value)| {
                let text = plain(*value);
                let is_year = matches!(&self.slots[name], Slot::Range(spec) if spec == "year");
                let shown = if is_year || self.stands_in_code(name) { text } else { manner.show(&text, draw) };
                (name.as_str(), shown)
            })
            .collect();
        let of = |slot: &str| match slot {
            "=" => Some(last.clone()),
            _ => surface.get(slot).cloned().or_else(|| cast.get(slot).map(str::to_owned)),
        };
        Some(Solved { question: fill(&self.text, &of), answer: fill(&self.answer, &of), steps })
    }

    /// `f({a})`: such a number is written as it is.
    fn stands_in_code(&self, slot: &str) -> bool {
        let slot = format!("({{{slot}}}");
        self.text.find(&slot).is_some_and(|at| self.text[..at].ends_with(|c: char| c.is_alphanumeric()))
    }
}

/// A step as the expression of a calculator call: numbers for slots, results for `#n`, one form for percentages, so that
/// a wording decides the expression.
fn expression(step: &str, values: &BTreeMap<String, f64>, before: &[(String, String)]) -> Option<String> {
    let mut text = step.replace(' ', "");
    for (form, used) in &patterns().forms {
        text = form.replace_all(&text, *used).into_owned();
    }
    let mut whole = true;
    let mut keep = |found: Option<String>| {
        whole &= found.is_some();
        found.unwrap_or_default()
    };
    let text = patterns().name.replace_all(&text, |found: &regex_lite::Captures<'_>| match &found[0] {
        "sqrt" => "sqrt".to_owned(),
        slot => keep(values.get(slot).map(|value| plain(*value))),
    });
    let text = patterns().earlier.replace_all(&text, |found: &regex_lite::Captures<'_>| {
        let result = found[1].parse::<usize>().ok().and_then(|number| before.get(number.checked_sub(1)?));
        keep(result.map(|(_, result)| if result.starts_with('-') { format!("({result})") } else { result.clone() }))
    });
    let text = text.replace("**", "^");
    whole.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrasing::Entry;

    fn problem(json: &str) -> Problem {
        match serde_json::from_str(json).unwrap() {
            Entry::Calc(problem) | Entry::Word(problem) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_problem_is_filled_and_worked_out_by_the_calculator() {
        let problem = problem(
            r#"{"kind":"word","text":"{name} buys {a} pens at {b} {cur} each and pays with {c}. What does {he} get back?",
                "slots":{"a":"int 2..9","b":"int 2..9","c":[100,200]},"where":"a*b < c","steps":["a*b","c-#1"],
                "answer":"{name} gets {=} {cur} back."}"#,
        );
        for index in 0..200 {
            let mut draw = Draw::new(1, "problem", index);
            let solved = problem.solve(Names::Trained, &mut draw).unwrap();
            assert!(!solved.question.contains('{') && !solved.answer.contains('{'), "{solved:?}");
            let (product, rest) = (&solved.steps[0], &solved.steps[1]);
            assert!(rest.0.ends_with(&format!("-{}", product.1)), "{solved:?}");
            assert!(solved.answer.contains(&rest.1), "{solved:?}");
        }
    }

    #[test]
    fn percentages_have_one_form() {
        let values = BTreeMap::from([("a".to_owned(), 80.0), ("p".to_owned(), 15.0)]);
        let of = |step: &str| expression(step, &values, &[("1+1".into(), "-2".into())]).unwrap();
        assert_eq!(of("a*(1-p/100)"), "80*(100-15)/100");
        assert_eq!(of("p/100*a"), "15*80/100");
        assert_eq!(of("p*100/a"), "15/80*100");
        assert_eq!(of("a**2 + #1"), "80^2+(-2)");
        assert_eq!(of("sqrt(a)"), "sqrt(80)");
        assert_eq!(expression("a+x", &values, &[]), None);
        assert_eq!(expression("#2+a", &values, &[]), None);
    }
}
