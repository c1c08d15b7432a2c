//! A plan that is stale says what changed, though none of its steps is about it.

use portolan_compiler::plan::file::{Ground, PlanFile};
use portolan_compiler::plan::render::Services;
use portolan_compiler::plan::{Changes, Inventory, IpvsChange, Subject, fake, plan};

use crate::file::file;
use crate::foreign;
use crate::states::{cases, claims, empty, go};

#[test]
fn what_changed_is_named() {
    let mut named = 0;
    for case in &cases()[..8] {
        let state = &case.desired;
        let mut node = empty();
        foreign::add(&mut node);
        let there = go(&mut node, state, &claims(false, state));
        let Some(variant) = case.variants.first() else {
            continue;
        };
        let inventory = Inventory::of(state);
        let way = plan(variant, &node, &claims(false, state)).unwrap();
        let (made, _) = file(&way, &Services::new(variant, None), variant);
        let made = PlanFile {
            observed: Ground {
                digest: node.digest(),
                parts: node.digests(),
                machine: None,
            },
            ..made
        };
        assert_eq!(Changes::since(&made, &node, &inventory), None);
        // A virtual server that the plan has no step for goes by somebody's hand.
        let planned: Vec<String> = way.steps.iter().map(|step| step.subject.name()).collect();
        let gone = there.steps.iter().find(|step| {
            matches!(step.subject, Subject::Ipvs(IpvsChange::Server(..)))
                && !planned.contains(&step.subject.name())
        });
        let Some(gone) = gone else {
            continue;
        };
        fake::execute_all(&mut node, &[gone.inverse()]).unwrap();
        let changes = Changes::since(&made, &node, &inventory).unwrap();
        let name = gone.subject.name();
        assert!(changes.objects.contains(&name), "{}: {changes}", case.name);
        assert!(changes.to_string().contains("these changed: "), "{changes}");
        named += 1;
    }
    assert!(named > 0, "no case has such a virtual server");
}
