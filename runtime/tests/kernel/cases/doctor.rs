//! What kube-proxy's other modes leave is found, and the advice gets rid of it.

use std::fs;
use std::path::Path;

use portolan_compiler::model::Mode;
use portolan_runtime::doctor::{self, Finding, FindingId};
use portolan_runtime::host;

use crate::harness::Case;
use crate::node::Tool;

pub(crate) fn cases() -> Vec<Case> {
    vec![Case::new(
        "doctor::leftovers_are_found_and_the_advice_removes_them",
        leftovers,
    )]
}

fn findings() -> Vec<Finding> {
    let node = host::machine().unwrap();
    doctor::findings(&doctor::examine(&*node).unwrap(), Mode::Ipvs)
}

fn of(id: FindingId) -> Vec<Finding> {
    let mut found = findings();
    found.retain(|finding| finding.id == id);
    found
}

/// Of userspace mode, as kube-proxy 1.20 wrote it.
const USERSPACE: &str = "\
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-PORTALS-CONTAINER - [0:0]
:KUBE-PORTALS-HOST - [0:0]
-A PREROUTING -m comment --comment \"handle ClusterIPs; NOTE: this must be before the NodePort rules\" -j KUBE-PORTALS-CONTAINER
-A OUTPUT -m comment --comment \"handle ClusterIPs; NOTE: this must be before the NodePort rules\" -j KUBE-PORTALS-HOST
-A KUBE-PORTALS-HOST -d 10.96.0.1/32 -p tcp -m comment --comment \"default/kubernetes:https\" -m tcp --dport 443 -j DNAT --to-destination 10.0.0.1:40000
COMMIT
*filter
:INPUT ACCEPT [0:0]
:KUBE-NODEPORT-NON-LOCAL - [0:0]
-A INPUT -m comment --comment \"Ensure that non-local NodePort traffic can flow\" -j KUBE-NODEPORT-NON-LOCAL
COMMIT
";

fn leftovers() {
    let path = Path::new("userspace");
    fs::write(path, USERSPACE).unwrap();
    for variant in ["nft", "legacy"] {
        Tool::new(&format!("iptables-{variant}-restore"))
            .reading(path)
            .run();
    }
    Tool::new("iptables -t nat -N KUBE-SVC-ERIFXISQEP7F7OF4").run();
    Tool::new("iptables -t nat -N KUBE-PROXY-CANARY").run();
    Tool::new("nft add table ip6 kube-proxy").run();

    let ids: Vec<FindingId> = findings().iter().map(|finding| finding.id).collect();
    for id in [
        FindingId::BothVariants,
        FindingId::IptablesMode,
        FindingId::NftablesMode,
        FindingId::UserspaceMode,
    ] {
        assert!(ids.contains(&id), "{id} of {ids:?}");
    }
    let userspace = of(FindingId::UserspaceMode);
    assert_eq!(userspace.len(), 2, "one of each variant");
    for command in userspace.iter().flat_map(|finding| &finding.advice) {
        fs::write("advice", command).unwrap();
        Tool::new("sh advice").run();
    }
    assert_eq!(of(FindingId::UserspaceMode), []);
    Tool::new("nft delete table ip6 kube-proxy").run();
    assert_eq!(of(FindingId::NftablesMode), []);
}
