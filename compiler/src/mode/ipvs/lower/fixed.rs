//! What does not depend on Services: kernel modules and settings.

use crate::kernel::sysctl::{Sysctl, SysctlKey};
use crate::mode::ipvs::modules::{MODULES, OUT_FILTER_MODULE, scheduler_module};
use crate::mode::ipvs::options::Options;
use crate::model::Release;
use crate::model::config::StrictArp;

/// Whether any rule matches connections to virtual servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mode::ipvs) enum OutFilter {
    Used,
    Empty,
}

/// The settings kube-proxy asks for (`NewProxier`), in its order.
pub(in crate::mode::ipvs) fn sysctls(options: &Options) -> Vec<Sysctl> {
    let set = |key, value| Sysctl { key, value };
    let mut sysctls = vec![set(SysctlKey::VsConntrack, 1)];
    // From 5.9 on the kernel reuses connections without the delay that made this necessary.
    let (from, to) = (
        Release {
            major: 4,
            minor: 1,
            patch: 0,
        },
        Release {
            major: 5,
            minor: 9,
            patch: 0,
        },
    );
    if (from..to).contains(&options.kernel) {
        sysctls.push(set(SysctlKey::VsConnReuseMode, 0));
    }
    sysctls.extend([
        set(SysctlKey::VsExpireNodestConn, 1),
        set(SysctlKey::VsExpireQuiescentTemplate, 1),
        set(SysctlKey::IpForward, 1),
    ]);
    if options.strict_arp == StrictArp::Yes {
        sysctls.extend([set(SysctlKey::ArpIgnore, 1), set(SysctlKey::ArpAnnounce, 2)]);
    }
    sysctls
}

/// The modules that sets, rules and virtual servers need, sorted.
pub(in crate::mode::ipvs) fn modules(
    options: &Options,
    out_filter: OutFilter,
) -> Vec<&'static str> {
    let mut modules = MODULES.to_vec();
    modules.push(scheduler_module(options.scheduler));
    if out_filter == OutFilter::Used {
        modules.push(OUT_FILTER_MODULE);
    }
    modules.sort_unstable();
    modules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scheduler;

    fn options(kernel: &str, strict_arp: StrictArp) -> Options {
        Options {
            scheduler: Scheduler::Rr,
            timeouts: None,
            strict_arp,
            kernel: Release::parse(kernel).unwrap(),
            iptables: Release::parse("1.8.9").unwrap(),
        }
    }

    #[test]
    fn connection_reuse_is_set_between_4_1_and_5_9_only() {
        for (kernel, asked) in [
            ("3.10.0", false),
            ("4.1.0", true),
            ("5.8.18", true),
            ("5.9.0", false),
            ("6.1.0", false),
        ] {
            let sysctls = sysctls(&options(kernel, StrictArp::No));
            let found = sysctls
                .iter()
                .any(|sysctl| sysctl.key == SysctlKey::VsConnReuseMode);
            assert_eq!(found, asked, "{kernel}");
        }
    }

    #[test]
    fn strict_arp_adds_two_settings() {
        let plain = sysctls(&options("6.1.0", StrictArp::No));
        let strict = sysctls(&options("6.1.0", StrictArp::Yes));
        assert_eq!(plain.len() + 2, strict.len());
    }
}
