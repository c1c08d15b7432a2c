//! Kernel modules that IPVS mode needs.

use crate::kernel::ipvs::Scheduler;

/// The modules that every node in IPVS mode needs, sorted; its scheduler's comes on top.
pub const MODULES: [&str; 19] = [
    "dummy",
    "ip6t_MASQUERADE",
    "ip6t_REJECT",
    "ip_set",
    "ip_set_bitmap_port",
    "ip_set_hash_ip",
    "ip_set_hash_ipport",
    "ip_set_hash_ipportip",
    "ip_set_hash_ipportnet",
    "ip_vs",
    "ipt_MASQUERADE",
    "ipt_REJECT",
    "nf_conntrack",
    "xt_addrtype",
    "xt_comment",
    "xt_conntrack",
    "xt_mark",
    "xt_physdev",
    "xt_set",
];

/// The module that the filter of outgoing packets needs on top.
pub(super) const OUT_FILTER_MODULE: &str = "xt_ipvs";

/// Every module that IPVS mode may need.
pub fn all_modules() -> impl Iterator<Item = &'static str> {
    let schedulers = Scheduler::ALL.into_iter().map(scheduler_module);
    MODULES
        .into_iter()
        .chain(schedulers)
        .chain([OUT_FILTER_MODULE])
}

/// The module of a scheduler.
pub(super) fn scheduler_module(scheduler: Scheduler) -> &'static str {
    match scheduler {
        Scheduler::Rr => "ip_vs_rr",
        Scheduler::Wrr => "ip_vs_wrr",
        Scheduler::Lc => "ip_vs_lc",
        Scheduler::Wlc => "ip_vs_wlc",
        Scheduler::Lblc => "ip_vs_lblc",
        Scheduler::Lblcr => "ip_vs_lblcr",
        Scheduler::Dh => "ip_vs_dh",
        Scheduler::Sh => "ip_vs_sh",
        Scheduler::Sed => "ip_vs_sed",
        Scheduler::Nq => "ip_vs_nq",
        Scheduler::Fo => "ip_vs_fo",
        Scheduler::Ovf => "ip_vs_ovf",
        Scheduler::Mh => "ip_vs_mh",
    }
}
