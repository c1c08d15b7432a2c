//! Plan files are read back as they were written.

use portolan_compiler::bundle::Digest;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::file::{FileError, PlanFile};
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{Plan, Step, plan};

use crate::foreign;
use crate::states::{cases, claims, empty, go};
use portolan_compiler::source::Origins;

fn file(plan: &Plan, services: &Services) -> (PlanFile, String) {
    let node = NodeName::parse("node-a").unwrap();
    let bare = |step: &Step| Step {
        origins: Origins::new(),
        ..step.clone()
    };
    let file = PlanFile {
        node: node.clone(),
        target: Digest::of(b"objects"),
        observed: Digest::of(b"observed"),
        steps: plan.steps.iter().map(bare).collect(),
    };
    let page = Page {
        node: &node,
        plan,
        services,
    };
    let text = file.write(&page);
    (file, text)
}

#[test]
fn a_plan_survives() {
    let cases = cases();
    for (at, to) in cases.iter().enumerate() {
        let from = &cases[(at + 5) % cases.len()];
        let mut node = empty();
        foreign::add(&mut node);
        let services = Services::new(&to.desired, None);
        let first = go(&mut node, &from.desired, &claims(false, &from.desired));
        let second = plan(&to.desired, &node, &claims(true, &from.desired)).unwrap();
        for plan in [first, second] {
            let (file, text) = file(&plan, &services);
            assert_eq!(
                PlanFile::read(&text),
                Ok(file),
                "{} -> {}",
                from.name,
                to.name
            );
            assert_eq!(text.lines().count(), 1);
        }
    }
}

#[test]
fn other_documents_are_refused() {
    let mut node = empty();
    let plan = go(
        &mut node,
        &cases()[0].desired,
        &claims(false, &cases()[0].desired),
    );
    let (_, text) = file(&plan, &Services::default());
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    assert!(PlanFile::read(&swap("\"1.0\"", "\"1.7\"")).is_ok());
    for (text, expected) in [
        ("[]".to_owned(), FileError::NotAPlan),
        (
            swap("\"1.0\"", "\"2.0\""),
            FileError::Version("2.0".to_owned()),
        ),
        (swap("node-a", "-"), FileError::Field("node")),
        (
            swap("\"phase\":\"prepare\"", "\"phase\":\"later\""),
            FileError::Step {
                id: 1,
                field: "phase",
            },
        ),
        (
            swap("\"op\":\"add\"", "\"op\":\"remove\""),
            FileError::Step { id: 1, field: "op" },
        ),
        (
            swap("-j RETURN", "-j RETURN\\n-F"),
            FileError::Step {
                id: first_chain(&plan),
                field: "after",
            },
        ),
    ] {
        assert_eq!(PlanFile::read(&text), Err(expected));
    }
}

fn first_chain(plan: &Plan) -> usize {
    let returns = |step: &Step| format!("{:?}", step.subject).contains("Return");
    plan.steps.iter().position(returns).unwrap() + 1
}
