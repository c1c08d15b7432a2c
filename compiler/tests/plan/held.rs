//! What a node holds, in one number: that of the state whichever way it came, and of no other.

use portolan_compiler::mode::NodeState;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{Held, Inventory, plan};
use portolan_compiler::target::target;

use crate::foreign;
use crate::states::{Case, cases, claims, empty, go};

fn states(case: &Case) -> [&NodeState; 3] {
    [&case.desired, &case.by_rules, &case.by_maps]
}

/// What a node holds, held against a state that was recorded.
fn held(node: &Observed, recorded: &NodeState) -> Held {
    let mut claims = claims(false, recorded);
    claims.inventory = Inventory::of(recorded);
    Held::of(recorded, &plan(recorded, node, &claims).unwrap())
}

#[test]
fn a_reading_is_the_state_that_was_applied_and_no_other() {
    let cases = cases();
    for (at, case) in cases.iter().enumerate() {
        let next = &cases[(at + 1) % cases.len()];
        for state in states(case) {
            let mut node = empty();
            foreign::add(&mut node);
            go(&mut node, state, &claims(false, state));
            let (name, mode) = (&case.name, state.mode());
            let found = held(&node, state);
            assert_eq!(found, Held::Target(target(state)), "{name}, {mode:?}");
            let of_next = states(next).into_iter().filter(|one| one.mode() == mode);
            for other in states(case).into_iter().chain(of_next) {
                if target(other) != target(state) {
                    let found = held(&node, other).target();
                    assert_eq!(found, None, "{name}, {mode:?} and {:?}", other.mode());
                }
            }
        }
    }
}
