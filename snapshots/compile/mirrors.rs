//! Which kube-proxy a run mirrors, and what it says of that.

use std::fmt::Write as _;
use std::fs;

use golden_support::{Portolan, fixture, folder, snapshot};
use portolan_runtime::report::Exit;

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: 10.96.0.5, ports: [{port: 80}]}\n";

const CONFIG: &str =
    "\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";

fn node(name: &str, kubelet: &str) -> String {
    let info = match kubelet {
        "" => String::new(),
        version => format!(", nodeInfo: {{kubeletVersion: {version}}}"),
    };
    format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{arch: {name}}}}}\n\
         status: {{addresses: [{{type: InternalIP, address: 192.0.2.{}}}]{info}}}\n",
        name.trim_start_matches('n')
    )
}

fn daemon_set(name: &str, image: &str, arch: &str) -> String {
    let selector = match arch {
        "" => String::new(),
        arch => format!("nodeSelector: {{arch: {arch}}}, "),
    };
    format!(
        "---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {name}, namespace: kube-system}}\n\
         spec: {{template: {{spec: {{{selector}containers: [{{image: '{image}', command: [kube-proxy, --config=/c]}}]}}}}}}\n"
    )
}

fn in_config_map(config: &str) -> String {
    let inner = config.replace('\n', "\n    ");
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kube-proxy-config, namespace: kube-system}}\ndata:\n  config: |{inner}\n"
    )
}

/// Name, what there is beside a Service (files and their texts), and more of the command line.
type Case = (&'static str, Vec<(&'static str, String)>, &'static str);

fn cases() -> Vec<Case> {
    let ipvs = || ("kp.yaml", format!("{CONFIG}mode: ipvs\n"));
    let nodes = |list: &[(&str, &str)]| {
        let nodes = list.iter().map(|(name, kubelet)| node(name, kubelet));
        ("nodes.yaml", nodes.collect::<String>())
    };
    let image = |image: &str| ("ds.yaml", daemon_set("kube-proxy", image, ""));
    let one = || nodes(&[("n1", "v1.33.4-eks-1234567")]);
    vec![
        ("a Node says", vec![ipvs(), one()], "--node n1"),
        (
            "an image says before a Node",
            vec![
                ipvs(),
                one(),
                image("r:5000/x/kube-proxy:v1.34.1-minimal@sha256:00"),
            ],
            "--node n1",
        ),
        (
            "an image without a tag says nothing",
            vec![ipvs(), one(), image("r:5000/x/kube-proxy@sha256:00")],
            "--node n1",
        ),
        (
            "it is asked for",
            vec![ipvs(), one()],
            "--node n1 --kube-version 1.35 --mode nftables",
        ),
        ("nobody says", vec![nodes(&[("n1", "")])], "--node n1"),
        (
            "the mode is asked for",
            vec![one()],
            "--node n1 --mode iptables",
        ),
        (
            "a configuration without a mode",
            vec![one(), ("kp.yaml", CONFIG.to_owned())],
            "--node n1",
        ),
        (
            "a configuration in a ConfigMap",
            vec![
                one(),
                ("cm.yaml", in_config_map(&format!("{CONFIG}mode: nftables"))),
            ],
            "--node n1",
        ),
        (
            "older than any",
            vec![ipvs(), nodes(&[("n1", "v1.29.1")])],
            "--node n1",
        ),
        (
            "newer than any",
            vec![ipvs(), nodes(&[("n1", "v1.39.0")])],
            "--node n1",
        ),
        (
            "an image's tag that is no release",
            vec![ipvs(), one(), image("registry.k8s.io/kube-proxy:v1.310.0")],
            "--node n1",
        ),
        (
            "another program's release",
            vec![ipvs(), one(), image("cilium/kube-proxy-bogus:v1.31.0")],
            "--node n1",
        ),
        (
            "nothing that is a release",
            vec![
                ipvs(),
                nodes(&[("n1", "v2.33.4")]),
                image("kube-proxy:v0.9.1"),
            ],
            "--node n1",
        ),
        (
            "nodes that differ",
            vec![
                ipvs(),
                nodes(&[
                    ("n1", "v1.33.4"),
                    ("n2", "v1.33.9"),
                    ("n3", "v1.34.0"),
                    ("n4", "v1.33.4"),
                    ("n5", "v1.33.4"),
                    ("n6", "v1.29.0"),
                    ("n7", ""),
                ]),
            ],
            "--all-nodes",
        ),
        (
            "an image for each kind of node",
            vec![
                ipvs(),
                nodes(&[("n1", "v1.31.0"), ("n2", "v1.31.0")]),
                (
                    "ds.yaml",
                    daemon_set("one", "kube-proxy:v1.33.4", "n1")
                        + &daemon_set("two", "kube-proxy:v1.34.0", "n2"),
                ),
            ],
            "--all-nodes",
        ),
        (
            "images that contradict one another",
            vec![
                ipvs(),
                one(),
                (
                    "ds.yaml",
                    daemon_set("one", "kube-proxy:v1.36.4", "")
                        + &daemon_set("two", "kube-proxy:v1.34.0", ""),
                ),
            ],
            "--node n1",
        ),
    ]
}

