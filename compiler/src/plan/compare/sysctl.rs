//! Kernel settings.

use super::{Comparison, Effect};
use crate::kernel::sysctl::Sysctl;
use crate::mode::NodeState;
use crate::observed::Observed;
use crate::plan::{Claims, Delta, SysctlChange};

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    comparison: &mut Comparison,
) {
    let asked = |found: &&Sysctl| state.sysctls.iter().any(|sysctl| sysctl.key == found.key);
    let put_back = claims.found.sysctls.iter().filter(|found| !asked(found));
    for sysctl in state.sysctls.iter().chain(put_back) {
        let from = observed.sysctl.get(&sysctl.key).copied();
        if let Some(delta) = Delta::between(from, Some(sysctl.value)) {
            let change = SysctlChange(sysctl.key, delta);
            comparison.step(change.into(), Effect::PLAIN, &[]);
        }
    }
}
