//! The node itself, and the settings of its mode.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write};

use ipnet::IpNet;

use super::Own;
use super::text::line;
use crate::ir::{LocalTraffic, MasqueradeAll, Masquerading, Node, NodePortScope};
use crate::mode;
use crate::model::config::StrictArp;
use crate::model::profile::{Profile, Topology};
use crate::model::{Cluster, IpFamily, Mode};

pub(super) fn write(cluster: &Cluster, own: &Own<'_>, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "release {}", own.emulates.version)?;
    profile(&own.profile, out)?;
    writeln!(out, "mode {}", own.emulates.mode.as_str())?;
    let node = own.view.node();
    writeln!(out, "node {}", node.name)?;
    for family in IpFamily::ALL {
        line(out, "primary", node.primary_address(family))?;
    }
    masquerading(own.view.masquerading(), out)?;
    let exclude = cluster.config.exclude_cidrs.iter();
    line(out, "exclude", exclude.collect::<BTreeSet<_>>())?;
    let (config, facts) = (&cluster.config, own.facts);
    match own.emulates.mode {
        Mode::Ipvs => of_ipvs(node, &mode::ipvs::Options::new(config, facts), out),
        Mode::Iptables => of_iptables(node, mode::iptables::Options::new(config, facts), out),
        Mode::Nftables => {
            let options = mode::nftables::Options::new(&cluster.service_ranges, facts);
            of_nftables(node, &options, out)
        }
    }
}

/// What differs by release and gates and decides rules, as far as other lines do not tell it.
fn profile(profile: &Profile, out: &mut impl Write) -> fmt::Result {
    let topology = match profile.topology {
        Topology::Ignored => "ignored",
        Topology::AnnotatedZones => "annotated-zones",
        Topology::Zones => "zones",
        Topology::NodesThenZones => "nodes-then-zones",
    };
    writeln!(out, "topology {topology}")
}

fn masquerading(masquerading: &Masquerading, out: &mut impl Write) -> fmt::Result {
    let Masquerading { mark_bit, all, .. } = masquerading;
    writeln!(out, "mark-bit {mark_bit}")?;
    if *all == MasqueradeAll::Yes {
        out.write_str("masquerade-all\n")?;
    }
    for family in IpFamily::ALL {
        match masquerading.local_traffic(family) {
            LocalTraffic::Unknown => {}
            LocalTraffic::Source(range) => writeln!(out, "local-traffic {family} from {range}")?,
            LocalTraffic::Interface(name) => {
                writeln!(out, "local-traffic {family} through {name}")?;
            }
            LocalTraffic::InterfacePrefix(name) => {
                writeln!(out, "local-traffic {family} through {name}*")?;
            }
        }
    }
    Ok(())
}

/// Which addresses of a family serve node ports, told as its mode decides it.
fn node_ports<T: Display>(
    family: IpFamily,
    addresses: impl IntoIterator<Item = T>,
    out: &mut impl Write,
) -> fmt::Result {
    line(out, &format!("node-ports {family}"), addresses)
}

/// All addresses count: what an interface has already is not bound again.
fn of_ipvs(node: &Node, options: &mode::ipvs::Options, out: &mut impl Write) -> fmt::Result {
    let mode::ipvs::Options {
        scheduler,
        timeouts,
        strict_arp,
        kernel,
        iptables,
    } = options;
    line(out, "addresses", &node.addresses)?;
    for family in IpFamily::ALL {
        match node.node_port_scope(family) {
            NodePortScope::Default => {}
            NodePortScope::All => node_ports(family, ["all"], out)?,
            NodePortScope::Ranges(ranges) => node_ports(family, ranges, out)?,
        }
    }
    writeln!(out, "scheduler {}", scheduler.as_str())?;
    line(out, "timeouts", timeouts)?;
    if *strict_arp == StrictArp::Yes {
        out.write_str("strict-arp\n")?;
    }
    writeln!(out, "kernel {kernel}\niptables {iptables}")
}

fn of_iptables(node: &Node, options: mode::iptables::Options, out: &mut impl Write) -> fmt::Result {
    let localhost = options.localhost_node_ports;
    for family in IpFamily::ALL {
        match mode::iptables::scope(node, localhost, family) {
            mode::iptables::Scope::All => node_ports(family, ["all"], out)?,
            mode::iptables::Scope::Addresses(addresses) => node_ports(family, addresses, out)?,
        }
    }
    if mode::iptables::serves_loopback(node, options, IpFamily::V4) {
        out.write_str("localhost-node-ports\n")?;
    }
    writeln!(out, "iptables {}", options.iptables)
}

fn of_nftables(
    node: &Node,
    options: &mode::nftables::Options,
    out: &mut impl Write,
) -> fmt::Result {
    let mode::nftables::Options {
        service_ranges,
        nft,
    } = options;
    for family in IpFamily::ALL {
        match mode::nftables::scope(node, family) {
            mode::nftables::Scope::All => node_ports(family, ["all"], out)?,
            mode::nftables::Scope::Addresses(addresses) => node_ports(family, addresses, out)?,
        }
    }
    line(out, "service-ranges", IpNet::aggregate(service_ranges))?;
    writeln!(out, "nft {nft}")
}
