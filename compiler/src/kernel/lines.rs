//! What every reader of line-based text says when a line makes no sense.

/// A line that makes no sense, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}: {text:?}")]
pub struct LineError<P> {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong, and what was expected.
    pub problem: P,
    /// The line as it stands in the file.
    pub text: Box<str>,
}

/// Lines worth reading, with their words and what to say where one makes no sense.
pub(crate) fn worded(text: &str) -> impl Iterator<Item = Worded<'_>> {
    numbered(text).map(|(number, line)| Worded {
        number,
        line,
        words: line.split_ascii_whitespace().collect(),
    })
}

/// A line in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Worded<'a> {
    /// Line number, from 1.
    pub(crate) number: usize,
    /// The line as it stands in the file.
    pub(crate) line: &'a str,
    /// Its words, at least one.
    pub(crate) words: Vec<&'a str>,
}

impl Worded<'_> {
    /// That it makes no sense.
    pub(crate) fn error<P>(&self, problem: P) -> LineError<P> {
        LineError {
            line: self.number,
            problem,
            text: self.line.into(),
        }
    }
}

/// Lines worth reading with their numbers from 1: trimmed, without empty ones and `#` comments.
pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines().map(str::trim))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}
