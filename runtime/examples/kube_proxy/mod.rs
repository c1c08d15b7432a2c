//! What kube-proxy 1.33 hands to nft in mode nftables at its first sync, to be timed beside ours.
//!
//! Its own objects in its own order: a chain for each port of a Service, one for each endpoint, and
//! one more where a port is reachable from outside. As far as the benchmark's clusters go: policy
//! Cluster, no affinity, no source ranges, every port with endpoints.

use std::fmt::{self, Write as _};

use portolan_compiler::ir::{Endpoint, FrontendKind, Program, ServicePort};
use portolan_compiler::model::{IpFamily, Port};

/// The frame that no Service changes.
const FRAME: &str = include_str!("frame.nft");

/// The whole text.
pub(crate) fn sync(program: &Program) -> Result<String, fmt::Error> {
    let mut text = FRAME.to_owned();
    let primary = program.node.primary_address(IpFamily::V4);
    if let Some(address) = primary {
        writeln!(
            text,
            "add element ip kube-proxy nodeport-ips {{ {address} }}"
        )?;
    }
    for port in &program.service_ports {
        service(port, &mut text)?;
    }
    Ok(text)
}

/// What it hands over when the endpoints of a port change: the port's own chains, made anew.
pub(crate) fn resync(before: &ServicePort, after: &ServicePort) -> Result<String, fmt::Error> {
    let mut text = String::new();
    service(after, &mut text)?;
    for endpoint in &before.endpoints {
        if !after.endpoints.contains(endpoint) {
            let chain = endpoint_chain(before, endpoint);
            writeln!(text, "flush chain ip kube-proxy {chain}")?;
            writeln!(text, "delete chain ip kube-proxy {chain}")?;
        }
    }
    Ok(text)
}

fn service(port: &ServicePort, text: &mut String) -> fmt::Result {
    let protocol = protocol(port);
    let (inner, outer) = (chain("service", port), chain("external", port));
    let outside = port.frontends.iter().any(|one| !is_cluster_ip(&one.kind));
    let endpoints: Vec<&Endpoint> = port.pool(&port.pools.cluster).collect();
    for endpoint in &endpoints {
        declare(&endpoint_chain(port, endpoint), text)?;
    }
    declare(&inner, text)?;
    if outside {
        declare(&outer, text)?;
        writeln!(
            text,
            "add rule ip kube-proxy {outer} jump mark-for-masquerade"
        )?;
        writeln!(text, "add rule ip kube-proxy {outer} goto {inner}")?;
    }
    for frontend in &port.frontends {
        element(port, &frontend.kind, frontend.port, text)?;
    }
    let ways = endpoints.iter().enumerate();
    let ways: Vec<String> = ways
        .map(|(number, endpoint)| format!("{number} : goto {}", endpoint_chain(port, endpoint)))
        .collect();
    writeln!(
        text,
        "add rule ip kube-proxy {inner} numgen random mod {} vmap {{ {} }}",
        ways.len(),
        ways.join(" , ")
    )?;
    for endpoint in endpoints {
        let (chain, socket) = (endpoint_chain(port, endpoint), endpoint.socket());
        writeln!(
            text,
            "add rule ip kube-proxy {chain} ip saddr {} jump mark-for-masquerade",
            socket.ip()
        )?;
        writeln!(
            text,
            "add rule ip kube-proxy {chain} meta l4proto {protocol} dnat to {socket}"
        )?;
    }
    Ok(())
}

/// Where clients come in.
fn element(
    port: &ServicePort,
    kind: &FrontendKind,
    number: Port,
    text: &mut String,
) -> fmt::Result {
    let protocol = protocol(port);
    let inside = is_cluster_ip(kind);
    let chain = chain(if inside { "service" } else { "external" }, port);
    let Some(address) = kind.address() else {
        return writeln!(
            text,
            "add element ip kube-proxy service-nodeports {{ {protocol} . {number} : goto {chain} }}"
        );
    };
    if inside {
        writeln!(
            text,
            "add element ip kube-proxy cluster-ips {{ {address} }}"
        )?;
    }
    writeln!(
        text,
        "add element ip kube-proxy service-ips {{ {address} . {protocol} . {number} : goto {chain} }}"
    )
}

fn declare(chain: &str, text: &mut String) -> fmt::Result {
    writeln!(text, "add chain ip kube-proxy {chain}")?;
    writeln!(text, "flush chain ip kube-proxy {chain}")
}

fn is_cluster_ip(kind: &FrontendKind) -> bool {
    matches!(kind, FrontendKind::ClusterIp(_))
}

fn protocol(port: &ServicePort) -> String {
    port.key.protocol.to_string().to_ascii_lowercase()
}

/// As long as the real name, with other letters where that has a digest.
fn chain(sort: &str, port: &ServicePort) -> String {
    let key = &port.key;
    format!(
        "{sort}-AAAAAAAA-{}/{}/{}",
        key.service,
        protocol(port),
        key.port
    )
}

fn endpoint_chain(port: &ServicePort, endpoint: &Endpoint) -> String {
    let socket = endpoint.socket();
    let (address, number) = (socket.ip(), socket.port());
    format!("{}__{address}/{number}", chain("endpoint", port))
}
