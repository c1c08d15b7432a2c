//! Holds what became of the same flows in several modes against one another.

use std::fmt::{self, Write as _};

use portolan_compiler::model::Mode;

use super::MODES;
use super::differences::Difference;
use super::flow::{Asked, Endpoints, Flow, Keeps, Open};
use super::record::{answering, comparable};
use crate::bed::{Outcome, Outcomes};

/// What became of a flow in the first mode and in another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) other: Mode,
    pub(super) flow: &'a Flow,
    /// In mode iptables.
    pub(super) first: &'a Outcomes,
    pub(super) found: &'a Outcomes,
}

/// Every mode's outcomes, in the order of the flows, without what is drawn by lot.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    flows: &'a [Flow],
    recorded: [Vec<Outcomes>; MODES.len()],
}

impl<'a> Comparison<'a> {
    pub(super) fn new(flows: &'a [Flow], recorded: &[Vec<Outcomes>; MODES.len()]) -> Self {
        let recorded = recorded.each_ref().map(|recorded| {
            let both = flows.iter().zip(recorded);
            both.map(|(flow, outcomes)| comparable(flow, outcomes))
                .collect()
        });
        Self { flows, recorded }
    }

    /// Pairs that differ.
    fn different(&self) -> impl Iterator<Item = Pair<'_>> {
        let [first, others @ ..] = &self.recorded;
        let others = others.iter().zip(&MODES[1..]);
        others
            .flat_map(move |(recorded, mode)| {
                let both = first.iter().zip(recorded);
                self.flows
                    .iter()
                    .zip(both)
                    .map(|(flow, (first, found))| Pair {
                        other: *mode,
                        flow,
                        first,
                        found,
                    })
            })
            .filter(|pair| pair.first != pair.found)
    }

    /// What a Service offers to a sender is answered by all of its endpoints: modes that were equal
    /// in failing would be equal too.
    pub(super) fn wanted_answers(&self) {
        for (flow, outcomes) in self.flows.iter().zip(&self.recorded[0]) {
            let offered = matches!(flow.asked, Asked::Frontend | Asked::Pod)
                && (flow.endpoints, flow.open) == (Endpoints::Some, Open::ToEveryone);
            let backends = outcomes.iter().filter_map(answering);
            let wanted = match flow.keeps {
                Keeps::Nothing => flow.backends,
                Keeps::Backend => 1,
            };
            let answered = outcomes.iter().all(|one| answering(one).is_some());
            assert!(
                !offered || answered && backends.count() == wanted,
                "{flow}: {}",
                Shown(outcomes)
            );
        }
    }

    /// Every difference is declared.
    pub(super) fn only_what_is_declared(&self) {
        let mut report = String::new();
        for pair in self.different() {
            let mut declared = Difference::ALL.iter();
            if !declared.any(|difference| difference.explains(&pair)) {
                let _ = writeln!(
                    report,
                    "{}\n    {}: {}\n    {}: {}",
                    pair.flow,
                    MODES[0].as_str(),
                    Shown(pair.first),
                    pair.other.as_str(),
                    Shown(pair.found)
                );
            }
        }
        assert!(report.is_empty(), "differs, and is not declared:\n{report}");
    }

    /// These are not only declared, but there.
    pub(super) fn all_of<'d>(&self, declared: impl Iterator<Item = &'d Difference>) {
        for difference in declared {
            assert!(
                self.different().any(|pair| difference.explains(&pair)),
                "declared, and not seen: {}, {}",
                difference.other.as_str(),
                difference.what
            );
        }
    }
}

impl fmt::Display for Comparison<'_> {
    /// Every flow, with what became of it: one column for modes that agree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, flow) in self.flows.iter().enumerate() {
            let of = |mode: usize| Shown(&self.recorded[mode][number]);
            write!(f, "{flow}: {}", of(0))?;
            for (mode, name) in MODES.iter().enumerate().skip(1) {
                if self.recorded[mode][number] != self.recorded[0][number] {
                    write!(f, " | {} {}", name.as_str(), of(mode))?;
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Outcomes in a few words.
pub(super) struct Shown<'a>(pub(super) &'a Outcomes);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, outcome) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            match outcome {
                Outcome::Answer {
                    backend,
                    source_seen,
                } => write!(f, "{backend} sees {source_seen}")?,
                Outcome::Echo => f.write_str("an echo")?,
                Outcome::Refused => f.write_str("refused")?,
                Outcome::Unclaimed => f.write_str("unclaimed")?,
                Outcome::Silence => f.write_str("silence")?,
            }
        }
        Ok(())
    }
}
