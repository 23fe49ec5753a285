//! Wordings written by hand: calculations, word problems, and what needs no tool.

use crate::{
    Draw, Episode, ModelTurn, Names, Turn,
    phrasing::Entry,
    sources::{Offered, Source},
};

/// The entries of some kinds, of which each episode takes one.
pub struct Written {
    name: &'static str,
    entries: Vec<Entry>,
}

impl Written {
    /// A source of these entries; those that it cannot make episodes of are left out.
    #[must_use]
    pub fn new(name: &'static str, entries: impl IntoIterator<Item = Entry>) -> Self {
        let usable = |entry: &Entry| matches!(entry, Entry::Calc(_) | Entry::Word(_) | Entry::Direct(_));
        Self { name, entries: entries.into_iter().filter(usable).collect() }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Source for Written {
    fn name(&self) -> &'static str {
        self.name
    }

    fn episode(&self, tools: &Offered, names: Names, draw: &mut Draw) -> Option<Episode> {
        if self.is_empty() {
            return None;
        }
        match draw.pick(&self.entries) {
            Entry::Calc(problem) | Entry::Word(problem) => {
                let solved = problem.solve(names, draw)?;
                let plan = plan(&problem.steps, &solved.steps);
                let steps = solved
                    .steps
                    .into_iter()
                    .enumerate()
                    .map(|(at, (expression, result))| (plan.clone().filter(|_| at == 0), expression, result));
                let offered = tools.with(Some("calculator"), draw);
                Some(Episode::calculated(self.name, offered, solved.question, steps.collect(), solved.answer))
            }
            Entry::Direct(direct) => {
                let turns = vec![Turn::User(direct.text.clone()), Turn::Model(ModelTurn::says(direct.answer.clone()))];
                Some(Episode::new(self.name, tools.with(None, draw), turns))
            }
            _ => None,
        }
    }
}

/// The whole way of several steps, thought before the first: `12*7, then 100-#1`. So the number of steps is decided at
/// once, with the question in view, and none is dropped on the way.
fn plan(steps: &[String], done: &[(String, String)]) -> Option<String> {
    if done.len() < 2 {
        return None;
    }
    let mut parts = Vec::new();
    for (at, (expression, _)) in done.iter().enumerate() {
        let mut text = expression.clone();
        // What an earlier step gave is not known yet when the plan is made.
        for earlier in (0..at).rev() {
            let mark = format!("#{}", earlier + 1);
            if steps[at].contains(&mark) {
                text = with_mark(&text, &done[earlier].1, &mark);
            }
        }
        parts.push(text);
    }
    Some(parts.join(", then "))
}

/// The expression with one occurrence of the number replaced by the mark: the last that stands as a number of its own.
fn with_mark(expression: &str, number: &str, mark: &str) -> String {
    let bracketed = format!("({number})");
    if number.starts_with('-') {
        return expression.replacen(&bracketed, mark, 1);
    }
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    let alone = |at: &usize| {
        !digit(expression[..*at].chars().next_back()) && !digit(expression[at + number.len()..].chars().next())
    };
    let found = expression.rmatch_indices(number).map(|(at, _)| at).find(alone);
    found.map_or_else(
        || expression.to_owned(),
        |at| format!("{}{mark}{}", &expression[..at], &expression[at + number.len()..]),
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn plans_name_earlier_results_by_their_number() {
        let plan = |steps: &[&str], done: &[(&str, &str)]| {
            let steps: Vec<_> = steps.iter().map(|step| (*step).to_owned()).collect();
            let done: Vec<_> = done.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            super::plan(&steps, &done)
        };
        assert_eq!(plan(&["a*b"], &[("2*3", "6")]), None);
        let two = plan(&["a*b", "c-#1"], &[("12*7", "84"), ("100-84", "16")]);
        assert_eq!(two.as_deref(), Some("12*7, then 100-#1"));
        let three = plan(&["a*b", "c*d", "#1+#2-e"], &[("2*3", "6"), ("4*5", "20"), ("6+20-26", "0")]);
        assert_eq!(three.as_deref(), Some("2*3, then 4*5, then #1+#2-26"));
        let negative = plan(&["a-b", "c+#1"], &[("2-5", "-3"), ("9+(-3)", "6")]);
        assert_eq!(negative.as_deref(), Some("2-5, then 9+#1"));
    }
}
