//! How manifests start kube-proxy: with which image, and which words on its command line.

use crate::front::{
    ContainerManifest, DaemonSetManifest, K3sConfig, Located, PodManifest, PodSpec,
};
use crate::source::{FieldPath, ObjectId};

/// The program.
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
}

/// All command lines of the input: those of `DaemonSet`s, of Pods, and what k3s adds to its own.
pub(super) fn starts(
    daemon_sets: &[Located<DaemonSetManifest>],
    pods: &[Located<PodManifest>],
    k3s: &[Located<K3sConfig>],
) -> Vec<Start> {
    let mut starts = Vec::new();
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
    let running = |config: &&Located<K3sConfig>| config.value.disable_kube_proxy != Some(true);
    for config in k3s.iter().filter(running) {
        let value = &config.value;
        let key = match (
            value.kube_proxy_arg.as_slice(),
            value.more_kube_proxy_arg.as_slice(),
        ) {
            ([], []) => "cluster-cidr",
            ([], _) => "kube-proxy-arg+",
            _ => "kube-proxy-arg",
        };
        let flags = value.flags();
        let ranges = config.value.cluster_cidr.as_slice();
        let ranges = (!ranges.is_empty()).then(|| format!("--cluster-cidr={}", ranges.join(",")));
        let flags = flags.map(|flag| format!("--{}", flag.trim_start_matches('-')));
        starts.push(Start {
            object: config.object,
            path: FieldPath::root().key(key),
            // What is asked for comes after what k3s sets by itself, and counts.
            words: ranges.into_iter().chain(flags).collect(),
        });
    }
    starts
}

fn of_pod(object: ObjectId, path: &FieldPath, pod: &PodSpec, starts: &mut Vec<Start>) {
    let containers = pod.containers.as_deref().unwrap_or_default();
    for (at, container) in containers.iter().enumerate() {
        if let Some(words) = words(container) {
            starts.push(Start {
                object,
                path: path.clone().key("containers").index(at),
                words,
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
    let given = container.command.iter().chain(&container.args).flatten();
    // A shell is handed the whole line as one word.
    let mut words = given.flat_map(|word| word.split_ascii_whitespace());
    let is_program = |word: &str| word.rsplit('/').next() == Some(NAME);
    if words.by_ref().any(is_program) {
        return Some(words.map(str::to_owned).collect());
    }
    let image = container.image.as_deref()?;
    let arguments = container.args.iter().flatten();
    // With a command of its own that is not kube-proxy, the image runs something else.
    (is_named(image, NAME) && container.command.is_none()).then(|| arguments.cloned().collect())
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

    fn container(image: &str, command: &[&str], args: &[&str]) -> ContainerManifest {
        let list = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            (!words.is_empty()).then_some(words)
        };
        ContainerManifest {
            image: Some(image.to_owned()),
            command: list(command),
            args: list(args),
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
                Some("--v=2 1>>/l"),
            ),
            (container("r/kube-proxy:v1", &[], &["--v=2"]), Some("--v=2")),
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
            let found = words(&container).map(|words| words.join(" "));
            assert_eq!(found.as_deref(), expected, "{container:?}");
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
    fn flags_of_k3s_are_those_of_both_keys() {
        let read = |text: &str| {
            let value: K3sConfig = serde_yaml::from_str(text).unwrap();
            let config = Located {
                object: ObjectId(0),
                value: Box::new(value),
            };
            starts(&[], &[], &[config])
                .into_iter()
                .map(|start| start.words.join(" "))
                .collect::<Vec<_>>()
        };
        for (text, expected) in [
            (
                "kube-proxy-arg: proxy-mode=ipvs",
                &["--proxy-mode=ipvs"][..],
            ),
            (
                "kube-proxy-arg: [proxy-mode=ipvs]\nkube-proxy-arg+: [ipvs-scheduler=lc]\ncluster-cidr: 10.42.0.0/16",
                &["--cluster-cidr=10.42.0.0/16 --proxy-mode=ipvs --ipvs-scheduler=lc"],
            ),
            ("kube-proxy-arg+: proxy-mode=ipvs", &["--proxy-mode=ipvs"]),
            (
                "kube-proxy-arg: proxy-mode=ipvs\ndisable-kube-proxy: true",
                &[],
            ),
            ("write-kubeconfig-mode: '0644'", &[""]),
        ] {
            assert_eq!(read(text), expected, "{text}");
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
