//! portolan's own file, which lies among manifests where a whole repository is read.

use std::path::Path;

/// What it is called.
pub(crate) const SETTINGS_FILE: &str = "portolan.yaml";

/// Whether a file is settings of the repository, and no manifest: by its name, and since no object of
/// Kubernetes begins in it.
pub(crate) fn is_settings(path: &Path, text: &str) -> bool {
    let begins_object = |line: &str| {
        let key = line.trim_start_matches(['{', '[', '-', '"', '\'']);
        let key = if key.len() < line.len() {
            key.trim_start()
        } else {
            key
        };
        let key = key.trim_start_matches(['{', '"', '\'']);
        ["apiVersion", "kind"]
            .iter()
            .any(|name| key.starts_with(name))
    };
    path.file_name().is_some_and(|name| name == SETTINGS_FILE) && !text.lines().any(begins_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_from_manifests() {
        for (path, text, expected) in [
            ("portolan.yaml", "inputs: clusters\n", true),
            (
                "a/portolan.yaml",
                "lint:\n  config:\n    apiVersion: x\n",
                true,
            ),
            ("portolan.yaml", "", true),
            ("portolan.yml", "inputs: clusters\n", false),
            ("portolan.yaml", "metadata: {}\nkind: Service\n", false),
            ("portolan.yaml", "---\napiVersion: v1\n", false),
            ("portolan.yaml", "{\"apiVersion\": \"v1\"}", false),
            ("portolan.yaml", "- apiVersion: v1\n", false),
            ("portolan.yaml", "{ \"kind\": \"List\" }", false),
        ] {
            assert_eq!(is_settings(Path::new(path), text), expected, "{text}");
        }
    }
}
