//! What Services have, Service by Service.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::english::count;
use portolan_compiler::kernel::Listener;
use portolan_compiler::mode::services;
use portolan_compiler::mode::services::{ServiceList, WhyKept};
use portolan_compiler::model::profile::UdpFlows;
use portolan_compiler::model::service::{ServiceKey, TrafficPolicy};

use super::error::Problem;

const BOLD: Style = Style::new().bold();

pub(super) fn show(text: &str) -> Result<String, Problem> {
    let list = services::read(text)?;
    let mut out = String::new();
    let groups = grouped(&list);
    // Writing to a String cannot fail.
    for (service, lines) in &groups {
        let _ = writeln!(out, "{BOLD}{service}{BOLD:#}");
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    for net in &list.exclude {
        let _ = writeln!(out, "Virtual servers in {net} are somebody else's.");
    }
    let _ = writeln!(out, "{}.", rule(list.udp_flows));
    let _ = writeln!(out, "\n{}", count(groups.len(), "Service"));
    Ok(out)
}

fn grouped(list: &ServiceList) -> BTreeMap<&ServiceKey, Vec<String>> {
    let mut groups: BTreeMap<&ServiceKey, Vec<String>> = BTreeMap::new();
    for ((listener, kind), frontend) in &list.frontends {
        let port = match frontend.port.port.as_str() {
            "" => String::new(),
            name => format!(", port {name}"),
        };
        let policy = match frontend.policy {
            TrafficPolicy::Cluster => "",
            TrafficPolicy::Local => ", endpoints of the node only",
        };
        let lines = groups.entry(&frontend.port.service).or_default();
        lines.push(format!("{kind} {}{port}{policy}", place(*listener)));
    }
    for (listener, check) in &list.health_checks {
        let endpoints = count(check.local_endpoints, "endpoint");
        let lines = groups.entry(&check.service).or_default();
        lines.push(format!(
            "health checks at {}: {endpoints} on the node",
            place(*listener)
        ));
    }
    for ((port, endpoint), unchosen) in &list.unchosen {
        let standing = match unchosen.why {
            WhyKept::Serving => "serves, and gets no new flows",
            WhyKept::Listed => "is listed, and serves no more",
        };
        let lines = groups.entry(&port.service).or_default();
        lines.push(format!("endpoint {endpoint}/UDP {standing}"));
    }
    groups
}

fn place(listener: Listener) -> String {
    match listener {
        Listener::Address(key) => key.to_string(),
        Listener::NodePort(family, protocol, port) => format!("{port}/{protocol} {family}"),
    }
}

fn rule(flows: UdpFlows) -> &'static str {
    match flows {
        UdpFlows::OfEndpointsThatWent => "UDP flows stay until their endpoint is deleted",
        UdpFlows::OfAddresses => "UDP flows stay while an endpoint serves at their address",
        UdpFlows::OfAddressesAndPorts => "UDP flows stay while their endpoint serves",
    }
}
