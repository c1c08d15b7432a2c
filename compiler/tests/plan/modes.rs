//! Modes that work by rules alone, and the ways between the modes.

use portolan_compiler::diff::KernelView;
use portolan_compiler::kernel::nftables::{ChainName, Key, Remembered, SetName, Value, Verdict};
use portolan_compiler::mode::NodeState;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::render::Services;
use portolan_compiler::plan::{
    Claims, EmptyInput, End, Guard, Inventory, IptablesChange, Ours, Plan, Subject, astray,
    cleanup, fake, plan, retrace,
};

use crate::states::{cases, claims, empty, go};
use crate::{file, foreign};

/// A plan on a node that holds one state, towards another.
struct Way {
    name: String,
    from: &'static NodeState,
    to: &'static NodeState,
}

/// Within mode iptables, and both ways between the modes.
fn ways() -> Vec<Way> {
    let cases = cases();
    let mut ways = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let next = &cases[(at + 1) % cases.len()];
        let mut way = |kind: &str, from, to| {
            let name = format!("{}, {kind}", case.name);
            ways.push(Way { name, from, to });
        };
        way("to the next by rules", &case.by_rules, &next.by_rules);
        way("from ipvs to iptables", &case.desired, &case.by_rules);
        way("from iptables to ipvs", &case.by_rules, &case.desired);
        way(
            "to the next by maps, by rules",
            &case.by_maps,
            &next.by_maps,
        );
        way("from ipvs to nftables", &case.desired, &case.by_maps);
        way("from nftables to iptables", &case.by_maps, &case.by_rules);
        for variant in &case.by_maps_variants {
            way("a change by maps, by rules", &case.by_maps, variant);
        }
    }
    ways
}

/// A node with a state, beside other software's.
fn node(state: &NodeState) -> Observed {
    let mut node = empty();
    foreign::add(&mut node);
    go(&mut node, state, &claims(false, state));
    node.ordered()
}

fn run(name: &str, node: &mut Observed, plan: &Plan) {
    if let Err((at, refused)) = fake::execute_all(node, &plan.steps) {
        panic!("{name}: step {at}: {refused}: {:?}", plan.steps[at]);
    }
    *node = node.clone().ordered();
}

/// KUBE-FIREWALL is kubelet's and, in mode iptables, kube-proxy's.
fn others(node: &Observed) -> Vec<String> {
    let mut found = foreign::found(node);
    found.retain(|line| !line.contains("KUBE-FIREWALL"));
    found
}

#[track_caller]
fn same(name: &str, wanted: &Observed, found: &Observed) {
    let difference = similar::TextDiff::from_lines(wanted.canonical(), found.canonical())
        .unified_diff()
        .to_string();
    assert!(difference.is_empty(), "{name}:\n{difference}");
}

#[test]
fn a_node_that_kube_proxy_programmed_by_rules_needs_nothing() {
    for case in cases() {
        // Settings are no part of what was recorded.
        let mut captured = case.by_rules_captured.clone();
        captured.sysctl = case
            .by_rules
            .sysctls
            .iter()
            .map(|sysctl| (sysctl.key, sysctl.value))
            .collect();
        for everything in [false, true] {
            let claims = claims(everything, &case.by_rules);
            let plan = plan(&case.by_rules, &captured, &claims).unwrap();
            assert!(plan.is_empty(), "{}: {:#?}", case.name, plan.steps);
            assert_eq!(plan.left_alone, [], "{}", case.name);
        }
    }
}

#[test]
fn a_plan_leads_there_and_its_inverse_back() {
    for Way { name, from, to } in ways() {
        let before = node(from);
        let claims_of = |state| claims(false, state);
        let plan = plan(to, &before, &claims_of(from)).unwrap();
        let guard = Guard {
            empty: EmptyInput::Meant,
            ..Guard::default()
        };
        guard.check(&plan).unwrap_or_else(|refusal| {
            // Cases are different clusters; a change of the mode alone takes nothing away.
            assert!(name.ends_with("by rules"), "{name}: {refusal}");
        });
        let mut after = before.clone();
        run(&name, &mut after, &plan);
        let again = portolan_compiler::plan::plan(to, &after, &claims_of(to)).unwrap();
        assert!(again.is_empty(), "{name}: {:#?}", again.steps);
        assert_eq!(others(&before), others(&after), "{name}");
        let back = Plan::of(plan.inverse());
        run(&format!("{name}, back"), &mut after, &back);
        same(&name, &before, &after);
    }
}

