//! The report for machines: nothing is rounded, and what is unknown is null.

use std::net::SocketAddr;

use portolan_compiler::kernel::ipvs::Counters;
use portolan_compiler::plan::Held;
use serde_json::{Value, json};

use super::report::{Applied, Boot, Counts, Draining, Holding, Report, Row, Unfinished};
use crate::commands::shared::provenance;
use crate::commands::shared::time::utc;
use crate::transaction::store::Holder;

pub(super) fn value(report: &Report) -> Value {
    let (state, reason, rows, others) = match &report.counts {
        Counts::NotLoaded => ("not-loaded", None, &[][..], None),
        Counts::Unreadable(reason) => ("unreadable", Some(reason), &[][..], None),
        Counts::Known { rows, others } => ("loaded", None, &rows[..], Some(others)),
    };
    let mut document = json!({
        "applied": report.applied.as_ref().map(applied),
        "unfinished": report.unfinished.as_ref().map(unfinished),
        "lock": {
            "held": report.holder != Holder::Nobody,
            "process": match report.holder {
                Holder::Process(number) => Some(number),
                Holder::Nobody | Holder::Somebody => None,
            },
        },
        "draining": report.draining.iter().map(draining).collect::<Value>(),
        "ipvs": {"state": state, "reason": reason, "otherVirtualServers": others},
        "virtualServers": rows.iter().map(row).collect::<Value>(),
    });
    if let Some(unserved) = &report.unserved {
        document["unserved"] = json!({
            "family": "IPv6",
            "frontends": unserved.frontends,
            "why": unserved.why.to_string(),
        });
    }
    if let Some(looked) = &report.looked {
        document["shown"] = looked.shown.to_json();
    }
    document
}

fn applied(applied: &Applied) -> Value {
    let (held, differs) = match &applied.holding {
        Holding::Read(held @ Held::Other { objects }) => (held.target(), Some(*objects)),
        Holding::Read(held) => (held.target(), Some(0)),
        Holding::Unreadable(_) | Holding::NotAsked => (None, None),
    };
    json!({
        "generation": applied.generation,
        "node": applied.node.as_str(),
        "target": applied.target.to_string(),
        "held": held.map(|held| held.to_string()),
        "differsInObjects": differs,
        "kind": applied.kind,
        "provenance": provenance::json(&applied.provenance),
        "distrusted": applied.distrusted,
        "made": utc(applied.made),
        "inThisBoot": applied.boot == Boot::This,
        "mode": applied.mode.as_str(),
        "kubeVersion": applied.kube_version.map(|version| version.to_string()),
        "servedByRules": applied.listeners,
        "services": applied.services,
    })
}

fn unfinished(transaction: &Unfinished) -> Value {
    json!({
        "id": transaction.id,
        "marker": transaction.marker.as_str(),
        "inThisBoot": transaction.boot == Boot::This,
        "confirmWithinSeconds": transaction.confirm_within,
    })
}

fn draining(draining: &Draining) -> Value {
    json!({
        "virtualServer": draining.destination.server.to_string(),
        "address": draining.destination.address,
        "port": draining.destination.port.get(),
        "connections": draining.connections,
        "service": draining.service,
        "secondsLeft": draining.seconds,
    })
}

fn row(row: &Row) -> Value {
    let server = &row.counted.server;
    let destinations = row.counted.destinations.iter();
    let destination = |(address, port, counters): &(_, portolan_compiler::model::Port, _)| {
        let at = SocketAddr::new(*address, port.get());
        merged(json!({"address": at.ip(), "port": at.port()}), counters)
    };
    let named = json!({
        "service": row.service,
        "protocol": server.protocol.as_str(),
        "address": server.address,
        "port": server.port.get(),
        "destinations": destinations.map(destination).collect::<Value>(),
    });
    merged(named, &row.counted.counters)
}

/// An object with counters.
fn merged(mut object: Value, counters: &Counters) -> Value {
    object["counters"] = json!({
        "connections": counters.connections,
        "inPackets": counters.in_packets,
        "outPackets": counters.out_packets,
        "inBytes": counters.in_bytes,
        "outBytes": counters.out_bytes,
    });
    object["perSecond"] = json!({
        "connections": counters.connection_rate,
        "inPackets": counters.in_packet_rate,
        "outPackets": counters.out_packet_rate,
        "inBytes": counters.in_byte_rate,
        "outBytes": counters.out_byte_rate,
    });
    object
}
