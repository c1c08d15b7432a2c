//! Kernel modules, as `modules-load.d` takes them.

use super::Scheduler;
use crate::back::lines::{LineError, numbered};
use crate::back::text::Text;

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

/// A line that is not the name of a module that portolan asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a module that IPVS mode needs")]
pub struct NotAModule;

/// Reads what [`write_modules`] writes.
///
/// # Errors
/// With the first line that names another module: what is read here is loaded into a kernel.
pub fn read_modules(text: &str) -> Result<Vec<&'static str>, LineError<NotAModule>> {
    let known = || {
        let schedulers = Scheduler::ALL.into_iter().map(scheduler_module);
        let always = MODULES.into_iter();
        always.chain(schedulers).chain([OUT_FILTER_MODULE])
    };
    numbered(text)
        .map(|(line, name)| {
            known()
                .find(|module| *module == name)
                .ok_or_else(|| LineError {
                    line,
                    problem: NotAModule,
                    text: name.into(),
                })
        })
        .collect()
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

/// Writes one module per line, in the given order.
pub fn write_modules(modules: &[&str], text: &mut Text) {
    for module in modules {
        text.line(&[], format_args!("{module}"));
    }
}
