//! Options of other tools, and what answers to them here.

/// An option that other tools have.
struct Foreign {
    /// As it is typed there.
    options: &'static [&'static str],
    /// The verbs for which this holds; all that have no such option of their own, where none is named.
    verbs: &'static [&'static str],
    /// What to type here.
    tip: &'static str,
}

const fn foreign(
    options: &'static [&'static str],
    verbs: &'static [&'static str],
    tip: &'static str,
) -> Foreign {
    Foreign {
        options,
        verbs,
        tip,
    }
}

/// Verbs that change a node, and whose plan can be looked at first.
const CHANGING: &[&str] = &["rollback", "cleanup"];

/// What holds for a verb stands before what holds for all.
const OPTIONS: [Foreign; 21] = [
    foreign(
        &["--dry-run", "--diff-only", "--noop"],
        &["apply"],
        "portolan plan says what an apply would do, and touches nothing",
    ),
    foreign(
        &["--dry-run", "--noop"],
        CHANGING,
        "--plan says what would be done, and touches nothing",
    ),
    foreign(
        &["--dry-run", "--noop"],
        &["compile"],
        "--stdout prints what would be written, and --check says whether it differs",
    ),
    foreign(
        &["--dry-run", "--noop"],
        &["recover"],
        "portolan status says which change was left unfinished",
    ),
    foreign(
        &["--dry-run", "--noop"],
        &[],
        "it changes nothing on a node in any case",
    ),
    foreign(
        &[
            "--auto-approve",
            "--yes-always",
            "--assume-yes",
            "--non-interactive",
            "--no-input",
            "--force",
        ],
        &["apply", "rollback", "cleanup"],
        "--yes answers the question before it is asked",
    ),
    foreign(
        &[
            "--auto-approve",
            "--assume-yes",
            "--yes",
            "-y",
            "--non-interactive",
            "--no-input",
            "--force",
        ],
        &["recover", "confirm"],
        "it asks no question",
    ),
    foreign(
        &["--timeout", "--wait-timeout"],
        &["apply", "rollback", "cleanup"],
        "--lock-timeout limits the wait for another run, --confirm-timeout that for a confirmation",
    ),
    foreign(
        &["--atomic"],
        &["apply", "rollback", "cleanup"],
        "it is all or nothing in any case",
    ),
    foreign(
        &["--output-dir", "--output-directory", "--output", "-o", "-d"],
        &["compile"],
        "--out names the folder to write, and --stdout writes none",
    ),
    foreign(
        &["--output-file", "--out-file"],
        &["plan", "base"],
        "--out names the file to write",
    ),
    foreign(
        &["--format"],
        &[],
        "--output names the format, where a verb has several",
    ),
    foreign(
        &[
            "--server-side",
            "--field-manager",
            "--prune",
            "--force-conflicts",
        ],
        &[],
        "no API server is asked: what is compared or compiled is what the files say",
    ),
    foreign(
        &["--kubeconfig", "--context", "--server", "--token", "--user"],
        &[],
        "no cluster is asked: kubectl get services,endpointslices,nodes -A -o yaml dumps one, for -f",
    ),
    foreign(
        &["-A", "--all-namespaces"],
        &[],
        "all namespaces of the input are looked at in any case",
    ),
    foreign(
        &["-k", "--kustomize"],
        &[],
        "kustomize build DIR | portolan VERB -f - reads what a kustomization makes",
    ),
    foreign(
        &["-l", "--selector", "--label-selector"],
        &["status"],
        "labels of Services are not known on a node; -n tells about those of a namespace",
    ),
    foreign(
        &["--ignore", "--skip", "--disable-rule"],
        &["lint"],
        "--disable leaves a rule out",
    ),
    foreign(
        &["--ignore", "--skip"],
        &[],
        "--exclude leaves files out, where a verb reads folders",
    ),
    foreign(
        &["--strict", "--fail", "--severity", "--min-severity"],
        &["lint"],
        "--fail-on names the least severity that fails",
    ),
    foreign(
        &[
            "--k8s-version",
            "--kubernetes-version",
            "--kube-proxy-version",
        ],
        &[],
        "--kube-version names the release to mirror, as in 1.34",
    ),
];

/// What to type for an option that a verb does not have.
pub(super) fn tip(verb: Option<&str>, option: &str) -> Option<&'static str> {
    let option = option.split('=').next().unwrap_or(option);
    let of_verb = |one: &&Foreign| {
        let of_all = one.verbs.is_empty();
        of_all || verb.is_some_and(|verb| one.verbs.contains(&verb))
    };
    let mut found = OPTIONS.iter().filter(of_verb);
    found
        .find(|one| one.options.contains(&option))
        .map(|one| one.tip)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::app::command;

    #[test]
    fn options_of_others_are_none_of_ours() {
        let command = command();
        for verb in command.get_subcommands() {
            let mut ours = BTreeSet::new();
            for arg in verb.get_arguments() {
                ours.extend(arg.get_long().map(|long| format!("--{long}")));
                ours.extend(arg.get_short().map(|short| format!("-{short}")));
            }
            for foreign in &OPTIONS {
                if foreign.verbs.contains(&verb.get_name()) {
                    let taken = foreign.options.iter().find(|one| ours.contains(**one));
                    assert_eq!(taken, None, "{}", verb.get_name());
                }
            }
        }
    }

    #[test]
    fn verbs_are_ours() {
        let command = command();
        for verb in OPTIONS.iter().flat_map(|one| one.verbs) {
            assert!(command.find_subcommand(verb).is_some(), "{verb}");
        }
    }

    #[test]
    fn what_holds_for_a_verb_comes_first() {
        assert!(tip(Some("apply"), "--dry-run=server").is_some_and(|tip| tip.contains("plan")));
        assert!(tip(Some("lint"), "--dry-run").is_some_and(|tip| tip.contains("changes nothing")));
        assert_eq!(tip(Some("lint"), "--colour"), None);
    }
}
