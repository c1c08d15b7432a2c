//! What is written is read back as the same value, whatever the value.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use portolan_compiler::kernel::ipset::{Entry, Set, SetHeader, SetName, SetType};
use portolan_compiler::kernel::iptables::{
    AddrType, Chain, ChainName, Comment, Jump, Mark, Match, Negation, PortChoice, Probability,
    Recent, RejectWith, Rule, Ruleset, SetDirection, Table, TableName, Target,
};
use portolan_compiler::kernel::ipvs::{
    Destination, Persistence, Scheduler, VirtualServer, netlink,
};
use portolan_compiler::kernel::text::{KeepOrigins, Text};
use portolan_compiler::kernel::{ipset, iptables, ipvs};
use portolan_compiler::model::name::InterfaceName;
use portolan_compiler::model::{ByAddress, IpFamily, Port, Protocol, TransportAddress};
use portolan_compiler::source::Origins;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

fn written(write: impl FnOnce(&mut Text)) -> String {
    let mut text = Text::new(KeepOrigins::No);
    write(&mut text);
    text.finish().0
}

fn address(family: IpFamily) -> BoxedStrategy<IpAddr> {
    match family {
        IpFamily::V4 => any::<Ipv4Addr>().prop_map(IpAddr::V4).boxed(),
        IpFamily::V6 => any::<Ipv6Addr>()
            .prop_filter("mapped addresses are refused", |address| {
                address.to_ipv4_mapped().is_none()
            })
            .prop_map(IpAddr::V6)
            .boxed(),
    }
}

fn family() -> impl Strategy<Value = IpFamily> {
    select(&IpFamily::ALL[..])
}

fn net(family: IpFamily) -> impl Strategy<Value = IpNet> {
    (address(family), 1..=family.host_prefix())
        .prop_map(|(address, prefix)| IpNet::new(address, prefix).unwrap().trunc())
}

fn port() -> impl Strategy<Value = Port> {
    (1..=u16::MAX).prop_map(|number| Port::new(number).unwrap())
}

fn protocol() -> impl Strategy<Value = Protocol> {
    select(&Protocol::ALL[..])
}

fn entry(set_type: SetType, family: IpFamily) -> BoxedStrategy<Entry> {
    let key = (address(family), protocol(), port()).prop_map(|(address, protocol, port)| {
        ByAddress(TransportAddress {
            address,
            protocol,
            port,
        })
    });
    match set_type {
        SetType::HashIp => address(family).prop_map(Entry::Ip).boxed(),
        SetType::HashIpPort => key.prop_map(Entry::IpPort).boxed(),
        SetType::HashIpPortIp => (key, address(family))
            .prop_map(|(key, address)| Entry::IpPortIp(key, address))
            .boxed(),
        SetType::HashIpPortNet => (key, net(family))
            .prop_map(|(key, net)| Entry::IpPortNet(key, net))
            .boxed(),
        SetType::BitmapPort => any::<u16>().prop_map(Entry::Port).boxed(),
    }
}

fn set() -> impl Strategy<Value = (SetHeader, Vec<(Entry, Origins)>)> {
    (select(&SetType::ALL[..]), family()).prop_flat_map(|(set_type, family)| {
        let header = SetHeader::kube_proxy(set_type, family);
        btree_set(entry(set_type, family), 0..8).prop_map(move |entries| {
            let entries = entries.into_iter().map(|entry| (entry, Origins::new()));
            (header, entries.collect())
        })
    })
}

fn sets() -> impl Strategy<Value = Vec<Set>> {
    btree_map("[A-Za-z0-9_-]{1,31}", set(), 0..5).prop_map(|sets| {
        let named = sets.into_iter().map(|(name, (header, entries))| Set {
            name: SetName::new(&name).unwrap(),
            header,
            entries,
        });
        named.collect()
    })
}

fn virtual_server() -> impl Strategy<Value = VirtualServer> {
    family().prop_flat_map(|family| {
        (
            (protocol(), address(family), port()),
            select(&Scheduler::ALL[..]),
            prop_oneof![
                Just(Persistence::None),
                (1..=86400_u32).prop_map(Persistence::Timeout)
            ],
            btree_map((address(family), port()), 0..=1_u32, 0..5),
        )
            .prop_map(
                |((protocol, address, port), scheduler, persistence, destinations)| VirtualServer {
                    key: TransportAddress {
                        protocol,
                        address,
                        port,
                    },
                    scheduler,
                    persistence,
                    destinations: destinations
                        .into_iter()
                        .map(|((address, port), weight)| Destination {
                            address,
                            port,
                            weight,
                            origins: Origins::new(),
                        })
                        .collect(),
                    origins: Origins::new(),
                },
            )
    })
}

