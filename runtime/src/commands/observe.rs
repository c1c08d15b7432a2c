use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use portolan_compiler::front::facts::{Iptables, IptablesVariant};
use portolan_compiler::kernel::nftables::{KubeProxyTable, TABLE};
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::Dummy;

use crate::commands::shared::Context;
use crate::host;
use crate::host::Observation;
use crate::report::{Exit, Failure, Verbosity};
use portolan_compiler::escape::visible;

/// Read what the kernel of this machine holds
///
/// Reads virtual servers, the addresses of kube-ipvs0, ipsets, the rules of iptables and ip6tables, the
/// tables of mode nftables, and settings, twice and until two readings agree, and changes nothing. Needs root.
///
/// With --out, a capture to plan on, on another machine too and without root. A capture can also be
/// made with ordinary tools, a file for each: ipvs.rules (ipvsadm -Sn), ipset.save (ipset save),
/// iptables.save (iptables-save), ip6tables.save (ip6tables-save), addresses (ip addr), and if possible
/// ruleset.nft (nft list ruleset), sysctl (sysctl -a), ipvs.timeouts (ipvsadm -L --timeout), and where
/// both variants of iptables have rules, iptables-legacy.save (iptables-legacy-save).
#[derive(Debug, Args)]
pub(crate) struct ObserveArgs {
    /// Write a capture into this folder
    ///
    /// Each file is named on stdout. The files of an older capture are replaced, others are left
    /// alone.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &ObserveArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let node = host::machine()?;
    let observation = host::observe(&*node)?;
    if let Some(folder) = &args.out {
        for path in host::write_capture(folder, &observation.observed, &observation.links)? {
            let line = format!("{}\n", visible(&path.display().to_string()));
            context.streams.stdout.styled(&line);
        }
        if context.verbosity > Verbosity::Quiet {
            context.streams.stderr.say(&notes(&observation));
        }
    } else {
        let text = summary(&observation) + &notes(&observation);
        context.streams.stdout.styled(&text);
    }
    Ok(Exit::Done)
}

/// What there is, in numbers.
// Writing to a String cannot fail.
fn summary(observation: &Observation) -> String {
    let observed = &observation.observed;
    let mut out = String::new();
    let mut row = |name: &str, text: String| {
        let _ = writeln!(out, "{name:<16}{text}");
    };
    let servers = &observed.ipvs;
    let destinations: usize = servers
        .servers
        .iter()
        .map(|server| server.destinations.len())
        .sum();
    row(
        "virtual servers",
        format!(
            "{} with {destinations} destinations{}",
            servers.servers.len(),
            others(servers.foreign.len())
        ),
    );
    if let Some(timeouts) = observed.timeouts {
        row("timeouts", format!("{timeouts} (tcp, tcpfin, udp)"));
    }
    let dummy = match &observed.dummy {
        Dummy::Absent => "no such interface".to_owned(),
        Dummy::Present(addresses) => format!("{} addresses", addresses.len()),
    };
    row("kube-ipvs0", dummy);
    let sets = &observed.ipset;
    let entries: usize = sets.sets.iter().map(|set| set.entries.len()).sum();
    row(
        "ipsets",
        format!(
            "{} with {entries} entries{}",
            sets.sets.len(),
            others(sets.foreign.len())
        ),
    );
    let programs = [&observation.tools.iptables, &observation.tools.ip6tables];
    for ((family, name), program) in [(IpFamily::V4, "iptables"), (IpFamily::V6, "ip6tables")]
        .into_iter()
        .zip(programs)
    {
        let tables = &observed.rules(family).tables;
        let chains = || tables.iter().flat_map(|table| &table.chains);
        let rules: usize = chains().map(|chain| chain.rules.len()).sum();
        row(
            name,
            format!(
                "{rules} rules in {} chains of {} tables{}",
                chains().count(),
                tables.len(),
                program.as_ref().map(release).unwrap_or_default()
            ),
        );
    }
    let tables = observed.nftables.tables.iter().flatten();
    let tables: Vec<String> = tables
        .map(|found| format!("{} {TABLE}", nft_family(found.table.family)))
        .collect();
    if !tables.is_empty() {
        row("nftables", tables.join(", "));
    }
    let kube_proxys = observed.nftables.kube_proxy.iter().flatten();
    let kube_proxys: Vec<String> = kube_proxys
        .map(|table| {
            let name = KubeProxyTable::name(table.family());
            format!("{name} with {} chains", table.chains())
        })
        .collect();
    if !kube_proxys.is_empty() {
        row("of kube-proxy", kube_proxys.join(", "));
    }
    for (key, value) in &observed.sysctl {
        let _ = writeln!(out, "{}={value}", key.as_str());
    }
    out
}

