//! From the middle of a plan to either end, wherever it was cut off.

use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{End, Plan, Step, astray, fake, plan, retrace};

use crate::foreign;
use crate::states::{Case, cases, claims, empty, go};

/// A node, and a plan on it: from one case to another, from nothing, and within one cluster.
fn ways() -> Vec<(String, Observed, Plan)> {
    let cases = cases();
    let mut ways = Vec::new();
    for (at, from) in cases.iter().enumerate() {
        let to = &cases[(at + 11) % cases.len()];
        ways.push(way(from, &to.desired, &to.name));
        if let Some(variant) = from.variants.first() {
            ways.push(way(from, variant, "a variant of it"));
        }
    }
    ways.push((
        "from nothing".to_owned(),
        empty(),
        go(
            &mut empty(),
            &cases[0].desired,
            &claims(true, &cases[0].desired),
        ),
    ));
    ways
}

fn way(
    from: &Case,
    to: &portolan_compiler::mode::NodeState,
    name: &str,
) -> (String, Observed, Plan) {
    let mut node = empty();
    foreign::add(&mut node);
    go(&mut node, &from.desired, &claims(false, &from.desired));
    let plan = plan(to, &node, &claims(true, &from.desired)).unwrap();
    (format!("{} -> {name}", from.name), node.ordered(), plan)
}

fn run(name: &str, node: &mut Observed, steps: &[Step]) {
    if let Err((at, refused)) = fake::execute_all(node, steps) {
        panic!("{name}: step {at}: {refused}: {:?}", steps[at]);
    }
    *node = node.clone().ordered();
}

/// Every step of short plans, some of long ones.
fn stops(steps: &[Step]) -> impl Iterator<Item = usize> {
    let stride = (steps.len() / 12).max(1);
    (0..=steps.len()).step_by(stride).chain([steps.len()])
}

#[test]
fn either_end_is_reached_from_everywhere() {
    for (name, before, plan) in ways() {
        let mut after = before.clone();
        run(&name, &mut after, &plan.steps);
        for cut in stops(&plan.steps) {
            let name = format!("{name}, cut off after {cut}");
            let mut node = before.clone();
            run(&name, &mut node, &plan.steps[..cut]);
            for (end, wanted) in [(End::Old, &before), (End::New, &after)] {
                let way = retrace(&plan.steps, &node, end);
                let mut there = node.clone();
                run(&format!("{name}, to {end:?}"), &mut there, &way);
                let difference =
                    similar::TextDiff::from_lines(wanted.canonical(), there.canonical())
                        .unified_diff()
                        .to_string();
                assert!(difference.is_empty(), "{name}, to {end:?}:\n{difference}");
                assert_eq!(astray(&plan.steps, &there, end), [], "{name}");
            }
        }
    }
}

/// Whoever goes back may be cut off, too.
#[test]
fn the_way_back_may_be_cut_off() {
    for (name, before, plan) in ways().into_iter().step_by(5) {
        for cut in stops(&plan.steps).step_by(3) {
            let mut node = before.clone();
            run(&name, &mut node, &plan.steps[..cut]);
            let back = retrace(&plan.steps, &node, End::Old);
            for second in stops(&back).step_by(3) {
                let name = format!("{name}, cut off after {cut} and {second}");
                let mut node = node.clone();
                run(&name, &mut node, &back[..second]);
                let again = retrace(&plan.steps, &node, End::Old);
                run(&name, &mut node, &again);
                assert_eq!(node.canonical(), before.canonical(), "{name}");
            }
        }
    }
}

/// Where others took part of it away, the rest still leads to the end, and nothing is forgotten.
#[test]
fn what_others_took_away_is_put_back() {
    for (name, before, plan) in ways().into_iter().step_by(4) {
        let mut node = before.clone();
        let cut = plan.steps.len() / 2;
        run(&name, &mut node, &plan.steps[..cut]);
        node.ipvs.servers.truncate(1);
        let back = retrace(&plan.steps, &node, End::Old);
        let refused = fake::execute_all(&mut node, &back).is_err();
        let left = astray(&plan.steps, &node.ordered(), End::Old);
        assert_eq!(refused, !left.is_empty(), "{name}: {left:#?}");
    }
}
