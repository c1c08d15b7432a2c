//! The kinds of findings, with the stable names scripts may match on.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// What kind of finding a diagnostic is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name printed in brackets after the severity; it never changes.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

codes! {
    /// Text that is not UTF-8, YAML or JSON.
    Syntax = "syntax",
    /// More nesting, aliases or bytes than any real manifest has.
    Limit = "limit",
    /// A mapping has a key twice.
    DuplicateKey = "duplicate-key",
    /// A field holds a value of the wrong type.
    WrongType = "wrong-type",
    /// A field that the API does not know.
    UnknownField = "unknown-field",
    /// A required field is missing.
    MissingField = "missing-field",
    /// The same object stands in the input twice, with different content.
    DuplicateObject = "duplicate-object",
    /// A value outside the closed set the API knows.
    UnknownValue = "unknown-value",
    /// A port outside 1-65535, or outside what its field takes.
    PortRange = "port-range",
    /// Two readers could read an address differently.
    AddressNotCanonical = "address-not-canonical",
    /// Text that is no IP address or range at all.
    AddressInvalid = "address-invalid",
    /// An address of a family that does not belong where it stands.
    AddressFamily = "address-family",
    /// A name the API would refuse.
    Name = "name",
    /// Two claims on one address, port and protocol.
    AddressClaimed = "address-claimed",
    /// Two claims on one node port.
    NodePortClash = "node-port-clash",
    /// An affinity timeout of zero or more than a day.
    AffinityTimeout = "affinity-timeout",
    /// Nothing describes the node asked for.
    UnknownNode = "unknown-node",
    /// A scheduler the kernel does not have.
    UnknownScheduler = "unknown-scheduler",
    /// A proxy mode that cannot be compiled for.
    Mode = "mode",
    /// Two kube-proxy configurations that differ.
    ConflictingConfig = "conflicting-config",
    /// A kube-proxy setting that has no effect or no meaning here.
    ConfigIgnored = "config-ignored",
    /// A Service that has no cluster IP yet.
    NotAllocated = "not-allocated",
    /// A base's endpoints that may not be what the cluster will choose.
    BaseOutdated = "base-outdated",
    /// Something the API accepts and kube-proxy drops.
    Dropped = "dropped",
    /// Local traffic policy without a local endpoint: kube-proxy uses the cluster's.
    LocalFallback = "local-policy-fallback",
    /// Internal traffic policy Local that reaches remote endpoints after all.
    InternalPolicyLeak = "internal-policy-leak",
    /// Only terminating endpoints are left.
    TerminatingOnly = "terminating-only",
    /// No usable endpoint: connections are refused.
    NoEndpoints = "no-endpoints",
    /// The same endpoint stands in several slices with different conditions.
    DuplicateEndpoint = "duplicate-endpoint",
    /// A slice that belongs to no Service.
    OrphanSlice = "orphan-slice",
    /// A slice port that no rule can be made from.
    EndpointPort = "endpoint-port",
    /// A `/0` source range, which means everyone.
    SourceRangeEveryone = "source-range-everyone",
    /// A health check node port that nothing here answers.
    HealthCheckUnanswered = "health-check-unanswered",
    /// Node addresses are taken from the Node's status for want of `NodeFacts`.
    NodeFactsMissing = "node-facts-missing",
    /// No node address serves node ports.
    NodePortUnserved = "node-port-unserved",
    /// Local traffic cannot be told from other traffic.
    LocalDetection = "local-detection",
    /// The node's own address is unknown.
    NodeAddress = "node-address",
    /// The input holds nothing to compile.
    NothingToCompile = "nothing-to-compile",
    /// More entries than a set takes.
    Capacity = "capacity",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
