//! Traces that are still open, and what is noted of them.

use super::ExplainError;
use super::packet::Packet;
use super::path::{Assumption, Branch, Hop, Share, Step, StepId, Verdict};

/// Most steps that are noted. Services with thousands of endpoints take some hundred thousand.
const MOST_STEPS: usize = 4_000_000;

/// A packet, how it came to where it is, and what must be so for that.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub(super) packet: Packet,
    pub(super) last: Option<StepId>,
    pub(super) share: Share,
    pub(super) assumptions: Vec<(Assumption, bool)>,
    pub(super) returning: bool,
    pub(super) affinity: Option<u32>,
}

impl Trace {
    pub(super) fn new(packet: Packet) -> Self {
        Self {
            packet,
            last: None,
            share: Share::ALL,
            assumptions: Vec::new(),
            returning: false,
            affinity: None,
        }
    }

    /// What was assumed already.
    pub(super) fn assumed(&self, assumption: &Assumption) -> Option<bool> {
        let mut assumed = self.assumptions.iter();
        assumed
            .find(|(known, _)| known == assumption)
            .map(|(_, so)| *so)
    }

    /// The same trace, where something is so, and where it is not.
    pub(super) fn fork(self, assumption: Assumption) -> (Self, Self) {
        let (mut so, mut not) = (self.clone(), self);
        so.packet.assume(&assumption);
        so.assumptions.push((assumption.clone(), true));
        not.assumptions.push((assumption, false));
        (so, not)
    }
}

/// What came through a chain.
#[derive(Debug, Default)]
pub(super) struct ChainExit {
    /// Back in the chain that led here.
    pub(super) back: Vec<Trace>,
    /// Done with the table.
    pub(super) accepted: Vec<Trace>,
}

impl ChainExit {
    pub(super) fn append(&mut self, other: Self) {
        self.back.extend(other.back);
        self.accepted.extend(other.accepted);
    }

    /// Leaves out the step into a chain that had nothing to say: it is not worth mentioning.
    pub(super) fn forget(&mut self, into: StepId, before: Option<StepId>) {
        for trace in self
            .back
            .iter_mut()
            .filter(|trace| trace.last == Some(into))
        {
            trace.last = before;
        }
    }
}

/// A part of what is done at a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HookStage {
    /// Filters that see addresses as they were sent.
    BeforeTranslation,
    /// Address translation: of the destination as packets come in or are sent, else of the source.
    Translation,
    Filter,
}

/// Everything that was met so far.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) steps: Vec<Step>,
    pub(super) branches: Vec<Branch>,
}

impl Walk {
    /// Notes what something did to a packet.
    pub(super) fn note(&mut self, trace: &mut Trace, hop: Hop) -> Result<StepId, ExplainError> {
        if self.steps.len() >= MOST_STEPS {
            return Err(ExplainError::TooManySteps(MOST_STEPS));
        }
        let id = StepId(self.steps.len());
        self.steps.push(Step {
            before: trace.last,
            hop,
        });
        trace.last = Some(id);
        Ok(id)
    }

    /// Makes a branch of a trace that goes no further.
    pub(super) fn end(&mut self, trace: Trace, verdict: Verdict) {
        self.branches.push(Branch {
            last: trace.last,
            share: trace.share,
            assumptions: trace.assumptions,
            returning: trace.returning,
            affinity: trace.affinity,
            verdict,
        });
    }
}
