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

/// Longest expression of one call. A result that several later steps use is written out in each, and adds up.
const LONGEST_EXPRESSION: usize = 64;

/// A problem that was worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// The question.
    pub question: String,
    /// Each calculation, with `#n` for the result of the n-th.
    pub steps: Vec<String>,
    /// All of them in one expression.
    pub expression: String,
    /// What it gives.
    pub result: String,
    /// The reply.
    pub answer: String,
}

impl Solved {
    /// The way there, thought before the call where there is more than one step: `12*7, 100-#1`. So each step is decided
    /// with the question in view, and the call puts them together.
    #[must_use]
    pub fn thought(&self) -> Option<String> {
        thought(&self.steps)
    }
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
        let value = |slot: &str| values.get(slot).map(|value| plain(*value));
        let worked = work_out(&self.steps, 0, &value, draw)?;
        let result = worked.result;
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
            "=" => Some(result.clone()),
            _ => surface.get(slot).cloned().or_else(|| cast.get(slot).map(str::to_owned)),
        };
        let (question, answer) = (fill(&self.text, &of), fill(&self.answer, &of));
        Some(Solved { question, answer, steps: worked.steps, expression: worked.expression, result })
    }

    /// `f({a})`: such a number is written as it is.
    fn stands_in_code(&self, slot: &str) -> bool {
        let slot = format!("({{{slot}}}");
        self.text.find(&slot).is_some_and(|at| self.text[..at].ends_with(|c: char| c.is_alphanumeric()))
    }
}

/// See [`Solved::thought`].
pub(crate) fn thought(steps: &[String]) -> Option<String> {
    (steps.len() > 1).then(|| steps.join(", "))
}

/// Steps with their numbers, put together and evaluated.
pub(crate) struct Worked {
    pub steps: Vec<String>,
    pub expression: String,
    pub result: String,
}

/// Fills the steps and works out the last. Steps before number `from` were done earlier in the conversation: where they
/// are used, `value` has their results under `#n`. `None` where there is no clean result.
pub(crate) fn work_out(
    steps: &[String],
    from: usize,
    value: &dyn Fn(&str) -> Option<String>,
    draw: &mut Draw,
) -> Option<Worked> {
    let mut done: Vec<String> = Vec::new();
    let mut shown = Vec::new();
    for step in steps {
        let filled = filled(step, from, value)?;
        done.push(composed(&filled, from, &done)?);
        shown.push(if from == 0 { filled } else { renumbered(&filled, from) });
    }
    let expression = done.pop().filter(|expression| expression.len() <= LONGEST_EXPRESSION)?;
    let result = toolwright_calculator::evaluate(&expression).ok()?.to_string();
    let longest = if draw.chance(0.1) { LONGEST + 6 } else { LONGEST };
    let is_number = result.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    (is_number && result.len() <= longest).then_some(Worked { steps: shown, expression, result })
}

/// A step with numbers for slots, and one form for percentages, so that a wording decides the expression. Results of
/// earlier steps of the same turn stay `#n`.
fn filled(step: &str, from: usize, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = step.replace(' ', "");
    for (form, used) in &patterns().forms {
        text = form.replace_all(&text, *used).into_owned();
    }
    let mut whole = true;
    let mut keep = |found: Option<String>| {
        whole &= found.is_some();
        let found = found.unwrap_or_default();
        if found.starts_with('-') { format!("({found})") } else { found }
    };
    let text = patterns().name.replace_all(&text, |found: &regex_lite::Captures<'_>| match &found[0] {
        "sqrt" => "sqrt".to_owned(),
        slot => keep(value(slot)),
    });
    let text =
        patterns().earlier.replace_all(&text, |found: &regex_lite::Captures<'_>| match found[1].parse::<usize>() {
            Ok(number) if number > from => found[0].to_owned(),
            _ => keep(value(&found[0])),
        });
    let text = text.replace("**", "^");
    whole.then_some(text)
}

/// `#4` as `#1` where three steps were done in earlier turns.
fn renumbered(step: &str, from: usize) -> String {
    let lower = |found: &regex_lite::Captures<'_>| {
        found[1].parse::<usize>().map_or_else(|_| found[0].to_owned(), |number| format!("#{}", number - from))
    };
    patterns().earlier.replace_all(step, lower).into_owned()
}

