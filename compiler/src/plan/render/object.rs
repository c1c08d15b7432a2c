//! What a step is about, in a few words.

use crate::kernel::dummy::INTERFACE;
use crate::kernel::nftables;
use crate::kernel::nftables::{KubeProxyTable, TABLE};
use crate::plan::{Flows, Subject};

/// Names the object of a step: `virtual server 10.96.0.1:443/TCP`.
pub fn object(subject: &Subject) -> String {
    match subject {
        Subject::Sysctl(key, _) => format!("setting {}", key.name()),
        Subject::Timeouts(_) => "the timeouts of IPVS".to_owned(),
        Subject::Dummy(_) => format!("interface {INTERFACE}"),
        Subject::Address(address, _) => format!("address {address} on {INTERFACE}"),
        Subject::Set(name, _) | Subject::OtherSet(name, _) => format!("ipset {name}"),
        Subject::Entry(set, entry, _) => format!("entry {entry} of ipset {set}"),
        Subject::Chain(chain, _) => format!("chain {chain}"),
        Subject::Jump(chain, delta) => {
            let rule = delta.after().or(delta.before());
            let rule = rule.map(|position| position.rule.to_string());
            format!("rule {} of {chain}", rule.unwrap_or_default())
        }
        Subject::Server(key, _) | Subject::OtherServer(key, _) => format!("virtual server {key}"),
        Subject::Destination(key, _) => format!("destination {key}"),
        Subject::Table(family, _) => format!("table {TABLE} of {family}"),
        Subject::KubeProxyTable(family, _) => {
            format!("nftables table {}", KubeProxyTable::name(*family))
        }
        Subject::Affinity(memory, which) => {
            let map = nftables::SetName::Affinity(*memory);
            format!("clients in {map}{}", to(which))
        }
        Subject::Flows(key, which) => format!("flows of {key}{}", to(which)),
    }
}

fn to(which: &Flows) -> String {
    match which {
        Flows::All => String::new(),
        Flows::To(address, port) => {
            format!(" to {}", std::net::SocketAddr::new(*address, port.get()))
        }
    }
}
