//! Tables in plan files.

use serde_json::{Map, Value, json};

use super::{NftablesChange, TableChange};
use crate::kernel::nftables;
use crate::kernel::nftables::{Elements, KubeProxyTable, SetName, Table};
use crate::model::IpFamily;
use crate::plan::object::encoding::{Plain, delta, entry, family, flows, line, remembered, to};
use crate::plan::{Delta, Lines};

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

pub(super) fn encode(change: &NftablesChange) -> Map<String, Value> {
    match change {
        NftablesChange::Table(family, change) => {
            let object = |extent| json!({"extent": extent, "family": family.to_string()});
            match change {
                TableChange::Whole(delta) => entry("table", object("whole"), delta),
                TableChange::Part { from, to } => {
                    let delta = Delta::Change {
                        from: from.clone(),
                        to: to.clone(),
                    };
                    entry("table", object("part"), &delta)
                }
            }
        }
        NftablesChange::KubeProxyTable(family, delta) => {
            let object = json!({"family": family.to_string()});
            entry("kube-proxy-table", object, delta)
        }
        NftablesChange::Affinity(memory, which) => {
            let map = SetName::Affinity(*memory).to_string();
            remembered("affinity", json!({"map": map, "to": to(which)}))
        }
    }
}

pub(super) fn decode(kind: &str, value: &Value) -> Result<NftablesChange, &'static str> {
    let object = &value["object"];
    let family = || family(object).ok_or("object");
    Ok(match kind {
        "table" => {
            let family = family()?;
            let (change, families) = table_change(object, value)?;
            if families.into_iter().flatten().any(|other| other != family) {
                return Err("object");
            }
            NftablesChange::Table(family, change)
        }
        "kube-proxy-table" => {
            let family = family()?;
            let delta: Delta<KubeProxyTable> = delta(value)?;
            let tables = [delta.before(), delta.after()];
            if (tables.into_iter().flatten()).any(|table| table.family() != family) {
                return Err("object");
            }
            NftablesChange::KubeProxyTable(family, delta)
        }
        "affinity" => {
            let map = line(&object["map"]).and_then(SetName::parse);
            let Some(SetName::Affinity(memory)) = map else {
                return Err("object");
            };
            NftablesChange::Affinity(memory, flows(&object["to"])?)
        }
        _ => return Err("kind"),
    })
}

/// A change, and the families of what it is about.
fn table_change(
    object: &Value,
    value: &Value,
) -> Result<(TableChange, [Option<IpFamily>; 2]), &'static str> {
    match object["extent"].as_str() {
        Some("whole") => {
            let delta: Delta<Box<Table>> = delta(value)?;
            let families = [delta.before(), delta.after()];
            let families = families.map(|table| table.map(|table| table.family));
            Ok((TableChange::Whole(delta), families))
        }
        Some("part") => {
            let Delta::<Elements>::Change { from, to } = delta(value)? else {
                return Err("object");
            };
            let families = [Some(from.family()), Some(to.family())];
            Ok((TableChange::Part { from, to }, families))
        }
        _ => Err("object"),
    }
}