fn virtual_servers() -> impl Strategy<Value = Vec<VirtualServer>> {
    vec(virtual_server(), 0..6).prop_map(|mut servers| {
        servers.sort_by_key(|server| server.key);
        servers.dedup_by_key(|server| server.key);
        servers
    })
}

fn negation() -> impl Strategy<Value = Negation> {
    select(&[Negation::Is, Negation::Not][..])
}

fn mark() -> impl Strategy<Value = Mark> {
    (any::<u32>(), prop_oneof![any::<u32>(), Just(u32::MAX)])
        .prop_map(|(value, mask)| Mark { value, mask })
}

fn one_match() -> impl Strategy<Value = Match> {
    let any_net = || family().prop_flat_map(net);
    let interface =
        || "[a-z][a-z0-9.;:-]{0,14}".prop_map(|name| InterfaceName::parse(&name).unwrap());
    let directions = [
        SetDirection::Dst,
        SetDirection::DstDst,
        SetDirection::SrcDst,
        SetDirection::DstDstSrc,
    ];
    prop_oneof![
        (negation(), any_net()).prop_map(|(not, net)| Match::Source(not, net)),
        (negation(), any_net()).prop_map(|(not, net)| Match::Destination(not, net)),
        (negation(), interface()).prop_map(|(not, name)| Match::InInterface(not, name)),
        (negation(), interface()).prop_map(|(not, name)| Match::InInterfacePrefix(not, name)),
        protocol().prop_map(Match::Protocol),
        "[ !#-\\[\\]-~]{1,255}".prop_map(|text| Match::Comment(Comment::new(&text).unwrap())),
        ("[A-Za-z0-9_-]{1,31}", select(directions.to_vec()))
            .prop_map(|(name, direction)| Match::Set(SetName::new(&name).unwrap(), direction)),
        (negation(), mark()).prop_map(|(not, mark)| Match::Mark(not, mark)),
        Just(Match::RelatedEstablished),
        Just(Match::New),
        Just(Match::Invalid),
        Just(Match::Unsolicited),
        (protocol(), proptest::option::of(port()))
            .prop_map(|(protocol, port)| Match::Transport(protocol, port)),
        (0..=1_u32 << 31).prop_map(|parts| Match::Random(Probability::from_parts(parts).unwrap())),
        (recent(), "[A-Z0-9-]{1,28}", family()).prop_map(|(usage, list, family)| Match::Recent {
            usage,
            list: ChainName::new(&list).unwrap(),
            family,
        }),
        Just(Match::NotFromBridge),
        negation().prop_map(|not| Match::SourceType(not, AddrType::Local)),
        negation().prop_map(|not| Match::DestinationType(not, AddrType::Local)),
        (family().prop_flat_map(address), protocol(), port()).prop_map(
            |(address, protocol, port)| Match::VirtualServer {
                address,
                protocol,
                port
            }
        ),
    ]
}

fn recent() -> impl Strategy<Value = Recent> {
    prop_oneof![
        Just(Recent::Set),
        any::<u32>().prop_map(|seconds| Recent::Check { seconds }),
    ]
}

fn rule(chains: Vec<ChainName>) -> impl Strategy<Value = Rule> {
    let target = prop_oneof![
        select(chains).prop_map(Target::Chain),
        Just(Target::Accept),
        Just(Target::Drop),
        Just(Target::Return),
        Just(Target::Reject(RejectWith::IcmpPortUnreachable)),
        Just(Target::Reject(RejectWith::Icmp6PortUnreachable)),
        mark().prop_map(Target::Mark),
        Just(Target::Masquerade(PortChoice::Default)),
        Just(Target::Masquerade(PortChoice::RandomFully)),
        (family().prop_flat_map(address), port())
            .prop_map(|(address, port)| Target::Dnat(SocketAddr::new(address, port.get()))),
        Just(Target::Continue),
    ];
    let parts = (vec(one_match(), 0..4), target)
        .prop_filter("a rule says something", |(matches, target)| {
            !matches.is_empty() || *target != Target::Continue
        });
    parts.prop_map(|(matches, target)| Rule {
        matches,
        target,
        origins: Origins::new(),
    })
}

