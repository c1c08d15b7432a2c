//! What comes of small clusters, each showing one thing: the IR, and how the artefacts differ from
//! those of a cluster without Services, which are shown whole. A case whose file `shows` says
//! `program` is about the IR alone.

use golden_support::{Scenario, snapshot};
use libtest_mimic::Trial;
use portolan_compiler::bundle::{ArtefactKind, NodeArtefacts};
use portolan_compiler::compile::{Mode, Prepared};
use portolan_compiler::diag::human;
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::NodeState;
use portolan_compiler::target::target;

use crate::case;

const AREA: &str = "clusters";

/// The case that the others are compared with.
const NOTHING: &str = "no-services";

pub(crate) fn cases() -> Vec<Trial> {
    let test = |scenario: Scenario| {
        case(
            format!("{AREA}::{}", scenario.name),
            move || match scenario.name.as_str() {
                NOTHING => frame(&scenario),
                _ => compare(&scenario),
            },
        )
    };
    Scenario::all(AREA).into_iter().map(test).collect()
}

/// Without Services only the frame is there, shown whole.
fn frame(nothing: &Scenario) {
    let artefacts = prepared(nothing, &nothing.arguments()).artefacts(0, KeepOrigins::No);
    for kind in text_kinds().filter(|kind| !text(&artefacts, *kind).is_empty()) {
        let area = format!("{AREA}/{NOTHING}");
        snapshot(&area, kind.as_str(), text(&artefacts, kind));
    }
}

/// The artefacts of a cluster without Services in this mode.
fn without_services(mode: Mode) -> NodeArtefacts {
    let nothing = Scenario::named(AREA, NOTHING);
    let arguments = format!("{} --mode {}", nothing.arguments(), mode.as_str());
    prepared(&nothing, &arguments).artefacts(0, KeepOrigins::No)
}

fn compare(scenario: &Scenario) {
    let mut programs = String::new();
    let mut changes = String::new();
    for arguments in scenario.arguments().lines() {
        let prepared = prepared(scenario, arguments);
        let title = format!("portolan compile {arguments}\n\n");
        programs.push_str(&title);
        changes.push_str(&title);
        for node in 0..prepared.nodes().len() {
            programs.push_str(&prepared.program(node).get().to_string());
            programs.push('\n');
            let artefacts = prepared.artefacts(node, KeepOrigins::No);
            read_back(&artefacts);
            changes.push_str(&differences(&artefacts, &without_services(prepared.mode())));
        }
    }
    let area = format!("{AREA}/{}", scenario.name);
    snapshot(&area, "program", &programs);
    if scenario.read("shows").as_deref() != Some("program") {
        snapshot(&area, "artefacts", &changes);
    }
}

/// Whatever is written is taken.
fn read_back(artefacts: &NodeArtefacts) {
    let files = artefacts.files.iter();
    let files = files.map(|file| (file.kind, file.bytes.clone())).collect();
    let state = NodeState::from_artefacts(&files);
    let state = state.unwrap_or_else(|error| panic!("{}: {error}", artefacts.node));
    assert_eq!(target(&state), artefacts.target, "{}", artefacts.node);
}

fn prepared(scenario: &Scenario, arguments: &str) -> Prepared {
    let compiled = scenario.compile_as(arguments);
    let report = human(&compiled.outcome.report, &compiled.sources);
    compiled
        .outcome
        .prepared
        .unwrap_or_else(|| panic!("{}: {report}", scenario.name))
}

/// Lines that a node's artefacts have and those of an empty cluster lack, and the other way round.
fn differences(artefacts: &NodeArtefacts, nothing: &NodeArtefacts) -> String {
    let mut out = String::new();
    for kind in text_kinds() {
        let (before, after) = (text(nothing, kind), text(artefacts, kind));
        let added = beyond(after, before)
            .into_iter()
            .map(|line| format!("+{line}\n"));
        let removed = beyond(before, after)
            .into_iter()
            .map(|line| format!("-{line}\n"));
        let lines: String = removed.chain(added).collect();
        if !lines.is_empty() {
            let path = format!("nodes/{}/{}\n", artefacts.node, kind.as_str());
            out.extend([path.as_str(), &lines, "\n"]);
        }
    }
    out
}

/// The lines of one text that another lacks, in order.
fn beyond<'a>(text: &'a str, other: &str) -> Vec<&'a str> {
    let mut others: Vec<&str> = other.lines().collect();
    let is_new = |line: &&str| match others.iter().position(|other| other == line) {
        Some(at) => {
            others.remove(at);
            false
        }
        None => true,
    };
    text.lines().filter(is_new).collect()
}

/// Those that people read: others say the same for programs.
fn text_kinds() -> impl Iterator<Item = ArtefactKind> {
    ArtefactKind::ALL
        .into_iter()
        .filter(|kind| !matches!(kind, ArtefactKind::IpvsNetlink | ArtefactKind::NftablesJson))
}

fn text(artefacts: &NodeArtefacts, kind: ArtefactKind) -> &str {
    let file = artefacts.files.iter().find(|file| file.kind == kind);
    file.map_or("", |file| std::str::from_utf8(&file.bytes).expect("ASCII"))
}