#[test]
fn a_run_says_what_it_mirrors_and_why() {
    let mut text = String::new();
    for (name, files, arguments) in cases() {
        let dir = folder();
        fs::write(dir.path().join("service.yaml"), SERVICE).unwrap();
        for (file, content) in files {
            fs::write(dir.path().join(file), content).unwrap();
        }
        let at = dir.path().display().to_string();
        let out = folder();
        let run = Portolan::new("compile")
            .words(arguments)
            .arg("-f")
            .arg(&at)
            .arg("--out")
            .arg(out.path().display().to_string())
            .hide(&dir)
            .run();
        let said: Vec<&str> = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("mirrors "))
            .collect();
        assert_eq!(said.len(), 1, "{name}: {run}");
        let nodes = fs::read_dir(out.path().join("nodes")).unwrap();
        let parts =
            nodes.map(|node| fs::read_to_string(node.unwrap().path().join("MANIFEST")).unwrap());
        let mut parts: Vec<String> = parts.collect();
        parts.sort();
        let _ = writeln!(text, "{name}: {arguments}\n  {}", said[0]);
        let lines = run.stderr.lines();
        for line in lines.filter(|line| line.contains("[release-unclear]")) {
            let _ = writeln!(text, "  {line}");
        }
        for line in parts.iter().flat_map(|part| part.lines()) {
            if line.starts_with("node ") || line.starts_with("emulates ") {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    snapshot("compile", "mirrors", text);
}

#[test]
fn each_verb_mirrors_the_same() {
    let demo = fixture("demo");
    let observed = fixture("plan/node-empty/observed");
    let said = |words: &str| {
        let words = words.replace("DEMO", &demo).replace("OBSERVED", &observed);
        let run = Portolan::new(&words).run();
        let said: Vec<String> = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("mirrors "))
            .map(str::to_owned)
            .collect();
        assert_eq!(said.len(), 1, "{words}: {run}");
        said
    };
    let expected = said("compile -f DEMO --node node-a --stdout --only ipvs.rules");
    for words in [
        "plan -f DEMO --node node-a --observed OBSERVED",
        "explain --from node --to 10.96.14.3:80 -f DEMO --node node-a",
        "lint -f DEMO --node node-a",
        "diff @nothing DEMO --node node-a",
        "graph DEMO --node node-a",
    ] {
        assert_eq!(said(words), expected, "{words}");
    }
    // What was compiled says it itself.
    let dir = folder();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let folder = at("rules");
    let compile = format!("compile -f {demo} --node node-a --kube-version 1.35 --out {folder}");
    let made = Portolan::new(&compile).run();
    assert_eq!(made.exit, Exit::Done, "{made}");
    let manifest = format!("mirrors kube-proxy 1.35 mode ipvs: as {folder}/MANIFEST says");
    let plan = at("plan.json");
    for words in [
        "plan RULES --observed OBSERVED",
        "plan RULES --observed OBSERVED --out PLAN",
        "explain --from node --to 10.96.14.3:80 RULES --node-address 192.0.2.11",
        "diff @nothing RULES",
        "diff RULES RULES",
        "graph RULES",
    ] {
        let words = words.replace("RULES", &folder).replace("PLAN", &plan);
        assert_eq!(said(&words), [manifest.as_str()], "{words}");
    }
    let text = fs::read_to_string(plan).unwrap();
    assert!(text.contains("\"kubeVersion\":\"1.35\""), "{text}");
    for words in [
        "-q compile -f DEMO --node node-a --stdout --only ipvs.rules",
        "compile -f DEMO --node node-a --stdout --only ipvs.rules --message-format json",
    ] {
        let run = Portolan::new(&words.replace("DEMO", &demo)).run();
        assert!(!run.stderr.contains("mirrors"), "{run}");
    }
}
