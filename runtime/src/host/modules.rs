//! Kernel modules.

use std::collections::{BTreeMap, BTreeSet};

/// The modules of a node. Names have underscores, as the kernel's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modules {
    /// Loaded.
    pub loaded: BTreeSet<String>,
    /// Installed for the running kernel; `None` where /lib/modules cannot be seen, as in many
    /// containers.
    pub installed: Option<Installed>,
}

/// What `/lib/modules` has for the running kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installed {
    /// Part of the kernel itself.
    pub built_in: BTreeSet<String>,
    /// Files.
    pub files: BTreeSet<String>,
    /// Other names of modules, with theirs: `ipt_MASQUERADE` is `xt_MASQUERADE` since 5.2.
    pub aliases: BTreeMap<String, String>,
}

/// What is known of one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleState {
    /// It is loaded, or part of the kernel.
    Ready,
    /// It can be loaded.
    Installed,
    /// It cannot.
    Missing,
    /// It is not loaded, and it cannot be seen whether it could be.
    Unknown,
}

impl Modules {
    /// What is known of this module.
    pub fn state(&self, name: &str) -> ModuleState {
        if self.loaded.contains(name) {
            return ModuleState::Ready;
        }
        let Some(installed) = &self.installed else {
            return ModuleState::Unknown;
        };
        let real = installed.aliases.get(name).map_or(name, String::as_str);
        if self.loaded.contains(real) || installed.built_in.contains(real) {
            ModuleState::Ready
        } else if installed.files.contains(real) {
            ModuleState::Installed
        } else {
            ModuleState::Missing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_found_by_any_of_its_names() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut modules = Modules {
            loaded: set(&["ip_vs", "xt_MASQUERADE"]),
            installed: Some(Installed {
                built_in: set(&["nf_conntrack"]),
                files: set(&["dummy"]),
                aliases: BTreeMap::from([(
                    "ipt_MASQUERADE".to_owned(),
                    "xt_MASQUERADE".to_owned(),
                )]),
            }),
        };
        for (name, state) in [
            ("ip_vs", ModuleState::Ready),
            ("ipt_MASQUERADE", ModuleState::Ready),
            ("nf_conntrack", ModuleState::Ready),
            ("dummy", ModuleState::Installed),
            ("xt_set", ModuleState::Missing),
        ] {
            assert_eq!(modules.state(name), state, "{name}");
        }
        modules.installed = None;
        assert_eq!(modules.state("ip_vs"), ModuleState::Ready);
        assert_eq!(modules.state("xt_set"), ModuleState::Unknown);
    }
}
