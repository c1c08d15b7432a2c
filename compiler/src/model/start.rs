//! How manifests start kube-proxy: with which image, and which words on its command line.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Node;

use super::placement::Placement;
use super::shell;
use super::variables::{Variables, room};
use crate::front::{
    ContainerManifest, DaemonSetManifest, InstallerManifest, Located, PodManifest, PodSpec,
    Settings, Unset,
};
use crate::source::{FieldPath, ObjectId};

/// Name of the program, last part of its path on a command line.
const NAME: &str = "kube-proxy";

/// A command line of kube-proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// The object that has it.
    pub(super) object: ObjectId,
    /// The container, or the list of flags.
    pub(super) path: FieldPath,
    /// What follows the program's name.
    pub(super) words: Vec<String>,
    /// As what that is written there.
    pub(super) written: Written,
    /// What the mode is where no word says one.
    pub(super) unset: Unset,
}

/// How a setting stands in a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Written {
    /// As a flag of kube-proxy.
    Flags,
    /// As a field of the manifest's own.
    Fields,
}

/// The command lines of the input: those of `DaemonSet`s, of Pods, and what the configuration of k3s adds
/// to its own. What runs on Windows does not count.
pub(super) fn starts(
    daemon_sets: &[Located<DaemonSetManifest>],
    pods: &[Located<PodManifest>],
    installers: &[Located<InstallerManifest>],
    with_windows: &[&super::Node],
) -> Vec<Start> {
    let mut starts = Vec::new();
    let is_for_linux = |pod: &PodSpec| Placement::of(pod).allows_linux();
    let daemon_sets = daemon_sets
        .iter()
        .filter(|set| is_for_linux(&set.value.spec.template.spec));
    let with_windows: BTreeSet<&str> = with_windows.iter().map(|node| node.name.as_str()).collect();
    let pods = pods.iter().filter(|pod| {
        let node = pod.value.spec.node_name.as_deref();
        is_for_linux(&pod.value.spec) && node.is_none_or(|node| !with_windows.contains(node))
    });
    for set in daemon_sets {
        let path = FieldPath::root().key("spec").key("template").key("spec");
        of_pod(
            set.object,
            &path,
            &set.value.spec.template.spec,
            &mut starts,
        );
    }
    for pod in pods {
        let path = FieldPath::root().key("spec");
        of_pod(pod.object, &path, &pod.value.spec, &mut starts);
    }
    starts.extend(installers.iter().filter_map(of_installer));
    starts
}

/// What an installer starts kube-proxy with: all that it says together.
fn of_installer(installer: &Located<InstallerManifest>) -> Option<Start> {
    let first = installer.value.told.first()?;
    let mut words = Vec::new();
    let mut written = Written::Fields;
    for told in &installer.value.told {
        match &told.settings {
            Settings::Fields(flags) => {
                words.extend(flags.iter().cloned());
                continue;
            }
            Settings::Flags(flags) => words.extend(flags.iter().cloned()),
            Settings::K3s { flags, ranges } => {
                words.extend(of_k3s(flags.iter().map(String::as_str), ranges));
            }
            Settings::K3sWords(own) => {
                let flags = values(own, "kube-proxy-arg");
                let ranges = values(own, "cluster-cidr");
                words.extend(of_k3s(flags.iter().map(String::as_str), &ranges));
            }
        }
        written = Written::Flags;
    }
    Some(Start {
        object: installer.object,
        path: first.path.clone(),
        words,
        written,
        unset: installer.value.unset,
    })
}

