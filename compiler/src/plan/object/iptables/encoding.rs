//! Chains and jumps in plan files.

use serde_json::{Map, Value, json};

use super::{IptablesChange, RuleChain, RulePosition};
use crate::kernel::iptables::{ChainName, Rule, SavedRule};
use crate::plan::object::encoding::{Plain, delta, entry, family, line};

impl Plain for Vec<SavedRule> {
    fn write(&self) -> Value {
        let rule = |rule: &SavedRule| match rule {
            SavedRule::Known(rule) => json!({"rule": rule.to_string()}),
            SavedRule::Foreign(text) => json!({"foreign": text}),
        };
        self.iter().map(rule).collect()
    }

    fn read(value: &Value) -> Option<Self> {
        let rule = |value: &Value| match value.get("rule") {
            Some(rule) => Rule::parse(line(rule)?).map(SavedRule::Known),
            None => Some(SavedRule::Foreign(line(value.get("foreign")?)?.into())),
        };
        value.as_array()?.iter().map(rule).collect()
    }
}

impl Plain for RulePosition {
    fn write(&self) -> Value {
        json!({"number": self.number, "rule": self.rule.to_string()})
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            number: value.get("number")?.as_u64()?.try_into().ok()?,
            rule: Rule::parse(line(value.get("rule")?)?)?,
        })
    }
}

pub(super) fn encode(change: &IptablesChange) -> Map<String, Value> {
    match change {
        IptablesChange::Chain(at, delta) => entry("chain", object(at), delta),
        IptablesChange::Jump(at, delta) => entry("jump", object(at), delta),
    }
}

pub(super) fn decode(kind: &str, value: &Value) -> Result<IptablesChange, &'static str> {
    let chain = || chain(&value["object"]).ok_or("object");
    Ok(match kind {
        "chain" => IptablesChange::Chain(chain()?, delta(value)?),
        "jump" => IptablesChange::Jump(chain()?, delta(value)?),
        _ => return Err("kind"),
    })
}

fn object(at: &RuleChain) -> Value {
    json!({"chain": at.chain.as_str(), "family": at.family.to_string(), "table": at.table.as_str()})
}

fn chain(value: &Value) -> Option<RuleChain> {
    Some(RuleChain {
        family: family(value)?,
        table: value["table"].as_str()?.parse().ok()?,
        chain: ChainName::new(line(&value["chain"])?)?,
    })
}
