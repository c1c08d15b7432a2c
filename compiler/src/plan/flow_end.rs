//! Why UDP flows are forgotten.

use std::fmt;

/// Why the kernel is to forget UDP flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowEnd {
    /// Their endpoint serves no more.
    EndpointServesNoMore,
    /// No slice lists their endpoint any more.
    EndpointDeleted,
    /// Their endpoint is chosen no more; whether it serves is unknown.
    EndpointNotChosen,
    /// The Service had no endpoint, so they reached none.
    FirstEndpoint,
    /// The Service has no endpoint left.
    LastEndpoint,
    /// Nothing served at their address, so they reached no endpoint.
    AddressComes,
    /// Nothing serves at their address any more.
    AddressGoes,
    /// Another mode serves it, which knows nothing of them.
    ModeChanges,
    /// kube-proxy's own table of mode nftables served it. Whom it sent them to is not read.
    TakenOver,
}

impl FlowEnd {
    /// All reasons.
    pub const ALL: [Self; 9] = [
        Self::EndpointServesNoMore,
        Self::EndpointDeleted,
        Self::EndpointNotChosen,
        Self::FirstEndpoint,
        Self::LastEndpoint,
        Self::AddressComes,
        Self::AddressGoes,
        Self::ModeChanges,
        Self::TakenOver,
    ];

    /// Its name in plan files.
    pub fn id(self) -> &'static str {
        match self {
            Self::EndpointServesNoMore => "endpoint-serves-no-more",
            Self::EndpointDeleted => "endpoint-deleted",
            Self::EndpointNotChosen => "endpoint-not-chosen",
            Self::FirstEndpoint => "first-endpoint",
            Self::LastEndpoint => "last-endpoint",
            Self::AddressComes => "address-comes",
            Self::AddressGoes => "address-goes",
            Self::ModeChanges => "mode-changes",
            Self::TakenOver => "taken-over",
        }
    }

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

impl fmt::Display for FlowEnd {
    /// In a clause: `the endpoint serves no more`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndpointServesNoMore => "the endpoint serves no more",
            Self::EndpointDeleted => "the endpoint is deleted",
            Self::EndpointNotChosen => "the endpoint is chosen no more",
            Self::FirstEndpoint => "the Service had no endpoint",
            Self::LastEndpoint => "the Service has no endpoint left",
            Self::AddressComes => "nothing served there",
            Self::AddressGoes => "nothing serves there any more",
            Self::ModeChanges => "another mode serves there",
            Self::TakenOver => "kube-proxy's own table served there",
        })
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
