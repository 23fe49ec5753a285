//! Plans for goals, and checks of answers, in the words of `prompts/`.

use crate::{
    Call, Draw, Episode, Gold, ModelTurn, Names, Turn,
    phrasing::{Entry, Plan, Problem, fill},
    sources::{Offered, Source},
};

const PLAN: &str = include_str!("../../../../prompts/plan.md");
const CHECK: &str = include_str!("../../../../prompts/check.md");

/// Goals, of which each episode plans one.
pub struct Plans(Vec<Plan>);

/// Problems, of which each episode checks an answer.
pub struct Checks(Vec<Problem>);

impl Plans {
    /// The plans among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let plans = entries.into_iter().filter_map(|entry| match entry {
            Entry::Plan(plan) => Some(plan),
            _ => None,
        });
        Self(plans.collect())
    }
}

impl Checks {
    /// The problems among these entries.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let problems = entries.into_iter().filter_map(|entry| match entry {
            Entry::Calc(problem) | Entry::Word(problem) => Some(problem),
            _ => None,
        });
        Self(problems.collect())
    }
}

/// A plan as a model writes it: `2. Divide the length by 12 [calculator] after 1`.
#[must_use]
pub fn written(plan: &Plan) -> String {
    let lines = plan.tasks.iter().enumerate().map(|(at, task)| {
        let after: Vec<String> = task.after.iter().map(|index| (index + 1).to_string()).collect();
        let after = if after.is_empty() { String::new() } else { format!(" after {}", after.join(", ")) };
        format!("{}. {} [{}]{after}", at + 1, task.task.trim_end_matches('.'), task.tool)
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Source for Plans {
    fn name(&self) -> &'static str {
        "plans"
    }

    fn episode(&self, tools: &Offered, _: Names, draw: &mut Draw) -> Option<Episode> {
        let plan = (!self.0.is_empty()).then(|| draw.pick(&self.0))?;
        let goal = fill(PLAN.trim_end(), &|slot| (slot == "goal").then(|| plan.goal.clone()));
        let turns = vec![Turn::User(goal), Turn::Model(ModelTurn::says(written(plan)))];
        Some(Episode::new(self.name(), tools.with(None, draw), turns))
    }
}

impl Source for Checks {
    fn name(&self) -> &'static str {
        "checks"
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        let problem = (!self.0.is_empty()).then(|| draw.pick(&self.0))?;
        let solved = problem.solve(names, draw)?;
        let right = draw.chance(0.5);
        let claimed = if right { solved.answer.clone() } else { spoilt(&solved.answer, &solved.result, draw)? };
        let prompt = fill(CHECK.trim_end(), &|slot| match slot {
            "question" => Some(solved.question.clone()),
            "answer" => Some(claimed.clone()),
            _ => None,
        });
        let verdict = if right { "Right.".to_owned() } else { format!("Wrong: it is {}.", solved.result) };
        let way = (solved.thought(), Call::calculator(&solved.expression), solved.result.clone());
        let tools = tools.with(Some("calculator"), draw);
        Some(Episode::with_call(self.name(), tools, prompt, way, verdict.clone()).measured_by(Gold::Text(verdict)))
    }
}

/// The answer with another number in place of the result: a digit of it is another, or two are swapped.
fn spoilt(answer: &str, result: &str, draw: &mut Draw) -> Option<String> {
    let mut digits: Vec<u8> = result.bytes().collect();
    let places: Vec<usize> = (0..digits.len()).filter(|at| digits[*at].is_ascii_digit()).collect();
    let at = *draw.pick(&places);
    let next = at + 1;
    if next < digits.len() && digits[next].is_ascii_digit() && digits[next] != digits[at] && draw.chance(0.4) {
        digits.swap(at, next);
    } else {
        let other = b'1' + (digits[at] - b'0' + draw.int(0, 7) as u8) % 9;
        digits[at] = if other == digits[at] { b'1' + (other - b'0') % 9 } else { other };
    }
    let wrong = String::from_utf8(digits).ok()?;
    (wrong != result && answer.contains(result)).then(|| answer.replacen(result, &wrong, 1))
}
