use thiserror::Error;

/// Why a chat template could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// The template is not Jinja that we understand.
    #[error("the chat template does not parse (line {line}): {problem}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// The template failed, or refused the conversation (`raise_exception`).
    #[error("the chat template failed at line {line}: {problem}")]
    Render {
        /// Counted from 1.
        line: usize,
        /// What happened, in the template's words if it said something.
        problem: String,
    },
    /// The template cut or changed a message in a way that hides where it begins and ends.
    #[error("the chat template altered the text of {whose} instead of placing it; use another template")]
    Altered {
        /// Whose text.
        whose: String,
    },
    /// The template leaves something out that must not be lost.
    #[error("the chat template leaves out {what}; use another template")]
    LeavesOut {
        /// What.
        what: String,
    },
    /// The text around a tool result is not the same for every result, so there is no fixed glue.
    #[error("the chat template writes {what} around a tool's result; splice with `ChatTemplate::splice_results`")]
    NoFixedGlue {
        /// What.
        what: String,
    },
    /// The place where the model's turn ends cannot be found.
    #[error("cannot find where a turn ends in the chat template's text {text:?}; name the end-of-turn marker")]
    NoTurnEnd {
        /// The text between a call and its result.
        text: String,
    },
}

impl TemplateError {
    pub(super) fn syntax(error: &minijinja::Error) -> Self {
        Self::Syntax { line: error.line().unwrap_or(1), problem: problem(error) }
    }

    pub(super) fn render(error: &minijinja::Error) -> Self {
        Self::Render { line: error.line().unwrap_or(1), problem: problem(error) }
    }
}

fn problem(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned)
}
