//! Manifests from Git with a dump of the cluster for a base compile to what the dump compiles to.

use portolan_compiler::base::base;
use portolan_compiler::compile::NodeSelection;
use portolan_compiler::source::Sources;
use portolan_support::generator::cluster;
use portolan_support::generator::text::Spelling;
use proptest::prelude::*;
use serde_json::Value;

use crate::compiled::{artefacts, cases, prepare, prepare_with_base};

/// What Git has of an object: nothing that the cluster allocated or observed.
fn in_git(mut object: Value) -> Option<Value> {
    if object["kind"] != "Service" {
        return matches!(object["kind"].as_str(), Some("Node" | "NodeFacts")).then_some(object);
    }
    object["status"].take();
    let spec = object["spec"].as_object_mut()?;
    for allocated in [
        "clusterIP",
        "clusterIPs",
        "ipFamilies",
        "healthCheckNodePort",
    ] {
        spec.remove(allocated);
    }
    for port in spec.get_mut("ports")?.as_array_mut()? {
        port.as_object_mut()?.remove("nodePort");
    }
    Some(object)
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_base_supplies_all_that_was_allocated(cluster in cluster()) {
        let dump = [Spelling::YamlList.write(&cluster.objects())];
        let git: Vec<Value> = cluster.objects().into_iter().filter_map(in_git).collect();
        let git = [Spelling::Yaml.write(&git)];
        let expected = prepare(&dump, NodeSelection::All, cluster.version);
        let found = prepare_with_base(&git, &dump, NodeSelection::All, cluster.version);
        prop_assert!(artefacts(&found) == artefacts(&expected));
    }

    #[test]
    fn what_is_kept_of_a_dump_compiles_to_the_same(cluster in cluster()) {
        let dump = Spelling::YamlList.write(&cluster.objects());
        let kept = kept(&dump);
        let expected = prepare(&[dump], NodeSelection::All, cluster.version);
        let found = prepare(std::slice::from_ref(&kept), NodeSelection::All, cluster.version);
        prop_assert!(artefacts(&found) == artefacts(&expected), "{kept}");
    }

    #[test]
    fn a_base_is_the_same_for_the_same_cluster(cluster in cluster()) {
        let mut objects = cluster.objects();
        let first = kept(&Spelling::YamlList.write(&objects));
        prop_assert_eq!(&kept(&first), &first);
        objects.reverse();
        prop_assert_eq!(&kept(&Spelling::JsonList.write(&objects)), &first);
    }
}

fn kept(dump: &str) -> String {
    let mut sources = Sources::default();
    sources.add("dump", dump.to_owned());
    let (base, report) = base(&sources);
    base.unwrap_or_else(|| panic!("refused: {:?}", report.diagnostics))
        .text
}
