//! What kube-proxy left is what portolan wants, and what portolan leaves on an empty node.

use portolan_compiler::back::NodeState;
use portolan_compiler::observed::{self, Observed};
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
