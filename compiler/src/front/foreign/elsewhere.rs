//! Objects that have others made of charts and folders from elsewhere.

use std::collections::BTreeMap;

use crate::diag::{Code, Finding, Place, Severity};

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

/// Tells of them, beside however many Services the input has: how many more these make nobody can see.
pub(in crate::front) fn made_elsewhere(
    others: &BTreeMap<String, usize>,
    services: usize,
) -> Option<Finding> {
    let found = KINDS
        .iter()
        .filter_map(|(kind, name)| match others.get(*kind)? {
            1 => Some(format!("1 {name}")),
            count => Some(format!("{count} of the kind {name}")),
        });
    let found: Vec<String> = found.collect();
    if found.is_empty() {
        return None;
    }
    let found = found.join(", ");
    let make = "pass what they make, as helm template, flux build kustomization and argocd app manifests print it";
    let finding = |severity, which: &str, help| {
        let message =
            format!("{which} are made elsewhere, of charts and folders that these name: {found}");
        Finding {
            severity,
            ..Finding::warning(Code::NotAManifest, Place::Nowhere, message).help(help)
        }
    };
    Some(match services {
        0 => finding(
            Severity::Warning,
            "the Services",
            format!("{make}, or a dump of the cluster"),
        ),
        _ => finding(
            Severity::Info,
            "further Services",
            format!("{make}; a dump of the whole cluster has all of them already"),
        ),
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
        let said = |list, services| {
            let finding = made_elsewhere(&others(list), services)?;
            Some((finding.severity, finding.message))
        };
        assert_eq!(said(&[("Deployment.apps", 3)], 0), None);
        let list = [
            ("HelmRelease.helm.toolkit.fluxcd.io", 5),
            ("Application.argoproj.io", 1),
        ];
        for (services, severity, which) in [
            (0, Severity::Warning, "the Services"),
            (7, Severity::Info, "further Services"),
        ] {
            let message = format!(
                "{which} are made elsewhere, of charts and folders that these name: 1 Application of Argo CD, 5 of the kind HelmRelease of Flux"
            );
            assert_eq!(said(&list, services), Some((severity, message)));
        }
    }
}