/// A step with what it builds on in place of `#n`, in brackets where they are needed.
fn composed(step: &str, from: usize, before: &[String]) -> Option<String> {
    let mut text = String::new();
    let mut rest = step;
    while let Some(at) = rest.find('#') {
        let digits: String = rest[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        let inner = before.get(digits.parse::<usize>().ok()?.checked_sub(from + 1)?)?;
        text.push_str(&rest[..at]);
        rest = &rest[at + 1 + digits.len()..];
        let (left, right) = (text.chars().next_back(), rest.chars().next());
        if needs_brackets(inner, left, right) {
            text.push_str(&format!("({inner})"));
        } else {
            text.push_str(inner);
        }
    }
    text.push_str(rest);
    Some(text)
}

fn needs_brackets(inner: &str, left: Option<char>, right: Option<char>) -> bool {
    let (mut depth, mut sums, mut products, mut powers) = (0, false, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth > 0 => {}
            '+' | '-' => sums |= at > 0,
            '*' | '/' => products = true,
            '^' => powers = true,
            _ => {}
        }
    }
    let behind = |chars: &str| left.is_some_and(|c| chars.contains(c));
    let before = |chars: &str| right.is_some_and(|c| chars.contains(c));
    if sums {
        behind("-*/^") || before("*/^")
    } else if products {
        behind("/^") || before("^")
    } else {
        (powers || inner.starts_with('-')) && (behind("^") || before("^"))
    }
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
            assert!(solved.steps[1].ends_with("-#1"), "{solved:?}");
            assert!(solved.expression.ends_with(&format!("-{}", solved.steps[0])), "{solved:?}");
            assert!(solved.answer.contains(&solved.result), "{solved:?}");
        }
    }

    #[test]
    fn percentages_have_one_form() {
        let of = |step: &str| {
            let value = |slot: &str| {
                Some(
                    match slot {
                        "a" => "80",
                        "p" => "15",
                        _ => return None,
                    }
                    .to_owned(),
                )
            };
            filled(step, 0, &value)
        };
        assert_eq!(of("a*(1-p/100)").unwrap(), "80*(100-15)/100");
        assert_eq!(of("p/100*a").unwrap(), "15*80/100");
        assert_eq!(of("p*100/a").unwrap(), "15/80*100");
        assert_eq!(of("a**2 + #1").unwrap(), "80^2+#1");
        assert_eq!(of("sqrt(a)").unwrap(), "sqrt(80)");
        assert_eq!(of("a+x"), None);
    }

    #[test]
    fn steps_come_together_with_the_brackets_that_they_need() {
        for (steps, whole) in [
            (&["2*3", "9-#1"][..], "9-2*3"),
            (&["2+3", "9-#1"], "9-(2+3)"),
            (&["2+3", "#1-9"], "2+3-9"),
            (&["2+3", "#1*4"], "(2+3)*4"),
            (&["2*3", "#1*4"], "2*3*4"),
            (&["2*3", "12/#1"], "12/(2*3)"),
            (&["12/3", "2*#1"], "2*12/3"),
            (&["2+3", "(#1)/5"], "(2+3)/5"),
            (&["4+5", "sqrt(#1)"], "sqrt(4+5)"),
            (&["2*3", "4*5", "#1+#2", "#3/13"], "(2*3+4*5)/13"),
            (&["2*3", "#1^2"], "(2*3)^2"),
        ] {
            let steps: Vec<_> = steps.iter().map(|step| (*step).to_owned()).collect();
            let worked = work_out(&steps, 0, &|_| None, &mut Draw::new(1, "", 0)).unwrap();
            assert_eq!(worked.expression, whole);
        }
        let later = work_out(
            &["#1*2".to_owned(), "#3+1".to_owned()],
            2,
            &|slot| (slot == "#1").then(|| "-7".to_owned()),
            &mut Draw::new(1, "", 0),
        );
        let later = later.unwrap();
        assert_eq!((later.expression.as_str(), later.result.as_str()), ("(-7)*2+1", "-13"));
        assert_eq!(later.steps, ["(-7)*2", "#1+1"]);
        assert!(work_out(&["#2+1".to_owned()], 0, &|_| None, &mut Draw::new(1, "", 0)).is_none());
    }
}
