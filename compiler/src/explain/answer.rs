//! What matches say of a packet, and what rules make of it.

use super::ExplainError;
use super::path::{Assumption, Evidence};
use super::walk::Trace;
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
    pub(super) fn supposing(trace: &Trace, assumption: Assumption, not: Negation) -> Self {
        match trace.assumed(&assumption) {
            Some(so) => Self::unless(not, so),
            None => Self::Depends(assumption, not),
        }
    }
}

/// A rule that a trace met.
struct Met {
    /// The trace on which all its matches say yes, with what they found.
    matched: Option<(Trace, Vec<Evidence>)>,
    /// The traces on which one of them says no.
    missed: Vec<Trace>,
}

/// Takes traces past a rule: `follow` does with one that it matches what it says, and gives back those
/// that go on to the next rule. So do those that it does not match.
pub(super) fn pass<M>(
    traces: Vec<Trace>,
    matches: &[M],
    ask: impl Fn(&M, &Trace) -> Result<Answer, ExplainError>,
    mut follow: impl FnMut(Trace, Vec<Evidence>) -> Result<Vec<Trace>, ExplainError>,
) -> Result<Vec<Trace>, ExplainError> {
    let mut on = Vec::with_capacity(traces.len());
    for trace in traces {
        let Met { matched, missed } = meet(trace, matches, &ask)?;
        on.extend(missed);
        if let Some((trace, evidence)) = matched {
            on.extend(follow(trace, evidence)?);
        }
    }
    Ok(on)
}

/// Asks the matches of a rule in their order, as far as they say yes.
fn meet<M>(
    mut trace: Trace,
    matches: &[M],
    ask: impl Fn(&M, &Trace) -> Result<Answer, ExplainError>,
) -> Result<Met, ExplainError> {
    let mut missed = Vec::new();
    let mut found = Vec::new();
    for part in matches {
        match ask(part, &trace)? {
            Answer::Yes(evidence) => found.extend(evidence),
            Answer::No => {
                missed.push(trace);
                return Ok(Met {
                    matched: None,
                    missed,
                });
            }
            Answer::Chance(probability) => {
                let (taken, left) = trace.share.split(probability.parts());
                if left.0 > 0 {
                    let mut other = trace.clone();
                    other.share = left;
                    missed.push(other);
                }
                trace.share = taken;
            }
            Answer::Depends(assumption, not) => {
                let (so, otherwise) = trace.fork(assumption);
                let (yes, no) = match not {
                    Negation::Is => (so, otherwise),
                    Negation::Not => (otherwise, so),
                };
                missed.push(no);
                trace = yes;
            }
            Answer::Remembered(seconds) => {
                trace.affinity = Some(seconds);
                missed.push(trace.clone());
                trace.returning = true;
            }
        }
    }
    Ok(Met {
        matched: Some((trace, found)),
        missed,
    })
}
