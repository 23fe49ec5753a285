//! What the journeys under `tests/` share: the real `toolwright` binary, each time with a data directory of its own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// The binary, which Cargo builds for the tests of its package: those of `crates/cli`, where the journeys are listed.
///
/// # Panics
/// In a test of another package.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "this is how Cargo tells a test")]
pub fn binary() -> PathBuf {
    let path = std::env::var("CARGO_BIN_EXE_toolwright");
    path.map_or_else(|error| panic!("only the tests of toolwright-cli know its binary: {error}"), PathBuf::from)
}

/// Where compiled interpreters are kept from test to test: compiling one takes longer than most journeys.
fn cache() -> PathBuf {
    let binary = binary();
    let target = binary.ancestors().nth(2).unwrap_or_else(|| panic!("the binary lies in no target directory"));
    target.join("tmp/toolwright-cache")
}

/// A user with an empty data directory.
pub struct User {
    data: TempDir,
}

/// What a command left.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Default for User {
    fn default() -> Self {
        Self::new()
    }
}

impl User {
    /// A new one.
    ///
    /// # Panics
    /// When there is no temporary directory.
    #[must_use]
    pub fn new() -> Self {
        Self { data: TempDir::new().unwrap_or_else(|error| panic!("no temporary directory: {error}")) }
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// The command line, ready to start, with no input and nothing of this machine's settings.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).env_remove("TOOLWRIGHT_MODEL").env("TOOLWRIGHT_DATA_DIR", self.data_dir());
        command.env("TOOLWRIGHT_CACHE_DIR", cache());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the command line to its end.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output();
        ended(output.unwrap_or_else(|error| panic!("toolwright does not start: {error}")))
    }

    /// Runs it and reads its standard output as one JSON value.
    ///
    /// # Panics
    /// When it fails or prints something else.
    #[must_use]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(arguments);
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("no JSON ({error}): {ended:?}"))
    }
}

/// The readable form of a finished process.
#[must_use]
pub fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
