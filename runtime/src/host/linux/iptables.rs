//! The iptables programs: which version, and which kernel interface they speak to.

use std::process::{Command, Stdio};

use portolan_compiler::front::facts::{Iptables, IptablesVariant};

/// Where distributions install it. `PATH` is not asked: this may run as root.
const CANDIDATES: [&str; 4] = [
    "/usr/sbin/iptables",
    "/sbin/iptables",
    "/usr/bin/iptables",
    "/usr/local/sbin/iptables",
];

/// Asks the first program that answers; `None` where there is none.
pub(super) fn observe() -> Option<Iptables> {
    CANDIDATES.iter().find_map(|program| {
        let output = Command::new(program)
            .arg("--version")
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        parse(std::str::from_utf8(&output.stdout).ok()?)
    })
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
