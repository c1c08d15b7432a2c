//! Kernel modules.

use std::collections::{BTreeMap, BTreeSet};

/// The modules of a node. Names have underscores, as the kernel's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modules {
    /// Those in use: in /proc/modules or /sys/module.
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
    /// Those in files, which can be loaded.
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
    /// It is neither loaded nor to be found.
    Missing,
    /// It is not loaded, and it cannot be seen whether it could be.
    Unknown,
}

impl Modules {
    /// The first of some modules that is still missing where loading them failed.
    ///
    /// A program that loads modules fails for what is built in and for what only the kernel itself can
    /// see, so what it says does not count. `answers` tells of a module whose feature can be asked for by
    /// name whether it is there now; the kernel asks for all others itself when they are needed.
    pub fn lacking<'n>(
        &self,
        names: &[&'n str],
        answers: impl Fn(&str) -> Option<bool>,
    ) -> Option<&'n str> {
        let lacks = |name: &&&str| match (answers(name), self.state(name)) {
            (Some(answers), _) => !answers,
            (None, ModuleState::Missing) => true,
            (None, ModuleState::Ready | ModuleState::Installed | ModuleState::Unknown) => false,
        };
        names.iter().find(lacks).copied()
    }

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
    fn what_loading_says_counts_where_the_feature_is_missing() {
        let installed = |files: &[&str]| {
            Some(Installed {
                files: files.iter().map(|name| (*name).to_owned()).collect(),
                ..Installed::default()
            })
        };
        let names = ["ip_vs", "xt_set"];
        for (installed, ip_vs, expected) in [
            // A container: nothing can be seen, and the kernel has it or not.
            (None, true, None),
            (None, false, Some("ip_vs")),
            // Without the capability to load modules.
            (installed(&["ip_vs", "xt_set"]), true, None),
            // A kernel that lacks one.
            (installed(&["ip_vs"]), true, Some("xt_set")),
        ] {
            let modules = Modules {
                loaded: BTreeSet::new(),
                installed,
            };
            let lacking = modules.lacking(&names, |name| (name == "ip_vs").then_some(ip_vs));
            assert_eq!(lacking, expected);
        }
    }

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
