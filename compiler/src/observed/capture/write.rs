//! A capture of what was observed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{CaptureFile, Link, LinkAddress, addresses};
use crate::kernel::dummy::INTERFACE;
use crate::kernel::nftables::Looked;
use crate::kernel::{ipset, ipvs};
use crate::model::IpFamily;
use crate::observed::{Dummy, Ipv6, Observed, WithoutIpv6};

/// Writes a capture that [`super::read`] reads back.
pub fn write(observed: &Observed) -> BTreeMap<CaptureFile, String> {
    use crate::kernel::text::{KeepOrigins, Text};
    let text = |write: &dyn Fn(&mut Text)| {
        let mut text = Text::new(KeepOrigins::No);
        write(&mut text);
        text.finish().0
    };
    let lines =
        |lines: &[Box<str>]| -> String { lines.iter().flat_map(|line| [line, "\n"]).collect() };
    let mut servers = text(&|out| ipvs::write(&observed.ipvs.servers, out));
    for foreign in &observed.ipvs.foreign {
        servers.push_str(&lines(&foreign.lines));
    }
    let mut sets = text(&|out| ipset::write(&observed.ipset.sets, out));
    for foreign in &observed.ipset.foreign {
        sets.push_str(&lines(&foreign.lines));
    }
    let addresses = match &observed.dummy {
        // As `ip -o addr` prints nothing about it.
        Dummy::Absent => (CaptureFile::Addresses, String::new()),
        Dummy::Present(addresses) => (CaptureFile::DummyAddresses, own_nets(addresses)),
    };
    let mut files = BTreeMap::from([
        (CaptureFile::VirtualServers, servers),
        addresses,
        (CaptureFile::Sets, sets),
        (
            CaptureFile::Iptables,
            observed.rules(IpFamily::V4).to_string(),
        ),
        (
            CaptureFile::Ip6tables,
            observed.rules(IpFamily::V6).to_string(),
        ),
    ]);
    let tables = observed.nftables.tables.iter().flatten();
    let mut tables: String = tables.map(|found| found.table.to_text()).collect();
    for table in observed.nftables.kube_proxy.iter().flatten() {
        tables.extend(table.lines().iter().flat_map(|line| [line, "\n"]));
    }
    // Without the file, whether there are tables is unknown.
    if observed.nftables.looked == Looked::Everywhere {
        files.insert(CaptureFile::Tables, tables);
    }
    if let Some(other) = &observed.other_iptables {
        for family in IpFamily::ALL {
            let text = other.rules(family).to_string();
            files.insert(CaptureFile::other_rules(other.variant, family), text);
        }
    }
    if let Some(timeouts) = observed.timeouts {
        files.insert(CaptureFile::Timeouts, format!("{timeouts}\n"));
    }
    let mut sysctls: String = observed
        .sysctl
        .iter()
        .flat_map(|(key, value)| [key.as_str().to_owned(), format!("={value}\n")])
        .collect();
    if observed.ipv6 == Ipv6::Without(WithoutIpv6::Setting) {
        sysctls.push_str(WithoutIpv6::SETTING);
        sysctls.push_str("=1\n");
    }
    files.insert(CaptureFile::Sysctl, sysctls);
    files
}

/// Writes the same with the node's other links and their addresses, so that it can be told whose
/// capture it is.
pub fn write_with_links(observed: &Observed, links: &[Link]) -> BTreeMap<CaptureFile, String> {
    let mut files = write(observed);
    let alone = |address: &IpAddr| LinkAddress {
        address: *address,
        length: Some(IpFamily::of(*address).host_prefix()),
    };
    let own = match &observed.dummy {
        // A link without addresses would not show among the others.
        Dummy::Present(addresses) if addresses.is_empty() => return files,
        dummy => Link {
            name: INTERFACE.to_owned(),
            addresses: dummy.addresses().iter().map(alone).collect(),
        },
    };
    // lo comes first, as everywhere.
    let (first, others): (Vec<&Link>, Vec<&Link>) =
        links.iter().partition(|link| link.name == "lo");
    let all = first.into_iter().chain(others).chain([&own]);
    files.remove(&CaptureFile::DummyAddresses);
    files.insert(CaptureFile::Addresses, addresses::write(all));
    files
}

/// Each address alone in its network, one a line.
fn own_nets(addresses: &[IpAddr]) -> String {
    addresses.iter().fold(String::new(), |text, address| {
        let length = match IpFamily::of(*address) {
            IpFamily::V4 => 32,
            IpFamily::V6 => 128,
        };
        text + &format!("{address}/{length}\n")
    })
}
