//! What steps change, as JSON.

use serde_json::{Value, json};

use crate::kernel::ipset::SetHeader;
use crate::kernel::iptables::{Rule, SavedRule};
use crate::kernel::ipvs::VirtualServer;
use crate::kernel::nftables::{Elements, KubeProxyTable, Table};
use crate::kernel::text::{KeepOrigins, Text};
use crate::kernel::{ipset, ipvs, nftables};
use crate::model::Timeouts;
use crate::plan::{Lines, RulePosition};

/// A value that a step changes.
pub(super) trait Plain: Sized {
    /// As JSON, never null.
    fn write(&self) -> Value;

    /// Reads what [`Self::write`] writes; `None` for anything else.
    fn read(value: &Value) -> Option<Self>;
}

/// Something that is there or is not.
impl Plain for () {
    fn write(&self) -> Value {
        Value::Bool(true)
    }

    fn read(value: &Value) -> Option<Self> {
        (*value == Value::Bool(true)).then_some(())
    }
}

impl Plain for u32 {
    fn write(&self) -> Value {
        json!(self)
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Plain for Timeouts {
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl Plain for SetHeader {
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }

    fn read(value: &Value) -> Option<Self> {
        let text = format!("create set {}", line(value)?);
        let mut sets = ipset::read(&text).ok()?.sets;
        sets.pop().map(|set| set.header)
    }
}

impl Plain for Lines {
    fn write(&self) -> Value {
        json!(self)
    }

    fn read(value: &Value) -> Option<Self> {
        value
            .as_array()?
            .iter()
            .map(|value| line(value).map(Into::into))
            .collect()
    }
}

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

impl Plain for VirtualServer {
    fn write(&self) -> Value {
        let mut text = Text::new(KeepOrigins::No);
        ipvs::write(std::slice::from_ref(self), &mut text);
        text.finish().0.lines().collect()
    }

    fn read(value: &Value) -> Option<Self> {
        let mut observed = ipvs::read(&Lines::read(value)?.join("\n")).ok()?;
        let one = observed.servers.len() == 1 && observed.foreign.is_empty();
        observed.servers.pop().filter(|_| one)
    }
}

/// In the words of nft, a line each.
impl Plain for Box<Table> {
    fn write(&self) -> Value {
        unindented(&self.to_text())
    }

    fn read(value: &Value) -> Option<Self> {
        table(value).map(Self::new)
    }
}

/// As it was listed, a line each.
impl Plain for KubeProxyTable {
    fn write(&self) -> Value {
        json!(self.lines())
    }

    fn read(value: &Value) -> Option<Self> {
        Self::of_lines(&Lines::read(value)?)
    }
}

/// As a table that has nothing else.
impl Plain for Elements {
    fn write(&self) -> Value {
        unindented(&self.to_text())
    }

    fn read(value: &Value) -> Option<Self> {
        Self::of(table(value)?)
    }
}

fn unindented(text: &str) -> Value {
    text.lines().map(str::trim_start).collect()
}

fn table(value: &Value) -> Option<Table> {
    let [v4, v6] = nftables::read(&Lines::read(value)?.join("\n")).ok()?.tables;
    let ((Some(found), None) | (None, Some(found))) = (v4, v6) else {
        return None;
    };
    let ours = found.foreign.is_empty() && found.affinity.is_empty();
    ours.then_some(found.table)
}

/// Text that is one line: more could smuggle commands to the tool that takes it.
pub(super) fn line(value: &Value) -> Option<&str> {
    value
        .as_str()
        .filter(|text| !text.chars().any(char::is_control))
}

/// The same, of a tool that indents by tabs.
pub(super) fn indented(value: &Value) -> Option<&str> {
    let safe = |text: &&str| !text.trim_start_matches('\t').contains(char::is_control);
    value.as_str().filter(safe)
}
