//! What is declared, in words.

use ipnet::IpNet;

use super::between::{Aspect, Declared, between};
use super::{Backing, Declaration, DeclaredPort};
use crate::diag::some;
use crate::english::count;
use crate::model::selector::{FamilyPolicy, Hinting, NotReady};
use crate::model::service::{NodePorts, ServiceType, Skipped};
use crate::model::{IpFamily, Port};

/// More endpoints than this are counted only.
const SHOWN: usize = 8;

impl Declaration {
    /// What comes with a Service that nodes do not serve yet, or never will.
    pub(in crate::diff) fn comes(&self, ranges: &[IpNet]) -> Vec<Declared> {
        self.all(ranges)
            .into_iter()
            .map(|(aspect, said)| Declared::comes(aspect, said))
            .collect()
    }

    /// What goes with one.
    pub(in crate::diff) fn goes(&self) -> Vec<Declared> {
        self.all(&[])
            .into_iter()
            .map(|(aspect, said)| Declared::goes(aspect, said))
            .collect()
    }

    fn all(&self, ranges: &[IpNet]) -> Vec<(Aspect, String)> {
        let service_type = self.service_type;
        let service = match self.skipped {
            Some(Skipped::NotAllocated) if ranges.is_empty() => {
                format!("{service_type}, cluster IP not allocated yet")
            }
            Some(Skipped::NotAllocated) => {
                let ranges = some(ranges.iter());
                format!("{service_type}, cluster IP not allocated yet, from {ranges}")
            }
            skipped => format!("{service_type}, {}", standing(skipped)),
        };
        let mut all = vec![(Aspect::Service, service)];
        let ports = self.ports.iter();
        all.extend(ports.map(|port| (Aspect::Port, whole_port(port, self.node_ports))));
        let ips = self.external_ips.iter();
        all.extend(ips.map(|ip| (Aspect::ExternalIp, ip.to_string())));
        let ranges = self.source_ranges.iter();
        all.extend(ranges.map(|range| (Aspect::SourceRange, range.to_string())));
        let further = between(&self.plain(), self).into_iter();
        all.extend(further.filter_map(|one| Some((one.aspect, one.to?.into()))));
        if self.service_type == ServiceType::ExternalName {
            let name = self.external_name.as_deref();
            all.extend(name.map(|name| (Aspect::ExternalName, name.to_owned())));
        } else {
            let selector = self.selector.as_ref();
            all.extend(selector.map(|selector| (Aspect::Selector, selector.to_string())));
            all.push((
                Aspect::Endpoints,
                match &self.endpoints {
                    Some(backing) => endpoints(backing),
                    None => "endpoints not known: the input has no slice of it, and not all that tells which Pods it has".to_owned(),
                },
            ));
        }
        all
    }
}

/// Why nodes do not serve a Service.
pub(super) fn standing(skipped: Option<Skipped>) -> String {
    match skipped {
        None => "served by nodes",
        Some(Skipped::Headless) => "headless: no rules, DNS has its endpoints",
        Some(Skipped::ExternalName) => "an alias in DNS: no rules",
        Some(Skipped::OtherProxy) => "another proxy's",
        Some(Skipped::NotAllocated) => "cluster IP not allocated yet",
    }
    .to_owned()
}

pub(super) fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

pub(super) fn node_ports(wanted: NodePorts) -> String {
    match wanted {
        NodePorts::Wanted => "allocated",
        NodePorts::NotWanted => "not allocated",
    }
    .to_owned()
}

pub(super) fn affinity(seconds: Option<u32>) -> String {
    seconds.map_or_else(
        || "None".to_owned(),
        |seconds| format!("ClientIP, {seconds} s"),
    )
}

pub(super) fn hinting(hinting: Hinting) -> String {
    match hinting {
        Hinting::None => "none".to_owned(),
        Hinting::Distribution(distribution) => distribution.to_string(),
        Hinting::Auto => "annotation topology-mode Auto".to_owned(),
    }
}

pub(super) fn not_ready(not_ready: NotReady) -> String {
    match not_ready {
        NotReady::Withheld => "false",
        NotReady::Published => "true",
    }
    .to_owned()
}

pub(super) fn family_policy(policy: Option<FamilyPolicy>) -> String {
    policy.unwrap_or(FamilyPolicy::SingleStack).to_string()
}

/// A port that the cluster gives where none is stated.
pub(super) fn given(port: Option<Port>) -> String {
    port.map_or_else(|| "left to the cluster".to_owned(), |port| port.to_string())
}

pub(super) fn families(families: &[IpFamily]) -> String {
    if families.is_empty() {
        return "left to the cluster".to_owned();
    }
    let words: Vec<&str> = families.iter().map(|family| family.as_str()).collect();
    words.join(", ")
}

/// A port as it is told: `http 80/TCP`, or `80/TCP` without a name.
pub(super) fn port(port: &DeclaredPort) -> String {
    let name = port.name.as_str();
    let space = if name.is_empty() { "" } else { " " };
    format!("{name}{space}{}/{}", port.port, port.protocol)
}

/// `http 80/TCP to 8080, node port 31234 on every node`.
pub(super) fn whole_port(declared: &DeclaredPort, wanted: NodePorts) -> String {
    let node_port = match (declared.node_port, wanted) {
        (Some(port), _) => format!(", node port {port} on every node"),
        (None, NodePorts::Wanted) => ", node port not allocated yet".to_owned(),
        (None, NodePorts::NotWanted) => String::new(),
    };
    format!("{} to {}{node_port}", port(declared), declared.target)
}

/// `3 endpoints (Pods of Deployment shop/pay): 10.244.1.9:8080, …`.
pub(super) fn endpoints(backing: &Backing) -> String {
    let number = backing.endpoints.len();
    if number == 0 && !backing.to_come.is_empty() {
        return format!("selects {}, not placed yet", some(backing.to_come.iter()));
    }
    if number == 0 {
        return "no endpoint: no Pod or slice has one".to_owned();
    }
    let of = match backing.workloads.len() {
        0 => String::new(),
        _ => format!(" (Pods of {})", some(backing.workloads.iter())),
    };
    let shown = if number <= SHOWN {
        let all = backing.endpoints.iter().map(|socket| match socket.port() {
            0 => socket.ip().to_string(),
            _ => socket.to_string(),
        });
        let all: Vec<String> = all.collect();
        format!(": {}", all.join(", "))
    } else {
        String::new()
    };
    format!("{}{of}{shown}", count(number, "endpoint"))
}
