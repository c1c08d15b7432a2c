//! Kernel settings.

use serde_json::{Map, Value, json};

use super::Change;
use super::encoding::{delta, entry};
use super::reading::{Reading, StepState, known, values, way};
use crate::kernel::sysctl::{Sysctl, SysctlKey};
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::order::Rank;
use crate::plan::render::{Heading, Services, set_in_place};
use crate::plan::{Delta, Durability, End, Op};

/// A change of a kernel setting. One whose value was unknown is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysctlChange(pub SysctlKey, pub Delta<u32>);

impl SysctlChange {
    /// What has to be written. One whose value was not known before has none to go back to.
    pub(crate) fn batch(&self) -> Option<Sysctl> {
        let Self(key, delta) = self;
        delta.after().map(|value| Sysctl {
            key: *key,
            value: *value,
        })
    }
}

impl Change for SysctlChange {
    type Object = SysctlKey;

    fn op(&self) -> Op {
        self.1.op()
    }

    fn inverse(&self) -> Self {
        Self(self.0, self.1.inverse())
    }

    fn object(&self) -> Option<SysctlKey> {
        Some(self.0)
    }

    fn rank(&self, _: Durability) -> Rank {
        Rank::Settings
    }

    fn step_state(&self, node: &Reading<'_>) -> StepState {
        let Self(key, delta) = self;
        known(values(node.now.sysctl.get(key), delta), delta)
    }

    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
        let Self(key, delta) = self;
        let way = way(node.now.sysctl.get(key).copied(), delta, end);
        way.map(|delta| Self(*key, delta)).into_iter().collect()
    }

    fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
        let Self(key, delta) = self;
        match delta.after() {
            Some(value) => node.sysctl.insert(*key, *value),
            None => node.sysctl.remove(key),
        };
        Ok(())
    }

    fn heading(&self, _: &Services) -> Heading {
        Heading::Node
    }

    fn name(&self) -> String {
        format!("setting {}", self.0.as_str())
    }

    fn line(&self) -> (&'static str, String) {
        ("setting", set_in_place(self.0.as_str(), &self.1))
    }

    fn encode(&self) -> Map<String, Value> {
        entry("sysctl", json!(self.0.as_str()), &self.1)
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        if kind != "sysctl" {
            return Err("kind");
        }
        let object = &value["object"];
        let key = object.as_str().and_then(|name| name.parse().ok());
        Ok(Self(key.ok_or("object")?, delta(value)?))
    }
}
