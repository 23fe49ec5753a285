use std::fmt;

/// Characters of the expression that an error shows on either side of the place.
const CONTEXT: usize = 40;

/// A place in the expression: characters (not bytes) from `start` up to `end`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(crate) fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end.max(self.end) }
    }
}

/// What sort of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not an expression.
    Syntax,
    /// It has no value: division by zero, the root of a negative number …
    Math,
    /// Units that are unknown or do not go together.
    Unit,
    /// It would need more digits, depth or work than is allowed.
    Limit,
}

/// Why an expression has no value, and where: the message, the part of the expression around the place, and a caret
/// line under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CalcError {
    kind: ErrorKind,
    message: String,
    column: Option<usize>,
    excerpt: String,
    caret: String,
}

impl fmt::Display for CalcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => {
                write!(f, "{} (at column {column})\n{}\n{}", self.message, self.excerpt, self.caret)
            }
            None => f.write_str(&self.message),
        }
    }
}

impl CalcError {
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

/// An error on its way out, before it has been joined with the text of the expression.
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
    pub(crate) fn unit(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unit, message)
    }
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, message)
    }
    pub(crate) fn too_large() -> Self {
        Self::limit("too large: the result has more than 6,000 digits")
    }
    pub(crate) fn division_by_zero() -> Self {
        Self::math("division by zero")
    }

    /// Sets the place, unless a narrower one is known already.
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.at.get_or_insert(span);
        self
    }
}
