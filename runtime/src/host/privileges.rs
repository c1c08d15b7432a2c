//! What this process may do.

/// Capabilities, and where they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileges {
    /// `CAP_NET_ADMIN`: everything but what follows.
    pub net_admin: Held,
    /// `CAP_NET_RAW`: the programs of iptables ask for the sets that rules match through a raw socket,
    /// and those of the legacy variant for everything.
    pub net_raw: Held,
    /// IPVS asks for `CAP_NET_ADMIN` in the initial one, for reading too.
    pub user_namespace: UserNamespace,
}

/// Whether a capability is in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is: the kernel takes what asks for it.
    Yes,
    /// It is not.
    No,
}

/// A user namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserNamespace {
    /// The machine's own.
    Initial,
    /// One that a container or `unshare -U` made.
    Other,
}
