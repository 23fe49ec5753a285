use std::io;

/// Why a file could not be listed, read or written. The messages name files as the model did, never by where the
/// workspace lies.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// No path at all.
    #[error("`{0}` is missing or is no text")]
    Missing(&'static str),
    /// An argument that cannot be used.
    #[error("`{argument}` must be {expected}")]
    Argument {
        /// Which.
        argument: &'static str,
        /// What it must be.
        expected: String,
    },
    /// A path that starts at the root of the machine.
    #[error("`{0}` is an absolute path; paths are relative to the workspace, as notes.txt or src/main.py")]
    Absolute(String),
    /// A path that climbs, or a symbolic link that does.
    #[error("`{0}` leads out of the workspace; only files inside it can be used")]
    Outside(String),
    /// A path that no file system should have to take.
    #[error("`{path}` is not a usable path: {reason}")]
    BadPath {
        /// As given, shortened.
        path: String,
        /// Why.
        reason: &'static str,
    },
    /// Nothing there.
    #[error("there is no `{path}`{hint}")]
    NotFound {
        /// As given.
        path: String,
        /// What there is instead, with its own punctuation.
        hint: String,
    },
    /// A folder where a file is needed.
    #[error("`{0}` is a folder; `list_files` shows what is in it")]
    IsFolder(String),
    /// A file where a folder is needed.
    #[error("`{0}` is a file; `read_file` shows it")]
    IsFile(String),
    /// A pipe, a socket, a device.
    #[error("`{path}` is a {kind}, not a file")]
    Special {
        /// As given.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// Not text.
    #[error("`{path}` is not text but {kind} ({bytes} bytes); only text can be shown or changed here")]
    Binary {
        /// As given.
        path: String,
        /// The format, where it is known.
        kind: &'static str,
        /// The size, with separators.
        bytes: String,
    },
    /// An offset beyond the end.
    #[error("`{path}` has {lines} lines; there is no line {offset}")]
    BeyondEnd {
        /// As given.
        path: String,
        /// How many there are.
        lines: String,
        /// The line asked for.
        offset: u64,
    },
    /// A line in what is not read any more.
    #[error(
        "only the first {limit} bytes of `{path}` can be read, which are {lines} lines; line {offset} is beyond them"
    )]
    BeyondReach {
        /// As given.
        path: String,
        /// How many lines there are up to there.
        lines: String,
        /// The line asked for.
        offset: u64,
        /// The bound.
        limit: String,
    },
    /// A change that the file's encoding has no character for.
    #[error(
        "`{path}` is in {encoding}, which has no `{character}`; nothing was changed. Do without it, or write the whole \
         file with `write_file`, in UTF-8"
    )]
    NoCharacter {
        /// As given.
        path: String,
        /// The encoding's name.
        encoding: &'static str,
        /// The character.
        character: char,
    },
    /// Too large to write or patch.
    #[error("{what} would have {bytes} bytes, and {limit} are the most; split it into several files")]
    TooLarge {
        /// The file.
        what: String,
        /// Its size.
        bytes: String,
        /// The bound.
        limit: String,
    },
    /// A write to where only reading is possible.
    #[error("`{0}` is read-only")]
    ReadOnly(String),
    /// `old` is not there.
    #[error("`old` does not occur in `{path}`; nothing was changed. It must match exactly, blanks included.{similar}")]
    NoMatch {
        /// As given.
        path: String,
        /// The most similar lines.
        similar: String,
    },
    /// `old` is there more than once.
    #[error(
        "`old` occurs {count} times in `{path}` ({lines}); nothing was changed. Give more of the text around the place \
         that you mean"
    )]
    ManyMatches {
        /// As given.
        path: String,
        /// How often.
        count: usize,
        /// Where.
        lines: String,
    },
    /// The deadline, or Ctrl-C.
    #[error("stopped before it was done")]
    Cancelled,
    /// What the operating system says.
    #[error("{doing} `{path}` failed: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// As given.
        path: String,
        /// Why it failed.
        source: io::Error,
    },
}

/// 1234567 as 1,234,567.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
