//! Why UDP flows are forgotten.

closed_set! {
    /// Why the kernel is to forget UDP flows, as plan files name it.
    pub enum FlowEnd {
        /// Their endpoint serves no more.
        EndpointServesNoMore = "endpoint-serves-no-more",
        /// No slice lists their endpoint any more.
        EndpointDeleted = "endpoint-deleted",
        /// Their endpoint is chosen no more; whether it serves is unknown.
        EndpointNotChosen = "endpoint-not-chosen",
        /// The Service had no endpoint, so they reached none.
        FirstEndpoint = "first-endpoint",
        /// The Service has no endpoint left.
        LastEndpoint = "last-endpoint",
        /// Nothing served at their address, so they reached no endpoint.
        AddressComes = "address-comes",
        /// Nothing serves at their address any more.
        AddressGoes = "address-goes",
        /// Another mode serves it, which knows nothing of them.
        ModeChanges = "mode-changes",
        /// kube-proxy's own table of mode nftables served it. Whom it sent them to is not read.
        TakenOver = "taken-over",
    }
}

impl FlowEnd {
    /// Whether the flows reached an endpoint until now.
    pub fn reach(self) -> Reach {
        match self {
            Self::FirstEndpoint | Self::AddressComes => Reach::Nobody,
            Self::EndpointServesNoMore
            | Self::EndpointDeleted
            | Self::EndpointNotChosen
            | Self::LastEndpoint
            | Self::AddressGoes
            | Self::ModeChanges
            | Self::TakenOver => Reach::Endpoints,
        }
    }
}

impl FlowEnd {
    /// In a clause: `the endpoint serves no more`.
    pub fn clause(self) -> &'static str {
        match self {
            Self::EndpointServesNoMore => "the endpoint serves no more",
            Self::EndpointDeleted => "the endpoint is deleted",
            Self::EndpointNotChosen => "the endpoint is chosen no more",
            Self::FirstEndpoint => "the Service had no endpoint",
            Self::LastEndpoint => "the Service has no endpoint left",
            Self::AddressComes => "nothing served there",
            Self::AddressGoes => "nothing serves there any more",
            Self::ModeChanges => "another mode serves there",
            Self::TakenOver => "kube-proxy's own table served there",
        }
    }
}

/// Whom flows reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Endpoints: somebody may notice that they end.
    Endpoints,
    /// Nobody: they are only in the way.
    Nobody,
}
