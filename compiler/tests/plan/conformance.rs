//! What kube-proxy left is what portolan wants, and what portolan leaves on an empty node.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use portolan_compiler::kernel::Listener;
use portolan_compiler::kernel::text::Text;
use portolan_compiler::mode::services::ServiceList;
use portolan_compiler::mode::{NodeState, services};
use portolan_compiler::model::Protocol;
use portolan_compiler::observed;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{Claims, Ownership, plan};

use crate::states::{cases, claims, empty, go};

#[test]
fn a_node_that_kube_proxy_programmed_needs_nothing() {
    assert!(cases().len() >= 54);
    for case in cases() {
        let tracked = Claims::default();
        let exclusive = Claims {
            ownership: Ownership::Everything {
                exclude: Vec::new(),
            },
            ..Claims::default()
        };
        for claims in [tracked, exclusive] {
            let plan = plan(&case.desired, &case.captured, &claims).unwrap();
            assert!(plan.is_empty(), "{}: {:#?}", case.name, plan.steps);
            assert_eq!(plan.left_alone, [], "{}", case.name);
        }
    }
}

#[test]
fn an_empty_node_gets_what_kube_proxy_left() {
    for case in cases() {
        let mut node = empty();
        go(&mut node, &case.desired, &claims(false, &case.desired));
        let differences =
            similar::TextDiff::from_lines(case.captured.canonical(), node.canonical())
                .unified_diff()
                .to_string();
        assert!(differences.is_empty(), "{}:\n{differences}", case.name);
    }
}

#[test]
fn a_capture_is_read_as_it_was_written() {
    for case in cases() {
        let again = observed::read(&observed::write(&case.captured)).unwrap();
        assert_eq!(
            again.canonical(),
            case.captured.canonical(),
            "{}",
            case.name
        );
    }
    let nothing = Observed::empty();
    assert_eq!(observed::read(&observed::write(&nothing)), Ok(nothing));
}

#[test]
fn artefacts_are_the_state_they_were_made_of() {
    for case in cases() {
        let files = case.artefacts.files.iter();
        let files = files.map(|file| (file.kind, file.bytes.clone())).collect();
        let state = NodeState::from_artefacts(&files).unwrap();
        let (mut one, mut other) = (empty(), empty());
        go(&mut one, &case.desired, &Claims::default());
        go(&mut other, &state, &Claims::default());
        assert_eq!(one.canonical(), other.canonical(), "{}", case.name);
        for (wanted, found) in [(&case.desired, &one), (&state, &other)] {
            assert!(plan(wanted, found, &Claims::default()).unwrap().is_empty());
        }
    }
}

/// Endpoints of each UDP port that the addresses of a state lead to, and those that are listed beside
/// them.
fn udp_endpoints(state: &NodeState) -> BTreeMap<String, BTreeSet<SocketAddr>> {
    let list = state.services.as_ref().unwrap();
    let servers = state.virtual_servers().iter().map(|server| {
        let destinations = server.destinations.iter();
        let endpoints = destinations.map(|one| SocketAddr::new(one.address, one.port.get()));
        (Listener::Address(server.key), endpoints.collect())
    });
    let rules = state.served_by_rules().into_iter();
    let rules = rules.map(|(listener, answer)| (listener, answer.endpoints));
    let mut ports: BTreeMap<String, BTreeSet<SocketAddr>> = BTreeMap::new();
    for (listener, endpoints) in servers.chain(rules) {
        if listener.protocol() == Protocol::Udp {
            let port = list.owner(listener).unwrap();
            let name = format!("{port} {}", port.family);
            ports.entry(name).or_default().extend(&endpoints);
        }
    }
    for (port, endpoint) in list.unchosen.keys() {
        let endpoints = ports.entry(format!("{port} {}", port.family)).or_default();
        assert!(endpoints.insert(*endpoint), "{port}: {endpoint} is chosen");
    }
    ports
}

#[test]
fn what_services_have_survives_and_leaves_out_no_udp_endpoint() {
    let mut unchosen = 0;
    for case in cases() {
        let states = [&case.desired, &case.by_rules, &case.by_maps];
        let variants = case.variants.iter().chain(&case.by_maps_variants);
        for state in states.into_iter().chain(variants) {
            let list = state.services.as_ref().unwrap();
            unchosen += list.unchosen.len();
            let write = |list: &ServiceList| {
                let mut text = Text::default();
                services::write(list, &mut text);
                text.finish().0
            };
            let text = write(list);
            let read = services::read(&text).unwrap_or_else(|e| panic!("{}: {e}", case.name));
            assert_eq!(write(&read), text, "{}", case.name);
            udp_endpoints(state);
        }
        // Modes choose differently; who serves does not depend on them.
        let [ipvs, iptables, nftables] = states.map(udp_endpoints);
        assert_eq!(ipvs, iptables, "{}", case.name);
        assert_eq!(iptables, nftables, "{}", case.name);
    }
    assert!(unchosen > 100, "{unchosen}");
}
