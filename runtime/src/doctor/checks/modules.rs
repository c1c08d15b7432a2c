//! Kernel modules.

use portolan_compiler::mode::modules;
use portolan_compiler::model::Mode;

use crate::doctor::{Finding, FindingId, Readings};
use crate::host::ModuleState;

pub(super) fn check(readings: &Readings, mode: Mode) -> Vec<Finding> {
    let in_state = |state| -> Vec<&str> {
        let modules = modules::of(mode).iter().copied();
        modules
            .filter(|name| readings.modules.state(name) == state)
            .collect()
    };
    let mut found = Vec::new();
    let missing = in_state(ModuleState::Missing);
    if !missing.is_empty() {
        found.push(Finding::new(
            FindingId::ModulesMissing,
            format!("the running kernel has no {}", missing.join(", ")),
            [
                "install the distribution's full kernel package instead of its minimal or cloud \
                 variant, or its package of extra modules",
                "if the kernel was just updated, reboot: modules are looked for by the running \
                 kernel's release",
            ],
        ));
    }
    let unknown = in_state(ModuleState::Unknown);
    if !unknown.is_empty() {
        found.push(Finding::new(
            FindingId::ModulesUnknown,
            format!(
                "not loaded, and /lib/modules of the running kernel cannot be seen from here: {}",
                unknown.join(", ")
            ),
            [
                "nothing: the kernel loads them itself when they are needed, and apply says which \
                 one it lacks"
                    .to_owned(),
                format!("to be sure, on the node: modprobe -a {}", unknown.join(" ")),
            ],
        ));
    }
    let installed = in_state(ModuleState::Installed);
    if !installed.is_empty() {
        found.push(Finding::new(
            FindingId::ModulesNotLoaded,
            format!("installed and not loaded yet: {}", installed.join(", ")),
            ["nothing: they are loaded when they are needed, and at boot with modules-load.conf"],
        ));
    }
    found
}
