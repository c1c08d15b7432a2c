//! Files of a capture that contradict each other.
//!
//! kube-proxy keeps its sets, virtual servers and kube-ipvs0 in step. A file that is cut off between
//! two lines, or is of another node or moment, shows by what the others say and it does not; where no
//! other says anything, nothing shows.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{CaptureNote, Lack, Link};
use crate::diag::some;
use crate::kernel::ipset::Entry;
use crate::mode::ipvs::sets::KubeSet;
use crate::model::{Mode, Protocol, TransportAddress};
use crate::observed::{Dummy, Observed};

/// What the files say of each other that cannot all be so on a node that kube-proxy serves.
pub(super) fn notes(observed: &Observed) -> Vec<CaptureNote> {
    let servers = servers(observed);
    let listed = Listed::of(observed);
    let bound: BTreeSet<IpAddr> = observed.dummy.addresses().iter().copied().collect();
    let served: BTreeSet<IpAddr> = servers.iter().map(|key| key.address).collect();
    let ports: BTreeSet<_> = servers
        .iter()
        .map(|key| (key.protocol, key.port.get()))
        .collect();

    let note = |lack: fn(usize) -> Lack, names: Vec<String>| {
        (!names.is_empty()).then(|| CaptureNote::Disagree {
            lack: lack(names.len()),
            names: some(names.iter()).into(),
        })
    };
    // Of what ipvs.rules lacks, one thing says it all.
    let node_ports = listed.node_ports.difference(&ports);
    let node_ports = node_ports.map(|(protocol, port)| format!("{port}/{protocol}"));
    let servers_lack = note(Lack::Servers, names(listed.frontends.difference(&servers)))
        .or_else(|| note(Lack::NodePortServers, node_ports.collect()))
        .or_else(|| note(Lack::ServersOfDummy, names(bound.difference(&served))));
    let ours = servers.iter().filter(|key| bound.contains(&key.address));
    let unlisted = ours.filter(|key| !listed.frontends.contains(key));
    let sets_lack = note(Lack::Entries, names(unlisted));
    let wanted = listed.frontends.intersection(&servers);
    let wanted: BTreeSet<IpAddr> = wanted.map(|key| key.address).collect();
    let dummy_lacks = match observed.dummy {
        Dummy::Absent => note(Lack::Dummy, names(wanted.iter())),
        Dummy::Present(_) => note(Lack::DummyAddresses, names(wanted.difference(&bound))),
    };
    [servers_lack, sets_lack, dummy_lacks]
        .into_iter()
        .flatten()
        .collect()
}

fn names<T: ToString>(of: impl Iterator<Item = T>) -> Vec<String> {
    of.map(|one| one.to_string()).collect()
}

/// All virtual servers whose keys are known, other software's too.
fn servers(observed: &Observed) -> BTreeSet<TransportAddress> {
    let own = observed.ipvs.servers.iter().map(|one| one.key);
    let foreign = observed.ipvs.foreign.iter();
    own.chain(foreign.filter_map(|one| one.key)).collect()
}

/// What kube-proxy's sets list.
#[derive(Debug, Default)]
struct Listed {
    /// Addresses and ports that each have a virtual server.
    frontends: BTreeSet<TransportAddress>,
    /// Node ports, whose addresses are not listed.
    node_ports: BTreeSet<(Protocol, u16)>,
}

impl Listed {
    fn of(observed: &Observed) -> Self {
        let mut listed = Self::default();
        for set in &observed.ipset.sets {
            let Some(kind) = KubeSet::named(set.name.as_str()) else {
                continue;
            };
            for (entry, _) in &set.entries {
                listed.add(kind, *entry);
            }
        }
        listed
    }

    fn add(&mut self, kind: KubeSet, entry: Entry) {
        match (kind, entry) {
            (
                KubeSet::ClusterIp
                | KubeSet::ExternalIp
                | KubeSet::ExternalIpLocal
                | KubeSet::LoadBalancer,
                Entry::IpPort(at),
            ) => {
                self.frontends.insert(TransportAddress {
                    address: at.address,
                    protocol: at.protocol,
                    port: at.port,
                });
            }
            (KubeSet::NodePortTcp, Entry::Port(port)) => {
                self.node_ports.insert((Protocol::Tcp, port));
            }
            (KubeSet::NodePortUdp, Entry::Port(port)) => {
                self.node_ports.insert((Protocol::Udp, port));
            }
            _ => {}
        }
    }
}

/// The node's own addresses, where all links are shown: not what kube-ipvs0 has, and no loopback.
pub(super) fn node_addresses(links: &[Link]) -> Option<BTreeSet<IpAddr>> {
    let loopback = links.iter().any(|link| link.name == "lo");
    let own = links
        .iter()
        .filter(|link| link.name != crate::kernel::dummy::INTERFACE);
    let own = own.flat_map(|link| &link.addresses).map(|one| one.address);
    loopback.then(|| own.filter(|address| !address.is_loopback()).collect())
}

/// Whether no link has any of the addresses that are asked about as the node's.
pub fn of_node(shown: &BTreeSet<IpAddr>, asked: &BTreeSet<IpAddr>) -> Option<CaptureNote> {
    let apart = !asked.is_empty() && asked.is_disjoint(shown);
    apart.then(|| CaptureNote::AnotherNode(some(asked.iter()).into()))
}

