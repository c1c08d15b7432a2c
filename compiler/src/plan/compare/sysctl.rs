//! Kernel settings.

use super::{Comparison, Effect};
use crate::mode::NodeState;
use crate::observed::Observed;
use crate::plan::{Delta, SysctlChange};

pub(super) fn compare(state: &NodeState, observed: &Observed, comparison: &mut Comparison) {
    for sysctl in &state.sysctls {
        let from = observed.sysctls.get(&sysctl.key).copied();
        if let Some(delta) = Delta::between(from, Some(sysctl.value)) {
            let change = SysctlChange(sysctl.key, delta);
            comparison.step(change.into(), Effect::PLAIN, &[]);
        }
    }
}
