//! Objects that have others made of charts and folders from elsewhere.

use std::collections::BTreeMap;

use crate::diag::{Code, Finding, Place};

/// Their kinds, as they are counted and as they are called.
const KINDS: [(&str, &str); 6] = [
    ("Application.argoproj.io", "Application of Argo CD"),
    ("ApplicationSet.argoproj.io", "ApplicationSet of Argo CD"),
    ("HelmChart.helm.cattle.io", "HelmChart of k3s"),
    ("HelmRelease.helm.toolkit.fluxcd.io", "HelmRelease of Flux"),
    (
        "HelmChartProxy.addons.cluster.x-k8s.io",
        "HelmChartProxy of Cluster API",
    ),
    (
        "Kustomization.kustomize.toolkit.fluxcd.io",
        "Kustomization of Flux",
    ),
];

/// Tells of them where no Service is in the input: there it is they that nobody has followed yet.
pub(in crate::front) fn instead_of_services(others: &BTreeMap<String, usize>) -> Option<Finding> {
    let found = KINDS
        .iter()
        .filter_map(|(kind, name)| match others.get(*kind)? {
            1 => Some(format!("1 {name}")),
            count => Some(format!("{count} of the kind {name}")),
        });
    let found: Vec<String> = found.collect();
    (!found.is_empty()).then(|| {
        Finding::warning(
            Code::NotAManifest,
            Place::Nowhere,
            format!(
                "the Services are made elsewhere, of charts and folders that these name: {}",
                found.join(", ")
            ),
        )
        .help("pass what they make, as helm template, flux build kustomization and argocd app manifests print it, or a dump of the cluster")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_services_elsewhere_is_counted_by_kind() {
        let others = |list: &[(&str, usize)]| -> BTreeMap<String, usize> {
            list.iter()
                .map(|(kind, count)| ((*kind).to_owned(), *count))
                .collect()
        };
        let said = |list| instead_of_services(&others(list)).map(|finding| finding.message);
        assert_eq!(said(&[("Deployment.apps", 3)]), None);
        let said = said(&[
            ("HelmRelease.helm.toolkit.fluxcd.io", 5),
            ("Application.argoproj.io", 1),
        ]);
        assert_eq!(
            said.unwrap(),
            "the Services are made elsewhere, of charts and folders that these name: 1 Application of Argo CD, 5 of the kind HelmRelease of Flux"
        );
    }
}
