//! From objects to artefacts, as the command does it.

use std::collections::BTreeMap;

use portolan_compiler::bundle::{ArtefactKind, Digest, Emulates, Manifest};
use portolan_compiler::compile::{
    BaseServices, EndpointsFrom, Input, Mode, NodeSelection, Options, Prepared, Silent,
};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::model::KubeVersion;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::{compile, diag};
use proptest::test_runner::Config;

/// How many random cases a test tries: all tests together take a few seconds in a debug build.
pub(crate) fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Checks files; what the generators make is never refused.
pub(crate) fn prepare(files: &[String], nodes: NodeSelection, version: KubeVersion) -> Prepared {
    prepare_with(files, &[], &options(nodes, version))
}

/// The same in a mode, whatever the configuration has.
pub(crate) fn prepare_in(mode: Mode, files: &[String], version: KubeVersion) -> Prepared {
    let options = Options {
        mode: Some(mode),
        ..options(NodeSelection::All, version)
    };
    prepare_with(files, &[], &options)
}

fn options(nodes: NodeSelection, version: KubeVersion) -> Options {
    Options {
        nodes,
        kube_version: Some(version),
        mode: None,
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::default(),
    }
}

/// Checks files with a base.
pub(crate) fn prepare_with_base(
    files: &[String],
    base: &[String],
    nodes: NodeSelection,
    version: KubeVersion,
) -> Prepared {
    prepare_with(files, base, &options(nodes, version))
}

/// Checks files that may be refused, in a mode of their own or in this one.
pub(crate) fn try_prepare(
    files: &[String],
    nodes: NodeSelection,
    version: KubeVersion,
    mode: Option<Mode>,
) -> Option<Prepared> {
    let options = Options {
        mode,
        ..options(nodes, version)
    };
    compile::prepare(&input(files, &[]), &options, &Silent).prepared
}

/// Checks files with a base and options of the caller's.
pub(crate) fn prepare_with(files: &[String], base: &[String], options: &Options) -> Prepared {
    let input = input(files, base);
    let outcome = compile::prepare(&input, options, &Silent);
    let report = || diag::human(&outcome.report, &input.sources);
    outcome
        .prepared
        .unwrap_or_else(|| panic!("refused:\n{}", report()))
}

fn input(files: &[String], base: &[String]) -> Input {
    let mut input = Input::default();
    for (text, number) in files.iter().zip(0..) {
        input.sources.add(format!("{number}"), text.clone());
    }
    for (text, number) in base.iter().zip(0..) {
        input
            .sources
            .add_base(format!("base {number}"), text.clone());
    }
    input
}

/// Artefacts by node and kind.
pub(crate) type Artefacts = BTreeMap<(String, ArtefactKind), Vec<u8>>;

/// All artefacts, and the MANIFESTs, one after the other.
pub(crate) fn artefacts(prepared: &Prepared) -> (Artefacts, String) {
    let mut manifest = Manifest::new(prepared.inputs().common);
    let inputs = inputs(prepared);
    let mut all = Artefacts::new();
    for node in 0..prepared.nodes().len() {
        let artefacts = prepared.artefacts(node, KeepOrigins::No);
        let (emulates, input) = inputs[&artefacts.node];
        manifest.add(emulates, input, &artefacts);
        for file in artefacts.files {
            all.insert((artefacts.node.to_string(), file.kind), file.bytes);
        }
    }
    let parts = prepared
        .nodes()
        .iter()
        .filter_map(|node| manifest.part(node));
    (all, manifest.head() + &parts.collect::<String>())
}

/// What each node mirrors, and the digest of what decides its rules.
pub(crate) fn inputs(prepared: &Prepared) -> BTreeMap<NodeName, (Emulates, Digest)> {
    let nodes = prepared.nodes().iter().enumerate();
    let emulates = nodes.map(|(at, node)| (node.clone(), prepared.mirrored(at).emulates));
    let both = emulates.zip(prepared.inputs().nodes);
    both.map(|((node, emulates), digest)| (node, (emulates, digest)))
        .collect()
}

/// The text artefacts, as text.
pub(crate) fn texts(artefacts: Artefacts) -> BTreeMap<(String, ArtefactKind), String> {
    artefacts
        .into_iter()
        .filter(|((_, kind), _)| *kind != ArtefactKind::IpvsNetlink)
        .map(|(key, bytes)| (key, String::from_utf8(bytes).unwrap()))
        .collect()
}
