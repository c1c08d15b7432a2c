//! Nodes that are not as anybody left them.

use portolan_compiler::kernel::{ipset, iptables, ipvs};
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{
    Claims, DestinationKey, Interruption, Inventory, IpsetChange, IptablesChange, IpvsChange,
    LeftAlone, PlanError, Subject, Uptime, fake, plan,
};

use crate::states::{cases, claims, empty, go};

fn demo() -> (&'static NodeState, Observed) {
    let case = cases()
        .iter()
        .find(|case| case.name == "seed-004-service-types")
        .unwrap();
    let mut node = empty();
    go(&mut node, &case.desired, &claims(false, &case.desired));
    (&case.desired, node)
}

/// The plan leads to what is wanted and back again.
fn there_and_back(desired: &NodeState, node: &Observed) -> Vec<Subject> {
    let way = plan(desired, node, &claims(false, desired)).unwrap();
    let mut now = node.clone();
    fake::execute_all(&mut now, &way.steps)
        .unwrap_or_else(|(at, refused)| panic!("step {at}: {refused}: {:#?}", way.steps));
    assert!(
        plan(desired, &now, &claims(false, desired))
            .unwrap()
            .is_empty()
    );
    fake::execute_all(&mut now, &way.inverse()).unwrap();
    assert_eq!(now.canonical(), node.canonical());
    assert_eq!(now.digest(), node.digest());
    way.steps.into_iter().map(|step| step.subject).collect()
}

/// Replaces a set of ours by another of the same name; the rules that name it stay.
fn replace_set(node: &mut Observed, lines: &str) {
    let mut read = ipset::read(lines).unwrap();
    let name = lines.split(' ').nth(1).unwrap();
    node.ipset.sets.retain(|set| set.name.as_str() != name);
    node.ipset.sets.append(&mut read.sets);
    node.ipset.foreign.append(&mut read.foreign);
}

/// No rule has to let go of it, so nothing is unguarded meanwhile.
#[test]
fn a_set_of_another_size_is_exchanged() {
    let (desired, mut node) = demo();
    replace_set(
        &mut node,
        "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 1000\n\
         add KUBE-CLUSTER-IP 10.96.0.99,tcp:99",
    );
    let steps = there_and_back(desired, &node);
    let exchanged = |step: &Subject| matches!(step, Subject::Ipset(IpsetChange::ForeignSet(_, delta)) if delta.before().is_some() && delta.after().is_some());
    assert_eq!(steps.iter().filter(|step| exchanged(step)).count(), 1);
    assert!(!steps.iter().any(|step| matches!(
        step,
        Subject::Iptables(IptablesChange::Chain(..)) | Subject::Ipset(IpsetChange::Set(..))
    )));
}

#[test]
fn a_set_of_another_kind_is_made_anew() {
    for lines in [
        "create KUBE-CLUSTER-IP hash:ip family inet hashsize 1024 maxelem 65536\nadd KUBE-CLUSTER-IP 10.96.0.1",
        "create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536 timeout 300",
        "create KUBE-CLUSTER-IP hash:net family inet hashsize 1024 maxelem 65536\nadd KUBE-CLUSTER-IP 10.0.0.0/8",
    ] {
        let (desired, mut node) = demo();
        replace_set(&mut node, lines);
        let steps = there_and_back(desired, &node);
        assert!(
            steps
                .iter()
                .any(|step| matches!(step, Subject::Ipset(IpsetChange::ForeignSet(..)))),
            "{lines}"
        );
    }
}

#[test]
fn a_set_that_others_use_is_not_made_anew() {
    let (desired, mut node) = demo();
    replace_set(
        &mut node,
        "create KUBE-CLUSTER-IP hash:ip family inet hashsize 1024 maxelem 65536",
    );
    let rules = "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -m set --match-set KUBE-CLUSTER-IP dst -j CT --notrack\nCOMMIT\n";
    let mut raw = iptables::read(rules).unwrap();
    node.iptables[IpFamily::V4 as usize]
        .tables
        .append(&mut raw.tables);
    let error = plan(desired, &node, &Claims::default()).unwrap_err();
    assert!(matches!(&error, PlanError::SetInUse { chain, .. } if &**chain == "raw PREROUTING"));
    assert!(error.help().contains("raw PREROUTING"));
}

