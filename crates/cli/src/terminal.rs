//! Asking the person at the terminal whether a call may happen.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
};

use toolwright_runtime::{Approval, Approver, Question, Scope};
use toolwright_tool::Decision;

use crate::{
    permissions::Permissions,
    style::{BAD, BOLD, DIM, harmless, paint},
    tools,
};

/// Asks on standard error and reads the answer from standard input; where either is no terminal, the answer is no.
pub struct AsksOnTerminal {
    /// Where an answer for good is kept.
    permissions: Mutex<Permissions>,
}

impl AsksOnTerminal {
    /// Answers for good go into `permissions`.
    pub fn new(permissions: Permissions) -> Self {
        Self { permissions: Mutex::new(permissions) }
    }

    fn keep(&self, tool: &str, allowed: bool) {
        let decision = if allowed { Decision::Allow } else { Decision::Deny };
        let mut permissions = self.permissions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = permissions.set(tool, Some(decision)) {
            // The answer holds for this run all the same.
            writeln!(anstream::stderr(), "{} this answer is not kept: {error:#}", paint(BAD, "toolwright:")).ok();
        }
    }
}

impl Approver for AsksOnTerminal {
    fn approve(&self, question: Question<'_>) -> Approval {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
            return Approval::DENIED;
        }
        let Question { call, spec, after_untrusted } = question;
        let effects = if spec.effects.is_empty() { String::new() } else { format!(" ({})", tools::effects(spec)) };
        let mut text = format!(
            "{}{effects} wants to run with {}\n",
            paint(BOLD, &call.name),
            harmless(&call.arguments.to_string())
        );
        if after_untrusted {
            let note = "The model has read what a tool returned; the call may be that text's idea.";
            text.push_str(&format!("{}\n", paint(DIM, note)));
        }
        text.push_str("Allow? [y]es once, [r]un: until it ends, [a]lways, [n]o (default), ne[v]er: ");
        let asked = write!(anstream::stderr(), "{text}").and_then(|()| anstream::stderr().flush());
        let mut answer = String::new();
        if asked.is_err() || stdin.lock().read_line(&mut answer).is_err() {
            return Approval::DENIED;
        }
        let approval = read(&answer);
        if approval.scope == Scope::Always {
            self.keep(&call.name, approval.allowed);
        }
        approval
    }
}

/// Whatever is not clearly a yes is a no.
fn read(answer: &str) -> Approval {
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Approval::ALLOWED,
        "r" | "run" => Approval { allowed: true, scope: Scope::Run },
        "a" | "always" => Approval { allowed: true, scope: Scope::Always },
        "v" | "never" => Approval { allowed: false, scope: Scope::Always },
        _ => Approval::DENIED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_allows() {
        assert_eq!(read(" Y\n"), Approval::ALLOWED);
        assert_eq!(read("always"), Approval { allowed: true, scope: Scope::Always });
        assert_eq!(read("never"), Approval { allowed: false, scope: Scope::Always });
        for no in ["", "\n", "n", "yeah?", "yy", "allow all"] {
            assert_eq!(read(no), Approval::DENIED, "{no:?}");
        }
    }
}
