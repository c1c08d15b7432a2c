//! Endpoints that have one address and port in common.

use std::net::SocketAddr;

use super::gather::Candidate;
use crate::model::Cluster;
use crate::model::profile::ReusedAddresses;
use crate::model::slice::{Endpoint, EndpointState, Termination};

/// Of the endpoints that have one address and port those among which a node may choose: where the
/// release has it so, those that are not terminating; of these the ready, else the serving ones. Where
/// they stand makes no difference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alike<'a> {
    /// All of the address and port; there are some.
    same: &'a [Candidate],
    /// Only these count, if it says which.
    termination: Option<Termination>,
    state: EndpointState,
}

impl<'a> Alike<'a> {
    pub(super) fn new(same: &'a [Candidate], reused: ReusedAddresses) -> Self {
        let mut running = same
            .iter()
            .filter(|candidate| candidate.termination == Termination::Running);
        let (termination, first) = match (reused, running.next()) {
            (ReusedAddresses::RunningFirst, Some(first)) => (Some(Termination::Running), first),
            (ReusedAddresses::RunningFirst | ReusedAddresses::Any, _) => (None, &same[0]),
        };
        Self {
            same,
            termination,
            state: first.state,
        }
    }

    /// Their address and port.
    pub(crate) fn socket(self) -> SocketAddr {
        let Candidate { address, port, .. } = self.same[0];
        SocketAddr::new(address, port.get())
    }

    /// What the conditions of each come to.
    pub(crate) fn state(self) -> EndpointState {
        self.state
    }

    /// Each of them; mostly there is one.
    pub(super) fn candidates(self) -> impl Iterator<Item = Candidate> + Clone + use<'a> {
        let same = self.same.iter().copied();
        same.filter(move |candidate| {
            let counts = self
                .termination
                .is_none_or(|it| candidate.termination == it);
            counts && candidate.state == self.state
        })
    }

    /// Each of them; mostly there is one.
    pub(crate) fn endpoints(
        self,
        cluster: &'a Cluster,
    ) -> impl Iterator<Item = &'a Endpoint> + Clone {
        let candidates = self.candidates();
        candidates.map(|candidate| candidate.resolve(cluster).1)
    }
}