fn nft_family(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "ip",
        IpFamily::V6 => "ip6",
    }
}

/// What the kinds that portolan writes do not cover.
fn others(number: usize) -> String {
    match number {
        0 => String::new(),
        _ => format!(", and {number} that portolan would not write"),
    }
}

fn release(program: &Iptables) -> String {
    let version = program.version.as_deref().unwrap_or("unknown");
    let variant = program.variant.map_or("", variant);
    format!(" (version {version}{variant})")
}

fn variant(variant: IptablesVariant) -> &'static str {
    match variant {
        IptablesVariant::Nft => ", nf_tables",
        IptablesVariant::Legacy => ", legacy",
    }
}

/// What the reader should know beside the numbers.
fn notes(observation: &Observation) -> String {
    let mut out = String::new();
    for part in &observation.not_loaded {
        let _ = writeln!(
            out,
            "note: the kernel has not loaded what {} need, so there are none",
            part.contents()
        );
    }
    if let Some(other) = &observation.observed.other_iptables {
        let variant = match other.variant {
            IptablesVariant::Nft => "nf_tables (iptables-nft-save)",
            IptablesVariant::Legacy => "legacy x_tables (iptables-legacy-save)",
        };
        let _ = writeln!(
            out,
            "note: there are more rules in {variant}, which the programs above do not show; \
             `portolan doctor` says what to do"
        );
        for family in &other.unseen {
            let _ = writeln!(
                out,
                "note: those of {family} cannot be shown: the program is not installed"
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use portolan_compiler::kernel::Part;
    use portolan_compiler::kernel::{ipset, iptables, ipvs, nftables};
    use portolan_compiler::observed::Observed;

    use super::*;
    use crate::host::{OtherRules, Tools};

    #[test]
    fn a_summary_is_short_and_notes_say_what_is_odd() {
        let rules = iptables::read("*nat\n:A -\n-A A -j ACCEPT\nCOMMIT\n").unwrap();
        let text = "-A -t 10.96.0.1:443 -s rr\n-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1\n-A -f 1 -s rr\n";
        let observation = Observation {
            connections: ipvs::Connections::new(),
            observed: Observed {
                ipvs: ipvs::read(text).unwrap(),
                ipset: ipset::read("create A hash:ip\nadd A 10.0.0.1\n").unwrap(),
                iptables: [rules.clone(), iptables::Saved::default()],
                other_iptables: Some(OtherRules {
                    variant: IptablesVariant::Legacy,
                    rules: [rules, iptables::Saved::default()],
                    unseen: vec![IpFamily::V6],
                }),
                nftables: nftables::read("table ip6 kube-proxy {\n\tchain services {\n\t}\n}\n")
                    .unwrap(),
                ..Observed::empty()
            },
            links: Vec::new(),
            tools: Tools {
                iptables: Some(Iptables {
                    version: Some("1.8.9".to_owned()),
                    variant: Some(IptablesVariant::Nft),
                }),
                ..Tools::default()
            },
            not_loaded: vec![Part::Ipset],
        };
        let text = summary(&observation) + &notes(&observation);
        assert_eq!(
            text,
            "\
virtual servers 1 with 1 destinations, and 1 that portolan would not write
kube-ipvs0      no such interface
ipsets          1 with 1 entries
iptables        1 rules in 1 chains of 1 tables (version 1.8.9, nf_tables)
ip6tables       0 rules in 0 chains of 0 tables
of kube-proxy   ip6 kube-proxy with 1 chains
note: the kernel has not loaded what ipsets need, so there are none
note: there are more rules in legacy x_tables (iptables-legacy-save), which the programs above do not \
show; `portolan doctor` says what to do
note: those of IPv6 cannot be shown: the program is not installed
"
        );
    }
}
