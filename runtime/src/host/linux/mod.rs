//! Linux.

mod addresses;
mod child;
mod conntrack;
mod driver;
mod dummy;
mod executor;
mod interfaces;
mod ipset;
mod iptables;
mod ipv6;
pub(super) mod ipvs;
mod locks;
mod modules;
mod moment;
mod netlink;
mod nftables;
mod privileges;
mod program;
mod proxies;
mod session;
mod sysctl;
mod terminal;

pub use locks::lock_holder;
pub use moment::{boot, identity, inherited, uptime};
pub use program::run_to_end;
pub use session::{detach, drop_capabilities};
pub use terminal::Terminal;

use std::fs;

use portolan_compiler::model::IpFamily;

use super::{Driver, Host, HostError, Node};

const RELEASE: &str = "/proc/sys/kernel/osrelease";
const HOSTNAME: &str = "/proc/sys/kernel/hostname";

/// Asks this machine about itself.
///
/// # Errors
/// Where the kernel does not answer.
pub fn facts() -> Result<Host, HostError> {
    Ok(Host {
        name: proc(HOSTNAME)?.to_lowercase(),
        interfaces: interfaces::observe()?,
        kernel: numeric(&proc(RELEASE)?),
        iptables: iptables::version(IpFamily::V4),
        nft: nftables::version(),
    })
}

/// The driver of this machine.
///
/// # Errors
/// On other systems.
pub fn machine() -> Result<Box<dyn Driver>, HostError> {
    Ok(Box::new(driver::Machine))
}

/// This machine, to be asked and told.
///
/// # Errors
/// On other systems.
pub fn node() -> Result<Box<dyn Node>, HostError> {
    Ok(Box::new(driver::Machine))
}

fn proc(path: &str) -> Result<String, HostError> {
    fs::read_to_string(path)
        .map(|text| text.trim().to_owned())
        .map_err(|source| HostError::Proc {
            path: path.to_owned(),
            source,
        })
}

/// `6.1.0` of `6.1.0-13-amd64`.
fn numeric(release: &str) -> Option<String> {
    let end = release
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(release.len());
    let number = release[..end].trim_end_matches('.');
    (!number.is_empty()).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_lose_what_distributions_add() {
        for (release, number) in [
            ("6.1.0-13-amd64", Some("6.1.0")),
            ("6.18.44", Some("6.18.44")),
            ("5.4.0+", Some("5.4.0")),
            ("6.1.-rc1", Some("6.1")),
            ("x", None),
        ] {
            assert_eq!(numeric(release).as_deref(), number, "{release}");
        }
    }
}
