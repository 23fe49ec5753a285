//! Where questions come from.

mod bfcl;
mod humaneval;
mod seed;
mod word;
mod xquad;

use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::de::DeserializeOwned;

use crate::Case;

/// A set of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// The held-out wordings of the curriculum; the path is their folder.
    Seed,
    /// SVAMP (Patel et al. 2021), as JSON or JSON lines.
    Svamp,
    /// ASDiv (Miao et al. 2020), as its XML or as JSON.
    Asdiv,
    /// MAWPS (Koncel-Kedziorski et al. 2016), as JSON or JSON lines.
    Mawps,
    /// GSM8K (Cobbe et al. 2021), as JSON lines.
    Gsm8k,
    /// The Berkeley Function Calling Leaderboard's single-turn sets, as JSON lines; a file or a folder of them.
    Bfcl,
    /// XQuAD in English (Artetxe et al. 2019): a folder with `passages.jsonl` and `questions.jsonl`.
    Xquad,
    /// HumanEval (Chen et al. 2021), as JSON lines.
    Humaneval,
}

/// What a suite is drawn with.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The file or folder.
    pub path: PathBuf,
    /// At most so many cases; of each category, where the suite draws them.
    pub limit: Option<usize>,
    /// Of what is drawn.
    pub seed: u64,
    /// Where compiled guests are kept.
    pub cache: PathBuf,
    /// An empty folder for what the suite needs on the disk.
    pub scratch: PathBuf,
}

/// Why a suite cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// There is no such suite.
    #[error("there is no suite `{0}`; there are {all}", all = Suite::NAMES.map(|(name, _)| name).join(", "))]
    Unknown(String),
    /// A file.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What stands in it.
    #[error("{path}: {reason}")]
    Format {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// What the suite needs cannot be made.
    #[error("{0}")]
    Other(String),
}

impl Suite {
    const NAMES: [(&'static str, Self); 8] = [
        ("seed", Self::Seed),
        ("svamp", Self::Svamp),
        ("asdiv", Self::Asdiv),
        ("mawps", Self::Mawps),
        ("gsm8k", Self::Gsm8k),
        ("bfcl", Self::Bfcl),
        ("xquad", Self::Xquad),
        ("humaneval", Self::Humaneval),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, suite)| *suite == self).map_or("", |(name, _)| name)
    }

    /// The cases, in the order of the file.
    ///
    /// # Errors
    /// [`SuiteError`], with the file and the line.
    pub fn cases(self, setting: &Setting) -> Result<Vec<Case>, SuiteError> {
        let mut cases = match self {
            Self::Seed => return seed::cases(setting),
            Self::Svamp | Self::Asdiv | Self::Mawps | Self::Gsm8k => word::cases(self.name(), &setting.path)?,
            Self::Bfcl => bfcl::cases(&setting.path)?,
            Self::Xquad => xquad::cases(&setting.path, &setting.scratch)?,
            Self::Humaneval => humaneval::cases(&setting.path)?,
        };
        if cases.is_empty() {
            return Err(SuiteError::Format { path: setting.path.clone(), reason: "there is no question in it".into() });
        }
        cases.truncate(setting.limit.unwrap_or(usize::MAX));
        Ok(cases)
    }
}

impl FromStr for Suite {
    type Err = SuiteError;

    fn from_str(name: &str) -> Result<Self, SuiteError> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, suite)| *suite).ok_or_else(|| SuiteError::Unknown(name.to_owned()))
    }
}

fn read(path: &Path) -> Result<String, SuiteError> {
    fs::read_to_string(path).map_err(|source| SuiteError::Read { path: path.to_owned(), source })
}

/// The values of a file: one JSON array, or JSON lines.
fn values<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, SuiteError> {
    let text = read(path)?;
    let wrong = |reason: String| SuiteError::Format { path: path.to_owned(), reason };
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(&text).map_err(|error| wrong(error.to_string()));
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| serde_json::from_str(line).map_err(|error| wrong(format!("line {number}: {error}"))))
        .collect()
}
