//! Sets and entries in plan files.

use serde_json::{Map, Value, json};

use super::IpsetChange;
use crate::kernel::ipset;
use crate::kernel::ipset::{Entry, SetHeader, SetName, SetType};
use crate::model::IpFamily;
use crate::plan::object::encoding::{Plain, delta, entry, line};

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

pub(super) fn encode(change: &IpsetChange) -> Map<String, Value> {
    match change {
        IpsetChange::Set(name, delta) => entry("set", json!(name.as_str()), delta),
        IpsetChange::ForeignSet(name, delta) => entry("other-set", json!(name.as_str()), delta),
        IpsetChange::Entry(set, one, delta) => {
            let set_type = set_type(*one).as_str();
            let object = json!({"entry": one.to_string(), "set": set.as_str(), "type": set_type});
            entry("entry", object, delta)
        }
    }
}

pub(super) fn decode(kind: &str, value: &Value) -> Result<IpsetChange, &'static str> {
    let object = &value["object"];
    let set = |value: &Value| line(value).and_then(SetName::new).ok_or("object");
    Ok(match kind {
        "set" => IpsetChange::Set(set(object)?, delta(value)?),
        "other-set" => IpsetChange::ForeignSet(set(object)?, delta(value)?),
        "entry" => {
            let one = read_entry(object).ok_or("object")?;
            IpsetChange::Entry(set(&object["set"])?, one, delta(value)?)
        }
        _ => return Err("kind"),
    })
}

fn read_entry(object: &Value) -> Option<Entry> {
    let set_type = object["type"].as_str()?.parse().ok()?;
    let text = line(&object["entry"])?;
    IpFamily::ALL.into_iter().find_map(|family| {
        let header = SetHeader::kube_proxy(set_type, family);
        let read = ipset::read(&format!("create set {header}\nadd set {text}")).ok()?;
        match &read.sets[..] {
            [set] => set.entries.first().map(|(entry, _)| *entry),
            _ => None,
        }
    })
}

/// The only type of set that takes such an entry.
fn set_type(entry: Entry) -> SetType {
    match entry {
        Entry::Ip(_) => SetType::HashIp,
        Entry::IpPort(_) => SetType::HashIpPort,
        Entry::IpPortIp(..) => SetType::HashIpPortIp,
        Entry::IpPortNet(..) => SetType::HashIpPortNet,
        Entry::Port(_) => SetType::BitmapPort,
    }
}