fn table(name: TableName) -> impl Strategy<Value = Table> {
    btree_set("KUBE-[A-Z0-9-]{1,23}", 1..5).prop_flat_map(move |names| {
        let names: Vec<ChainName> = names
            .iter()
            .map(|name| ChainName::new(name).unwrap())
            .collect();
        let rules = vec(vec(rule(names.clone()), 0..4), names.len());
        let builtin = |name| {
            vec(rule(names.clone()), 0..3).prop_map(move |rules| {
                let jumps = rules.into_iter().map(|rule| Jump {
                    from: ChainName::new(name).unwrap(),
                    rule,
                });
                jumps.collect::<Vec<_>>()
            })
        };
        let jumps = (builtin("OUTPUT"), builtin("INPUT"));
        (Just(names.clone()), rules, jumps).prop_map(move |(names, rules, jumps)| Table {
            name,
            chains: names
                .into_iter()
                .zip(rules)
                .map(|(name, rules)| Chain { name, rules })
                .collect(),
            jumps: jumps.0.into_iter().chain(jumps.1).collect(),
        })
    })
}

fn ruleset() -> impl Strategy<Value = Ruleset> {
    (table(TableName::Nat), table(TableName::Filter)).prop_map(|(nat, filter)| Ruleset {
        tables: vec![nat, filter],
    })
}

/// A message of the artefact around arbitrary attributes.
fn wrapped(command: u8, attributes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(20 + attributes.len()).unwrap();
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend([0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, command, 1, 0, 0]);
    bytes.extend(attributes);
    bytes
}

/// One attribute that tells its true length, or nearly.
fn attribute() -> impl Strategy<Value = Vec<u8>> {
    let leaf = vec(any::<u8>(), 0..24).boxed();
    leaf.prop_recursive(3, 32, 6, |inner| {
        vec((0..16_u16, any::<bool>(), inner), 0..6).prop_map(|attributes| {
            let mut bytes = Vec::new();
            for (kind, exact, value) in attributes {
                let length = u16::try_from(value.len()).unwrap() + if exact { 4 } else { 5 };
                bytes.extend(length.to_le_bytes());
                bytes.extend(kind.to_le_bytes());
                bytes.extend(&value);
                bytes.resize(bytes.len().next_multiple_of(4), 0);
            }
            bytes
        })
    })
}

/// Everything that is done with bytes from outside.
fn examined(bytes: &[u8]) {
    drop(netlink::decode(bytes).map(netlink::virtual_servers));
    for message in netlink::messages(bytes).unwrap_or_default() {
        drop(message.to_string());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sets_survive(sets in sets()) {
        let observed = ipset::read(&written(|text| ipset::write(&sets, text))).unwrap();
        prop_assert_eq!(observed, ipset::Observed { sets, foreign: Vec::new() });
    }

    #[test]
    fn virtual_servers_survive(servers in virtual_servers()) {
        let observed = ipvs::read(&written(|text| ipvs::write(&servers, text))).unwrap();
        prop_assert_eq!(observed, ipvs::Observed { servers, foreign: Vec::new() });
    }

    #[test]
    fn rules_survive(ruleset in ruleset()) {
        let saved = iptables::read(&written(|text| iptables::write(&ruleset, text))).unwrap();
        prop_assert_eq!(Ruleset::try_from(saved).unwrap(), ruleset);
    }

    #[test]
    fn readers_take_any_text(text in "([-*:A-Za-z0-9 \"\\\\!,./\\[\\]]|\n|add |create |-A |-a |\\*nat\n|:X - |COMMIT\n){0,60}") {
        drop(ipset::read(&text));
        drop(ipvs::read(&text));
        drop(iptables::read(&text));
    }

    #[test]
    fn netlink_survives(servers in virtual_servers()) {
        let stream = netlink::encode(&servers);
        let operations = netlink::decode(&stream).unwrap();
        prop_assert_eq!(netlink::encode_operations(&operations), stream);
        prop_assert_eq!(netlink::virtual_servers(operations).unwrap(), servers);
    }

    #[test]
    fn netlink_takes_any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        examined(&bytes);
    }

    #[test]
    fn netlink_takes_any_attributes(command in 1..18_u8, attributes in attribute()) {
        examined(&wrapped(command, &attributes));
    }

    #[test]
    fn netlink_takes_damaged_messages(
        servers in virtual_servers(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = netlink::encode(&servers);
        for (at, byte) in damage {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        examined(&bytes);
    }
}
