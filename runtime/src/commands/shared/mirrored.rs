//! Which kube-proxy it is that rules mirror which were compiled before, in one line for people. Of
//! manifests the compiler says it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use portolan_compiler::bundle::{Emulates, Manifest};
use portolan_compiler::diag::some;
use portolan_compiler::escape::visible;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::model::{KubeVersion, Mode};

use crate::commands::shared::Context;
use crate::report::Verbosity;
use crate::rules::Rules;
use crate::transaction::store::{Generation, Purpose};

/// Says it, unless silence is asked for.
pub(in crate::commands) fn say(line: &str, context: &mut Context<'_, '_>) {
    if context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(line);
    }
}

/// Of nodes of compiled rules, at least one: `mirrors kube-proxy 1.37 mode ipvs: as rules/MANIFEST
/// says`.
pub(in crate::commands) fn of_rules(
    rules: &Rules,
    name: impl fmt::Display,
    nodes: &[(&NodeName, Emulates)],
) -> String {
    let mut groups: BTreeMap<Emulates, Vec<&str>> = BTreeMap::new();
    for (node, emulates) in nodes {
        groups.entry(*emulates).or_default().push(node.as_str());
    }
    let mirrored = match Vec::from_iter(&groups)[..] {
        [(emulates, _)] => words(Some(emulates.version), emulates.mode),
        ref groups => {
            let groups = groups.iter().map(|(emulates, nodes)| {
                let words = words(Some(emulates.version), emulates.mode);
                format!("{words} on {}", some(nodes.iter()))
            });
            groups.collect::<Vec<_>>().join("; ")
        }
    };
    let file = match rules {
        Rules::Folder(_) => format!("{name}/{}", Manifest::FILE_NAME),
        Rules::Bundle(_) => name.to_string(),
    };
    line(&format!("mirrors {mirrored}: as {file} says"))
}

/// What a plan mirrors, in a sentence.
pub(in crate::commands) fn of_plan(
    path: &Path,
    version: Option<KubeVersion>,
    mode: Mode,
) -> String {
    recorded(&path.display().to_string(), version, mode)
}

/// Of what was applied once; nothing of a cleanup, nor where nobody knows what was asked for.
pub(in crate::commands) fn of_generation(generation: &Generation) -> String {
    if matches!(generation.kind, Purpose::Cleanup | Purpose::Taken) {
        return String::new();
    }
    of_number(
        generation.number,
        generation.kube_version,
        generation.files.mode(),
    )
}

/// Of the generation of this number, which is no cleanup.
pub(in crate::commands) fn of_number(
    number: u64,
    version: Option<KubeVersion>,
    mode: Mode,
) -> String {
    recorded(&format!("generation {number}"), version, mode)
}

fn recorded(what: &str, version: Option<KubeVersion>, mode: Mode) -> String {
    let mirrored = words(version, mode);
    line(&match version {
        Some(_) => format!("mirrors {mirrored}: as {what} says"),
        None => format!(
            "mirrors {mirrored}: an older portolan made {what} and did not note the release"
        ),
    })
}

fn words(version: Option<KubeVersion>, mode: Mode) -> String {
    let mode = mode.as_str();
    match version {
        Some(version) => format!("kube-proxy {version} mode {mode}"),
        None => format!("kube-proxy mode {mode}"),
    }
}

fn line(text: &str) -> String {
    format!("{}\n", visible(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::out::Folder;

    fn emulates(minor: u8, mode: Mode) -> Emulates {
        Emulates {
            version: KubeVersion::from_minor(minor).unwrap(),
            mode,
        }
    }

    #[test]
    fn nodes_that_mirror_the_same_are_one() {
        let folder = Rules::Folder(Folder::new("rules"));
        let names: Vec<NodeName> = ["n1", "n2", "n3", "n4", "n5"]
            .map(|name| NodeName::parse(name).unwrap())
            .into();
        let all = |which: fn(usize) -> Emulates| -> Vec<(&NodeName, Emulates)> {
            names.iter().zip((0..).map(which)).collect()
        };
        let same = all(|_| emulates(36, Mode::Iptables));
        assert_eq!(
            of_rules(&folder, "rules", &same),
            "mirrors kube-proxy 1.36 mode iptables: as rules/MANIFEST says\n"
        );
        let several = all(|index| emulates(if index == 1 { 33 } else { 34 }, Mode::Ipvs));
        assert_eq!(
            of_rules(&folder, "a\u{1b}b", &several),
            "mirrors kube-proxy 1.33 mode ipvs on n2; kube-proxy 1.34 mode ipvs on n1, n3, n4 and 1 \
             more: as a\\u{1b}b/MANIFEST says\n"
        );
    }

    #[test]
    fn a_record_without_a_release_says_so() {
        let path = Path::new("plan.json");
        assert_eq!(
            of_plan(path, None, Mode::Nftables),
            "mirrors kube-proxy mode nftables: an older portolan made plan.json and did not note the \
             release\n"
        );
        assert_eq!(
            of_plan(path, Some(KubeVersion::NEWEST), Mode::Nftables),
            format!(
                "mirrors kube-proxy {} mode nftables: as plan.json says\n",
                KubeVersion::NEWEST
            )
        );
    }
}
