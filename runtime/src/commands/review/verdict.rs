//! All of a review in a few words, and how it ends.

use super::Reviewed;
use super::judge::{Edit, Judge};
use super::part::ReviewPart;
use crate::commands::shared::sides::RevisionFound;
use crate::report::Exit;

/// What a review comes to.
pub(super) struct Verdict {
    pub(super) said: String,
    pub(super) exit: Exit,
}

impl Verdict {
    pub(super) fn of(judge: &Judge, reviewed: &[Reviewed], exit: Exit) -> Self {
        // Where a branch is held against itself, nothing that is found says anything.
        let is_nothing = exit == Exit::Done
            && judge.revision.found == RevisionFound::Here
            && matches!(judge.edit, Edit::None)
            && reviewed.iter().all(Reviewed::is_nothing);
        if is_nothing {
            let branch = judge.revision.base_of.as_deref().unwrap_or("it");
            return Self {
                said: format!(
                    "nothing to review: what is looked at is as {branch} has it; commit the change, or name the revision before it"
                ),
                exit: Exit::NoInput,
            };
        }
        let mut said = Vec::new();
        let count = |of: fn(&Reviewed) -> Exit, exit: Exit| {
            reviewed.iter().filter(|one| of(one) == exit).count()
        };
        if judge.exit() != Exit::Done {
            said.push("portolan.yaml cannot be used as the change has it");
        }
        let exits = reviewed.iter().flat_map(Reviewed::exits);
        if exits.clone().any(|exit| exit > Exit::Changes) {
            said.push("something could not be reviewed");
        }
        if count(|one| one.exits()[0], Exit::Differs) > 0 {
            said.push("compiled rules are not up to date");
        }
        if count(|one| one.exits()[1], Exit::Differs) > 0 {
            said.push("more changes than may at once");
        }
        if count(|one| one.exits()[2], Exit::Differs) > 0 {
            said.push("lint has new findings");
        }
        let said = if said.is_empty() || exit == Exit::Done {
            "nothing to mend".to_owned()
        } else {
            said.join(", ")
        };
        Self { said, exit }
    }
}

impl Reviewed {
    /// Whether nothing was found to differ from before.
    fn is_nothing(&self) -> bool {
        let same = match &self.services {
            ReviewPart::Done(changed) => !changed.changes,
            ReviewPart::Failed { .. } | ReviewPart::None(_) => false,
        };
        let as_before = match &self.findings {
            ReviewPart::Done(findings) => findings.new.findings.is_empty() && findings.gone == 0,
            ReviewPart::Failed { .. } | ReviewPart::None(_) => false,
        };
        same && as_before
    }
}
