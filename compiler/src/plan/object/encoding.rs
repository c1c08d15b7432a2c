//! The fields of a step in a plan file: `kind`, `object`, and what it is `before` and `after`.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::model::address::parse_ip;
use crate::model::{IpFamily, Port};
use crate::plan::{Delta, Flows, Lines};

/// A value that a step changes.
pub(in crate::plan) trait Plain: Sized {
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

/// The fields of a change.
pub(super) fn entry<T: Plain>(kind: &str, object: Value, delta: &Delta<T>) -> Map<String, Value> {
    let value = |value: Option<&T>| value.map_or(Value::Null, T::write);
    Map::from_iter([
        ("kind".to_owned(), kind.into()),
        ("object".to_owned(), object),
        ("before".to_owned(), value(delta.before())),
        ("after".to_owned(), value(delta.after())),
    ])
}

/// Of what the kernel remembers and drops.
pub(super) fn remembered(kind: &str, object: Value) -> Map<String, Value> {
    entry::<()>(kind, object, &Delta::Change { from: (), to: () })
}

/// What it is before and after.
pub(super) fn delta<T: Plain>(value: &Value) -> Result<Delta<T>, &'static str> {
    let side = |field: &'static str| match &value[field] {
        Value::Null => Ok(None),
        value => T::read(value).map(Some).ok_or(field),
    };
    match (side("before")?, side("after")?) {
        (None, Some(value)) => Ok(Delta::Add(value)),
        (Some(from), Some(to)) => Ok(Delta::Change { from, to }),
        (Some(value), None) => Ok(Delta::Remove(value)),
        (None, None) => Err("after"),
    }
}

/// The destination that flows go to; null for all.
pub(super) fn to(which: &Flows) -> Value {
    match which {
        Flows::All => Value::Null,
        Flows::To(address, port) => json!({"address": address, "port": port.get()}),
    }
}

/// Reads what [`to`] writes.
pub(super) fn flows(to: &Value) -> Result<Flows, &'static str> {
    match to {
        Value::Null => Ok(Flows::All),
        to => endpoint(to)
            .map(|(address, port)| Flows::To(address, port))
            .ok_or("object"),
    }
}

/// The field `family` of an object.
pub(super) fn family(object: &Value) -> Option<IpFamily> {
    object["family"].as_str()?.parse().ok()
}

/// The fields `address` and `port`.
pub(super) fn endpoint(value: &Value) -> Option<(IpAddr, Port)> {
    let port = Port::new(value["port"].as_u64()?.try_into().ok()?)?;
    Some((parse_ip(line(&value["address"])?).ok()?, port))
}

/// Text that is one line: more could smuggle commands to the tool that takes it.
pub(in crate::plan) fn line(value: &Value) -> Option<&str> {
    value
        .as_str()
        .filter(|text| !text.chars().any(char::is_control))
}

/// The same, of a tool that indents by tabs.
pub(in crate::plan) fn indented(value: &Value) -> Option<&str> {
    let safe = |text: &&str| !text.trim_start_matches('\t').contains(char::is_control);
    value.as_str().filter(safe)
}
