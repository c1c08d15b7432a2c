use std::time::{Duration, SystemTime};

use portolan_compiler::bundle::Digest;
use portolan_compiler::kernel::ipvs::{Counted, Counters, DestinationKey};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::model::{KubeVersion, Mode, Port, TransportAddress};
use portolan_compiler::observed::WithoutIpv6;
use portolan_compiler::plan::{Held, Unserved};
use serde_json::json;

use super::human;
use super::human::Figures;
use super::report::{Applied, Boot, Counts, Draining, Holding, Report, Row, Unfinished};
use crate::transaction::store::{Holder, Marker, Purpose};
use crate::trust::Provenance;

fn applied(boot: Boot) -> Applied {
    Applied {
        target: Digest::of(b"state").into(),
        holding: Holding::Read(Held::Target(Digest::of(b"state").into())),
        provenance: Provenance::UNKNOWN,
        distrusted: None,
        generation: 3,
        node: NodeName::parse("node-a").unwrap(),
        kind: Purpose::Rollback { to: 1 },
        made: SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_262_591),
        boot,
        mode: Mode::Ipvs,
        kube_version: KubeVersion::from_minor(36),
        listeners: 0,
        services: None,
    }
}

fn unfinished(marker: Marker, boot: Boot, confirm_within: Option<u64>) -> Unfinished {
    Unfinished {
        id: "4-ab12cd".parse().unwrap(),
        marker,
        boot,
        confirm_within,
    }
}

fn report(counts: Counts) -> Report {
    Report {
        applied: None,
        unfinished: None,
        holder: Holder::Nobody,
        draining: Vec::new(),
        unserved: None,
        counts,
        looked: None,
    }
}

fn counters(base: u64) -> Counters {
    Counters {
        connections: base,
        in_packets: base * 10,
        out_packets: base * 9,
        in_bytes: base * 1000,
        out_bytes: base * 100_000,
        connection_rate: 1,
        in_packet_rate: 12,
        out_packet_rate: 11,
        in_byte_rate: 1234,
        out_byte_rate: 123_456,
    }
}

fn server(text: &str) -> TransportAddress {
    text.parse().unwrap()
}

fn row(key: &str, service: Option<&str>, base: u64, destinations: &[&str]) -> Row {
    let destination = |address: &&str| {
        let port = Port::new(8080).unwrap();
        (address.parse().unwrap(), port, counters(base / 2))
    };
    Row {
        service: service.map(Into::into),
        counted: Counted {
            server: server(key),
            counters: counters(base),
            destinations: destinations.iter().map(destination).collect(),
        },
    }
}

fn busy() -> Report {
    Report {
        applied: Some(applied(Boot::This)),
        unfinished: Some(unfinished(Marker::Switched, Boot::This, Some(57))),
        holder: Holder::Process(1234),
        draining: vec![Draining {
            destination: DestinationKey {
                server: server("10.96.0.1:80/TCP"),
                address: "10.0.0.7".parse().unwrap(),
                port: Port::new(8080).unwrap(),
            },
            service: Some("shop/cart".into()),
            connections: Some(3),
            seconds: 240,
        }],
        unserved: None,
        looked: None,
        counts: Counts::Known {
            rows: vec![
                row(
                    "10.96.0.1:80/TCP",
                    Some("shop/cart"),
                    150_000,
                    &["10.0.0.5"],
                ),
                row("[fd00:10:96::a]:53/UDP", Some("shop/cart"), 0, &[]),
                row(
                    "[fd00:1111:2222:3333:4444:5555:6666:7777]:9153/SCTP",
                    None,
                    5_000_000_000,
                    &[],
                ),
            ],
            others: 2,
        },
    }
}

