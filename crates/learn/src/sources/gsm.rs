//! GSM8K's training split (Cobbe et al. 2021, MIT licence) as wordings: its calculator marks say which numbers of the
//! text are calculated with, so that these can be drawn anew.

use std::{collections::BTreeMap, path::Path};

use regex_lite::Regex;
use serde::Deserialize;

use crate::{
    Condition,
    number::plain,
    phrasing::{Problem, Slot},
};

/// Most steps of a problem that is taken.
const MOST_STEPS: usize = 6;

#[derive(Deserialize)]
struct Line {
    question: String,
    answer: String,
}

/// The problems of a file like `train.jsonl` whose marks can be followed. Numbers that stand in the text become slots
/// around their values; others stay what they are.
///
/// # Errors
/// When the file cannot be read or a line is no problem.
pub fn read(path: &Path) -> std::io::Result<Vec<Problem>> {
    let text = std::fs::read_to_string(path)?;
    let lines = text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect::<std::io::Result<Vec<Line>>>()?;
    Ok(lines.iter().filter_map(problem).collect())
}

/// A pattern that is right, or the program is wrong.
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn problem(line: &Line) -> Option<Problem> {
    let last: f64 = line.answer.rsplit("####").next()?.trim().replace(',', "").parse().ok()?;
    let marks: Vec<(String, f64)> = pattern(r"<<([^=<>]+)=([^<>]+)>>")
        .captures_iter(&line.answer)
        .map(|found| Some((found[1].replace([' ', ','], ""), found[2].replace(',', "").trim().parse().ok()?)))
        .collect::<Option<_>>()?;
    if marks.is_empty() || marks.len() > MOST_STEPS || marks.last()?.1 != last {
        return None;
    }
    let mut slots = Slots::of(&line.question);
    let mut steps = Vec::new();
    for at in 0..marks.len() {
        steps.push(slots.step(&marks[at].0, &marks[..at])?);
    }
    // Every step but the last must be used by a later one, or the chain does not hold together.
    for at in 1..steps.len() {
        let mark = pattern(&format!(r"#{at}\b"));
        if !steps[at..].iter().any(|step| mark.is_match(step)) {
            return None;
        }
    }
    slots.finished(&line.question, steps, &marks)
}

/// Numbers of a text, and which of them are calculated with.
struct Slots {
    /// Byte range and value.
    numbers: Vec<(std::ops::Range<usize>, f64)>,
    used: Vec<bool>,
}

impl Slots {
    fn of(text: &str) -> Self {
        let numbers: Vec<_> = pattern(r"\d[\d,]*(\.\d+)?")
            .find_iter(text)
            .filter_map(|found| {
                let shown = found.as_str().trim_end_matches(',');
                let range = found.start()..found.start() + shown.len();
                Some((range, shown.replace(',', "").parse().ok()?))
            })
            .collect();
        let used = vec![false; numbers.len()];
        Self { numbers, used }
    }

    /// A mark's expression over slots and earlier results.
    fn step(&mut self, expression: &str, before: &[(String, f64)]) -> Option<String> {
        if !pattern(r"^[-+*/().\d%]+$").is_match(expression) || expression.contains('%') {
            return None;
        }
        let mut out = String::new();
        let mut rest = 0;
        for found in pattern(r"\d+(\.\d+)?|\.\d+").find_iter(expression) {
            out.push_str(&expression[rest..found.start()]);
            rest = found.end();
            let value: f64 = found.as_str().parse().ok()?;
            let earlier: Vec<usize> = (0..before.len()).filter(|at| before[*at].1 == value).collect();
            let numbers: Vec<usize> = (0..self.numbers.len()).filter(|at| self.numbers[*at].1 == value).collect();
            match (&earlier[..], &numbers[..]) {
                ([at], []) => out.push_str(&format!("#{}", at + 1)),
                ([], [at]) => {
                    self.used[*at] = true;
                    out.push_str(&slot(*at));
                }
                // A constant; or a number that stands in the text more than once, which then stays as it is there.
                ([], _) => out.push_str(&plain(value)),
                // Which one is meant cannot be told.
                _ => return None,
            }
        }
        out.push_str(&expression[rest..]);
        Some(out)
    }

