use super::*;
use crate::kernel::ipset::{Entry, SetHeader, SetName, SetType};
use crate::kernel::iptables::{ChainName, Comment, Match, Rule, SavedRule, TableName, Target};
use crate::kernel::ipvs::{Destination, Persistence, Scheduler, VirtualServer};
use crate::kernel::sysctl::SysctlKey;
use crate::model::{Port, Protocol, TransportAddress};
use crate::plan::{
    ConntrackChange, Delta, DestinationKey, Durability, Interruption, IpsetChange, IptablesChange,
    IpvsChange, Phase, RuleChain, RulePosition,
};
use crate::source::Origins;

fn step(subject: Subject) -> Step {
    Step {
        phase: Phase::Prepare,
        subject,
        durability: Durability::Lasting,
        interruption: Interruption::None,
        origins: Origins::new(),
    }
}

fn joined(subjects: Vec<Subject>) -> Vec<Batch> {
    let steps: Vec<Step> = subjects.into_iter().map(step).collect();
    batches(&steps)
}

fn set() -> SetName {
    SetName::new("KUBE-CLUSTER-IP").unwrap()
}

fn entry(text: &str) -> Entry {
    Entry::Ip(text.parse().unwrap())
}

fn chain(family: IpFamily, table: TableName, name: &str) -> RuleChain {
    RuleChain {
        family,
        table,
        chain: ChainName::new(name).unwrap(),
    }
}

fn jump_to(name: &str) -> Rule {
    Rule {
        matches: vec![Match::Comment(Comment::new("services").unwrap())],
        target: Target::Chain(ChainName::new(name).unwrap()),
        origins: Origins::new(),
    }
}

fn port(number: u16) -> Port {
    Port::new(number).unwrap()
}

fn server(destinations: &[&str]) -> VirtualServer {
    let destination = |address: &&str| Destination {
        address: address.parse().unwrap(),
        port: port(8080),
        weight: 1,
        origins: Origins::new(),
    };
    VirtualServer {
        key: TransportAddress {
            protocol: Protocol::Udp,
            address: "10.96.0.10".parse().unwrap(),
            port: port(53),
        },
        scheduler: Scheduler::Rr,
        persistence: Persistence::None,
        destinations: destinations.iter().map(destination).collect(),
        origins: Origins::new(),
    }
}

#[test]
fn steps_of_one_place_are_joined_and_none_is_moved() {
    let one = || Subject::Ipset(IpsetChange::Entry(set(), entry("10.0.0.1"), Delta::Add(())));
    let two = || {
        Subject::Ipset(IpsetChange::Entry(
            set(),
            entry("10.0.0.2"),
            Delta::Remove(()),
        ))
    };
    let address = || {
        Subject::Dummy(DummyChange::Address(
            "10.96.0.1".parse().unwrap(),
            Delta::Add(()),
        ))
    };
    assert_eq!(
        joined(vec![one(), two(), address(), one()]),
        [
            Batch::Ipset("add KUBE-CLUSTER-IP 10.0.0.1\ndel KUBE-CLUSTER-IP 10.0.0.2\n".to_owned()),
            Batch::Dummy(vec![DummyRequest::AddAddress("10.96.0.1".parse().unwrap())]),
            Batch::Ipset("add KUBE-CLUSTER-IP 10.0.0.1\n".to_owned()),
        ]
    );
}

#[test]
fn sets_come_and_go_by_their_headers() {
    let header = SetHeader::kube_proxy(SetType::HashIpPort, IpFamily::V4);
    let other: crate::plan::Lines = vec![
        "create KUBE-CLUSTER-IP hash:ip family inet".into(),
        "add KUBE-CLUSTER-IP 10.0.0.9".into(),
    ];
    let found = joined(vec![
        Subject::Ipset(IpsetChange::ForeignSet(set(), Delta::Remove(other.clone()))),
        Subject::Ipset(IpsetChange::Set(set(), Delta::Add(header))),
        Subject::Ipset(IpsetChange::Set(set(), Delta::Remove(header))),
        Subject::Ipset(IpsetChange::ForeignSet(set(), Delta::Add(other))),
    ]);
    let wanted = format!(
        "destroy KUBE-CLUSTER-IP\ncreate KUBE-CLUSTER-IP {header}\ndestroy KUBE-CLUSTER-IP\n\
         create KUBE-CLUSTER-IP hash:ip family inet\nadd KUBE-CLUSTER-IP 10.0.0.9\n"
    );
    assert_eq!(found, [Batch::Ipset(wanted)]);
}

