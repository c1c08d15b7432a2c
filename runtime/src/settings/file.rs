//! The file's form: what can be said of all clusters, and of each.

use std::collections::BTreeMap;

use portolan_compiler::escape;
use portolan_compiler::front::LintConfig;
use schemars::JsonSchema;
use serde::Deserialize;

use super::lint::LintSettings;
use super::text::{Many, Word};

/// The two mappings with the same keys: the file itself, which has clusters too, and each cluster.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// portolan.yaml: what portolan reads in this repository, and how. Everything is optional; the
        /// command line and the environment (`PORTOLAN_BASE`, `PORTOLAN_MODE` and so on) outrank it.
        /// Paths are from the folder of this file, and stay within the repository.
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        #[schemars(title = "portolan.yaml")]
        pub(super) struct File {
            $($(#[$doc])* pub(super) $name: Option<$type>,)*
            /// What holds for each cluster by its name, beside what is said of all. What a cluster says
            /// itself stands in the place of that.
            pub(super) clusters: BTreeMap<String, Cluster>,
        }

        /// What holds for one cluster.
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        pub(super) struct Cluster {
            $($(#[$doc])* pub(super) $name: Option<$type>,)*
        }

        impl File {
            /// What is said of all clusters, and of each.
            pub(super) fn split(self) -> (Cluster, BTreeMap<String, Cluster>) {
                let Self { $($name,)* clusters } = self;
                (Cluster { $($name,)* }, clusters)
            }
        }
    };
}

keys! {
    /// Manifests: files, and folders with their *.yaml, *.yml and *.json (`-f`).
    inputs: Many,
    /// The configuration of kube-proxy, read beside the inputs.
    kube_proxy: Word,
    /// NodeFacts, read beside the inputs.
    facts: Many,
    /// What the cluster allocated, as `portolan base` keeps it of a dump (`--base`).
    base: Many,
    /// Compile Services that only the base has, too: the inputs are a part of the cluster (`--keep-base`).
    keep_base: bool,
    /// Where endpoints come from: `slices` or `pods` (`--endpoints`).
    #[schemars(extend("enum" = ["slices", "pods"]))]
    endpoints: Word,
    /// Read folders in folders too (`-R`).
    recursive: bool,
    /// Patterns of what is skipped in folders (`--exclude`).
    exclude: Many,
    /// The proxy mode to mirror: `ipvs`, `iptables` or `nftables` (`--mode`).
    #[schemars(extend("enum" = ["ipvs", "iptables", "nftables"]))]
    mode: Word,
    /// The release of kube-proxy to mirror, such as `1.33` (`--kube-version`).
    kube_version: Word,
    /// The only node to look at or compile for (`--node`); without it, every node.
    node: Word,
    /// The folder of compiled rules that the repository keeps (`--out`).
    out: Word,
    /// How lint looks.
    lint: Lint,
    /// Review fails where more than this share of the Services would change or go, such as `20%`
    /// (`--blast-radius`).
    blast_radius: Word,
}

/// How lint looks.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Lint {
    /// Rules that are left out (`--disable`).
    pub(super) disable: Option<Many>,
    /// The severity from which on findings fail a run: `error`, `warning` or `info` (`--fail-on`).
    #[schemars(extend("enum" = ["error", "warning", "info"]))]
    pub(super) fail_on: Option<Word>,
    /// What a LintConfig says, without its apiVersion and kind.
    pub(super) config: Option<LintSettings>,
}

impl Cluster {
    /// What it says to lint as a `LintConfig` does.
    pub(super) fn lint_config(&self) -> Option<&LintConfig> {
        let LintSettings(config) = self.lint.as_ref()?.config.as_ref()?;
        Some(config)
    }

    /// What it says of a setting, by its name.
    pub(super) fn get(&self, name: &str) -> Option<Vec<String>> {
        let word = |word: &Option<Word>| word.as_ref().map(|Word(text)| vec![text.clone()]);
        let many = |many: &Option<Many>| many.as_ref().map(|Many(texts)| texts.clone());
        let switch = |on: Option<bool>| on.map(|on| vec![on.to_string()]);
        let lint = self.lint.as_ref();
        match name {
            "inputs" => many(&self.inputs),
            "kubeProxy" => word(&self.kube_proxy),
            "facts" => many(&self.facts),
            "base" => many(&self.base),
            "keepBase" => switch(self.keep_base),
            "endpoints" => word(&self.endpoints),
            "recursive" => switch(self.recursive),
            "exclude" => many(&self.exclude),
            "mode" => word(&self.mode),
            "kubeVersion" => word(&self.kube_version),
            "node" => word(&self.node),
            "out" => word(&self.out),
            "lint.disable" => many(&lint?.disable),
            "lint.failOn" => word(&lint?.fail_on),
            "blastRadius" => word(&self.blast_radius),
            _ => None,
        }
    }
}

/// The schema, with a final newline, as it is checked in under `docs/`.
pub(crate) fn schema() -> String {
    escape::json(&schemars::schema_for!(File))
}
