//! From any state to any other.

use portolan_compiler::mode::NodeState;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{ConntrackChange, Durability, Plan, Step, Subject, fake, plan};

use crate::foreign;
use crate::invariants::Invariants;
use crate::states::{Case, cases, claims, empty, go};

/// Pairs of cases: near in name, so near in kind, and far.
fn pairs() -> Vec<(&'static Case, &'static Case)> {
    let cases = cases();
    let number = cases.len();
    [1, 7, 29]
        .into_iter()
        .flat_map(|step| (0..number).map(move |at| (&cases[at], &cases[(at + step) % number])))
        .collect()
}

/// A node with a case's state, beside other software's.
fn node(state: &NodeState) -> Observed {
    let mut node = empty();
    foreign::add(&mut node);
    go(&mut node, state, &claims(false, state));
    node
}

/// A plan from the one to the other.
fn way(from: &Case, to: &Case, everything: bool) -> (Observed, Plan) {
    let before = node(&from.desired);
    let plan = plan(&to.desired, &before, &claims(everything, &from.desired)).unwrap();
    (before, plan)
}

#[test]
fn a_plan_leads_to_what_is_wanted_and_leaves_the_rest_alone() {
    for (from, to) in pairs() {
        let name = format!("{} -> {}", from.name, to.name);
        for everything in [false, true] {
            let (before, way) = way(from, to, everything);
            let mut after = before.clone();
            fake::execute_all(&mut after, &way.steps).unwrap_or_else(|(at, refused)| {
                panic!("{name}: step {at}: {refused}: {:?}", way.steps[at])
            });
            let again = plan(&to.desired, &after, &claims(everything, &to.desired)).unwrap();
            assert!(again.is_empty(), "{name}: {:#?}", again.steps);
            let (was, is) = (foreign::found(&before), foreign::found(&after));
            if everything {
                // The firewall mark, sets and rules stay; the two addresses' servers go.
                assert_eq!(is.len(), was.len() - 2, "{name}: {is:#?}");
                assert!(is.iter().any(|line| line.starts_with("-A -f 42")), "{name}");
            } else {
                assert_eq!(is, was, "{name}");
            }
        }
    }
}

#[test]
fn the_inverses_lead_back() {
    for (from, to) in pairs() {
        let name = format!("{} -> {}", from.name, to.name);
        for everything in [false, true] {
            let (before, plan) = way(from, to, everything);
            let mut node = before.clone();
            fake::execute_all(&mut node, &plan.steps).unwrap();
            let inverse = plan.inverse();
            fake::execute_all(&mut node, &inverse).unwrap_or_else(|(at, refused)| {
                panic!("{name}: inverse {at}: {refused}: {:?}", inverse[at])
            });
            let differences = similar::TextDiff::from_lines(before.canonical(), node.canonical())
                .unified_diff()
                .to_string();
            assert!(differences.is_empty(), "{name}:\n{differences}");
            assert_eq!(foreign::found(&before), foreign::found(&node), "{name}");
        }
    }
}

#[test]
fn no_lasting_step_can_be_left_out() {
    for (from, to) in pairs().into_iter().step_by(9) {
        let name = format!("{} -> {}", from.name, to.name);
        let (before, plan) = way(from, to, true);
        let mut wanted = before.clone();
        fake::execute_all(&mut wanted, &plan.steps).unwrap();
        let wanted = wanted.canonical();
        let mut prefix = before;
        for (at, step) in plan.steps.iter().enumerate() {
            let mut node = prefix.clone();
            let rest = fake::execute_all(&mut node, &plan.steps[at + 1..]);
            let arrived = rest.is_ok() && node.canonical() == wanted;
            let transitional = step.durability == Durability::Transitional;
            assert_eq!(arrived, transitional, "{name}: {step:?}");
            fake::execute(&mut prefix, step).unwrap();
        }
    }
}

#[test]
fn every_moment_on_the_way_keeps_the_constraints() {
    for (from, to) in pairs().into_iter().step_by(4) {
        let name = format!("{} -> {}", from.name, to.name);
        every_moment(&name, &from.desired, &to.desired);
    }
}

#[test]
fn every_moment_of_a_change_within_a_cluster_keeps_the_constraints() {
    let mut changes = 0;
    for case in cases() {
        for (number, variant) in case.variants.iter().enumerate() {
            changes += 1;
            // Half there, half back: that is enough, and every moment costs.
            if changes % 2 == 0 {
                let name = format!("{} -> variant {number}", case.name);
                every_moment(&name, &case.desired, variant);
            } else {
                let name = format!("variant {number} -> {}", case.name);
                every_moment(&name, variant, &case.desired);
            }
        }
    }
    assert!(changes > 200, "{changes}");
}

#[test]
fn every_moment_of_a_repair_keeps_the_constraints() {
    for case in cases() {
        let mut rules_gone = node(&case.desired);
        let ours = |name: &str| name.starts_with("KUBE-") && name != "KUBE-FIREWALL";
        let tables = rules_gone
            .iptables
            .iter_mut()
            .flat_map(|saved| &mut saved.tables);
        for chain in tables.flat_map(|table| &mut table.chains) {
            if ours(&chain.name) {
                chain.rules.clear();
            }
        }
        let mut entries_gone = node(&case.desired);
        for set in &mut entries_gone.ipset.sets {
            if ours(set.name.as_str()) {
                set.entries.clear();
            }
        }
        let mut both_gone = rules_gone.clone();
        both_gone.ipset = entries_gone.ipset.clone();
        for (what, node) in [
            ("rules", rules_gone),
            ("entries", entries_gone),
            ("rules and entries", both_gone),
        ] {
            every_moment_from(&format!("{}, {what} gone", case.name), node, &case.desired);
        }
    }
}

fn every_moment(name: &str, from: &NodeState, to: &NodeState) {
    every_moment_from(name, node(from), to);
}

fn every_moment_from(name: &str, mut node: Observed, to: &NodeState) {
    let plan = plan(to, &node, &claims(true, to)).unwrap();
    let mut after = node.clone();
    fake::execute_all(&mut after, &plan.steps)
        .unwrap_or_else(|(at, refused)| panic!("{name}: {refused}: {:?}", plan.steps[at]));
    let invariants = Invariants::new(&node, &after);
    for (at, step) in plan.steps.iter().enumerate() {
        fake::execute(&mut node, step).unwrap();
        if let Err(broken) = invariants.check(&node) {
            let around = &plan.steps[at.saturating_sub(3)..plan.steps.len().min(at + 4)];
            panic!(
                "{name}: after step {at} ({:?}): {broken}\n{around:#?}",
                step.subject
            );
        }
    }
    let flush = |step: &&Step| matches!(step.subject, Subject::Conntrack(ConntrackChange(..)));
    let flushes = plan.steps.iter().filter(flush).count();
    let last = plan.steps.iter().rev().take_while(flush).count();
    assert_eq!(flushes, last, "{name}: UDP flows are forgotten last");
}
