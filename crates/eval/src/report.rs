use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Case, Verdict};

/// What came of a suite.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// All cases together.
    pub total: Category,
    /// By category.
    pub categories: BTreeMap<String, Category>,
    /// Each case.
    pub cases: Vec<Line>,
}

/// Cases that are counted together.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Category {
    /// How many.
    pub cases: usize,
    /// How many of them were right.
    pub right: usize,
    /// The share of right ones.
    pub share: f64,
    /// Where the true share lies with 95 % confidence.
    pub interval: (f64, f64),
}

/// One case as it went.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Its name.
    pub id: String,
    /// Its category.
    pub category: String,
    /// Whether it was right.
    pub right: bool,
    /// What was asked.
    pub question: String,
    /// What would have been right.
    pub expected: String,
    /// What was said.
    pub answer: String,
    /// The calls, as text.
    pub calls: Vec<String>,
    /// Why it was not right.
    pub reason: String,
    /// Seconds.
    pub seconds: f64,
}

impl Report {
    /// Adds a case.
    pub fn add(&mut self, case: &Case, verdict: Verdict) {
        self.total.add(verdict.right);
        self.categories.entry(case.category.clone()).or_default().add(verdict.right);
        self.cases.push(Line {
            id: case.id.clone(),
            category: case.category.clone(),
            right: verdict.right,
            question: case.question.clone(),
            expected: case.check.to_string(),
            answer: verdict.given.answer,
            calls: verdict.given.calls.iter().map(|call| format!("{}({})", call.name, call.arguments)).collect(),
            reason: verdict.reason,
            seconds: verdict.given.seconds,
        });
    }

    /// The cases that were not right.
    pub fn failures(&self) -> impl Iterator<Item = &Line> {
        self.cases.iter().filter(|line| !line.right)
    }
}

impl Category {
    fn add(&mut self, right: bool) {
        self.cases += 1;
        self.right += usize::from(right);
        self.share = self.right as f64 / self.cases as f64;
        self.interval = wilson(self.right, self.cases);
    }
}

/// Wilson's score interval at 95 % (Wilson 1927): right for small counts and for shares near 0 and 1.
fn wilson(right: usize, cases: usize) -> (f64, f64) {
    if cases == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (cases as f64, 1.959_963_984_540_054);
    let share = right as f64 / n;
    let middle = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::wilson;

    #[test]
    fn intervals_are_wilsons() {
        // scipy.stats.binomtest(right, cases).proportion_ci(method="wilson")
        for ((right, cases), (low, high)) in [
            ((0, 10), (0.0, 0.277_532_799_862_889)),
            ((7, 20), (0.181_191_824_101_082, 0.567_145_723_314_764)),
            ((95, 100), (0.888_249_530_768_081, 0.978_456_320_845_632)),
        ] {
            let (is_low, is_high) = wilson(right, cases);
            assert!((is_low - low).abs() < 1e-9 && (is_high - high).abs() < 1e-9, "{is_low} {is_high}");
        }
    }
}
