//! What a client and an endpoint notice: what a test of a kernel can compare.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;

use super::path::{Explanation, Source, Verdict};

/// One thing that may happen to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// The endpoint gets it, and sees the client's address or one of the node's.
    Reaches(SocketAddr, Source),
    /// It is refused.
    Refused,
    /// Nobody answers: it is dropped, or its answer is lost.
    Silence,
    /// It is delivered to the node itself, as it was sent.
    NodeItself,
    /// It leaves for where it was sent, with the client's address or one of the node's.
    RoutedOn(Source),
}

/// Everything that may happen to a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prediction {
    /// All that may happen, at least one thing.
    pub outcomes: BTreeSet<Fate>,
}

impl Prediction {
    /// The endpoints that may answer.
    pub fn endpoints(&self) -> BTreeSet<SocketAddr> {
        let outcomes = self.outcomes.iter();
        outcomes
            .filter_map(|outcome| match outcome {
                Fate::Reaches(endpoint, _) => Some(*endpoint),
                _ => None,
            })
            .collect()
    }

    /// Whose addresses endpoints may see.
    pub fn sources(&self) -> BTreeSet<Source> {
        let outcomes = self.outcomes.iter();
        outcomes
            .filter_map(|outcome| match outcome {
                Fate::Reaches(_, source) => Some(*source),
                _ => None,
            })
            .collect()
    }
}

impl FromIterator<Fate> for Prediction {
    fn from_iter<T: IntoIterator<Item = Fate>>(outcomes: T) -> Self {
        Self {
            outcomes: outcomes.into_iter().collect(),
        }
    }
}

impl Explanation {
    /// What may happen, in short.
    pub fn prediction(&self) -> Prediction {
        let verdicts = self.branches.iter().map(|branch| branch.verdict);
        verdicts.map(Fate::from).collect()
    }
}

impl From<Verdict> for Fate {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Reaches(endpoint, source) => Self::Reaches(endpoint, source),
            Verdict::Rejected => Self::Refused,
            Verdict::Dropped => Self::Silence,
            Verdict::NodeItself => Self::NodeItself,
            Verdict::RoutedOn(source) => Self::RoutedOn(source),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reaches(endpoint, Source::Kept) => {
                write!(f, "{endpoint} gets it and sees the sender's address")
            }
            Self::Reaches(endpoint, Source::Masqueraded) => {
                write!(f, "{endpoint} gets it and sees the node's address")
            }
            Self::Refused => f.write_str("it is refused"),
            Self::Silence => f.write_str("it is dropped, and nobody answers"),
            Self::NodeItself => {
                f.write_str("no Service takes it: the node itself answers, or refuses")
            }
            Self::RoutedOn(Source::Kept) => {
                f.write_str("no Service takes it: it goes on to where it was sent")
            }
            Self::RoutedOn(Source::Masqueraded) => f.write_str(
                "no Service takes it: it goes on to where it was sent, from the node's address",
            ),
        }
    }
}
