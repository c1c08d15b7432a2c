//! What a node had before portolan changed it, as far as it is not simply gone afterwards.

use std::collections::BTreeMap;

use portolan_compiler::kernel::sysctl::{Sysctl, SysctlKey};
use portolan_compiler::model::Timeouts;
use portolan_compiler::plan::{IpvsChange, Step, Subject, SysctlChange};
use serde::{Deserialize, Serialize};

use super::seal::Record;

/// Settings as they were before portolan first changed them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    #[serde(default)]
    sysctls: BTreeMap<String, u32>,
    #[serde(default)]
    timeouts: Option<String>,
}

impl Record for Found {
    const FORMAT: &'static str = "portolan-found 2";
    const BEFORE: Option<&'static str> = None;
}

impl Found {
    /// Adds what steps are about to change and nothing has changed before.
    pub fn add(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.subject {
                Subject::Sysctl(SysctlChange(key, delta)) => {
                    if let Some(before) = delta.before() {
                        self.sysctls
                            .entry(key.as_str().to_owned())
                            .or_insert(*before);
                    }
                }
                Subject::Ipvs(IpvsChange::Timeouts(delta)) if self.timeouts.is_none() => {
                    self.timeouts = delta.before().map(ToString::to_string);
                }
                _ => {}
            }
        }
    }

    /// The settings as they were found, those that this portolan knows.
    pub fn sysctls(&self) -> Vec<Sysctl> {
        let known = SysctlKey::ALL.into_iter();
        known
            .filter_map(|key| {
                let value = *self.sysctls.get(key.as_str())?;
                Some(Sysctl { key, value })
            })
            .collect()
    }

    /// The idle timeouts as they were found; `None` where none was changed.
    pub fn timeouts(&self) -> Option<Timeouts> {
        self.timeouts.as_deref()?.parse().ok()
    }
}