/// As `portolan diff --view kernel` compares.
#[test]
fn object_by_object_a_node_is_what_was_asked_for() {
    for case in cases() {
        let wanted = KernelView::of_state(&case.by_maps);
        let mut found = empty();
        go(&mut found, &case.by_maps, &claims(false, &case.by_maps));
        let found = KernelView::of_observed(&found);
        assert!(wanted.same(&found), "{}", case.name);
        for variant in &case.by_maps_variants {
            let other = KernelView::of_state(variant);
            let differs = variant.tables() != case.by_maps.tables();
            assert_eq!(!other.same(&found), differs, "{}", case.name);
        }
    }
}

#[test]
fn nothing_of_the_other_mode_stays() {
    for case in cases() {
        for to in [&case.by_rules, &case.by_maps] {
            let fresh = node(to);
            let mut moved = node(&case.desired);
            go(&mut moved, to, &claims(false, &case.desired));
            // The link goes unless it has others' addresses, settings stay.
            moved.sysctl = fresh.sysctl.clone();
            moved.timeouts = fresh.timeouts;
            same(&case.name, &fresh, &moved.ordered());
        }
    }
}

#[test]
fn either_end_is_reached_from_everywhere() {
    for Way { name, from, to } in ways().into_iter().step_by(7) {
        let before = node(from);
        let plan = plan(to, &before, &claims(false, from)).unwrap();
        let mut after = before.clone();
        run(&name, &mut after, &plan);
        let stride = (plan.steps.len() / 10).max(1);
        for cut in (0..=plan.steps.len()).step_by(stride) {
            let mut middle = before.clone();
            run(&name, &mut middle, &Plan::of(plan.steps[..cut].to_vec()));
            for (end, wanted) in [(End::Old, &before), (End::New, &after)] {
                let name = format!("{name}, cut off after {cut}, to {end:?}");
                let mut there = middle.clone();
                let way = retrace(&plan.steps, &middle, end);
                run(&name, &mut there, &Plan::of(way));
                same(&name, wanted, &there);
                assert_eq!(astray(&plan.steps, &there, end), [], "{name}");
            }
        }
    }
}

#[test]
fn nothing_of_ours_is_left_after_a_cleanup() {
    for case in cases() {
        let mut before = empty();
        foreign::add(&mut before);
        let before = before.ordered();
        let states = [&case.by_rules, &case.by_maps];
        // What was asked for may be lost: names and the inventory tell as well.
        let lost = states.map(|state| NodeState::empty(state.mode()));
        let known = states.into_iter().zip(states);
        for (state, known) in known.chain(states.into_iter().zip(&lost)) {
            let node = node(state);
            let ours = Ours {
                state: known,
                inventory: &Inventory::of(state),
                sysctls: &[],
                timeouts: None,
            };
            let mut after = node.clone();
            run(&case.name, &mut after, &cleanup(ours, &node).unwrap());
            after.sysctl.clear();
            let kubelets = |line: &&str| !line.contains("KUBE-FIREWALL");
            let (wanted, found) = (before.canonical(), after.canonical());
            let wanted: Vec<&str> = wanted.lines().filter(kubelets).collect();
            let found: Vec<&str> = found.lines().filter(kubelets).collect();
            assert_eq!(wanted, found, "{}", case.name);
        }
    }
}