/// What k3s starts kube-proxy with. A flag of its own that is asked for does not count; which `+` or `-`
/// at the end of a name keeps in front of, or behind, what is asked for.
///
/// Source: `GetArgs` of k3s (`pkg/daemons/config/types.go`).
fn of_k3s<'w>(flags: impl Iterator<Item = &'w str>, ranges: &[String]) -> Vec<String> {
    let ranges = (!ranges.is_empty()).then(|| format!("--cluster-cidr={}", ranges.join(",")));
    let flags = flags.map(|flag| {
        let flag = flag.strip_prefix("--").unwrap_or(flag);
        let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
        format!("--{}={value}", name.trim_end_matches(['-', '+']))
    });
    // What is asked for comes after what k3s sets by itself, and counts.
    ranges.into_iter().chain(flags).collect()
}

/// Annotations in which k3s and RKE2 keep the words that they were started with, as a list in JSON.
const NODE_ARGS: [&str; 2] = ["k3s.io/node-args", "rke2.io/node-args"];

/// What k3s adds to its command line by the words that it was started with, which its Nodes tell.
pub(super) fn of_nodes(nodes: &[Located<Node>]) -> Vec<Start> {
    let mut starts = Vec::new();
    for node in nodes {
        of_node(node, &mut starts);
    }
    starts
}

fn of_node(node: &Located<Node>, starts: &mut Vec<Start>) {
    let annotations = node.value.metadata.annotations.iter().flatten();
    for (key, text) in annotations.filter(|(key, _)| NODE_ARGS.contains(&key.as_str())) {
        let Ok(words) = serde_json::from_str::<Vec<String>>(text) else {
            continue;
        };
        let flags = values(&words, "kube-proxy-arg");
        if !flags.is_empty() {
            let metadata = FieldPath::root().key("metadata");
            starts.push(Start {
                object: node.object,
                path: metadata.key("annotations").key(key.clone()),
                words: of_k3s(
                    flags.iter().map(String::as_str),
                    &values(&words, "cluster-cidr"),
                ),
                written: Written::Flags,
                unset: Unset::KubeProxy,
            });
        }
    }
}

/// The values of an option in a list of words: `--name value` or `--name=value`, with one dash or two.
fn values(words: &[String], name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let option = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
        match option.and_then(|option| option.strip_prefix(name)) {
            Some("") => found.extend(words.next().cloned()),
            Some(rest) => found.extend(rest.strip_prefix('=').map(str::to_owned)),
            None => {}
        }
    }
    found
}

fn of_pod(object: ObjectId, path: &FieldPath, pod: &PodSpec, starts: &mut Vec<Start>) {
    let containers = pod.containers.as_deref().unwrap_or_default();
    for (at, container) in containers.iter().enumerate() {
        if let Some(words) = words(container) {
            starts.push(Start {
                object,
                path: path.clone().key("containers").index(at),
                words,
                written: Written::Flags,
                unset: Unset::KubeProxy,
            });
        }
    }
}

/// Images that hold all programs of a Kubernetes release, so that their tags tell it: RKE2's, and those
/// of older distributions.
const OF_ALL_PROGRAMS: [&str; 2] = ["hardened-kubernetes", "hyperkube"];

/// What image names end in, for some architecture.
const ARCHITECTURES: [&str; 7] = [
    "", "-amd64", "-arm64", "-arm", "-ppc64le", "-riscv64", "-s390x",
];

/// The image of the container that runs kube-proxy in a Pod, if it is one whose tag is its release: other
/// images may speak of kube-proxy too, and are tagged by their own versions.
pub(super) fn image(pod: &PodSpec) -> Option<&str> {
    let running = pod.containers.iter().flatten();
    let mut images = running
        .filter(|container| words(container).is_some())
        .filter_map(|container| container.image.as_deref());
    let is_of_all = |image: &str| OF_ALL_PROGRAMS.iter().any(|name| is_named(image, name));
    images.find(|image| is_named(image, NAME) || is_of_all(image))
}

/// Whether an image has a name, as it is or for an architecture.
fn is_named(image: &str, name: &str) -> bool {
    let rest = image_name(image).strip_prefix(name);
    rest.is_some_and(|rest| ARCHITECTURES.contains(&rest))
}