/// What to say where nobody told the mode that is planned or compared by, and what a node holds is of
/// another one.
pub fn of_mode(observed: &Observed, assumed: Mode) -> Option<CaptureNote> {
    let shown = observed.shown_mode().filter(|_| !observed.shows(assumed))?;
    Some(CaptureNote::AnotherMode { shown, assumed })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{CaptureFile, notes as all_notes, read};
    use super::*;

    const SETS: &str = "\
create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-CLUSTER-IP 10.96.0.5,tcp:80
add KUBE-CLUSTER-IP 10.96.0.6,tcp:80
create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
add KUBE-NODE-PORT-TCP 30080
";
    const SERVERS: &str = "\
-A -t 10.96.0.5:80 -s rr
-A -t 10.96.0.6:80 -s rr
-A -t 192.0.2.11:30080 -s rr
";
    const LINKS: &str = "\
1: lo    inet 127.0.0.1/8 scope host lo
2: eth0    inet 192.0.2.11/24 scope global eth0
3: kube-ipvs0    inet 10.96.0.5/32 scope global kube-ipvs0
3: kube-ipvs0    inet 10.96.0.6/32 scope global kube-ipvs0
";

    fn capture(changed: &[(CaptureFile, &str)]) -> BTreeMap<CaptureFile, String> {
        let mut files = BTreeMap::from([
            (CaptureFile::Sets, SETS.to_owned()),
            (CaptureFile::VirtualServers, SERVERS.to_owned()),
            (CaptureFile::Addresses, LINKS.to_owned()),
            (CaptureFile::Iptables, String::new()),
            (CaptureFile::Ip6tables, String::new()),
        ]);
        files.extend(
            changed
                .iter()
                .map(|(file, text)| (*file, (*text).to_owned())),
        );
        files
    }

    fn said(changed: &[(CaptureFile, &str)]) -> Vec<String> {
        let files = capture(changed);
        let observed = read(&files).unwrap();
        let notes = all_notes(&files, &observed);
        notes.iter().map(ToString::to_string).collect()
    }

    /// The first lines of a text.
    fn cut(text: &str, lines: usize) -> String {
        text.lines()
            .take(lines)
            .flat_map(|line| [line, "\n"])
            .collect()
    }

    #[test]
    fn files_that_agree_are_not_spoken_of() {
        assert_eq!(said(&[]), [""; 0]);
        let none = [
            (CaptureFile::Sets, ""),
            (CaptureFile::VirtualServers, ""),
            (CaptureFile::Addresses, "1: lo    inet 127.0.0.1/8\n"),
        ];
        assert_eq!(said(&none), [""; 0]);
        // Other software's, whose address is on another link.
        let other = format!("{SERVERS}-A -t 192.0.2.11:443 -s rr\n-A -f 1 -s rr\n");
        assert_eq!(said(&[(CaptureFile::VirtualServers, &other)]), [""; 0]);
    }

    #[test]
    fn what_one_file_lacks_another_shows() {
        use CaptureFile::{Addresses, Sets, VirtualServers};
        for (file, text, expected) in [
            (
                VirtualServers,
                cut(SERVERS, 1),
                "ipvs.rules has no virtual server for 1 address and port that kube-proxy's sets in \
                 ipset.save list (10.96.0.6:80/TCP)",
            ),
            (
                VirtualServers,
                String::new(),
                "ipvs.rules has no virtual server for 2 addresses and port that",
            ),
            (
                VirtualServers,
                cut(SERVERS, 2),
                "ipvs.rules has no virtual server for 1 node port that kube-proxy's sets in ipset.save \
                 list (30080/TCP)",
            ),
            (
                Sets,
                cut(SETS, 2),
                "ipset.save lists in none of kube-proxy's sets 1 virtual server of ipvs.rules at \
                 addresses of kube-ipvs0 (10.96.0.6:80/TCP)",
            ),
            (
                Sets,
                String::new(),
                "ipset.save lists in none of kube-proxy's sets 2 virtual servers",
            ),
            (
                Addresses,
                cut(LINKS, 2),
                "there is no kube-ipvs0, and 2 addresses of virtual servers in ipvs.rules should be on it",
            ),
            (
                Addresses,
                cut(LINKS, 3),
                "kube-ipvs0 does not have 1 address of virtual servers in ipvs.rules (10.96.0.6)",
            ),
        ] {
            let said = said(&[(file, &text)]);
            assert!(
                matches!(&said[..], [one] if one.starts_with(expected)),
                "{said:#?}\n{expected}"
            );
        }
    }

    #[test]
    fn addresses_without_virtual_servers_are_noticed_without_sets_too() {
        let files = [(CaptureFile::Sets, ""), (CaptureFile::VirtualServers, "")];
        let said = said(&files);
        assert!(
            said[0].starts_with("ipvs.rules has no virtual server at 2 addresses of kube-ipvs0"),
            "{said:#?}"
        );
    }

    #[test]
    fn a_capture_of_another_node_is_told_by_its_addresses() {
        let shown = node_addresses(&super::super::links(LINKS).unwrap()).unwrap();
        let of = |asked: &[&str]| {
            let asked = asked.iter().map(|text| text.parse().unwrap()).collect();
            of_node(&shown, &asked)
        };
        assert_eq!(of(&["192.0.2.11", "192.0.2.12"]), None);
        assert_eq!(of(&[]), None);
        let note = of(&["192.0.2.99"]).unwrap().to_string();
        assert!(
            note.starts_with("no link in addresses has 192.0.2.99"),
            "{note}"
        );
        // Nobody knows of links that are not shown.
        let only = super::super::links("3: kube-ipvs0    inet 10.96.0.5/32\n").unwrap();
        assert_eq!(node_addresses(&only), None);
    }
}