#[test]
fn a_state_survives_its_artefacts() {
    for case in cases() {
        for (wanted, artefacts) in [
            (&case.by_rules, &case.by_rules_artefacts),
            (&case.by_maps, &case.by_maps_artefacts),
        ] {
            let files = artefacts.files.iter();
            let files = files.map(|file| (file.kind, file.bytes.clone())).collect();
            let state = NodeState::from_artefacts(&files).unwrap();
            assert_eq!(state.mode(), wanted.mode());
            assert_eq!(state.modules, wanted.modules);
            let node = node(wanted);
            let plan = plan(&state, &node, &Claims::default()).unwrap();
            assert!(plan.is_empty(), "{}: {:#?}", case.name, plan.steps);
        }
    }
}

/// Steps of this mode are whole scripts, so a file has to carry tables, or parts of them.
#[test]
fn a_plan_survives_its_file() {
    for case in cases().iter().step_by(5) {
        for to in case
            .by_maps_variants
            .iter()
            .chain([&case.by_rules, &case.by_maps])
        {
            let node = node(&case.by_maps);
            let plan = plan(to, &node, &claims(false, &case.by_maps)).unwrap();
            let (file, text) = file::file(&plan, &Services::new(to, None), to);
            assert_eq!(PlanFile::read(&text).as_ref(), Ok(&file), "{}", case.name);
        }
    }
}

/// What the kernel remembers of clients goes with the endpoint, and with nothing else.
#[test]
fn clients_forget_endpoints_that_go() {
    let recalled = |state: &NodeState| {
        let set = &state.tables()[0].sets[&SetName::RecallServices];
        set.iter()
            .find_map(|(key, element)| match (key, element.value?) {
                (Key::Frontend(at), Value::Verdict(Verdict::Jump(ChainName::Recall(memory)))) => {
                    Some((*at, memory))
                }
                _ => None,
            })
    };
    let (case, (at, memory)) = cases()
        .iter()
        .find_map(|case| Some((case, recalled(&case.by_maps)?)))
        .unwrap();
    let Some(Value::Endpoint(kept)) =
        case.by_maps.tables()[0].sets[&SetName::Endpoints][&Key::FrontendSlot(at, 0)].value
    else {
        panic!("an endpoint");
    };
    let mut node = node(&case.by_maps);
    let clients = &mut node.nftables.tables[0].as_mut().unwrap().affinity;
    let key = |last| (memory, [192, 0, 2, last].into());
    let gone = "192.0.2.250:9".parse().unwrap();
    for (last, endpoint) in [(1, kept), (2, gone)] {
        clients.insert(
            key(last),
            Remembered {
                endpoint,
                expires: None,
            },
        );
    }
    let plan = plan(&case.by_maps, &node, &claims(false, &case.by_maps)).unwrap();
    run("forget", &mut node, &plan);
    let left = &node.nftables.tables[0].as_ref().unwrap().affinity;
    assert!(left.keys().eq([&key(1)]), "{:#?}", plan.steps);
}

/// One endpoint more or less: its chain, and the chain that leads to it.
#[test]
fn a_small_change_is_a_few_steps() {
    let case = cases()
        .iter()
        .find(|case| case.name == "rand-1000")
        .unwrap();
    let mut node = node(&case.by_rules);
    let endpoint = |name: &str| name.starts_with("KUBE-SEP-");
    let nat = node.iptables[0]
        .tables
        .iter_mut()
        .find(|table| &*table.name == "nat");
    let chains = &mut nat.unwrap().chains;
    let gone = chains
        .iter()
        .position(|chain| endpoint(&chain.name))
        .unwrap();
    let gone = chains.remove(gone);
    for chain in chains.iter_mut() {
        chain
            .rules
            .retain(|rule| !rule.to_string().contains(&*gone.name));
    }
    let plan = plan(&case.by_rules, &node, &claims(false, &case.by_rules)).unwrap();
    let chains = plan
        .steps
        .iter()
        .filter(|step| matches!(step.subject, Subject::Iptables(IptablesChange::Chain(..))));
    assert_eq!(chains.count(), 2, "{:#?}", plan.steps);
    run("back", &mut node, &plan);
}
