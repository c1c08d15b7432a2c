//! Virtual servers, destinations and timeouts in plan files.

use serde_json::{Map, Value, json};

use super::IpvsChange;
use crate::kernel::ipvs;
use crate::kernel::ipvs::{DestinationKey, VirtualServer};
use crate::kernel::text::{KeepOrigins, Text};
use crate::model::Timeouts;
use crate::plan::Lines;
use crate::plan::object::encoding::{Plain, delta, endpoint, entry, line};

impl Plain for Timeouts {
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }

    fn read(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
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

pub(super) fn encode(change: &IpvsChange) -> Map<String, Value> {
    match change {
        IpvsChange::Timeouts(delta) => entry("timeouts", Value::Null, delta),
        IpvsChange::Server(key, delta) => entry("virtual-server", json!(key.to_string()), delta),
        IpvsChange::ForeignServer(key, delta) => {
            entry("other-virtual-server", json!(key.to_string()), delta)
        }
        IpvsChange::Destination(key, delta) => {
            let object = json!({
                "address": key.address,
                "port": key.port.get(),
                "server": key.server.to_string(),
            });
            entry("destination", object, delta)
        }
    }
}

pub(super) fn decode(kind: &str, value: &Value) -> Result<IpvsChange, &'static str> {
    let object = &value["object"];
    let server = |value: &Value| {
        let key = line(value).and_then(|key| key.parse().ok());
        key.ok_or("object")
    };
    Ok(match kind {
        "timeouts" => IpvsChange::Timeouts(delta(value)?),
        "virtual-server" => IpvsChange::Server(server(object)?, delta(value)?),
        "other-virtual-server" => IpvsChange::ForeignServer(server(object)?, delta(value)?),
        "destination" => {
            let (address, port) = endpoint(object).ok_or("object")?;
            let key = DestinationKey {
                server: server(&object["server"])?,
                address,
                port,
            };
            IpvsChange::Destination(key, delta(value)?)
        }
        _ => return Err("kind"),
    })
}
