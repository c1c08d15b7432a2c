//! Other software on the node.

use std::net::IpAddr;

use portolan_compiler::kernel::{ipset, iptables, ipvs};
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::{Dummy, Observed};

/// keepalived's way of working, and a firewall mark.
const SERVERS: &str = "\
-A -t 203.0.113.9:8080 -s rr
-a -t 203.0.113.9:8080 -r 10.9.9.9:80 -m -w 1
-A -t 203.0.113.10:80 -s wrr
-a -t 203.0.113.10:80 -r 10.9.9.8:80 -g -w 3
-A -f 42 -s wlc
-a -f 42 -r 10.0.0.9:0 -g -w 3
";

const SETS: &str = "\
create cali40s:abc hash:net family inet hashsize 1024 maxelem 1048576
add cali40s:abc 10.0.0.0/8
create others hash:ip family inet hashsize 1024 maxelem 65536
add others 10.0.0.1
";

const RULES: &str = "\
*nat
:PREROUTING ACCEPT
:POSTROUTING ACCEPT
:DOCKER -
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:INPUT DROP
:KUBE-FIREWALL -
-A INPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL -m comment --comment \"kubelet\\'s\" -j DROP
COMMIT
";

/// Adds other software's objects to a node without rules.
pub(crate) fn add(node: &mut Observed) {
    node.ipvs = ipvs::read(SERVERS).unwrap();
    node.ipset = ipset::read(SETS).unwrap();
    node.iptables[IpFamily::V4 as usize] = iptables::read(RULES).unwrap();
    node.dummy = Dummy::Present(vec![IpAddr::from([203, 0, 113, 9])]);
}

/// What is left of it.
pub(crate) fn found(node: &Observed) -> Vec<String> {
    let servers = node.ipvs.servers.iter().map(|server| server.key);
    let servers = servers.filter(|key| key.address == IpAddr::from([203, 0, 113, 9]));
    let mut found: Vec<String> = servers.map(|key| key.to_string()).collect();
    let lines = |lines: &[Box<str>]| lines.join("; ");
    found.extend(node.ipvs.foreign.iter().map(|server| lines(&server.lines)));
    found.extend(node.ipset.foreign.iter().map(|set| lines(&set.lines)));
    let others = node
        .ipset
        .sets
        .iter()
        .filter(|set| set.name.as_str() == "others");
    found.extend(
        others
            .flat_map(|set| &set.entries)
            .map(|(entry, _)| entry.to_string()),
    );
    let tables = node.iptables.iter().flat_map(|saved| &saved.tables);
    for chain in tables.flat_map(|table| &table.chains) {
        let rules = chain
            .rules
            .iter()
            .map(|rule| format!("{} {rule}", chain.name));
        found.extend(rules.filter(|rule| {
            ["DOCKER", "172.17", "KUBE-FIREWALL"]
                .iter()
                .any(|word| rule.contains(word))
        }));
    }
    found.sort();
    found
}