#[test]
fn a_virtual_server_of_another_kind_gives_way() {
    let (desired, mut node) = demo();
    let key = desired.virtual_servers()[0].key;
    node.ipvs.servers.retain(|server| server.key != key);
    let lines = format!(
        "-A -t {0}:{1} -s wrr -o\n-a -t {0}:{1} -r 10.0.0.1:80 -g -w 1",
        key.address, key.port
    );
    node.ipvs.foreign = ipvs::read(&lines).unwrap().foreign;
    assert_eq!(node.ipvs.foreign[0].key, Some(key));
    there_and_back(desired, &node);
    let plan = plan(desired, &node, &claims(false, desired)).unwrap();
    let other = plan
        .steps
        .iter()
        .find(|step| matches!(step.subject, Subject::Ipvs(IpvsChange::ForeignServer(..))));
    assert!(matches!(
        other.unwrap().interruption,
        Interruption::Connections { .. }
    ));
}

#[test]
fn rules_of_others_in_our_chains_go() {
    let (desired, mut node) = demo();
    let tables = &mut node.iptables[IpFamily::V4 as usize].tables;
    for chain in tables.iter_mut().flat_map(|table| &mut table.chains) {
        if &*chain.name == "KUBE-SERVICES" {
            let drop = iptables::SavedRule::Foreign("-p tcp -m tcp --dport 80 -j LOG".into());
            chain.rules.insert(1, drop);
            chain.rules.remove(2);
        }
    }
    there_and_back(desired, &node);
}

#[test]
fn missing_jumps_are_added_among_those_that_are_there() {
    let (desired, node) = demo();
    for missing in 0..3 {
        let mut node = node.clone();
        let tables = &mut node.iptables[IpFamily::V4 as usize].tables;
        let filter = tables
            .iter_mut()
            .find(|table| &*table.name == "filter")
            .unwrap();
        let input = filter
            .chains
            .iter_mut()
            .find(|chain| &*chain.name == "INPUT")
            .unwrap();
        let wanted = input.rules.clone();
        input.rules.remove(missing);
        let steps = there_and_back(desired, &node);
        assert_eq!(steps.len(), 1);
        go(&mut node, desired, &Claims::default());
        let filter = node.iptables[0]
            .tables
            .iter()
            .find(|table| &*table.name == "filter")
            .unwrap();
        let input = filter
            .chains
            .iter()
            .find(|chain| &*chain.name == "INPUT")
            .unwrap();
        assert_eq!(input.rules, wanted, "the order that all of them would have");
    }
}

#[test]
fn a_draining_destination_is_no_drift() {
    let (desired, mut node) = demo();
    let server = &mut node.ipvs.servers[0];
    let mut old = server.destinations.first().cloned().unwrap_or_else(|| {
        let other = ipvs::read("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.9.9.9:80 -m -w 0");
        other.unwrap().servers[0].destinations[0].clone()
    });
    old.address = [10, 9, 9, 9].into();
    old.weight = 0;
    let key = DestinationKey {
        server: server.key,
        address: old.address,
        port: old.port,
    };
    server.destinations.push(old);
    server.destinations.sort();
    let known = Claims {
        inventory: Inventory {
            draining: [(key, Uptime(300))].into(),
            ..Inventory::of(desired)
        },
        ..Claims::default()
    };
    let waiting = plan(desired, &node, &known).unwrap();
    assert!(waiting.is_empty());
    assert_eq!(waiting.left_alone, [LeftAlone::Draining(key)]);
    // Nobody recorded it: then it is drift.
    let drift = plan(desired, &node, &Claims::default()).unwrap();
    assert_eq!(
        drift.steps[0].subject.op(),
        portolan_compiler::plan::Op::Remove
    );
}

#[test]
fn what_changes_by_itself_is_not_in_the_digest() {
    let (_, mut node) = demo();
    let digest = node.digest();
    let counted = |hashsize: u32, timeout: u32| {
        ipset::read(&format!(
            "create KUBE-X hash:ip,port family inet hashsize {hashsize} maxelem 65536\n\
             create timed hash:ip family inet hashsize {hashsize} maxelem 65536 timeout 300\n\
             add timed 10.0.0.1 timeout {timeout}\n"
        ))
        .unwrap()
    };
    let mut digests = Vec::new();
    let before = node.ipset.clone();
    for (hashsize, timeout) in [(1024, 300), (2048, 17)] {
        let mut sets = counted(hashsize, timeout);
        node.ipset = before.clone();
        node.ipset.sets.append(&mut sets.sets);
        node.ipset.foreign.append(&mut sets.foreign);
        digests.push(node.digest());
    }
    assert_eq!(digests[0], digests[1]);
    assert_ne!(digests[0], digest);
}
