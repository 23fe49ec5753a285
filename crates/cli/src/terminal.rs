//! Asking the person at the terminal whether a call may happen.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use toolwright_protocol::{ToolCall, ToolSpec};
use toolwright_runtime::Approver;

use crate::style::{BOLD, harmless, paint};

/// Asks on standard error and reads the answer from standard input; where either is no terminal, the answer is no.
pub struct AsksOnTerminal;

impl Approver for AsksOnTerminal {
    fn approve(&self, call: &ToolCall, spec: &ToolSpec) -> bool {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
            return false;
        }
        let effects: Vec<_> = spec.effects.iter().map(|effect| format!("{effect:?}").to_lowercase()).collect();
        let (name, arguments) = (paint(BOLD, &call.name), harmless(&call.arguments.to_string()));
        let asked =
            write!(anstream::stderr(), "{name} ({}) wants to run with {arguments}. Allow? [y/N] ", effects.join(", "))
                .and_then(|()| anstream::stderr().flush());
        let mut answer = String::new();
        asked.is_ok() && stdin.lock().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }
}
