//! Which rule a kind of finding belongs to: what compile reports too is found once, by compile's own
//! stages, and lint gives it its rule.

use super::RuleId;
use crate::diag::Code;

/// What lint makes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is one of this rule.
    Rule(RuleId),
    /// It stands for itself, under the name of its code.
    Itself,
    /// It is about compiling, and nothing about the manifests is wrong.
    Nothing,
}

/// What lint makes of findings of a kind.
pub(super) fn meaning(code: Code) -> Meaning {
    let rule = match code {
        Code::AddressClaimed => RuleId::Ptl001,
        Code::NodePortClash => RuleId::Ptl002,
        Code::NoEndpoints => RuleId::Ptl003,
        Code::PortMismatch => RuleId::Ptl004,
        Code::OrphanSlice => RuleId::Ptl005,
        Code::AddressFamily | Code::AddressDropped | Code::FamilyUnserved => RuleId::Ptl006,
        Code::DuplicateEndpoint => RuleId::Ptl007,
        Code::SharedEndpoint => RuleId::Ptl008,
        Code::SpecialEndpoint => RuleId::Ptl009,
        Code::EndpointLoop => RuleId::Ptl010,
        Code::ExternalIp | Code::ExternalIpsDeprecated => RuleId::Ptl011,
        Code::LoadBalancerIp => RuleId::Ptl012,
        Code::AddressNotCanonical | Code::HostBits => RuleId::Ptl013,
        Code::SourceRangeDropped
        | Code::SourceRangeEveryone
        | Code::SourceRangeHealthCheck
        | Code::SourceRangeBypassed => RuleId::Ptl014,
        Code::LocalFallback | Code::HealthCheckPortClash | Code::HealthCheckPort => RuleId::Ptl015,
        Code::InternalPolicyLeak | Code::InternalPolicyDrops => RuleId::Ptl016,
        Code::AffinityTimeout => RuleId::Ptl017,
        Code::UnknownProtocol => RuleId::Ptl018,
        Code::NodePortRange => RuleId::Ptl019,
        Code::LocalhostNodePorts => RuleId::Ptl021,
        Code::NodePortScope | Code::NodePortUnserved => RuleId::Ptl022,
        Code::AddressRanges => RuleId::Ptl023,
        Code::NameTooLong => RuleId::Ptl024,
        Code::NameCharacter => RuleId::Ptl025,
        Code::Capacity => RuleId::Ptl026,
        Code::NotReadyPublished => RuleId::Ptl027,
        Code::TerminatingOnly => RuleId::Ptl028,
        Code::TopologyHints => RuleId::Ptl029,
        Code::NoEffect => RuleId::Ptl030,
        Code::LoadBalancerClass => RuleId::Ptl031,
        Code::OtherProxy => RuleId::Ptl032,
        Code::LegacyEndpoints => RuleId::Ptl033,
        Code::LocalDetection | Code::Masquerading => RuleId::Ptl034,
        Code::ModeDeprecated => RuleId::Ptl036,
        Code::EndpointPort => RuleId::Ptl037,
        Code::NodeAddress | Code::NodeDescription => RuleId::Ptl038,
        Code::StrictArp | Code::ConnReuse => RuleId::Ptl039,
        Code::DuplicateKey | Code::DuplicateObject | Code::YamlAmbiguous => RuleId::Ptl040,
        Code::LargePool => RuleId::Ptl042,
        Code::ApiRefuses => RuleId::Ptl043,
        Code::SelectorOfNobody => RuleId::Ptl044,
        Code::SelectorOfSeveral => RuleId::Ptl045,
        Code::TargetPortLacking => RuleId::Ptl046,
        Code::TargetPortUndeclared => RuleId::Ptl047,
        Code::Syntax
        | Code::Limit
        | Code::NotAManifest
        | Code::WrongType
        | Code::UnknownField
        | Code::MissingField
        | Code::UnknownValue
        | Code::PortRange
        | Code::AddressInvalid
        | Code::Name
        | Code::UnknownNode
        | Code::UnknownScheduler
        | Code::Mode
        | Code::ConflictingConfig
        | Code::ReleaseUnclear
        | Code::ConfigIgnored
        | Code::FeatureGate
        | Code::BaseOutdated
        | Code::PodWithoutNode
        | Code::HintsUnknown
        | Code::NodePortNotAllocated
        | Code::NftablesUnsupported
        | Code::NothingToLint
        | Code::Suppression => return Meaning::Itself,
        Code::AffinityUnkept
        | Code::NotAllocated
        | Code::Dropped
        | Code::NothingToCompile
        | Code::NodeFactsMissing
        | Code::ServiceRangesUnknown
        | Code::EndpointsUnknown
        | Code::EndpointsFromPods
        | Code::HealthCheckUnanswered => return Meaning::Nothing,
    };
    Meaning::Rule(rule)
}

/// Whether such a finding warns of what is right in a manifest: the cluster allocates it.
pub(super) fn is_for_information(code: Code) -> bool {
    matches!(code, Code::NodePortNotAllocated)
}

/// Whether such a finding needs all endpoints to tell, and is not for one node to say: what is missing
/// is missing everywhere, and each node's own endpoints are counted by a rule of lint's.
pub(super) fn is_of_all_nodes(code: Code) -> bool {
    matches!(
        code,
        Code::NoEndpoints | Code::FamilyUnserved | Code::PortMismatch | Code::Capacity
    )
}

/// Whether such a finding is about a node, and means nothing where no node is known.
pub(super) fn is_of_a_node(code: Code) -> bool {
    matches!(
        code,
        Code::LocalFallback
            | Code::InternalPolicyLeak
            | Code::InternalPolicyDrops
            | Code::NodePortUnserved
            | Code::NodeAddress
    )
}
