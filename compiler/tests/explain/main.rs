//! What explain says of compiled rules is what the IR promises: every frontend of every cluster, from
//! outside, from a pod, from the node and from an endpoint itself, in every mode.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod clusters;
mod edges;
mod expected;

use clusters::Cluster;
use portolan_compiler::explain::{Asks, Destination, Explanation, Flow, Vicinity, explain};
use portolan_compiler::ir::Program;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::{IpFamily, Mode};
use proptest::prelude::*;
use proptest::test_runner::Config;

const MODES: [Mode; 3] = [Mode::Ipvs, Mode::Iptables, Mode::Nftables];

#[test]
fn every_frontend_does_what_the_ir_says() {
    let mut asked = 0;
    let mut wrong = Vec::new();
    for mode in MODES {
        for cluster in Cluster::fixtures() {
            asked += cluster.check(mode, &mut wrong);
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(asked > 10_000, "{asked}");
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn random_clusters_do_too(cluster in portolan_support::generator::cluster()) {
        let mut wrong = Vec::new();
        for mode in MODES {
            Cluster::random(&cluster).check(mode, &mut wrong);
        }
        prop_assert_eq!(wrong, Vec::<String>::new());
    }
}

/// A node as it was compiled.
struct Compiled {
    name: String,
    mode: Mode,
    program: Program,
    state: NodeState,
    vicinity: Vicinity,
}

impl Compiled {
    fn explain(&self, flow: &Flow) -> Explanation {
        explain(&self.state, &self.vicinity, flow)
            .unwrap_or_else(|error| panic!("{}, {:?}: {error}", self.name, self.mode))
    }

    /// Asks everything, and notes what is not as the IR says; says how much that was.
    fn check(&self, wrong: &mut Vec<String>) -> usize {
        let mut asked = 0;
        for port in &self.program.service_ports {
            for frontend in &port.frontends {
                let addresses = match frontend.kind.address() {
                    Some(address) => vec![address],
                    None => self.own_addresses(port.key.family),
                };
                for address in addresses {
                    let to = Destination {
                        address,
                        asks: Asks::Port(port.key.protocol, frontend.port),
                    };
                    if self.claims(to) > 1 {
                        continue;
                    }
                    for client in clients::of(self, port) {
                        let arrival = client.arrival.clone();
                        asked += 1;
                        let found = self.explain(&Flow { arrival, to }).prediction();
                        let expected = expected::prediction(self, port, frontend, to, &client);
                        if found != expected {
                            wrong.push(format!(
                                "{}, mode {}: {} {:?}, {client:?} to {to}: {found:?} and not {expected:?}",
                                self.name,
                                self.mode.as_str(),
                                port.key,
                                frontend.kind,
                            ));
                        }
                    }
                }
            }
        }
        asked
    }

    /// Addresses that node ports may be asked at.
    fn own_addresses(&self, family: IpFamily) -> Vec<std::net::IpAddr> {
        let own = self.program.node.addresses.iter().copied();
        own.filter(|address| IpFamily::of(*address) == family)
            .collect()
    }

    /// How many frontends have an address and port, whatever they make of one another.
    fn claims(&self, to: Destination) -> usize {
        let ports = self.program.service_ports.iter();
        ports
            .flat_map(|port| port.frontends.iter().map(move |one| (port, one)))
            .filter(|(port, one)| Asks::Port(port.key.protocol, one.port) == to.asks)
            .filter(|(_, one)| one.kind.address().is_none_or(|one| one == to.address))
            .count()
    }
}
