//! What runs Pods, and kube-proxy among them.

use super::*;

/// What runs kube-proxy is read in part, and counted with what is not compiled.
#[test]
fn what_runs_kube_proxy_is_read() {
    let set = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: p, namespace: sys}\n";
    let spec =
        "spec: {template: {spec: {x: y, containers: [{image: kube-proxy, args: [--v=2]}]}}}\n";
    let k3s = "debug: true\nkube-proxy-arg: proxy-mode=ipvs\n";
    for (text, expected) in [
        (format!("{set}{spec}"), &["DaemonSet sys/p", "DaemonSet.apps 1"][..]),
        (
            "apiVersion: apps/v1\nkind: DaemonSetList\nitems: [{metadata: {name: p, namespace: sys}, a: kube-proxy}]\n"
                .to_owned(),
            &["DaemonSet sys/p", "DaemonSet.apps 1"],
        ),
        (format!("{set}{}", spec.replace("kube-proxy", "x")), &["DaemonSet.apps 1"]),
        (format!("{set}spec: kube-proxy\n"), &["DaemonSet.apps 1"]),
        (
            k3s.to_owned(),
            &["configuration of k3s or RKE2", "configuration of k3s or RKE2 1"],
        ),
    ] {
        let (read, found) = summary(&text);
        assert_eq!(read, expected, "{text}");
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
    let (manifests, ..) = run(k3s);
    let told = &manifests.installers[0].value.told;
    assert_eq!(told[0].path.to_string(), "kube-proxy-arg");
}

/// Workloads are read for their templates, and counted with what is not compiled; one that cannot be
/// read is counted alone.
#[test]
fn workloads_are_read_in_part() {
    let template = "template: {metadata: {labels: {app: a}}}";
    for (version, kind, spec, read) in [
        (
            "apps/v1",
            "Deployment",
            format!("{{replicas: 2, {template}}}"),
            1,
        ),
        ("apps/v1", "StatefulSet", format!("{{{template}}}"), 1),
        (
            "apps/v1",
            "ReplicaSet",
            format!("{{replicas: many, {template}}}"),
            1,
        ),
        ("apps/v1", "DaemonSet", format!("{{{template}}}"), 1),
        ("batch/v1", "Job", format!("{{{template}}}"), 1),
        (
            "batch/v1",
            "CronJob",
            format!("{{jobTemplate: {{spec: {{{template}}}}}}}"),
            1,
        ),
        ("apps/v1", "Deployment", "nothing".to_owned(), 0),
        ("apps/v1beta1", "Deployment", format!("{{{template}}}"), 0),
    ] {
        let text =
            format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n");
        let (manifests, ..) = run(&text);
        assert_eq!(manifests.workloads.len(), read, "{text}");
        assert_eq!(manifests.others.values().sum::<usize>(), 1, "{text}");
    }
}
