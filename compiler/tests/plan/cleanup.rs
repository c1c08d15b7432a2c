//! Nothing of ours stays, everything else does.

use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{Inventory, Ours, cleanup, fake};

use crate::foreign;
use crate::states::{cases, claims, empty, go};

#[test]
fn nothing_of_ours_is_left_and_nothing_else_is_lost() {
    for case in cases() {
        let mut node = empty();
        foreign::add(&mut node);
        let before = node.clone().ordered();
        go(&mut node, &case.desired, &claims(false, &case.desired));
        let node = node.ordered();
        let inventory = Inventory::of(&case.desired);
        let ours = Ours {
            state: &case.desired,
            inventory: &inventory,
            sysctls: &[],
            timeouts: before.timeouts,
        };
        let plan = cleanup(ours, &node).unwrap();
        let mut after = node.clone();
        if let Err((at, refused)) = fake::execute_all(&mut after, &plan.steps) {
            panic!("{}: {refused}: {:?}", case.name, plan.steps[at]);
        }
        // Settings that were unknown have nothing to go back to.
        let comparable = |node: &Observed| Observed {
            sysctl: before.sysctl.clone(),
            ..node.clone()
        };
        let difference =
            similar::TextDiff::from_lines(before.canonical(), comparable(&after).canonical())
                .unified_diff()
                .to_string();
        assert!(difference.is_empty(), "{}:\n{difference}", case.name);
    }
}
