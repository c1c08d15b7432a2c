//! Programs and their releases.

use portolan_compiler::front::facts::{Iptables, Nft};
use portolan_compiler::mode;
use portolan_compiler::model::{Mode, Release};

use crate::doctor::{Finding, FindingId, Readings};
use crate::host::Tools;

/// The first release whose `iptables-restore` does not overflow on long lines (CVE-2019-11360).
const IPTABLES_SAFE: Release = release(1, 8, 3);

/// What kube-proxy asks for (`MinIPSetCheckVersion` in `pkg/proxy/ipvs`).
const IPSET_NEEDED: Release = release(6, 0, 0);

const fn release(major: u16, minor: u16, patch: u16) -> Release {
    Release {
        major,
        minor,
        patch,
    }
}

pub(super) fn check(readings: &Readings, mode: Mode) -> Vec<Finding> {
    let tools = &readings.tools;
    match mode {
        Mode::Ipvs => both_iptables(tools).chain(ipset(tools)).collect(),
        Mode::Iptables => both_iptables(tools).collect(),
        Mode::Nftables => nft(tools).into_iter().collect(),
    }
}

fn both_iptables(tools: &Tools) -> impl Iterator<Item = Finding> {
    let programs = [
        ("iptables", &tools.iptables),
        ("ip6tables", &tools.ip6tables),
    ];
    programs
        .into_iter()
        .filter_map(|(name, program)| match program {
            None => Some(missing(name, "iptables")),
            Some(program) => iptables(name, program),
        })
}

fn ipset(tools: &Tools) -> Option<Finding> {
    let Some(version) = &tools.ipset else {
        return Some(missing("ipset", "ipset"));
    };
    (Release::parse(version)? < IPSET_NEEDED).then(|| {
        Finding::new(
            FindingId::ProgramTooOld,
            format!("ipset {version} does not know the sets that are needed"),
            ["install ipset 6.0 or later"],
        )
    })
}

fn nft(tools: &Tools) -> Option<Finding> {
    let Some(Nft {
        version: Some(version),
    }) = &tools.nft
    else {
        return Some(missing("nft", "nftables"));
    };
    (Release::parse(version)? < mode::nftables::OLDEST).then(|| {
        Finding::new(
            FindingId::ProgramTooOld,
            format!("nft {version} is older than any that the rules were tried with"),
            ["install nftables 1.0.6 or later, or use mode ipvs or iptables"],
        )
    })
}

fn missing(name: &str, package: &str) -> Finding {
    Finding::new(
        FindingId::ProgramMissing,
        format!("the program {name} is not installed, or does not say its version"),
        [format!("install the package {package}")],
    )
}

fn iptables(name: &str, program: &Iptables) -> Option<Finding> {
    let version = program.version.as_deref()?;
    (Release::parse(version)? < IPTABLES_SAFE).then(|| {
        Finding::new(
            FindingId::ProgramUnsafe,
            format!(
                "{name} {version} can be made to overflow a buffer by the text it restores \
                 (CVE-2019-11360)"
            ),
            ["install iptables 1.8.3 or later"],
        )
    })
}
