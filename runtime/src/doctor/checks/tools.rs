//! Programs and their releases.

use portolan_compiler::front::facts::Iptables;
use portolan_compiler::model::Release;

use crate::doctor::{Finding, FindingId, Readings};

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

pub(super) fn check(readings: &Readings) -> Vec<Finding> {
    let tools = &readings.tools;
    let mut found = Vec::new();
    for (name, program) in [
        ("iptables", &tools.iptables),
        ("ip6tables", &tools.ip6tables),
    ] {
        match program {
            None => found.push(missing(name, "iptables")),
            Some(program) => found.extend(iptables(name, program)),
        }
    }
    match &tools.ipset {
        None => found.push(missing("ipset", "ipset")),
        Some(version) if Release::parse(version).is_some_and(|found| found < IPSET_NEEDED) => {
            found.push(Finding::new(
                FindingId::ProgramTooOld,
                format!("ipset {version} does not know the sets that are needed"),
                ["install ipset 6.0 or later"],
            ));
        }
        Some(_) => {}
    }
    found
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