/// What follows the program's name in a container; `None` where it runs something else.
fn words(container: &ContainerManifest) -> Option<Vec<String>> {
    let given = || container.command.iter().chain(&container.args).flatten();
    if given().any(|word| word.contains(NAME)) {
        let variables = Variables::of(container);
        let given: Vec<String> = given().map(|word| variables.expand(word)).collect();
        for (at, word) in given.iter().enumerate() {
            let rest = &given[at + 1..];
            if is_program(word) {
                return Some(rest.to_vec());
            }
            // A shell is handed the whole line as one word.
            if word.contains([' ', '\t', '\n'])
                && let Some(words) = of_script(word, rest)
            {
                return Some(words);
            }
        }
    }
    let image = container.image.as_deref()?;
    // With a command of its own that is not kube-proxy, the image runs something else.
    (is_named(image, NAME) && container.command.is_none()).then(|| {
        let variables = Variables::of(container);
        let arguments = container.args.iter().flatten();
        arguments.map(|word| variables.expand(word)).collect()
    })
}

fn is_program(word: &str) -> bool {
    word.rsplit('/').next() == Some(NAME)
}

/// What follows the program's name in a script. `rest` are the words after the script: its name and its
/// arguments.
fn of_script(script: &str, rest: &[String]) -> Option<Vec<String>> {
    let commands = shell::commands(script);
    let found = commands.iter().filter_map(|command| {
        let at = command.iter().position(|word| is_program(word))?;
        let (before, flags) = (&command[..at], &command[at + 1..]);
        // Scripts also speak of the program, and of files of its name.
        let speaks = |first: &String| !first.starts_with(['-', '$']) && !first.is_empty();
        let is_start = before.iter().all(|word| leads(word));
        (is_start || !flags.first().is_some_and(speaks)).then_some((is_start, flags))
    });
    // The last of those that are most likely a start.
    let (_, flags) = found.max_by_key(|(is_start, flags)| (*is_start, !flags.is_empty()))?;
    let arguments = rest.get(1..).unwrap_or_default();
    let words = flags.iter().flat_map(|word| match word.as_str() {
        "$@" => arguments,
        _ => std::slice::from_ref(word),
    });
    // The arguments may be asked for many times.
    let given = script.len() + arguments.iter().map(String::len).sum::<usize>();
    let mut room = room(given);
    let fits = |word: &&String| {
        room = room.saturating_sub(word.len() + 1);
        room > 0
    };
    Some(words.take_while(fits).cloned().collect())
}

