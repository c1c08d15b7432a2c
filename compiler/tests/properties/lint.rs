//! Fingerprints lead the same finding through any rearrangement of its input.

use portolan_compiler::compile::{BaseServices, Input, Silent};
use portolan_compiler::lint::{Options, lint};
use portolan_compiler::model::KubeVersion;
use proptest::prelude::*;
use serde_json::Value;

use crate::compiled::cases;
use crate::generator::text::Spelling;
use crate::generator::{Cluster, cluster};

/// Id, fingerprint, severity and message of each finding, sorted.
fn findings(files: &[String], version: KubeVersion) -> Vec<(&'static str, String, String)> {
    let mut input = Input::default();
    for (text, number) in files.iter().zip(0..) {
        input.sources.add(format!("{number}"), text.clone());
    }
    let options = Options {
        node: None,
        kube_version: version,
        mode: None,
        base_services: BaseServices::Leave,
        disabled: Vec::new(),
    };
    let report = lint(&input, &options, &Silent);
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
        let expected = findings(&[Spelling::YamlList.write(&cluster.objects())], cluster.version);
        let (one, other) = objects.split_at(cut);
        let files = [Spelling::CommentedYaml.write(one), Spelling::JsonList.write(other)];
        prop_assert_eq!(&findings(&files, cluster.version), &expected);
        // Each finding has one of its own.
        let mut own: Vec<&str> = expected.iter().map(|(_, print, _)| print.as_str()).collect();
        own.sort_unstable();
        own.dedup();
        prop_assert_eq!(own.len(), expected.len());
    }
}
