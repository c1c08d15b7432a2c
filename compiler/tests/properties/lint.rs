//! Fingerprints lead the same finding through any rearrangement of its input, and lint finds what
//! compile finds.

use portolan_compiler::compile::{self, BaseServices, EndpointsFrom, Input, NodeSelection, Silent};
use portolan_compiler::diag::Code;
use portolan_compiler::lint;
use portolan_compiler::model::{Filter, KubeVersion};
use portolan_support::generator::text::Spelling;
use portolan_support::generator::{Cluster, cluster};
use proptest::prelude::*;
use serde_json::Value;

use crate::compiled::cases;

fn input(files: &[String]) -> Input {
    let mut input = Input::default();
    for (text, number) in files.iter().zip(0..) {
        input.sources.add(format!("{number}"), text.clone());
    }
    input
}

/// Id, fingerprint and message of each finding, sorted.
fn findings(
    files: &[String],
    node: Option<String>,
    version: KubeVersion,
) -> Vec<(&'static str, String, String)> {
    let input = input(files);
    let options = lint::Options {
        node,
        kube_version: Some(version),
        mode: None,
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::default(),
        disabled: Vec::new(),
        filter: Filter::default(),
        settings: lint::SettingsFrom::Input,
    };
    let report = lint::lint(&input, &options, &Silent);
    let mut findings: Vec<_> = report
        .findings
        .into_iter()
        .map(|finding| {
            let fingerprint = finding.fingerprint.to_string();
            (finding.kind.id(), fingerprint, finding.diagnostic.message)
        })
        .collect();
    findings.sort();
    findings
}

fn shuffled() -> impl Strategy<Value = (Cluster, Vec<Value>, usize)> {
    cluster().prop_flat_map(|cluster| {
        let objects = cluster.objects();
        let cut = 0..=objects.len();
        (Just(cluster), Just(objects).prop_shuffle(), cut)
    })
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn fingerprints_survive_order_files_and_blank_lines((cluster, objects, cut) in shuffled()) {
        let expected = findings(&[Spelling::YamlList.write(&cluster.objects())], None, cluster.version);
        let (one, other) = objects.split_at(cut);
        let files = [Spelling::CommentedYaml.write(one), Spelling::JsonList.write(other)];
        prop_assert_eq!(&findings(&files, None, cluster.version), &expected);
        // Each finding has one of its own.
        let mut own: Vec<&str> = expected.iter().map(|(_, print, _)| print.as_str()).collect();
        own.sort_unstable();
        own.dedup();
        prop_assert_eq!(own.len(), expected.len());
    }

    /// Lint looks at less than compile does from each node; it must be enough.
    #[test]
    fn what_compile_reports_of_a_node_lint_reports_too(cluster in cluster()) {
        let objects = cluster.objects();
        let has_endpoints = objects
            .iter()
            .any(|object| object["kind"] == "EndpointSlice" || object["kind"] == "Endpoints");
        let files = [Spelling::JsonList.write(&objects)];
        for node in cluster.node_names() {
            let options = compile::Options {
                nodes: NodeSelection::Named(node.clone()),
                kube_version: Some(cluster.version),
                mode: None,
                base_services: BaseServices::Leave,
                endpoints: EndpointsFrom::default(),
            };
            let compiled = compile::prepare(&input(&files), &options, &Silent).report;
            let found = findings(&files, Some(node), cluster.version);
            for diagnostic in compiled.diagnostics {
                let expected = match diagnostic.code {
                    // About compiling, not about the manifests.
                    Code::NotAllocated
                    | Code::NothingToCompile
                    | Code::Dropped
                    | Code::NodeFactsMissing
                    | Code::HealthCheckUnanswered => false,
                    // Their rules are about the configuration.
                    Code::LocalDetection | Code::NodePortUnserved => cluster.config.is_some(),
                    // Lint asks for a place where endpoints could be.
                    Code::NoEndpoints => has_endpoints,
                    _ => true,
                };
                let told = found.iter().any(|(_, _, message)| *message == diagnostic.message);
                prop_assert!(told || !expected, "{}: {:?}", diagnostic.code, diagnostic.message);
            }
        }
    }
}
