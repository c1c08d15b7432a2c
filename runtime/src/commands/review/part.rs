//! A part of a review: what it says, or why it says nothing.

use anstream::adapter::strip_str;

use crate::report::{Exit, Failure};

/// A part of a review.
pub(super) enum ReviewPart<T> {
    /// It says this.
    Done(T),
    /// It cannot, which fails the review.
    Failed { why: String, exit: Exit },
    /// It was not asked for, or cannot be without another part.
    None(&'static str),
}

impl<T> ReviewPart<T> {
    pub(super) fn failed(failure: &Failure) -> Self {
        Self::Failed {
            why: strip_str(&failure.to_string()).to_string(),
            exit: failure.exit(),
        }
    }

    pub(super) fn exit(&self, of: impl Fn(&T) -> Exit) -> Exit {
        match self {
            Self::Done(done) => of(done),
            Self::Failed { exit, .. } => *exit,
            Self::None(_) => Exit::Done,
        }
    }
}

impl<T> From<Result<T, Failure>> for ReviewPart<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(done) => Self::Done(done),
            Err(failure) => Self::failed(&failure),
        }
    }
}
