use std::collections::BTreeMap;

use super::*;
use crate::mode::services::ServiceList;
use crate::mode::{Answer, Served, services};
use crate::model::Mode;

const DNS: &str = "10.96.0.10:53/UDP";

/// Who is sent where by rules, and what the list of Services says beside it.
struct At {
    chosen: &'static [(&'static str, &'static [&'static str])],
    /// Those that serve though they are not chosen, with `!` those that are merely listed.
    unchosen: &'static [&'static str],
}

fn list(rule: UdpFlows, at: &At) -> ServiceList {
    let frontends: BTreeMap<Listener, &str> = at
        .chosen
        .iter()
        .map(|(listener, _)| (listener.parse().unwrap(), *listener))
        .collect();
    let frontends = frontends.iter().map(|(listener, text)| {
        let kind = match listener {
            Listener::NodePort(..) => "nodePort",
            Listener::Address(_) => "clusterIP",
        };
        format!("frontend {text} {kind} Cluster kube-system/dns:dns\n")
    });
    let mut unchosen: Vec<(SocketAddr, &str)> = at
        .unchosen
        .iter()
        .map(|text| match text.strip_prefix('!') {
            Some(text) => (text.parse().unwrap(), "listed"),
            None => (text.parse().unwrap(), "serving"),
        })
        .collect();
    unchosen.sort_unstable();
    let unchosen = unchosen
        .iter()
        .map(|(one, standing)| format!("endpoint kube-system/dns:dns {one} {standing}\n"));
    let text: String = frontends.chain(unchosen).collect();
    let text = format!("portolan-services 1\nudp-flows {rule}\n{text}");
    services::read(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn answers(at: &At) -> Answers {
    let served = at.chosen.iter().map(|(listener, endpoints)| {
        let endpoints = endpoints.iter().map(|one| one.parse().unwrap());
        let answer = Answer {
            endpoints: endpoints.collect(),
            ..Answer::default()
        };
        (listener.parse().unwrap(), answer)
    });
    Answers::of(served.collect::<Served>())
}

/// What is forgotten on the way, with what was recorded before it where that is known.
fn way(
    before: (&At, Option<ServiceList>),
    after: (&At, Option<ServiceList>),
) -> Vec<(String, String, FlowEnd)> {
    let state = NodeState {
        services: after.1,
        ..NodeState::empty(Mode::Iptables)
    };
    let claims = Claims::default().with_services(before.1);
    let mut comparison = Comparison::default();
    compare(
        &state,
        &Observed::empty(),
        &claims,
        (&answers(after.0), &answers(before.0)),
        &mut comparison,
    );
    let steps = comparison.steps.into_iter().map(|placed| placed.step);
    steps
        .map(|step| match (step.subject, step.interruption) {
            (Subject::Conntrack(ConntrackChange(listener, which)), Interruption::Flows(why)) => {
                let to = match which {
                    Flows::All => "all".to_owned(),
                    Flows::To(address, port) => SocketAddr::new(address, port.get()).to_string(),
                };
                (listener.to_string(), to, why)
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Of one listener, from one state to the other, by each rule in turn.
fn by_rule(before: &At, after: &At) -> [Vec<(String, FlowEnd)>; 3] {
    UdpFlows::ALL.map(|rule| {
        let found = way(
            (before, Some(list(rule, before))),
            (after, Some(list(rule, after))),
        );
        found.into_iter().map(|(_, to, why)| (to, why)).collect()
    })
}

const fn at(
    chosen: &'static [(&'static str, &'static [&'static str])],
    unchosen: &'static [&'static str],
) -> At {
    At { chosen, unchosen }
}

const BOTH: At = at(&[(DNS, &["10.244.1.5:53", "10.244.2.6:53"])], &[]);
const ONE: At = at(&[(DNS, &["10.244.1.5:53"])], &[]);
const NONE: At = at(&[(DNS, &[])], &[]);

#[test]
fn a_flow_ends_when_its_endpoint_serves_no_more() {
    let gone = |why| vec![("10.244.2.6:53".to_owned(), why)];
    assert_eq!(
        by_rule(&BOTH, &ONE),
        [
            gone(FlowEnd::EndpointDeleted),
            gone(FlowEnd::EndpointServesNoMore),
            gone(FlowEnd::EndpointServesNoMore),
        ]
    );
    // It was chosen no more before.
    let drained = at(&[(DNS, &["10.244.1.5:53"])], &["10.244.2.6:53"]);
    assert_eq!(by_rule(&drained, &ONE), by_rule(&BOTH, &ONE));
}

#[test]
fn no_flow_ends_for_a_policy_a_hint_or_terminating() {
    let nothing = || [vec![], vec![], vec![]];
    let hinted = at(&[(DNS, &["10.244.1.5:53"])], &["10.244.2.6:53"]);
    let nobody = at(&[(DNS, &[])], &["10.244.1.5:53", "10.244.2.6:53"]);
    for (before, after) in [(&BOTH, &hinted), (&BOTH, &nobody), (&hinted, &nobody)] {
        assert_eq!(by_rule(before, after), nothing());
        assert_eq!(by_rule(after, before), nothing());
    }
}

#[test]
fn before_1_32_a_flow_stays_while_its_endpoint_is_listed() {
    let listed = at(&[(DNS, &["10.244.1.5:53"])], &["!10.244.2.6:53"]);
    let rule = UdpFlows::OfEndpointsThatWent;
    let of = |before: &At, after: &At| {
        way(
            (before, Some(list(rule, before))),
            (after, Some(list(rule, after))),
        )
    };
    assert_eq!(of(&BOTH, &listed), []);
    let gone = (DNS.to_owned(), "10.244.2.6:53".to_owned());
    let gone = (gone.0, gone.1, FlowEnd::EndpointDeleted);
    assert_eq!(of(&listed, &ONE), [gone]);
    // It serves nobody: what comes is the first.
    let only_listed = at(&[(DNS, &[])], &["!10.244.2.6:53"]);
    let first = (DNS.to_owned(), "all".to_owned(), FlowEnd::FirstEndpoint);
    assert_eq!(of(&only_listed, &ONE), [first]);
}

#[test]
fn the_port_of_an_endpoint_counts_but_in_1_32_and_1_33() {
    let moved = at(&[(DNS, &["10.244.1.5:53", "10.244.2.6:5353"])], &[]);
    let [deleted, address, endpoint] = by_rule(&BOTH, &moved);
    let gone = |why| vec![("10.244.2.6:53".to_owned(), why)];
    assert_eq!(deleted, gone(FlowEnd::EndpointDeleted));
    assert_eq!(address, []);
    assert_eq!(endpoint, gone(FlowEnd::EndpointServesNoMore));
}

#[test]
fn all_flows_end_with_the_last_endpoint_and_before_the_first() {
    let all = |why| [(); 3].map(|()| vec![("all".to_owned(), why)]);
    assert_eq!(by_rule(&BOTH, &NONE), all(FlowEnd::LastEndpoint));
    assert_eq!(by_rule(&NONE, &BOTH), all(FlowEnd::FirstEndpoint));
    assert_eq!(by_rule(&at(&[], &[]), &ONE), all(FlowEnd::AddressComes));
    assert_eq!(by_rule(&ONE, &at(&[], &[])), all(FlowEnd::AddressGoes));
    assert_eq!(by_rule(&at(&[], &[]), &NONE), [vec![], vec![], vec![]]);
    assert_eq!(by_rule(&NONE, &at(&[], &[])), [vec![], vec![], vec![]]);
}

/// An endpoint serves its Service port, at whichever address it is chosen.
#[test]
fn the_addresses_of_a_port_share_its_endpoints() {
    const NODE_PORT: &str = "0.0.0.0:30053/UDP";
    let before = at(
        &[
            (DNS, &["10.244.1.5:53", "10.244.2.6:53"]),
            (NODE_PORT, &["10.244.1.5:53"]),
        ],
        &[],
    );
    let moved = at(
        &[
            (DNS, &["10.244.1.5:53", "10.244.2.6:53"]),
            (NODE_PORT, &["10.244.2.6:53"]),
        ],
        &[],
    );
    assert_eq!(by_rule(&before, &moved), [vec![], vec![], vec![]]);
    // Flows to it from before a change of the policy end, too.
    let one = at(
        &[(DNS, &["10.244.1.5:53"]), (NODE_PORT, &["10.244.1.5:53"])],
        &[],
    );
    let rule = UdpFlows::OfAddressesAndPorts;
    let found = way(
        (&before, Some(list(rule, &before))),
        (&one, Some(list(rule, &one))),
    );
    let gone = |listener: &str| {
        let why = FlowEnd::EndpointServesNoMore;
        (listener.to_owned(), "10.244.2.6:53".to_owned(), why)
    };
    assert_eq!(found, [gone(DNS), gone(NODE_PORT)]);
}

#[test]
fn without_a_list_an_endpoint_counts_as_gone_that_is_not_chosen() {
    let gone = (DNS.to_owned(), "10.244.2.6:53".to_owned());
    let gone = (gone.0, gone.1, FlowEnd::EndpointNotChosen);
    let recorded = Some(list(UdpFlows::OfAddressesAndPorts, &BOTH));
    for recorded in [None, recorded] {
        assert_eq!(
            way((&BOTH, recorded), (&ONE, None)),
            std::slice::from_ref(&gone)
        );
    }
    // What was not recorded is not known to have served.
    let hinted = at(&[(DNS, &["10.244.1.5:53"])], &["10.244.2.6:53"]);
    let after = || Some(list(UdpFlows::OfAddressesAndPorts, &hinted));
    assert_eq!(way((&BOTH, None), (&hinted, after())), []);
    let nobody = at(&[(DNS, &[])], &["10.244.2.6:53"]);
    let after = Some(list(UdpFlows::OfAddressesAndPorts, &nobody));
    assert_eq!(way((&NONE, None), (&nobody, after)), []);
}

/// Why each step of a comparison ends flows, if it does.
fn ends(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    sides: (&Answers, &Answers),
) -> Vec<Interruption> {
    let mut comparison = Comparison::default();
    compare(state, observed, claims, sides, &mut comparison);
    let steps = comparison.steps.iter();
    steps.map(|placed| placed.step.interruption).collect()
}

#[test]
fn what_is_left_alone_served_there() {
    let server = "-A -u 10.96.0.10:53 -s rr\n-a -u 10.96.0.10:53 -r 10.244.1.5:53 -m -w 1\n";
    let mut observed = Observed::empty();
    observed.ipvs = crate::kernel::ipvs::read(server).unwrap();
    let rule = UdpFlows::OfAddressesAndPorts;
    let state = NodeState {
        services: Some(list(rule, &BOTH)),
        ..NodeState::empty(Mode::Iptables)
    };
    let (both, nothing) = (answers(&BOTH), answers(&at(&[], &[])));
    let of = |wanted| ends(&state, &observed, &Claims::default(), (wanted, &nothing));
    let changes = Interruption::Flows(FlowEnd::ModeChanges);
    assert_eq!(of(&both), [changes]);
    // Nobody asks for it, and it stays.
    assert_eq!(of(&nothing), []);
}

#[test]
fn a_node_port_is_served_at_each_address_or_at_all() {
    const PORT: At = at(&[("0.0.0.0:30053/UDP", &["10.244.1.5:53"])], &[]);
    let server =
        "-A -u 192.168.0.41:30053 -s rr\n-a -u 192.168.0.41:30053 -r 10.244.1.5:53 -m -w 1\n";
    let mut observed = Observed::empty();
    observed.ipvs = crate::kernel::ipvs::read(server).unwrap();
    let state = NodeState {
        services: Some(list(UdpFlows::OfAddressesAndPorts, &PORT)),
        ..NodeState::empty(Mode::Iptables)
    };
    let claims = Claims {
        ownership: crate::plan::Ownership::Everything {
            exclude: Vec::new(),
        },
        ..Claims::default()
    };
    let sides = (&answers(&PORT), &answers(&at(&[], &[])));
    let changes = Interruption::Flows(FlowEnd::ModeChanges);
    assert_eq!(ends(&state, &observed, &claims, sides), [changes; 2]);
}
