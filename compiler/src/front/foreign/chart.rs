//! Charts of Helm: which file belongs to which.

use std::collections::BTreeSet;

use super::Foreign;
use super::kustomize::folder_of;
use crate::source::Sources;

const FILE: &str = "Chart.yaml";

/// The folders of the charts among sources, as far as their `Chart.yaml` is read.
#[derive(Debug)]
pub(super) struct Charts<'s>(BTreeSet<&'s str>);

impl<'s> Charts<'s> {
    pub(super) fn of(sources: &'s Sources) -> Self {
        let names = sources.iter().map(|(_, source)| source.name.as_str());
        Self(
            names
                .filter(|name| is_chart_file(name))
                .map(folder_of)
                .collect(),
        )
    }

    /// The chart to render for a template: charts within a chart are rendered with it.
    pub(super) fn of_template<'n>(&self, name: &'n str) -> &'n str {
        let mut chart = above_templates(folder_of(name));
        while let Some((outer, inner)) = chart.rsplit_once('/') {
            let (outer, is_within) = match outer.strip_suffix("charts") {
                Some("") => (".", true),
                Some(outer) => (outer.trim_end_matches('/'), outer.ends_with('/')),
                None => break,
            };
            if !is_within || inner.is_empty() || !self.0.contains(outer) {
                break;
            }
            // The outer one is a beginning of the name, or the place where it begins.
            chart = if outer == "." {
                "."
            } else {
                &chart[..outer.len()]
            };
        }
        chart
    }

    /// The charts that these files are of, each once.
    pub(super) fn those_of<'n>(
        &self,
        what: Foreign,
        names: impl Iterator<Item = &'n str>,
    ) -> Vec<&'n str> {
        let charts: BTreeSet<&str> = match what {
            Foreign::HelmTemplate => names.map(|name| self.of_template(name)).collect(),
            Foreign::Chart => names.map(folder_of).collect(),
            _ => BTreeSet::new(),
        };
        charts.into_iter().collect()
    }

    /// The chart that a file stands in, beside its `Chart.yaml` or below it.
    pub(super) fn around(&self, name: &str) -> Option<&'s str> {
        let mut folder = folder_of(name);
        loop {
            if let Some(found) = self.0.get(folder) {
                return Some(found);
            }
            folder = match folder.rsplit_once('/') {
                Some((above, _)) => above,
                None if matches!(folder, "" | ".") => return None,
                None => ".",
            };
        }
    }
}

/// Whether a file says what chart its folder is.
pub(super) fn is_chart_file(name: &str) -> bool {
    name.rsplit(['/', ':']).next() == Some(FILE)
}

/// Whether a file is called as values of charts are.
pub(super) fn is_values_file(name: &str) -> bool {
    let file = name.rsplit(['/', ':']).next().unwrap_or(name);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem == "values"
        || ["values-", "values.", "values_"]
            .iter()
            .any(|start| stem.starts_with(start))
        || ["-values", ".values", "_values"]
            .iter()
            .any(|end| stem.ends_with(end))
}

/// The chart's folder around a folder of templates.
fn above_templates(folder: &str) -> &str {
    match folder.split_once("/templates") {
        Some((chart, rest)) if rest.is_empty() || rest.starts_with('/') => chart,
        _ if folder == "templates" || folder.starts_with("templates/") => ".",
        _ => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_is_above_its_templates() {
        let mut sources = Sources::default();
        for name in [
            "web/Chart.yaml",
            "web/charts/db/Chart.yaml",
            "charts/shop/Chart.yaml",
        ] {
            sources.add(name, String::new());
        }
        let charts = Charts::of(&sources);
        for (name, expected) in [
            ("charts/shop/templates/a.yaml", "charts/shop"),
            ("charts/shop/templates/sub/a.yaml", "charts/shop"),
            ("templates/a.yaml", "."),
            ("charts/other/a.yaml", "charts/other"),
            ("a/templates-old/b.yaml", "a/templates-old"),
            ("web/charts/db/templates/a.yaml", "web"),
            ("web/charts/db/charts/x/templates/a.yaml", "web"),
        ] {
            assert_eq!(charts.of_template(name), expected, "{name}");
        }
        assert_eq!(charts.around("web/values.yaml"), Some("web"));
        assert_eq!(charts.around("web/ci/values.yaml"), Some("web"));
        assert_eq!(charts.around("values.yaml"), None);
    }

    #[test]
    fn values_are_known_by_their_names() {
        for (name, expected) in [
            ("values.yaml", true),
            ("a/values-prod.yaml", true),
            ("a/prod.values.yml", true),
            ("a/web-values.yaml", true),
            ("a/valuesschema.yaml", false),
            ("a/web.yaml", false),
        ] {
            assert_eq!(is_values_file(name), expected, "{name}");
        }
    }
}
