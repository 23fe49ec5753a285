//! The languages: what differs between them.

use serde::Serialize;
use toolwright_sandbox::Invocation;

use crate::{
    guest::{self, Guest},
    program::Program,
    report::Failure,
};

/// What an error of a program's comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// What its traceback says.
    Error,
    /// The program asked for more memory than there is, and its interpreter said so.
    OutOfMemory,
    /// The program ended itself with a code.
    Exit,
}

/// An interpreter that runs as a guest.
pub(crate) trait Interpreter: Send + Sync {
    /// The language's name.
    fn language(&self) -> &'static str;

    /// The tool's name.
    fn tool(&self) -> &'static str;

    /// What the model is told.
    fn description(&self) -> &'static str;

    /// What tracebacks call the program.
    fn file(&self) -> &'static str;

    /// How a block of this language is marked in Markdown, in lower case.
    fn marks(&self) -> &'static [&'static str];

    /// Quotes behind which a line that looks like a fence may be part of the program.
    fn quotes(&self) -> &'static [&'static str];

    /// The artefact.
    fn guest(&self) -> Guest;

    /// What the error that ended a program means; `refused` says that it asked for memory and was not given it.
    fn cause(&self, failure: &Failure, refused: bool) -> Cause;

    /// The request for a program, in the guests' common form.
    fn invocation(&self, program: &Program) -> Invocation {
        #[derive(Serialize)]
        struct Request<'a> {
            code: &'a str,
            tests: Option<&'a str>,
            name: &'a str,
        }
        let request = Request { code: &program.code, tests: program.tests.as_deref(), name: self.file() };
        // Text and nothing else: it cannot fail.
        let request = serde_json::to_string(&request).unwrap_or_default();
        Invocation { arguments: vec![self.tool().into(), request], stdin: program.stdin.clone().into_bytes() }
    }
}

pub(crate) struct Python;

impl Interpreter for Python {
    fn language(&self) -> &'static str {
        "Python"
    }

    fn tool(&self) -> &'static str {
        "run_python"
    }

    fn description(&self) -> &'static str {
        include_str!("../python.md")
    }

    fn file(&self) -> &'static str {
        "main.py"
    }

    fn marks(&self) -> &'static [&'static str] {
        &["python", "py", "python3", "py3"]
    }

    fn quotes(&self) -> &'static [&'static str] {
        &["\"\"\"", "'''"]
    }

    fn guest(&self) -> Guest {
        guest::PYTHON
    }

    fn cause(&self, failure: &Failure, _: bool) -> Cause {
        match failure.kind.as_str() {
            "MemoryError" => Cause::OutOfMemory,
            "SystemExit" => Cause::Exit,
            _ => Cause::Error,
        }
    }
}

pub(crate) struct JavaScript;

impl Interpreter for JavaScript {
    fn language(&self) -> &'static str {
        "JavaScript"
    }

    fn tool(&self) -> &'static str {
        "run_javascript"
    }

    fn description(&self) -> &'static str {
        include_str!("../javascript.md")
    }

    fn file(&self) -> &'static str {
        "main.js"
    }

    fn marks(&self) -> &'static [&'static str] {
        &["javascript", "js", "mjs", "node"]
    }

    fn quotes(&self) -> &'static [&'static str] {
        &["`"]
    }

    fn guest(&self) -> Guest {
        guest::JAVASCRIPT
    }

    fn cause(&self, failure: &Failure, refused: bool) -> Cause {
        match failure.kind.as_str() {
            // Where there is no memory for the error's text, QuickJS throws another, and without any, null.
            "InternalError" | "null" if refused => Cause::OutOfMemory,
            "Exit" => Cause::Exit,
            _ => Cause::Error,
        }
    }
}
