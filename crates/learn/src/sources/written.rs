//! Wordings written by hand: calculations, word problems, and what needs no tool.

use crate::{
    Draw, Episode, Gold, ModelTurn, Names, Turn, paraphrase,
    phrasing::Entry,
    sources::{Offered, Source},
};

/// What is said to a sum that nothing is there for.
const NO_CALCULATOR: &str = "I cannot work that out without a calculator.";

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
            Entry::Calc(problem) => {
                let mut solved = problem.solve(names, draw)?;
                solved.question = paraphrase::reworded(&solved.question, names, draw);
                if names == Names::Trained && draw.chance(0.02) {
                    let turns = vec![Turn::User(solved.question), Turn::Model(ModelTurn::says(NO_CALCULATOR))];
                    return Some(Episode::new(self.name, tools.without("calculator", draw), turns));
                }
                Some(Episode::solved(self.name, tools.with(Some("calculator"), draw), solved))
            }
            Entry::Word(problem) => {
                let mut solved = problem.solve(names, draw)?;
                solved.question = paraphrase::retold(&solved.question, names, draw);
                Some(Episode::solved(self.name, tools.with(Some("calculator"), draw), solved))
            }
            Entry::Direct(direct) => {
                let name = crate::cast::person(names, draw);
                let filled = |text: &str| crate::phrasing::fill(text, &|slot| (slot == "name").then(|| name.clone()));
                let (text, answer) = (filled(&direct.text), filled(&direct.answer));
                let turns =
                    vec![Turn::User(paraphrase::mistyped(&text, names, draw)), Turn::Model(ModelTurn::says(answer))];
                Some(Episode::new(self.name, tools.with(None, draw), turns).measured_by(Gold::NoCall))
            }
            _ => None,
        }
    }
}
