//! Rules that cannot be followed.

/// Why a packet cannot be followed. What portolan compiles is never refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// A rule leads to a chain that is not there.
    #[error("a rule leads to chain {0}, which is not there")]
    NoChain(String),
    /// A rule asks a set that is not there.
    #[error("a rule asks set {0}, which is not there")]
    NoSet(String),
    /// Chains that lead back to themselves.
    #[error("chain {0} leads back to itself")]
    Loop(String),
    /// Far more traces than the rules of Services give.
    #[error("there are more than {0} steps on the ways that the packet may take")]
    TooManySteps(usize),
}
