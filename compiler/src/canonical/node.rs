//! The node itself, and the settings of its mode.

use std::fmt::{self, Write};

use super::Own;
use super::text::line;
use crate::back::{iptables_mode, ipvs, nftables};
use crate::ir::{LocalTraffic, MasqueradeAll, Masquerading, NodePortScope};
use crate::model::config::{LocalhostNodePorts, StrictArp};
use crate::model::profile::{ExternalIps, Profile, ReusedAddresses, Topology};
use crate::model::{Cluster, IpFamily, Mode};

pub(super) fn write(cluster: &Cluster, own: &Own<'_>, out: &mut impl Write) -> fmt::Result {
    writeln!(out, "release {}", own.emulates.version)?;
    profile(&own.profile, out)?;
    writeln!(out, "mode {}", own.emulates.mode.as_str())?;
    let node = own.view.node();
    writeln!(out, "node {}", node.name)?;
    line(out, "addresses", &node.addresses)?;
    for family in IpFamily::ALL {
        line(out, "primary", node.primary_address(family))?;
        match node.node_port_scope(family) {
            NodePortScope::Default => {}
            NodePortScope::All => writeln!(out, "node-ports {family} all")?,
            NodePortScope::Ranges(ranges) => line(out, &format!("node-ports {family}"), ranges)?,
        }
    }
    masquerading(own.view.masquerading(), out)?;
    line(out, "exclude", &cluster.config.exclude_cidrs)?;
    let (config, facts) = (&cluster.config, own.facts);
    match own.emulates.mode {
        Mode::Ipvs => of_ipvs(&ipvs::Options::new(config, facts), out),
        Mode::Iptables => of_iptables(iptables_mode::Options::new(config, facts), out),
        Mode::Nftables => of_nftables(&nftables::Options::new(&cluster.service_ranges, facts), out),
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
    writeln!(out, "topology {topology}")?;
    match profile.reused_addresses {
        ReusedAddresses::Any => {}
        ReusedAddresses::RunningFirst => out.write_str("running-first\n")?,
    }
    match profile.external_ips {
        ExternalIps::Served | ExternalIps::Deprecated => Ok(()),
        ExternalIps::Ignored => out.write_str("no-external-ips\n"),
    }
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

fn of_ipvs(options: &ipvs::Options, out: &mut impl Write) -> fmt::Result {
    let ipvs::Options {
        scheduler,
        timeouts,
        strict_arp,
        kernel,
        iptables,
    } = options;
    writeln!(out, "scheduler {}", scheduler.as_str())?;
    line(out, "timeouts", timeouts)?;
    if *strict_arp == StrictArp::Yes {
        out.write_str("strict-arp\n")?;
    }
    writeln!(out, "kernel {kernel}\niptables {iptables}")
}

fn of_iptables(options: iptables_mode::Options, out: &mut impl Write) -> fmt::Result {
    let iptables_mode::Options {
        localhost_node_ports,
        iptables,
    } = options;
    if localhost_node_ports == LocalhostNodePorts::Yes {
        out.write_str("localhost-node-ports\n")?;
    }
    writeln!(out, "iptables {iptables}")
}

fn of_nftables(options: &nftables::Options, out: &mut impl Write) -> fmt::Result {
    let nftables::Options {
        service_ranges,
        nft,
    } = options;
    line(out, "service-ranges", service_ranges)?;
    writeln!(out, "nft {nft}")
}
