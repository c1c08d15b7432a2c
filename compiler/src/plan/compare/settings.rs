//! Kernel settings, timeouts and the interface.

use super::{Comparison, Manner};
use crate::mode::NodeState;
use crate::model::{Mode, Timeouts};
use crate::observed::{Dummy, Observed};
use crate::plan::{Delta, Subject};

pub(super) fn compare(state: &NodeState, observed: &Observed, comparison: &mut Comparison) {
    let mut step = |subject| comparison.step(subject, Manner::PLAIN, &[]);
    for sysctl in &state.sysctls {
        let from = observed.sysctls.get(&sysctl.key).copied();
        if let Some(delta) = Delta::between(from, Some(sysctl.value)) {
            step(Subject::Sysctl(sysctl.key, delta));
        }
    }
    if let Some(wanted) = state.timeouts {
        // 0 asks for nothing: the kernel keeps what it has.
        let keep = |wanted, has| if wanted == 0 { has } else { wanted };
        let to = observed.timeouts.map_or(wanted, |has| Timeouts {
            tcp: keep(wanted.tcp, has.tcp),
            tcp_fin: keep(wanted.tcp_fin, has.tcp_fin),
            udp: keep(wanted.udp, has.udp),
        });
        if let Some(delta) = Delta::between(observed.timeouts, Some(to)) {
            step(Subject::Timeouts(delta));
        }
    }
    if state.mode == Mode::Ipvs && observed.dummy == Dummy::Absent {
        step(Subject::Dummy(Delta::Add(())));
    }
}
