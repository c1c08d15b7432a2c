//! Text of strangers in every place that has some: nothing of it acts where it is printed.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_runtime::cli::Exit;
use tempfile::TempDir;

use crate::support::{Portolan, Run, fixture, folder};

/// Each acts somewhere: on terminals, in logs of CI systems, in Markdown, XML, pictures.
const PAYLOADS: [&str; 12] = [
    "x\n::error::PWNED",
    "x\r::add-mask::PWNED",
    "##vso[task.setvariable variable=PWNED]x ##[add-path]PWNED",
    "\u{1b}[2J\u{1b}]0;PWNED\u{7}\u{9b}31m",
    "%0A::error::PWNED",
    "| PWNED | `PWNED` ```PWNED",
    "</failure><PWNED x=\"y\"> <!-- --> & <script>",
    "@PWNED #1 [PWNED](https://pwned.example) https://pwned.example",
    "\"]; PWNED [label=\"x\"] \\",
    "\u{202e}PWNED\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{200b}",
    "x\u{2028}::error::PWNED\u{2029}\u{85}\u{feff}",
    "\u{0}\u{7f}PWNED",
];

/// The demo cluster beside objects, a capture and rules that are full of it.
struct Place {
    top: TempDir,
}

impl Place {
    fn new(payload: &str) -> Self {
        let place = Self { top: folder() };
        let manifests = place.path("manifests");
        fs::create_dir(&manifests).unwrap();
        for file in ["cluster.yaml", "kube-proxy.yaml", "facts.yaml"] {
            fs::copy(fixture(&format!("demo/{file}")), manifests.join(file)).unwrap();
        }
        let text = yaml(payload);
        let strange = format!(
            "apiVersion: v1\nkind: {text}\nmetadata: {{name: {text}, namespace: {text}}}\n---\n\
             apiVersion: {text}\nkind: Service\nmetadata: {{name: other}}\n---\n\
             apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n  labels: {{a: {text}}}\n  \
             annotations: {{portolan.dev/ignore: {text}, {text}: b}}\n"
        );
        // A file's name has neither slash nor NUL.
        let name = payload.replace(['/', '\0'], "_");
        fs::write(manifests.join(format!("{name}.yaml")), strange).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    /// Writes a file; gives its path.
    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        shown(&self.path(name))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A YAML scalar in double quotes.
fn yaml(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// What is printed is seen for what it is.
#[track_caller]
fn harmless(run: &Run, about: &str) {
    assert_ne!(run.exit, Exit::Internal, "{about}: {run}");
    for text in [run.text(), &run.stderr] {
        for c in text.chars() {
            assert!(matches!(c, '\n' | ' '..='~'), "{about}: {c:?} in {text}");
        }
        assert!(
            !text.contains("##vso[") && !text.contains("##["),
            "{about}: {text}"
        );
        for line in text.lines() {
            let line = line.trim_start();
            let is_ours = ["::notice ", "::warning ", "::error "]
                .iter()
                .any(|command| line.starts_with(command) && about.contains("github"));
            assert!(!line.starts_with("::") || is_ours, "{about}: {line}");
        }
    }
}

#[test]
fn manifests_and_names_of_files_do_not_act() {
    for payload in PAYLOADS {
        let place = Place::new(payload);
        let manifests = shown(&place.path("manifests"));
        for words in [
            "lint --output text",
            "lint --output json",
            "lint --output sarif",
            "lint --output junit",
            "lint --output github",
            "compile --all-nodes --stdout",
            "compile --all-nodes --stdout --message-format json",
            "plan --node node-a --observed /nonexistent",
        ] {
            let run = Portolan::new(words).arg("-f").arg(&manifests).run();
            harmless(&run, words);
            if words.ends_with("junit") {
                assert!(!run.text().contains("<PWNED"), "{run}");
            }
        }
        for words in ["human", "json", "markdown", "github", "gitlab"] {
            for view in ["service", "kernel", "unified"] {
                let words = format!("diff --output {words} --view {view}");
                let old = format!("manifests:path:{manifests}");
                let run = Portolan::new(&words).arg("@nothing").arg(old).run();
                harmless(&run, &words);
            }
        }
    }
}

/// Without what is refused, the rest is printed.
#[test]
fn what_passes_by_does_not_act() {
    for payload in PAYLOADS {
        let place = Place::new(payload);
        let manifests = place.path("manifests");
        let passed = format!(
            "apiVersion: example.org/v1\nkind: {0}\nmetadata: {{name: x, labels: {{a: {0}}}}}\n",
            yaml(payload)
        );
        for entry in fs::read_dir(&manifests).unwrap() {
            let path = entry.unwrap().path();
            if fs::read_to_string(&path).unwrap().contains("name: other") {
                fs::write(path, &passed).unwrap();
            }
        }
        let manifests = shown(&manifests);
        for words in [
            "compile --all-nodes --stdout -f",
            "lint -f",
            "diff @nothing",
            "diff --output markdown @nothing",
            "diff --output github --marker x @nothing",
            "graph",
            "graph --output dot",
            "explain --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f",
            "explain --output json --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f",
        ] {
            let run = Portolan::new(words).arg(&manifests).run();
            harmless(&run, words);
            assert!(run.exit <= Exit::Differs, "{words}: {run}");
        }
        let out = shown(&place.path("rules"));
        let compile = Portolan::new("compile -q --all-nodes --source-map --out").arg(&out);
        harmless(&compile.arg("-f").arg(&manifests).run(), "compile --out");
        let map = place.path("rules/nodes/node-a/source-map.json");
        let map = fs::read(map).unwrap();
        assert!(map.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')));
    }
}

#[test]
fn arguments_do_not_act() {
    for payload in PAYLOADS {
        for words in [
            "",
            "-",
            "compile --",
            "compile --only",
            "compile -f",
            "lint --output",
            "diff",
            "diff a",
            "diff --marker",
            "explain --from",
            "show",
            "show --as",
            "help",
            "plan --observed",
            "graph @",
            "diff --kube-version",
            "diff --mode",
            "compile --node x -f",
        ] {
            for glue in ["", "="] {
                let mut words: Vec<&str> = words.split(' ').collect();
                let last = words.pop().unwrap_or_default();
                let last = match glue {
                    "" if last.starts_with('-') && last.len() > 2 => {
                        words.push(last);
                        payload.to_owned()
                    }
                    glue => format!("{last}{glue}{payload}"),
                };
                let run = Portolan::new(&words.join(" ")).arg(last).run();
                harmless(&run, &words.join(" "));
            }
        }
    }
}

#[test]
fn what_tools_and_files_say_does_not_act() {
    for payload in PAYLOADS {
        let place = Place::new(payload);
        // Within a line of what a tool prints.
        let text = payload.replace('\n', "\u{b}");
        for (name, content) in [
            (
                "ruleset.json",
                format!("{{\"nftables\": [\"{text}\"]}}\n{payload}\n"),
            ),
            ("ruleset.nft", format!("table ip {text} {{\n}}\n")),
            (
                "ruleset.nft",
                format!("table ip portolan {{\n chain x {{\n  {text}\n }}\n}}\n"),
            ),
            ("ipset.restore", format!("create X hash:ip\nadd X {text}\n")),
            ("ipset.restore", format!("create {text} hash:mac\n")),
            (
                "iptables.restore",
                format!("*nat\n:{text} - [0:0]\nCOMMIT\n"),
            ),
            (
                "iptables.restore",
                format!(
                    "*nat\n:X - [0:0]\n-A X -m comment --comment \"{text}\" -j {text}\nCOMMIT\n"
                ),
            ),
            ("ipvs.rules", format!("-A -t {text} -s rr\n")),
            ("ipvs.timeouts", format!("{text} 0 0\n")),
            (
                "addresses",
                format!("address add {text} dev {text}\n{payload}\n"),
            ),
            ("sysctl.conf", format!("net.{text}={text}\n{payload}\n")),
            ("modules-load.conf", format!("{text}\n{payload}\n")),
            ("MANIFEST", format!("portolan-manifest 1\n{text} {text}\n")),
            ("ipvs.nl", text.clone()),
            (text.trim_matches('/'), "x".to_owned()),
        ] {
            if name.contains(['/', '\0']) {
                continue;
            }
            let path = place.file(name, &content);
            harmless(
                &Portolan::new("show").arg(&path).run(),
                &format!("show {name}"),
            );
            harmless(&Portolan::new("apply --yes").arg(&path).run(), "apply");
        }
        let capture = place.path("capture");
        fs::create_dir(&capture).unwrap();
        for (name, content) in [
            ("ipvs.rules", String::new()),
            ("ipset.save", format!("create {text} hash:mac\n")),
            (
                "iptables.save",
                format!(
                    "*nat\n:PREROUTING ACCEPT [0:0]\n:X{text} - [0:0]\n\
                     -A PREROUTING -m comment --comment \"{text}\" -j X\nCOMMIT\n"
                ),
            ),
            ("ip6tables.save", String::new()),
        ] {
            fs::write(capture.join(name), content).unwrap();
        }
        for output in ["human", "json", "markdown"] {
            let words = format!("plan --node node-a --output {output} -f");
            let plan = Portolan::new(&words).arg(fixture("demo"));
            let plan = plan.arg("--observed").arg(shown(&capture)).run();
            harmless(&plan, &words);
            let words = format!("diff --view kernel --node node-a --output {output}");
            let diff = Portolan::new(&words).arg(fixture("demo"));
            harmless(
                &diff.arg(format!("capture:{}", shown(&capture))).run(),
                &words,
            );
        }
    }
}
