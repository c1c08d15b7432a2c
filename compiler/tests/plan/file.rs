//! Plan files are read back as they were written.

use portolan_compiler::bundle::Digest;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::model::{KubeVersion, Protocol};
use portolan_compiler::plan::file::{FileError, Files, Ground, PlanFile, Terms};
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{Interruption, Plan, Serving, Step, plan};
use portolan_compiler::target::target;

use crate::foreign;
use crate::states::{cases, claims, empty, go};
use portolan_compiler::source::Origins;

pub(crate) fn file(plan: &Plan, services: &Services, desired: &NodeState) -> (PlanFile, String) {
    let node = NodeName::parse("node-a").unwrap();
    let bare = |step: &Step| Step {
        origins: Origins::new(),
        ..step.clone()
    };
    let file = PlanFile {
        node: node.clone(),
        kube_version: Some(KubeVersion::NEWEST),
        input: Digest::of(b"input"),
        target: target(desired),
        observed: Ground {
            digest: Digest::of(b"observed"),
            parts: empty().digests(),
            machine: Some(Digest::of(b"machine")),
        },
        files: Files::of(desired),
        terms: Some(Terms::of(&claims(true, desired))),
        steps: plan.steps.iter().map(bare).collect(),
        services: services.names(),
    };
    let page = Page {
        node: &node,
        target: target(desired),
        plan,
        services,
        notes: &["ruleset.nft is missing".to_owned()],
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
        for (plan, desired) in [(first, &from.desired), (second, &to.desired)] {
            let (file, text) = file(&plan, &services, desired);
            assert_eq!(
                PlanFile::read(&text).as_ref(),
                Ok(&file),
                "{} -> {}",
                from.name,
                to.name
            );
            assert_eq!(text.lines().count(), 1);
            assert_eq!(Files::of(&file.files.state().unwrap()), file.files);
        }
    }
}

/// A plan's text, and what of it a hand may change without being caught by the digest: nothing.
fn text() -> (Plan, String) {
    let desired = &cases()[0].desired;
    let plan = go(&mut empty(), desired, &claims(false, desired));
    let (_, text) = file(&plan, &Services::default(), desired);
    (plan, text)
}

/// With a digest that is right again.
fn vouched(text: &str) -> String {
    let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
    document.as_object_mut().unwrap().remove("digest");
    let digest = Digest::of(format!("{document}\n").as_bytes());
    document["digest"] = digest.to_string().into();
    format!("{document}\n")
}

#[test]
fn other_documents_are_refused() {
    let (plan, text) = text();
    let swap = |from: &str, to: &str| vouched(&text.replacen(from, to, 1));
    assert!(PlanFile::read(&swap("\"2.1\"", "\"2.7\"")).is_ok());
    for (text, expected) in [
        ("[]".to_owned(), FileError::NotAPlan),
        (
            swap("\"2.1\"", "\"3.0\""),
            FileError::Version("3.0".to_owned()),
        ),
        (swap("node-a", "-"), FileError::Field("node")),
        (swap("ipvs.rules", "ipvs.nl"), FileError::Field("files")),
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
            swap("-j RETURN\"}", "-j RETURN\\n-F\"}"),
            FileError::Step {
                id: first_chain(&plan),
                field: "after",
            },
        ),
    ] {
        let error = PlanFile::read(&text).unwrap_err();
        assert_eq!(error, expected);
    }
}

#[test]
fn a_part_of_a_table_has_no_chains() {
    let desired = &cases()[0].by_maps;
    let mut node = empty();
    go(&mut node, desired, &claims(false, desired));
    let found = node.nftables.tables[0].as_mut().unwrap();
    let lacking = found.table.sets.values_mut().find(|set| !set.is_empty());
    lacking.unwrap().pop_first();
    let plan = plan(desired, &node, &claims(false, desired)).unwrap();
    let (_, text) = file(&plan, &Services::default(), desired);
    let with_chain = |extent: &str| {
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let step = &mut document["steps"][0];
        assert_eq!(step["object"]["extent"], "part");
        step["object"]["extent"] = extent.into();
        let lines = step["after"].as_array_mut().unwrap();
        lines.splice(1..1, ["chain services {".into(), "}".into()]);
        PlanFile::read(&vouched(&document.to_string()))
    };
    assert_eq!(
        with_chain("part"),
        Err(FileError::Step {
            id: 1,
            field: "after"
        })
    );
    assert!(with_chain("whole").is_ok());
}

#[test]
fn any_other_byte_is_noticed() {
    let (_, text) = text();
    assert!(PlanFile::read(&text).is_ok());
    let stride = text.len() / 400;
    for at in (0..text.len()).step_by(stride).chain([text.len() - 1]) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        if let Ok(flipped) = String::from_utf8(bytes) {
            assert!(PlanFile::read(&flipped).is_err(), "byte {at}");
        }
        assert!(PlanFile::read(&text[..at]).is_err(), "cut at {at}");
    }
    assert!(PlanFile::read(&format!("{text}\n")).is_err());
}

fn first_chain(plan: &Plan) -> usize {
    let returns = |step: &Step| format!("{:?}", step.subject).contains("Return");
    plan.steps.iter().position(returns).unwrap() + 1
}

/// Files that ask for something else are another target's, however well the digest fits.
#[test]
fn a_file_changed_by_hand_is_another_target() {
    let (_, text) = text();
    let port = text.find(" -m -w 1").unwrap() - 1;
    let other = if &text[port..=port] == "1" { "2" } else { "1" };
    let changed = vouched(&[&text[..port], other, &text[port + 1..]].concat());
    let error = PlanFile::read(&changed).unwrap_err();
    let desired = target(&cases()[0].desired);
    assert!(
        matches!(error, FileError::Target { said, found } if said == desired && found != desired),
        "{error}"
    );
}

/// Version 1.0 did not say why flows are forgotten, nor which endpoints serve.
#[test]
fn a_plan_of_the_version_before_is_read() {
    let case = cases().iter().find(|case| {
        let list = case.desired.services.as_ref().unwrap();
        list.frontends
            .keys()
            .any(|(at, _)| at.protocol() == Protocol::Udp)
    });
    let desired = &case.unwrap().desired;
    let plan = go(&mut empty(), desired, &claims(false, desired));
    let (file, text) = file(&plan, &Services::default(), desired);
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document["formatVersion"] = "1.0".into();
    document.as_object_mut().unwrap().remove("udpFlows");
    document["files"]
        .as_object_mut()
        .unwrap()
        .remove("services");
    let mut flows = 0;
    for step in document["steps"].as_array_mut().unwrap() {
        if step["kind"] == "flows" {
            flows += 1;
            step["interrupts"] = serde_json::Value::Null;
        }
    }
    assert!(flows > 0);
    let older = PlanFile::read(&vouched(&format!("{document}\n"))).unwrap();
    assert_eq!(older.files.serving(), Serving::Unknown);
    assert_eq!(older.files.services(), Ok(None));
    assert_eq!(older.steps.len(), file.steps.len());
    let why = |step: &Step| matches!(step.interruption, Interruption::Flows(_));
    assert_eq!(file.steps.iter().filter(|step| why(step)).count(), flows);
    assert!(!older.steps.iter().any(why));
    assert_eq!(PlanFile::read(&older.text()), Ok(older));
}
