//! What a Service asks for of the cluster's controllers: who stands behind it, as it declares that.

use std::collections::BTreeMap;
use std::fmt;

use super::Port;
use super::pod::Labels;

/// Labels that a Pod must have: never none, since such a Service chooses nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector(Labels);

impl Selector {
    /// The selector of a manifest; `None` where it asks for nothing, and others say who the endpoints
    /// are.
    pub(super) fn new(written: Option<BTreeMap<String, String>>) -> Option<Self> {
        written.filter(|labels| !labels.is_empty()).map(Self)
    }

    /// The labels, sorted by key.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.0.iter();
        labels.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether a Pod with these labels is chosen.
    pub fn chooses(&self, labels: &Labels) -> bool {
        let mut wanted = self.0.iter();
        wanted.all(|(key, value)| labels.get(key) == Some(value))
    }
}

impl fmt::Display for Selector {
    /// As `kubectl get -l` takes it: `app=cart,tier=web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (key, value)) in self.labels().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

/// `targetPort`: where a Pod is reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetPort {
    /// At this port.
    Number(Port),
    /// At the port that the Pod calls so.
    Name(Box<str>),
}

impl fmt::Display for TargetPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(port) => port.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Whether Pods count before they are ready: `publishNotReadyAddresses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotReady {
    /// Pods that are not ready take no connections.
    Withheld,
    /// Pods that are not ready take connections too.
    Published,
}

/// What decides the hints of endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hinting {
    /// Nothing: endpoints are for everyone.
    None,
    /// `trafficDistribution`, which the controller turns into hints.
    Distribution(TrafficDistribution),
    /// The annotation of topology-aware routing, `Auto`: the controller's history decides.
    Auto,
}

crate::closed_set! {
    /// Which endpoints a Service prefers: `trafficDistribution`.
    pub enum TrafficDistribution {
        /// An endpoint in the client's zone.
        PreferClose = "PreferClose",
        /// The same, by its newer name.
        PreferSameZone = "PreferSameZone",
        /// One on the client's node, or else in its zone.
        PreferSameNode = "PreferSameNode",
    }
}

crate::closed_set! {
    /// How many families a Service has: `ipFamilyPolicy`.
    pub enum FamilyPolicy {
        /// One: the first of `ipFamilies`, or the cluster's first.
        SingleStack = "SingleStack",
        /// Both, where the cluster has both.
        PreferDualStack = "PreferDualStack",
        /// Both; the API server refuses the Service where the cluster has one.
        RequireDualStack = "RequireDualStack",
    }
}

crate::closed_set! {
    /// What of a Service the controller of endpoints reads.
    pub enum ControllerInput {
        /// `type`, as far as it is `ExternalName` or not.
        Type = "type",
        /// `selector`: which Pods become endpoints.
        Selector = "selector",
        /// Names and protocols of ports.
        Ports = "ports",
        /// `targetPort` of a port.
        TargetPort = "targetPort",
        /// `publishNotReadyAddresses`: whether endpoints are ready before their Pods are.
        NotReady = "publishNotReadyAddresses",
        /// `ipFamilies`: for which families there are slices.
        Families = "ipFamilies",
        /// `trafficDistribution`: which hints endpoints get.
        TrafficDistribution = "trafficDistribution",
    }
}
