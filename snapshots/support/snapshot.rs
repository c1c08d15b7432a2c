//! Snapshots under `snapshots/<area>/<case>.snap`.

use std::path::Path;

/// Compares text with the snapshot of a case.
#[track_caller]
pub fn snapshot(area: &str, case: &str, text: impl AsRef<str>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("snapshots")
            .join(area),
    );
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(case, text.as_ref()));
}
