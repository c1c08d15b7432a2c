//! Nodes, and what is found on them.

use std::sync::Mutex;

use portolan_compiler::front::facts::{IptablesVariant, Nft};
use portolan_compiler::kernel::{iptables, ipvs};
use portolan_compiler::mode;
use portolan_compiler::model::{IpFamily, Mode};
use portolan_compiler::observed::{Dummy, Ipv6, Observed, WithoutIpv6};

use super::findings;
use crate::doctor::{FindingId, Readings, Unread, examine};
use crate::host::fake::Fake;
use crate::host::{Held, Installed, NftTable, OtherRules, RunningProxy, UserNamespace};

/// A node without a fault.
fn healthy() -> Fake {
    let mut node = Fake::new([Observed::empty()]);
    node.modules.loaded = mode::ipvs::MODULES.into_iter().map(str::to_owned).collect();
    node
}

fn ids(readings: &Readings) -> Vec<&'static str> {
    ids_in(readings, Mode::Ipvs)
}

fn ids_in(readings: &Readings, mode: Mode) -> Vec<&'static str> {
    let findings = findings(readings, mode);
    findings.iter().map(|finding| finding.id.name()).collect()
}

/// The readings of a healthy node with a change.
fn readings(change: impl FnOnce(&mut Fake)) -> Readings {
    let mut node = healthy();
    change(&mut node);
    examine(&node).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "as the field takes it")]
fn legacy(text: &str) -> Option<OtherRules> {
    let rules = iptables::read(text).unwrap();
    Some(OtherRules {
        variant: IptablesVariant::Legacy,
        rules: [rules, iptables::Saved::default()],
        unseen: Vec::new(),
    })
}

#[test]
fn a_healthy_node_has_no_findings() {
    assert_eq!(ids(&readings(|_| {})), [""; 0]);
}