#[test]
fn the_table_is_that_of_ipvsadm() {
    assert_eq!(
        human::text(&busy(), Figures::Short),
        "\
Generation 3 of node-a: rollback to 1, 2026-11-21T12:03:11Z
Target 4ba69735ca53, and the node holds it
mirrors kube-proxy 1.36 mode ipvs: as generation 3 says
Apply 4-ab12cd waits: it is undone in 57 s unless `portolan confirm 4-ab12cd` comes before.
A portolan works on this node: process 1234 holds its lock.
Draining 10.96.0.1:80/TCP -> 10.0.0.7:8080 of shop/cart: 3 connections, 240 s left

Prot LocalAddress:Port                                 Conns   InPkts  OutPkts  InBytes OutBytes      CPS    InPPS   OutPPS    InBPS   OutBPS  Service
  -> RemoteAddress:Port
TCP  10.96.0.1:80                                     150000  1500000  1350000  150000K   15000M        1       12       11     1234   123456  shop/cart
  -> 10.0.0.5:8080                                     75000   750000   675000 75000000    7500M        1       12       11     1234   123456
UDP  [fd00:10:96::a]:53                                    0        0        0        0        0        1       12       11     1234   123456  shop/cart
SCTP [fd00:1111:2222:3333:4444:5555:6666:7777]:9153    5000M   50000M   45000M    5000G     500T        1       12       11     1234   123456

Beside them there are 2 virtual servers of other software.
"
    );
}

#[test]
fn figures_are_whole_on_demand() {
    let rows = vec![row("10.96.0.1:80/TCP", None, 5_000_000_000, &[])];
    let report = report(Counts::Known { rows, others: 1 });
    assert_eq!(
        human::text(&report, Figures::Exact),
        "\
Nothing was applied here.

Prot LocalAddress:Port                 Conns      InPkts     OutPkts       InBytes        OutBytes      CPS    InPPS   OutPPS    InBPS   OutBPS
TCP  10.96.0.1:80                 5000000000 50000000000 45000000000 5000000000000 500000000000000        1       12       11     1234   123456

Beside them there is 1 virtual server of other software.
"
    );
}

#[test]
fn what_is_under_way_says_what_to_do() {
    for (transaction, holder, expected) in [
        (
            unfinished(Marker::Switched, Boot::This, Some(0)),
            Holder::Nobody,
            "Apply 4-ab12cd was not confirmed in time: `portolan recover` undoes it.\n",
        ),
        (
            unfinished(Marker::Prepared, Boot::This, None),
            Holder::Nobody,
            "Apply 4-ab12cd was cut off (prepared): `portolan recover` ends it.\n",
        ),
        (
            unfinished(Marker::Cleaning, Boot::This, None),
            Holder::Somebody,
            "Apply 4-ab12cd is under way (cleaning).\nA portolan works on this node.\n",
        ),
        (
            unfinished(Marker::Switched, Boot::Earlier, Some(9)),
            Holder::Nobody,
            "Apply 4-ab12cd was cut off by a boot: `portolan recover` clears up.\n",
        ),
    ] {
        let report = Report {
            applied: Some(applied(Boot::Earlier)),
            unfinished: Some(transaction),
            holder,
            ..report(Counts::Unreadable("no".to_owned()))
        };
        let text = human::text(&report, Figures::Short);
        let (start, end) = text.split_once(expected).expect(&text);
        assert!(
            start.ends_with("`portolan recover` brings it back.\n"),
            "{text}"
        );
        assert_eq!(end, "No counters: no.\n");
    }
}

#[test]
fn what_a_node_without_ipv6_cannot_serve_is_said_once() {
    let report = Report {
        applied: Some(applied(Boot::This)),
        unserved: Some(Unserved {
            why: WithoutIpv6::Setting,
            frontends: 3,
        }),
        ..report(Counts::NotLoaded)
    };
    let text = human::text(&report, Figures::Short);
    let said =
        "IPv6: 3 frontends of it cannot be served here: net.ipv6.conf.all.disable_ipv6 is 1.\n";
    assert_eq!(text.matches(said).count(), 1, "{text}");
    let document = super::json::value(&report);
    assert_eq!(document["unserved"]["frontends"], 3);
}

