//! What the node's own firewall leaves of Services, which the modes do differently.

use std::net::SocketAddr;

use portolan_compiler::model::{IpFamily, Mode};

use super::MODES;
use crate::bed::{Bed, Client, Node, Outcome, Reach, Service, Target, Transport};
use crate::node::Tool;

/// Where health checks are asked for.
const HEALTH_CHECKS: u16 = 32_000;

/// What a client outside asks for: load balancers of both policies, and the health of the latter.
const ASKED: [&str; 3] = ["policy Cluster", "policy Local", "health check"];

/// What a client meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    Answer,
    Silence,
}

/// A chain whose packets are dropped where nothing accepts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Input,
    Forward,
}

impl Closed {
    pub(super) const ALL: [Self; 2] = [Self::Input, Self::Forward];

    /// What the page says of it.
    pub(super) fn row(self) -> String {
        let words = |mode| {
            let met = self.expected(mode).into_iter().zip(ASKED);
            let answering = met.filter(|(met, _)| *met == Met::Answer);
            answering
                .map(|(_, asked)| asked)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let [first, second, third] = MODES.map(words);
        format!("| {} | {first} | {second} | {third} |", self.chain())
    }

    fn chain(self) -> &'static str {
        match self {
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
        }
    }

    /// What a client outside meets at each of [`ASKED`].
    fn expected(self, mode: Mode) -> [Met; 3] {
        use Met::{Answer, Silence};
        match (self, mode) {
            // Virtual servers are behind INPUT.
            (Self::Input, Mode::Ipvs) => [Silence, Silence, Answer],
            (Self::Input, Mode::Iptables) => [Answer, Answer, Answer],
            // What one table accepts another may drop.
            (Self::Input, Mode::Nftables) => [Answer, Answer, Silence],
            (Self::Forward, Mode::Nftables) => [Silence, Silence, Answer],
            // What keeps its sender's address is not marked.
            (Self::Forward, Mode::Iptables) => [Answer, Silence, Answer],
            (Self::Forward, Mode::Ipvs) => [Answer, Answer, Answer],
        }
    }
}

pub(super) fn keeps_out() {
    let bed = Bed::new(&[("a", Node::A)]);
    let web = Service::new("web", 1).load_balancer().pods(&["a"]);
    let local = Service::new("local", 2).load_balancer().local();
    let local = local
        .pods(&["a"])
        .with("healthCheckNodePort", HEALTH_CHECKS);
    bed.node().serve(HEALTH_CHECKS);
    let client = bed.client(Client::One);
    let health = SocketAddr::new(Node::A.address(IpFamily::V4), HEALTH_CHECKS);
    let targets = [
        web.at(Reach::LoadBalancer, Transport::Tcp, IpFamily::V4),
        local.at(Reach::LoadBalancer, Transport::Tcp, IpFamily::V4),
        Target::Port(Transport::Tcp, health),
    ];
    for mode in MODES {
        bed.change_in(mode, "", &[&web, &local]);
        for target in targets {
            assert!(
                matches!(client.ask(target), Outcome::Answer { .. }),
                "{target}"
            );
        }
        Tool::new("conntrack --flush").run();
        for closed in Closed::ALL {
            let policy = |verdict| {
                Tool::new(&format!("iptables -P {} {verdict}", closed.chain())).run();
            };
            policy("DROP");
            let met = targets.map(|target| match client.ask(target) {
                Outcome::Answer { .. } => Met::Answer,
                Outcome::Silence => Met::Silence,
                other => panic!("{} in mode {}: {other:?}", closed.chain(), mode.as_str()),
            });
            policy("ACCEPT");
            let expected = closed.expected(mode);
            assert_eq!(
                met,
                expected,
                "{} in mode {}",
                closed.chain(),
                mode.as_str()
            );
        }
    }
}