#[test]
fn each_fault_is_found() {
    type Case = (&'static str, fn(&mut Fake));
    let table: [Case; 15] = [
        ("no-net-admin", |node| node.privileges.net_admin = Held::No),
        ("in-user-namespace", |node| {
            node.privileges.user_namespace = UserNamespace::Other;
        }),
        ("no-net-raw", |node| node.privileges.net_raw = Held::No),
        ("modules-missing", |node| {
            node.modules.loaded.remove("ip_vs");
            node.modules.installed = Some(Installed::default());
        }),
        ("modules-unknown", |node| {
            node.modules.loaded.remove("ip_vs");
        }),
        ("modules-not-loaded", |node| {
            node.modules.loaded.remove("ip_vs");
            let mut installed = Installed::default();
            installed.files.insert("ip_vs".to_owned());
            node.modules.installed = Some(installed);
        }),
        ("program-missing", |node| node.tools.ipset = None),
        ("program-unsafe", |node| {
            node.tools.iptables.as_mut().unwrap().version = Some("1.8.2".to_owned());
        }),
        ("program-too-old", |node| {
            node.tools.ipset = Some("4.5".to_owned());
        }),
        ("variants-mixed", |node| {
            node.tools.ip6tables.as_mut().unwrap().variant = Some(IptablesVariant::Legacy);
        }),
        ("kube-proxy-running", |node| {
            node.proxies = vec![RunningProxy::HealthPort(([127, 0, 0, 1], 10256).into())];
        }),
        ("nftables-mode", |node| {
            node.nft_tables = Some(vec![NftTable {
                family: "ip6".to_owned(),
                name: "kube-proxy".to_owned(),
            }]);
        }),
        ("iptables-mode", |node| {
            node.other = legacy("*nat\n:KUBE-SVC-ERIFXISQEP7F7OF4 -\nCOMMIT\n");
        }),
        ("no-ipv6", |node| {
            let ipv6 = Ipv6::Without(WithoutIpv6::Kernel);
            node.states = Mutex::new(vec![Observed {
                ipv6,
                ..Observed::empty()
            }]);
        }),
        ("userspace-mode", |node| {
            node.other = legacy("*nat\n:KUBE-PORTALS-HOST -\nCOMMIT\n");
        }),
    ];
    for (id, change) in table {
        assert_eq!(ids(&readings(change)), [id]);
    }
}

#[test]
fn only_what_the_mode_takes_has_to_be_there() {
    let bare = |mode: Mode, change: fn(&mut Fake)| {
        ids_in(
            &readings(|node| {
                node.modules.loaded = mode::modules::of(mode)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                change(node);
            }),
            mode,
        )
    };
    let without_iptables: fn(&mut Fake) = |node| {
        node.tools.iptables = None;
        node.tools.ip6tables = None;
    };
    let old_nft: fn(&mut Fake) = |node| {
        let version = Some("1.0.1".to_owned());
        node.tools.nft = Some(Nft { version });
    };
    for (mode, change, expected) in [
        (Mode::Nftables, without_iptables, &[][..]),
        (Mode::Nftables, |node| node.tools.ipset = None, &[]),
        (
            Mode::Nftables,
            |node| node.tools.nft = None,
            &["program-missing"],
        ),
        (Mode::Nftables, old_nft, &["program-too-old"]),
        (Mode::Iptables, |node| node.tools.ipset = None, &[]),
        (Mode::Iptables, |node| node.tools.nft = None, &[]),
        (Mode::Iptables, without_iptables, &["program-missing"; 2]),
        (
            Mode::Iptables,
            |node| node.other = legacy("*nat\n:KUBE-SVC-ERIFXISQEP7F7OF4 -\nCOMMIT\n"),
            &[],
        ),
        (Mode::Ipvs, |node| node.tools.nft = None, &[]),
    ] {
        assert_eq!(bare(mode, change), expected, "{mode:?}");
    }
}

#[test]
fn what_another_mode_left_is_named_with_the_way_out() {
    let mut left = Observed::empty();
    left.dummy = Dummy::Present(vec![[10, 96, 0, 1].into()]);
    let text = "-A -t 10.96.0.1:443 -s rr\n-A -t 192.0.2.7:80 -s rr\n";
    left.ipvs = ipvs::read(text).unwrap();
    let mut node = healthy();
    node.states = Mutex::new(vec![left]);
    node.nft_tables = Some(vec![NftTable {
        family: "ip".to_owned(),
        name: "kube-proxy".to_owned(),
    }]);
    let readings = examine(&node).unwrap();
    assert_eq!(ids(&readings), ["nftables-mode"]);
    let findings = findings(&readings, Mode::Nftables);
    let left: Vec<_> = findings
        .iter()
        .filter(|finding| [FindingId::IpvsMode, FindingId::NftablesMode].contains(&finding.id))
        .map(|finding| (&*finding.seen, finding.advice[0].contains("--takeover")))
        .collect();
    assert_eq!(
        left,
        [
            (
                "mode ipvs has left something: kube-ipvs0 with 1 addresses, 1 virtual servers",
                true
            ),
            ("nftables has kube-proxy's own tables: ip kube-proxy", true),
        ]
    );
}

#[test]
fn tables_that_no_program_shows_are_told() {
    let found = readings(|node| {
        let mut other = OtherRules::none(IptablesVariant::Legacy);
        other.unseen = vec![IpFamily::V4];
        node.other = Some(other);
    });
    let findings = findings(&found, Mode::Nftables);
    let unread: Vec<_> = findings
        .iter()
        .filter(|one| one.id == FindingId::Unread)
        .collect();
    assert_eq!(unread.len(), 1, "{findings:?}");
    assert!(
        unread[0].seen.contains("iptables-legacy-save"),
        "{unread:?}"
    );
}

#[test]
fn what_kubelet_and_others_leave_is_no_leftover() {
    let found = readings(|node| {
        node.other = legacy(
            "*nat\n:KUBE-PROXY-CANARY -\n:KUBE-KUBELET-CANARY -\n:KUBE-MARK-MASQ -\n\
             :KUBE-SERVICES -\n:KUBE-NODE-PORT -\n:KUBE-SVC-short -\n:KUBE-ROUTER-INPUT -\nCOMMIT\n",
        );
        node.nft_tables = Some(vec![NftTable {
            family: "inet".to_owned(),
            name: "kube-proxy".to_owned(),
        }]);
    });
    assert_eq!(ids(&found), [""; 0]);
}

#[test]
fn both_variants_are_found_where_both_have_rules() {
    let rules = "*filter\n:INPUT ACCEPT\n-A INPUT -j ACCEPT\nCOMMIT\n";
    let empty = "*filter\n:INPUT ACCEPT\nCOMMIT\n";
    for (nft, legacy_rules, expected) in [
        (rules, rules, true),
        (rules, empty, false),
        (empty, rules, false),
    ] {
        let mut found = readings(|node| node.other = legacy(legacy_rules));
        let own = iptables::read(nft).unwrap();
        if crate::host::populated(&own) {
            found.rules.push(crate::doctor::FoundRules {
                family: IpFamily::V4,
                variant: Some(IptablesVariant::Nft),
                rules: own,
            });
        }
        let both = ids(&found).contains(&FindingId::BothVariants.name());
        assert_eq!(both, expected, "{nft}{legacy_rules}");
    }
}

#[test]
fn the_way_out_of_userspace_mode_is_spelled_out() {
    let found = readings(|node| {
        node.other = legacy(
            "*nat\n:PREROUTING ACCEPT\n:KUBE-NODEPORT-CONTAINER -\n:KUBE-PORTALS-CONTAINER -\n\
             -A PREROUTING -m comment --comment \"handle ClusterIPs\" -j KUBE-PORTALS-CONTAINER\n\
             -A PREROUTING -m addrtype --dst-type LOCAL -m limit -j KUBE-NODEPORT-CONTAINER\n\
             -A PREROUTING -j ACCEPT\nCOMMIT\n",
        );
    });
    let findings = findings(&found, Mode::Ipvs);
    assert_eq!(
        findings[0].advice,
        [
            "iptables-legacy -w -t nat -D PREROUTING -m comment --comment \"handle ClusterIPs\" -j \
             KUBE-PORTALS-CONTAINER",
            "iptables-legacy -w -t nat -D PREROUTING -m addrtype --dst-type LOCAL -m limit -j \
             KUBE-NODEPORT-CONTAINER",
            "iptables-legacy -w -t nat -F KUBE-PORTALS-CONTAINER",
            "iptables-legacy -w -t nat -F KUBE-NODEPORT-CONTAINER",
            "iptables-legacy -w -t nat -X KUBE-PORTALS-CONTAINER",
            "iptables-legacy -w -t nat -X KUBE-NODEPORT-CONTAINER",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_worst_comes_first() {
    let mut found = readings(|node| node.tools.ipset = None);
    found.unread.push(Unread {
        what: "iptables rules",
        why: "x".to_owned(),
    });
    assert_eq!(ids(&found), ["program-missing", "unread"]);
}
