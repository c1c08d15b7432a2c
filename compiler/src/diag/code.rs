//! The kinds of findings, with the stable names scripts may match on.

closed_set! {
    /// What kind of finding a diagnostic is. Its word is printed in brackets after the severity, and never
    /// changes.
    pub enum Code {
        /// Text that is not UTF-8, YAML or JSON.
        Syntax = "syntax",
        /// More nesting, aliases or bytes than any real manifest has.
        Limit = "limit",
        /// What has to be rendered, decrypted or built before it is a manifest.
        NotAManifest = "not-a-manifest",
        /// A mapping has a key twice.
        DuplicateKey = "duplicate-key",
        /// A field holds a value of the wrong type.
        WrongType = "wrong-type",
        /// Something that the API server refuses, whether rules depend on it or not.
        ApiRefuses = "api-refuses",
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
        /// A protocol that Services do not know.
        UnknownProtocol = "unknown-protocol",
        /// A name the API would refuse.
        Name = "name",
        /// A name longer than the API, or the kernel, takes.
        NameTooLong = "name-too-long",
        /// A name with a character that has no business in rule text.
        NameCharacter = "name-character",
        /// Two claims on one address, port and protocol.
        AddressClaimed = "address-claimed",
        /// Two claims on one node port.
        NodePortClash = "node-port-clash",
        /// A health check node port that something else has already.
        HealthCheckPortClash = "health-check-port-clash",
        /// An affinity timeout of zero or more than a day.
        AffinityTimeout = "affinity-timeout",
        /// Session affinity that the node's programs cannot load.
        AffinityUnkept = "affinity-unkept",
        /// A node that is too old for mode nftables.
        NftablesUnsupported = "nftables-unsupported",
        /// Nothing says which addresses cluster IPs are of.
        ServiceRangesUnknown = "service-ranges-unknown",
        /// Nothing describes the node asked for.
        UnknownNode = "unknown-node",
        /// A scheduler the kernel does not have.
        UnknownScheduler = "unknown-scheduler",
        /// A proxy mode that cannot be compiled for.
        Mode = "mode",
        /// Two kube-proxy configurations that differ.
        ConflictingConfig = "conflicting-config",
        /// A feature gate that is locked, mistyped, or decides nothing.
        FeatureGate = "feature-gate",
        /// A kube-proxy setting that has no effect or no meaning here.
        ConfigIgnored = "config-ignored",
        /// A release of kube-proxy that is not known, or that the input contradicts itself about.
        ReleaseUnclear = "release-unclear",
        /// A Service that has no cluster IP yet.
        NotAllocated = "not-allocated",
        /// A port of a Service that has no node port yet.
        NodePortNotAllocated = "node-port-not-allocated",
        /// A base's endpoints that may not be what the cluster will choose.
        BaseOutdated = "base-outdated",
        /// Endpoints that are computed from Pods, as the cluster's controller does.
        EndpointsFromPods = "endpoints-from-pods",
        /// A Pod that is no endpoint, since the input lacks its node.
        PodWithoutNode = "pod-without-node",
        /// Hints of endpoints that cannot be computed.
        HintsUnknown = "hints-unknown",
        /// Something that is left out on purpose, such as Services that only the base has.
        Dropped = "dropped",
        /// An address that kube-proxy drops, for want of the Service's family or because another counts.
        AddressDropped = "address-dropped",
        /// A source range that is dropped, or read otherwise than written.
        SourceRangeDropped = "source-range-dropped",
        /// A way to a Service that its source ranges do not filter.
        SourceRangeBypassed = "source-range-bypassed",
        /// A range with bits beyond its prefix.
        HostBits = "host-bits",
        /// Local traffic policy without a local endpoint: kube-proxy uses the cluster's.
        LocalFallback = "local-policy-fallback",
        /// Internal traffic policy Local that reaches remote endpoints after all.
        InternalPolicyLeak = "internal-policy-leak",
        /// Internal traffic policy Local without a local endpoint: connections are refused.
        InternalPolicyDrops = "internal-policy-drops",
        /// Only terminating endpoints are left.
        TerminatingOnly = "terminating-only",
        /// No usable endpoint: connections are refused.
        NoEndpoints = "no-endpoints",
        /// Nothing says which endpoints there are.
        EndpointsUnknown = "endpoints-unknown",
        /// A dual-stack Service with endpoints of one family only.
        FamilyUnserved = "family-unserved",
        /// A port of a slice that the Service lacks, or the other way round.
        PortMismatch = "port-mismatch",
        /// The same endpoint stands in several slices with different conditions.
        DuplicateEndpoint = "duplicate-endpoint",
        /// A slice that belongs to no Service.
        OrphanSlice = "orphan-slice",
        /// A port or an endpoint of a slice that no rule can be made from.
        EndpointPort = "endpoint-port",
        /// A load balancer that is open to everyone in spite of its source ranges.
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
        /// The input holds nothing that lint looks at.
        NothingToLint = "nothing-to-lint",
        /// More entries than a set takes, or endpoints than a chain should have.
        Capacity = "capacity",
        /// Services of different namespaces share an endpoint.
        SharedEndpoint = "shared-endpoint",
        /// An endpoint at an address that no pod has.
        SpecialEndpoint = "special-endpoint",
        /// An endpoint that leads back to a Service.
        EndpointLoop = "endpoint-loop",
        /// An external IP that the policy does not allow.
        ExternalIp = "external-ip",
        /// External IPs, which later releases give no rules to.
        ExternalIpsDeprecated = "external-ips-deprecated",
        /// A load balancer address that nothing vouches for, or that gets no rule.
        LoadBalancerIp = "load-balancer-ip",
        /// A load balancer that asks for the node's health, and no port to ask at.
        HealthCheckPort = "health-check-port",
        /// A node port outside the range for it.
        NodePortRange = "node-port-range",
        /// Node ports served on loopback addresses.
        LocalhostNodePorts = "localhost-node-ports",
        /// Node ports served on every address.
        NodePortScope = "node-port-scope",
        /// Ranges of Services, pods and nodes that overlap.
        AddressRanges = "address-ranges",
        /// Endpoints that get traffic before they are ready.
        NotReadyPublished = "not-ready-published",
        /// Topology hints that are not followed.
        TopologyHints = "topology-hints",
        /// A field that has no effect on such a Service.
        NoEffect = "no-effect",
        /// A load balancer's field that contradicts another.
        LoadBalancerClass = "load-balancer-class",
        /// A Service that another proxy serves.
        OtherProxy = "other-proxy",
        /// Endpoints of the older API.
        LegacyEndpoints = "legacy-endpoints",
        /// A masquerading setting with side effects.
        Masquerading = "masquerading",
        /// A proxy mode on its way out.
        ModeDeprecated = "mode-deprecated",
        /// A Node that does not say where it is.
        NodeDescription = "node-description",
        /// ARP answered for load balancer addresses on every interface.
        StrictArp = "strict-arp",
        /// A kernel that keeps reused connections at endpoints on their way out.
        ConnReuse = "conn-reuse",
        /// Source ranges that keep a load balancer's health checks out.
        SourceRangeHealthCheck = "source-range-health-check",
        /// YAML that readers take for different values.
        YamlAmbiguous = "yaml-ambiguous",
        /// A pool so large that each change rewrites many rules.
        LargePool = "large-pool",
        /// A selector that no Pod and no Pod template has.
        SelectorOfNobody = "selector-of-nobody",
        /// A selector that takes the Pods of several workloads.
        SelectorOfSeveral = "selector-of-several",
        /// A `targetPort` by a name that Pods lack.
        TargetPortLacking = "target-port-lacking",
        /// A `targetPort` that no container declares.
        TargetPortUndeclared = "target-port-undeclared",
        /// An annotation that is to suppress findings, and does not.
        Suppression = "suppression",
    }
}
