//! Where the two sides of a cluster lie: a change may move what is read, and say so in portolan.yaml.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::ReviewArgs;
use crate::commands::shared::Context;

/// Where the manifests, the base and the compiled rules of a cluster are.
pub(super) struct Places {
    /// The manifests before the change.
    pub(super) old: Vec<OsString>,
    /// The base before the change.
    pub(super) old_base: Vec<OsString>,
    /// The manifests that the working tree has.
    pub(super) new: Vec<OsString>,
    /// The base that it has.
    pub(super) new_base: Vec<OsString>,
    /// The rules that it keeps.
    pub(super) out: Option<PathBuf>,
}

impl Places {
    /// Those of a cluster by what was said before the change. Where they are no longer there, and the
    /// change says another place, what was moved is looked for there.
    pub(super) fn find(
        before: &ReviewArgs,
        after: Option<&ReviewArgs>,
        context: &Context<'_, '_>,
    ) -> Self {
        let mut places = Self {
            old: before.files.filename.clone(),
            old_base: before.manifests.base.clone(),
            new: before.files.filename.clone(),
            new_base: before.manifests.base.clone(),
            out: before.out.clone(),
        };
        let Some(after) = after else {
            return places;
        };
        let is_gone = |path: &Path| path.symlink_metadata().is_err();
        let are_gone = |paths: &[OsString]| paths.iter().any(|path| is_gone(Path::new(path)));
        let is_typed = |option: &str| context.given.has(option);
        if !is_typed("filename") && are_gone(&places.new) && !after.files.filename.is_empty() {
            places.new.clone_from(&after.files.filename);
        }
        if !is_typed("base") && are_gone(&places.new_base) && !after.manifests.base.is_empty() {
            places.new_base.clone_from(&after.manifests.base);
        }
        let out = places.out.as_deref();
        if !is_typed("out") && out.is_none_or(is_gone) && after.out.is_some() {
            places.out.clone_from(&after.out);
        }
        places
    }
}