#[test]
fn a_set_is_filled_before_it_takes_anothers_place() {
    let lines = |size: u32| -> crate::plan::Lines {
        vec![
            format!("create KUBE-CLUSTER-IP hash:ip,port family inet maxelem {size}").into(),
            "add KUBE-CLUSTER-IP 10.0.0.9,tcp:80".into(),
        ]
    };
    let delta = Delta::Change {
        from: lines(1000),
        to: lines(65536),
    };
    let found = joined(vec![Subject::Ipset(IpsetChange::ForeignSet(set(), delta))]);
    let [Batch::Ipset(script)] = &found[..] else {
        panic!("{found:?}");
    };
    let words: Vec<&str> = script.split_whitespace().collect();
    let temporary = words[1];
    assert_eq!(
        *script,
        format!(
            "create {temporary} hash:ip,port family inet maxelem 65536 -exist\n\
             flush {temporary}\n\
             add {temporary} 10.0.0.9,tcp:80\n\
             swap {temporary} KUBE-CLUSTER-IP\n\
             destroy {temporary}\n"
        )
    );
    assert!(SetName::new(temporary).is_some());
}

#[test]
fn rules_stand_under_their_tables_and_families() {
    let nat = |name| chain(IpFamily::V4, TableName::Nat, name);
    let services = jump_to("KUBE-SERVICES");
    let at = |number| RulePosition {
        number,
        rule: services.clone(),
    };
    let found = joined(vec![
        Subject::Iptables(IptablesChange::Chain(
            nat("KUBE-SERVICES"),
            Delta::Add(vec![SavedRule::Known(jump_to("KUBE-MARK-MASQ"))]),
        )),
        Subject::Iptables(IptablesChange::Jump(nat("PREROUTING"), Delta::Add(at(1)))),
        Subject::Iptables(IptablesChange::Jump(nat("OUTPUT"), Delta::Remove(at(3)))),
        Subject::Iptables(IptablesChange::Chain(
            chain(IpFamily::V4, TableName::Filter, "KUBE-FORWARD"),
            Delta::Remove(Vec::new()),
        )),
        Subject::Iptables(IptablesChange::Chain(
            chain(IpFamily::V6, TableName::Nat, "KUBE-SERVICES"),
            Delta::Add(Vec::new()),
        )),
    ]);
    assert_eq!(
        found,
        [
            Batch::Iptables(
                IpFamily::V4,
                "*nat\n\
                 :KUBE-SERVICES - [0:0]\n\
                 -A KUBE-SERVICES -m comment --comment services -j KUBE-MARK-MASQ\n\
                 -I PREROUTING 1 -m comment --comment services -j KUBE-SERVICES\n\
                 -D OUTPUT -m comment --comment services -j KUBE-SERVICES\n\
                 COMMIT\n\
                 *filter\n\
                 -F KUBE-FORWARD\n\
                 -X KUBE-FORWARD\n\
                 COMMIT\n"
                    .to_owned()
            ),
            Batch::Iptables(
                IpFamily::V6,
                "*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n".to_owned()
            ),
        ]
    );
}

#[test]
fn virtual_servers_come_with_their_destinations() {
    let dns = server(&["10.0.0.1", "10.0.0.2"]);
    let key = dns.key;
    let to = |address: &str| DestinationKey {
        server: key,
        address: address.parse().unwrap(),
        port: port(8080),
    };
    let found = joined(vec![
        Subject::Ipvs(IpvsChange::Server(key, Delta::Add(dns.clone()))),
        Subject::Ipvs(IpvsChange::Destination(
            to("10.0.0.1"),
            Delta::Change { from: 1, to: 0 },
        )),
        Subject::Ipvs(IpvsChange::Destination(to("10.0.0.1"), Delta::Remove(0))),
        Subject::Ipvs(IpvsChange::Server(
            key,
            Delta::Change {
                from: dns.clone(),
                to: dns.clone(),
            },
        )),
        Subject::Ipvs(IpvsChange::Server(key, Delta::Remove(dns.clone()))),
        Subject::Conntrack(ConntrackChange(Listener::Address(key), Flows::All)),
    ]);
    let [first, second] = [0, 1].map(|at| dns.destinations[at].clone());
    let drained = Destination {
        weight: 0,
        ..first.clone()
    };
    assert_eq!(
        found,
        [
            Batch::Ipvs(vec![
                Operation::NewService(dns.clone()),
                Operation::NewDest(key, first.clone()),
                Operation::NewDest(key, second),
                Operation::SetDest(key, drained),
                Operation::DelDest(key, first.address, first.port),
                Operation::SetService(dns),
                Operation::DelService(key),
            ]),
            Batch::Conntrack(vec![(Listener::Address(key), Flows::All)]),
        ]
    );
}

#[test]
fn what_was_unknown_has_nothing_to_go_back_to() {
    let unknown = Subject::Sysctl(SysctlChange(SysctlKey::IpForward, Delta::Remove(1)));
    assert_eq!(joined(vec![unknown]), []);
}