#[test]
fn what_rules_serve_is_counted_where_there_are_no_virtual_servers() {
    for (listeners, kind, expected) in [
        (
            12,
            Purpose::Apply,
            "Mode nftables serves 12 addresses and ports; only mode ipvs counts what they carry.\n",
        ),
        (
            1,
            Purpose::Apply,
            "Mode nftables serves 1 address and port; only mode ipvs counts what it carries.\n",
        ),
        (0, Purpose::Cleanup, ""),
    ] {
        let report = Report {
            applied: Some(Applied {
                mode: Mode::Nftables,
                listeners,
                kind,
                ..applied(Boot::This)
            }),
            ..report(Counts::NotLoaded)
        };
        let text = human::text(&report, Figures::Short);
        let mirrors = "mirrors kube-proxy 1.36 mode nftables: as generation 3 says\n";
        let (_, said) = text
            .split_once("Target 4ba69735ca53, and the node holds it\n")
            .unwrap();
        let said = match kind {
            Purpose::Cleanup => said,
            _ => said.strip_prefix(mirrors).expect(said),
        };
        assert_eq!(said, expected);
    }
}

#[test]
fn nothing_at_all_is_said_as_well() {
    assert_eq!(
        human::text(&report(Counts::NotLoaded), Figures::Short),
        "Nothing was applied here.\nThere are no virtual servers: IPVS is not loaded.\n"
    );
    let value = super::json::value(&report(Counts::NotLoaded));
    assert_eq!(value["applied"], serde_json::Value::Null);
    assert_eq!(value["ipvs"]["state"], "not-loaded");
}

#[test]
fn machines_get_whole_numbers() {
    let mut value = super::json::value(&busy());
    let servers = value["virtualServers"].take();
    let head = json!({
        "applied": {
            "generation": 3,
            "inThisBoot": true,
            "kind": {"rollback": {"to": 1}},
            "kubeVersion": "1.36",
            "made": "2026-11-21T12:03:11Z",
            "mode": "ipvs",
            "node": "node-a",
            "servedByRules": 0,
            "services": null,
            "target": "sha256:4ba69735ca53765ed6a709edb56c6ea236b7193a3b29a6b390c346f0f4340e4e",
            "held": "sha256:4ba69735ca53765ed6a709edb56c6ea236b7193a3b29a6b390c346f0f4340e4e",
            "differsInObjects": 0,
            "distrusted": null,
            "provenance": {
                "cluster": null,
                "counter": null,
                "older": false,
                "signedBy": null,
                "vouched": "not-asked",
            },
        },
        "draining": [{
            "virtualServer": "10.96.0.1:80/TCP",
            "address": "10.0.0.7",
            "port": 8080,
            "connections": 3,
            "service": "shop/cart",
            "secondsLeft": 240,
        }],
        "ipvs": {"state": "loaded", "reason": null, "otherVirtualServers": 2},
        "lock": {"held": true, "process": 1234},
        "unfinished": {
            "id": "4-ab12cd",
            "marker": "switched",
            "inThisBoot": true,
            "confirmWithinSeconds": 57,
        },
        "virtualServers": null,
    });
    assert_eq!(value, head);
    assert_eq!(servers[1]["service"], "shop/cart");
    let rates = json!({
        "connections": 1,
        "inPackets": 12,
        "outPackets": 11,
        "inBytes": 1234,
        "outBytes": 123_456,
    });
    let last = json!({
        "service": null,
        "protocol": "SCTP",
        "address": "fd00:1111:2222:3333:4444:5555:6666:7777",
        "port": 9153,
        "destinations": [],
        "counters": {
            "connections": 5_000_000_000_u64,
            "inPackets": 50_000_000_000_u64,
            "outPackets": 45_000_000_000_u64,
            "inBytes": 5_000_000_000_000_u64,
            "outBytes": 500_000_000_000_000_u64,
        },
        "perSecond": rates,
    });
    assert_eq!(servers[2], last);
    let destination = &servers[0]["destinations"][0];
    assert_eq!(destination["address"], "10.0.0.5");
    assert_eq!(destination["counters"]["connections"], 75_000);
}