    fn finished(self, question: &str, steps: Vec<String>, marks: &[(String, f64)]) -> Option<Problem> {
        let mut text = String::new();
        let mut slots = BTreeMap::new();
        let mut rest = 0;
        for (at, (range, value)) in self.numbers.iter().enumerate() {
            text.push_str(&question[rest..range.start]);
            rest = range.end;
            if self.used[at] {
                text.push_str(&format!("{{{}}}", slot(at)));
                slots.insert(slot(at), around(*value));
            } else {
                text.push_str(&question[range.clone()]);
            }
        }
        text.push_str(&question[rest..]);
        if text.matches('{').count() != slots.len() {
            return None;
        }
        let condition = conditions(&steps, marks, &slots)?;
        Condition::parse(&condition).ok()?;
        Some(Problem { text, slots, condition: Some(condition), steps, answer: "The answer is {=}.".to_owned() })
    }
}

fn slot(at: usize) -> String {
    format!("v{at}")
}

/// Values near one, of the same kind.
fn around(value: f64) -> Slot {
    if value.fract() != 0.0 {
        return Slot::Range(format!("dec {}..{}", plain(value * 0.6), plain(value * 1.7)));
    }
    // Round numbers stay round.
    let step =
        [1000.0, 100.0, 10.0, 5.0].into_iter().find(|step| value >= 2.0 * step && value % step == 0.0).unwrap_or(1.0);
    if step == 1.0 {
        let low = if value <= 3.0 { 2.0 } else { (value * 0.5).ceil() };
        return Slot::Range(format!("int {}..{}", plain(low), plain((value * 1.8).max(value + 3.0).floor())));
    }
    let (low, high) = ((value * 0.5 / step).ceil(), (value * 1.8 / step).floor());
    Slot::Among((low as i64..=high as i64).map(|number| number as f64 * step).collect())
}

/// What was whole stays whole, what was positive stays positive, and order among results stays as it was where it was
/// clear.
fn conditions(steps: &[String], marks: &[(String, f64)], slots: &BTreeMap<String, Slot>) -> Option<String> {
    let mut written: Vec<String> = Vec::new();
    let mut parts = Vec::new();
    for (step, (_, result)) in steps.iter().zip(marks) {
        let mut whole = step.clone();
        for (at, earlier) in written.iter().enumerate().rev() {
            whole = whole.replace(&format!("#{}", at + 1), &format!("({earlier})"));
        }
        if result.fract() == 0.0 {
            parts.push(format!("({whole}) % 1 == 0"));
        }
        if *result > 0.0 {
            parts.push(format!("({whole}) > 0"));
        }
        written.push(whole);
    }
    (!slots.is_empty() && parts.iter().all(|part| part.len() < 400)).then(|| parts.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draw, Names};

    #[test]
    fn numbers_of_a_problem_become_slots_and_are_drawn_anew() {
        let line = Line {
            question:
                "A clown sold 48 noses in May and half as many in June. He has 3 dogs. How many noses did he sell?"
                    .into(),
            answer: "48/2 = <<48/2=24>>24.\n48+24 = <<48+24=72>>72.\n#### 72".into(),
        };
        let problem = problem(&line).unwrap();
        assert_eq!(problem.steps, ["v0/2", "v0+#1"]);
        assert!(problem.text.contains("sold {v0} noses") && problem.text.contains("3 dogs"));
        let mut seen = std::collections::BTreeSet::new();
        for index in 0..50 {
            let solved = problem.solve(Names::HeldOut, &mut Draw::new(1, "gsm", index)).unwrap();
            seen.insert(solved.expression.clone());
            assert!(!solved.result.contains('.'), "{solved:?}");
        }
        assert!(seen.len() > 10, "{seen:?}");
        assert_eq!(problem.steps.len(), 2);
    }

    #[test]
    fn marks_that_do_not_lead_to_the_answer_are_left_out() {
        let of =
            |answer: &str| problem(&Line { question: "He has 5 and 7 pens. How many?".into(), answer: answer.into() });
        assert!(of("<<5+7=12>>12\n#### 12").is_some());
        assert!(of("<<5+7=12>>12\n#### 13").is_none());
        assert!(of("<<5+7=12>> <<5*7=35>>35\n#### 35").is_none());
        assert!(of("no marks\n#### 13").is_none());
    }
}