/// Whether a word may stand before the program that a command starts.
fn leads(word: &str) -> bool {
    matches!(
        word,
        "exec" | "then" | "else" | "do" | "{" | "!" | "env" | "nohup" | "command"
    ) || word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// The last part of an image's name: without registry, tag and digest.
fn image_name(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let name = name.rsplit('/').next().unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

/// The tag of an image, if it has one.
pub(super) fn image_tag(image: &str) -> Option<&str> {
    let name = image.split('@').next()?;
    let (_, tag) = name.rsplit('/').next()?.split_once(':')?;
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front::{EnvVar, Told};

    fn container(image: &str, command: &[&str], args: &[&str]) -> ContainerManifest {
        let list = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            (!words.is_empty()).then_some(words)
        };
        ContainerManifest {
            ports: None,
            restart_policy: None,
            image: Some(image.to_owned()),
            command: list(command),
            args: list(args),
            env: None,
        }
    }

    /// However often a script asks for its arguments, and whatever variables hold, what is read of a
    /// container is no more than some times its text.
    #[test]
    fn arguments_that_are_asked_for_again_and_again_end() {
        let doubled = |times: usize| -> Vec<EnvVar> {
            let values = (0..times).map(|at| match at {
                0 => "0123456789abcdef".to_owned(),
                at => format!("$(V{0})$(V{0})", at - 1),
            });
            let variable = |(at, value): (usize, String)| EnvVar {
                name: Some(format!("V{at}")),
                value: Some(value.into()),
                value_from: None,
            };
            values.enumerate().map(variable).collect()
        };
        for n in [1, 10, 100, 1_000] {
            let script = format!("exec kube-proxy --proxy-mode=ipvs {}", "\"$@\" ".repeat(n));
            let long = "x".repeat(n);
            for argument in [long.as_str(), "", "$(V9)", "$(V40)$(V40)", "$@", "\"$@\""] {
                let arguments: Vec<&str> = std::iter::repeat_n(argument, n).collect();
                let mut hostile = container("i", &["sh", "-c", &script, "sh"], &arguments);
                hostile.env = Some(doubled(n.min(60)));
                let words = words(&hostile).unwrap();
                let (read, written) = (
                    words.iter().map(|word| word.len() + 1).sum::<usize>(),
                    script.len() + 60 * 20 + n * argument.len(),
                );
                assert_eq!(words.first().map(String::as_str), Some("--proxy-mode=ipvs"));
                assert!(
                    read <= 32 * (written + 4_096),
                    "{n} {argument}: {read} of {written}"
                );
            }
        }
    }

    #[test]
    fn the_words_after_the_program_are_its_flags() {
        for (container, expected) in [
            (
                container(
                    "r/kube-proxy:v1.33.4",
                    &["/usr/local/bin/kube-proxy", "--v=2"],
                    &[],
                ),
                Some("--v=2"),
            ),
            (
                container(
                    "r/hardened-kubernetes:v1.33.4-rke2r1",
                    &["kube-proxy"],
                    &["--v=2"],
                ),
                Some("--v=2"),
            ),
            (
                container(
                    "gke/kube-proxy-amd64:v1",
                    &["/bin/sh", "-c", "exec kube-proxy --v=2 1>>/l"],
                    &[],
                ),
                Some("--v=2"),
            ),
            (container("r/kube-proxy:v1", &[], &["--v=2"]), Some("--v=2")),
            (
                container(
                    "r/x:v1",
                    &[
                        "sh",
                        "-c",
                        "mkdir -p /var/lib/kube-proxy\necho start kube-proxy now\nA=1 exec /bin/kube-proxy \"--a=b c\" \"$@\"",
                    ],
                    &["sh", "--v=2", ""],
                ),
                Some("--a=b c|--v=2|"),
            ),
            (
                container("r/x:v1", &["sh", "-c", "echo kube-proxy is gone"], &[]),
                None,
            ),
            (
                container("r/x:v1", &["kube-proxy"], &["--a", "", "--b=c d"]),
                Some("--a||--b=c d"),
            ),
            (container("r/kube-proxy:v1", &["/bin/sleep"], &["1"]), None),
            (container("r/kube-proxy-agent:v1", &[], &["--v=2"]), None),
            (
                container(
                    "r/cilium:v1",
                    &["cilium-agent"],
                    &["--kube-proxy-replacement"],
                ),
                None,
            ),
        ] {
            let found = words(&container).map(|words| words.join("|"));
            assert_eq!(found.as_deref(), expected, "{container:?}");
        }
    }

    #[test]
    fn the_words_k3s_was_started_with_hold_flags() {
        for (args, expected) in [
            (
                r#"["server","--kube-proxy-arg","proxy-mode=nftables"]"#,
                Some("--proxy-mode=nftables"),
            ),
            (
                r#"["agent","--kube-proxy-arg=proxy-mode=ipvs","--kube-proxy-arg=masquerade-all"]"#,
                Some("--proxy-mode=ipvs|--masquerade-all=true"),
            ),
            (
                r#"["server","--cluster-cidr","10.0.0.0/8","-kube-proxy-arg","--feature-gates+=A=true"]"#,
                Some("--cluster-cidr=10.0.0.0/8|--feature-gates=A=true"),
            ),
            (r#"["server","--cluster-cidr","10.0.0.0/8"]"#, None),
            (r#"["server","--kube-proxy-arg"]"#, None),
            ("server", None),
        ] {
            for key in NODE_ARGS {
                let mut node = Node::default();
                let annotation = (key.to_owned(), args.to_owned());
                node.metadata.annotations = Some([annotation].into());
                let node = Located {
                    object: ObjectId(0),
                    value: Box::new(node),
                };
                let starts = of_nodes(&[node]);
                let words = starts.first().map(|start| start.words.join("|"));
                assert_eq!(words.as_deref(), expected, "{args}");
            }
        }
    }

    #[test]
    fn only_an_image_of_kube_proxy_tells_its_release() {
        for (image, command, expected) in [
            ("registry.k8s.io/kube-proxy:v1.33.4", "kube-proxy", true),
            (
                "602401143452.dkr/eks/kube-proxy:v1.33.3-minimal",
                "kube-proxy",
                true,
            ),
            (
                "gke/kube-proxy-amd64:v1.33.4-gke.1",
                "kube-proxy --v=2",
                true,
            ),
            (
                "rancher/hardened-kubernetes:v1.33.4-rke2r1",
                "/bin/kube-proxy",
                true,
            ),
            ("rancher/hyperkube-arm64:v1.33.4", "kube-proxy", true),
            ("registry.k8s.io/kube-proxy:v1.33.4", "", true),
            ("registry.k8s.io/kube-proxy:v1.33.4", "sleep", false),
            ("cilium/kube-proxy-bogus:v1.31.0", "kube-proxy", false),
            ("cilium/kube-proxy-bogus:v1.31.0", "", false),
            ("x/my-kube-proxy:v1.31.0", "kube-proxy", false),
            ("kube-proxy/exporter:v1.31.0", "kube-proxy", false),
            ("busybox:1.36", "pgrep kube-proxy", false),
        ] {
            let command: Vec<&str> = command.split_whitespace().collect();
            let pod = PodSpec {
                containers: Some(vec![container(image, &command, &[])]),
                ..PodSpec::default()
            };
            assert_eq!(
                super::image(&pod).is_some(),
                expected,
                "{image} {command:?}"
            );
        }
    }

    #[test]
    fn installers_give_flags() {
        for (settings, expected) in [
            (
                Settings::K3s {
                    flags: vec!["proxy-mode=ipvs".to_owned(), "masquerade-all".to_owned()],
                    ranges: vec!["10.42.0.0/16".to_owned(), "fd00::/56".to_owned()],
                },
                "--cluster-cidr=10.42.0.0/16,fd00::/56 --proxy-mode=ipvs --masquerade-all=true",
            ),
            (
                Settings::K3sWords(vec![
                    "--disable=traefik".to_owned(),
                    "--kube-proxy-arg=proxy-mode=ipvs".to_owned(),
                ]),
                "--proxy-mode=ipvs",
            ),
            (
                Settings::Fields(vec!["--proxy-mode=ipvs".to_owned()]),
                "--proxy-mode=ipvs",
            ),
        ] {
            let told = Told {
                path: FieldPath::root(),
                settings,
            };
            let value = Box::new(InstallerManifest {
                told: vec![told],
                off: None,
                unset: Unset::KubeProxy,
            });
            let object = ObjectId(0);
            let start = of_installer(&Located { object, value }).unwrap();
            assert_eq!(start.words.join(" "), expected);
        }
    }

    #[test]
    fn tags_are_told_from_ports_and_digests() {
        for (image, tag) in [
            ("registry:5000/kube-proxy", None),
            ("registry:5000/x/kube-proxy:v1.33.4", Some("v1.33.4")),
            ("kube-proxy:v1.33.4@sha256:0123", Some("v1.33.4")),
            ("kube-proxy@sha256:0123", None),
            ("kube-proxy", None),
        ] {
            assert_eq!(image_tag(image), tag, "{image}");
            assert_eq!(image_name(image), "kube-proxy");
        }
    }
}
