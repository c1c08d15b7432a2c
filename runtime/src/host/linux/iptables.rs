//! Rules, with the machine's own iptables programs: they know which of the kernel's two interfaces
//! the node uses, and speak its dialect.

use std::fs;

use portolan_compiler::front::facts::{Iptables, IptablesVariant};
use portolan_compiler::kernel::iptables::{Saved, TableName};
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::read_rules;

use super::program::Program;
use super::{ipv6, nftables};
use crate::host::{HostError, OtherRules, Tools};

const PACKAGE: &str = "iptables";

/// A program of that package.
const fn program(name: &'static str) -> Program {
    Program {
        name,
        package: PACKAGE,
    }
}

/// Rules of a family; `None` where the kernel does not know it. No program is needed to see that there
/// are none.
pub(super) fn read(family: IpFamily) -> Result<Option<Saved>, HostError> {
    let save = match family {
        IpFamily::V4 => program("iptables-save"),
        IpFamily::V6 => program("ip6tables-save"),
    };
    match save.run(&[]) {
        Err(HostError::NoProgram { .. }) if are_none(family)? => Ok(Some(Saved::default())),
        Err(HostError::Program { .. }) if family == IpFamily::V6 && !ipv6::is_known() => Ok(None),
        text => parse_rules(save, &text?).map(Some),
    }
}

/// Whether neither variant has a table.
fn are_none(family: IpFamily) -> Result<bool, HostError> {
    Ok(has_none(IptablesVariant::Nft, family)? && has_none(IptablesVariant::Legacy, family)?)
}

/// Whether a variant has no table. No program is needed to see that.
fn has_none(variant: IptablesVariant, family: IpFamily) -> Result<bool, HostError> {
    if variant == IptablesVariant::Legacy {
        return Ok(has_no_tables(LEGACY_TABLES[family as usize]));
    }
    for table in TableName::ALL {
        if nftables::has_table(family, table.as_str())? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Seconds to wait for others that change rules: as long as kube-proxy does.
const PATIENCE: &str = "5";

/// What carries out scripts.
pub(super) fn restorer(family: IpFamily) -> Program {
    match family {
        IpFamily::V4 => program("iptables-restore"),
        IpFamily::V6 => program("ip6tables-restore"),
    }
}

/// Carries out a script; chains and rules that it does not name stay.
pub(super) fn restore(family: IpFamily, script: &str) -> Result<(), HostError> {
    let args = ["--noflush", "--wait", PATIENCE];
    restorer(family).carry_out(&args, script)
}

fn parse_rules(save: Program, text: &str) -> Result<Saved, HostError> {
    read_rules(text).map_err(|problem| HostError::Output {
        program: save.name,
        problem,
    })
}

/// Rules of the other variant.
pub(super) fn read_other(tools: &Tools) -> Result<Option<OtherRules>, HostError> {
    let (variant, programs) = match tools.variant() {
        Some(IptablesVariant::Nft) => (
            IptablesVariant::Legacy,
            ["iptables-legacy-save", "ip6tables-legacy-save"],
        ),
        Some(IptablesVariant::Legacy) => (
            IptablesVariant::Nft,
            ["iptables-nft-save", "ip6tables-nft-save"],
        ),
        None => return Ok(None),
    };
    let mut other = OtherRules::none(variant);
    for (family, name) in IpFamily::ALL.into_iter().zip(programs) {
        if has_none(variant, family)? {
            continue;
        }
        let save = program(name);
        match save.run_if_installed(&[])? {
            Some(text) => other.rules[family as usize] = parse_rules(save, &text)?,
            None => other.unseen.push(family),
        }
    }
    Ok(Some(other))
}

/// Names of the legacy variant's tables, in this thread's network namespace.
const LEGACY_TABLES: [&str; 2] = [
    "/proc/thread-self/net/ip_tables_names",
    "/proc/thread-self/net/ip6_tables_names",
];

/// Without its tables the legacy variant has no rules, and no program is needed to see that.
fn has_no_tables(path: &str) -> bool {
    match fs::read_to_string(path) {
        Ok(names) => names.trim().is_empty(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

/// Version and variant; `None` where there is no program that says so.
pub(super) fn version(family: IpFamily) -> Option<Iptables> {
    let iptables = match family {
        IpFamily::V4 => program("iptables"),
        IpFamily::V6 => program("ip6tables"),
    };
    parse(&iptables.run(&["--version"]).ok()?)
}

/// Reads `iptables v1.8.9 (nf_tables)`; releases before 1.8 name no variant, as there was one only.
fn parse(text: &str) -> Option<Iptables> {
    let mut words = text.split_whitespace().skip(1);
    let version = words.next()?.strip_prefix('v')?;
    let variant = match words.next() {
        Some("(nf_tables)") => IptablesVariant::Nft,
        Some("(legacy)") | None => IptablesVariant::Legacy,
        Some(_) => return None,
    };
    Some(Iptables {
        version: Some(version.to_owned()),
        variant: Some(variant),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_print_them() {
        let read = |text| parse(text).map(|iptables| (iptables.version, iptables.variant));
        let is = |version: &str, variant| Some((Some(version.to_owned()), Some(variant)));
        assert_eq!(
            read("iptables v1.8.9 (nf_tables)\n"),
            is("1.8.9", IptablesVariant::Nft)
        );
        assert_eq!(
            read("iptables v1.8.11 (legacy)\n"),
            is("1.8.11", IptablesVariant::Legacy)
        );
        assert_eq!(
            read("iptables v1.6.1\n"),
            is("1.6.1", IptablesVariant::Legacy)
        );
        assert_eq!(read("busybox"), None);
        assert_eq!(read(""), None);
    }
}
