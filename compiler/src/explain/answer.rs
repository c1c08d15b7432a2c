//! What matches say of a packet, and what rules make of it.

use super::ExplainError;
use super::path::{Assumption, Evidence};
use super::walk::Way;
use crate::kernel::iptables::{Negation, Probability};

/// What a match says of a packet.
pub(super) enum Answer {
    Yes(Option<Evidence>),
    No,
    /// It is left to chance.
    Chance(Probability),
    /// It depends on something that nobody said: on its being so, or on its not being so.
    Depends(Assumption, Negation),
    /// It depends on whether the client was here within so many seconds.
    Remembered(u32),
}

impl Answer {
    pub(super) fn yes_if(so: bool) -> Self {
        if so { Self::Yes(None) } else { Self::No }
    }

    /// Turned round where that is asked for.
    pub(super) fn unless(not: Negation, so: bool) -> Self {
        Self::yes_if(so == (not == Negation::Is))
    }

    /// Says what was assumed before, or asks for both.
    pub(super) fn supposing(way: &Way, assumption: Assumption, not: Negation) -> Self {
        match way.assumed(&assumption) {
            Some(so) => Self::unless(not, so),
            None => Self::Depends(assumption, not),
        }
    }
}

/// A rule that a way met.
struct Met {
    /// The way on which all its matches say yes, with what they found.
    matched: Option<(Way, Vec<Evidence>)>,
    /// The ways on which one of them says no.
    missed: Vec<Way>,
}

/// Takes ways past a rule: `follow` does with one that it matches what it says, and gives back those
/// that go on to the next rule. So do those that it does not match.
pub(super) fn pass<M>(
    ways: Vec<Way>,
    matches: &[M],
    ask: impl Fn(&M, &Way) -> Result<Answer, ExplainError>,
    mut follow: impl FnMut(Way, Vec<Evidence>) -> Result<Vec<Way>, ExplainError>,
) -> Result<Vec<Way>, ExplainError> {
    let mut on = Vec::with_capacity(ways.len());
    for way in ways {
        let Met { matched, missed } = meet(way, matches, &ask)?;
        on.extend(missed);
        if let Some((way, evidence)) = matched {
            on.extend(follow(way, evidence)?);
        }
    }
    Ok(on)
}

/// Asks the matches of a rule in their order, as far as they say yes.
fn meet<M>(
    mut way: Way,
    matches: &[M],
    ask: impl Fn(&M, &Way) -> Result<Answer, ExplainError>,
) -> Result<Met, ExplainError> {
    let mut missed = Vec::new();
    let mut found = Vec::new();
    for part in matches {
        match ask(part, &way)? {
            Answer::Yes(evidence) => found.extend(evidence),
            Answer::No => {
                missed.push(way);
                return Ok(Met {
                    matched: None,
                    missed,
                });
            }
            Answer::Chance(probability) => {
                let (taken, left) = way.share.split(probability.parts());
                if left.0 > 0 {
                    let mut other = way.clone();
                    other.share = left;
                    missed.push(other);
                }
                way.share = taken;
            }
            Answer::Depends(assumption, not) => {
                let (so, otherwise) = way.fork(assumption);
                let (yes, no) = match not {
                    Negation::Is => (so, otherwise),
                    Negation::Not => (otherwise, so),
                };
                missed.push(no);
                way = yes;
            }
            Answer::Remembered(seconds) => {
                way.affinity = Some(seconds);
                missed.push(way.clone());
                way.returning = true;
            }
        }
    }
    Ok(Met {
        matched: Some((way, found)),
        missed,
    })
}
