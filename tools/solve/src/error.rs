use std::fmt;

/// Characters of the input that an error shows on either side of the place.
const CONTEXT: usize = 40;

/// A place in the input: characters (not bytes) from `start` up to `end`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
}

/// What sort of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not what the operation reads.
    Syntax,
    /// It has no value: division by zero, the logarithm of zero.
    Math,
    /// There is no method here for this problem, which says nothing about whether it has an answer.
    Unsupported,
    /// It would need more terms, digits or work than is allowed.
    Limit,
    /// The caller has cancelled.
    Cancelled,
}

/// Why there is no answer: the message and, where there is one, the place with a caret line under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SolveError {
    kind: ErrorKind,
    message: String,
    column: Option<usize>,
    excerpt: String,
    caret: String,
}

impl fmt::Display for SolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "{} (at column {column})\n{}\n{}", self.message, self.excerpt, self.caret),
            None => f.write_str(&self.message),
        }
    }
}

impl SolveError {
    pub(crate) fn new(fault: Fault, input: &str) -> Self {
        let Fault { kind, message, at } = fault;
        let Some(at) = at else {
            return Self { kind, message, column: None, excerpt: String::new(), caret: String::new() };
        };
        let chars: Vec<char> = input.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let from = at.start.min(chars.len()).saturating_sub(CONTEXT);
        let until = chars.len().min(at.start.saturating_add(CONTEXT));
        let mut excerpt = String::new();
        let mut indent = at.start - from;
        if from > 0 {
            excerpt.push('…');
            indent += 1;
        }
        excerpt.extend(chars.get(from..until).unwrap_or_default());
        if until < chars.len() {
            excerpt.push('…');
        }
        let width = at.end.min(until).saturating_sub(at.start).max(1);
        let caret = " ".repeat(indent) + &"^".repeat(width);
        Self { kind, message, column: Some(at.start + 1), excerpt, caret }
    }

    /// What sort of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message alone, one line, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The column of the place in characters, counted from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.column
    }
}

/// An error on its way out, before it has been joined with the text of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub kind: ErrorKind,
    pub message: String,
    pub at: Option<Span>,
}

pub(crate) type Outcome<T> = Result<T, Fault>;

impl Fault {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), at: None }
    }
    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Syntax, message)
    }
    pub(crate) fn math(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Math, message)
    }
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, message)
    }
    pub(crate) fn too_large() -> Self {
        Self::limit("too large: it takes more terms, digits or steps than are allowed here")
    }
    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled")
    }
    pub(crate) fn division_by_zero() -> Self {
        Self::math("division by zero")
    }

    /// Whether everything has to stop, rather than another method be tried.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.kind, ErrorKind::Limit | ErrorKind::Cancelled)
    }

    /// Sets the place, unless a narrower one is known already.
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.at.get_or_insert(span);
        self
    }
}

/// What a method found, or nothing where it does not apply; limits and cancellation go through.
pub(crate) fn attempt<T>(outcome: Outcome<Option<T>>) -> Outcome<Option<T>> {
    match outcome {
        Err(fault) if !fault.is_final() => Ok(None),
        other => other,
    }
}
