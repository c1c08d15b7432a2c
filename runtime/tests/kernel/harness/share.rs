//! Which of the cases a kernel runs.

use std::fmt;
use std::str::FromStr;

/// One of equal parts of all cases: those that take long are neighbours, and go to different kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Counted from 0.
    part: usize,
    parts: usize,
}

impl Share {
    /// So many shares, each case in one of them.
    pub(super) fn of(parts: usize) -> impl Iterator<Item = Self> {
        (0..parts).map(move |part| Self { part, parts })
    }

    /// Those among all that belong to it.
    pub(super) fn take<T>(self, all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        all.into_iter().skip(self.part).step_by(self.parts)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.parts)
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(part, parts)| {
            let numbers = (part.parse().ok()?, parts.parse().ok()?);
            Some(numbers).filter(|(part, parts)| part < parts)
        });
        let (part, parts) = numbers.ok_or_else(|| format!("{text} is no share, as 0/2 is"))?;
        Ok(Self { part, parts })
    }
}
