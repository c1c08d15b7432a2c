//! Text of strangers in every place that has some: nothing of it acts where it is printed.

use std::fs;
use std::path::{Path, PathBuf};

use golden_support::{Portolan, Run, fixture, folder};
use portolan_runtime::report::Exit;
use tempfile::TempDir;

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

/// Objects that are refused, or pass by.
#[derive(Clone, Copy)]
enum Fate {
    Refused,
    PassedBy,
}

impl Place {
    fn new(fate: Fate) -> Self {
        let place = Self { top: folder() };
        let manifests = place.path("manifests");
        fs::create_dir(&manifests).unwrap();
        for file in ["cluster.yaml", "kube-proxy.yaml", "facts.yaml"] {
            fs::copy(fixture(&format!("demo/{file}")), manifests.join(file)).unwrap();
        }
        for payload in PAYLOADS {
            let text = yaml(payload);
            let strange = match fate {
                Fate::Refused => format!(
                    "apiVersion: v1\nkind: {text}\nmetadata: {{name: {text}, namespace: {text}}}\n---\n\
                     apiVersion: v1\nkind: Service\nmetadata: {{name: {text}, namespace: {text}}}\n---\n\
                     apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n  labels: {{a: {text}}}\n  \
                     annotations: {{portolan.dev/ignore: {text}, {text}: b}}\n"
                ),
                Fate::PassedBy => format!(
                    "apiVersion: example.org/v1\nkind: {text}\nmetadata: {{name: x, labels: {{a: {text}}}}}\n"
                ),
            };
            // A file's name has neither slash nor NUL.
            let name = payload.replace(['/', '\0'], "_");
            fs::write(manifests.join(format!("{name}.yaml")), strange).unwrap();
        }
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
            let is_command = line.starts_with("::") && !line.starts_with(":::");
            assert!(!is_command || is_ours, "{about}: {line}");
        }
    }
}

#[test]
fn manifests_and_names_of_files_do_not_act() {
    let place = Place::new(Fate::Refused);
    let manifests = shown(&place.path("manifests"));
    for words in [
        "lint --output text -f",
        "lint --output json -f",
        "lint --output sarif -f",
        "lint --output junit -f",
        "lint --output github -f",
        "compile --all-nodes --stdout -f",
        "compile --all-nodes --stdout --message-format json -f",
        "plan --node node-a --observed /nonexistent -f",
        "diff @nothing",
        "graph",
        "what-if --each-node -f",
    ] {
        let run = Portolan::new(words).arg(&manifests).run();
        harmless(&run, words);
        assert!(run.to_string().contains("PWNED"), "{words}: {run}");
        assert!(
            !words.contains("junit") || !run.text().contains("<PWNED"),
            "{run}"
        );
    }
}

/// Without what is refused, the rest is printed.
#[test]
fn what_passes_by_does_not_act() {
    let place = Place::new(Fate::PassedBy);
    let manifests = shown(&place.path("manifests"));
    for words in [
        "compile --all-nodes --stdout -f",
        "lint -f",
        "diff @nothing",
        "diff --view kernel --output json @nothing",
        "diff --view unified --output markdown @nothing",
        "diff --output markdown @nothing",
        "diff --output gitlab @nothing",
        "diff --output github --marker x @nothing",
        "graph",
        "graph --output dot",
        "what-if --each-node -f",
        "what-if --each-node --output markdown -f",
        "what-if --each-zone --output json -f",
        "what-if --lose-node node-a -f",
        "what-if --drain node-a --reschedule --output markdown -f",
        "what-if --drain node-a --output json -f",
        "what-if --lose-node node-a --output github -f",
        "what-if --lose-node node-a --output gitlab -f",
        "explain --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f",
        "explain --output json --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f",
    ] {
        let run = Portolan::new(words).arg(&manifests).run();
        harmless(&run, words);
        assert!(run.exit <= Exit::Differs, "{words}: {run}");
    }
    // The file with the demo has a name that would act, and everything comes from it.
    let named = place.path("named");
    fs::create_dir(&named).unwrap();
    for (file, payload) in ["cluster.yaml", "kube-proxy.yaml"]
        .iter()
        .zip([PAYLOADS[0], PAYLOADS[9]])
    {
        let name = format!("{payload}##[x]\u{1b}[2J.yaml");
        fs::copy(fixture(&format!("demo/{file}")), named.join(name)).unwrap();
    }
    let named = shown(&named);
    for words in [
        "diff --output github @nothing",
        "diff --output gitlab @nothing",
        "explain --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f",
        "explain --output json --node node-a --from 10.244.1.7 --to 10.96.14.3:80 -f",
        "lint --output sarif -f",
        "lint --output junit -f",
    ] {
        let run = Portolan::new(words).arg(&named).run();
        harmless(&run, words);
        assert!(run.text().contains("PWNED"), "{words}: {run}");
    }
    let out = shown(&place.path("rules"));
    let compile = Portolan::new("compile -q --all-nodes --source-map --out").arg(&out);
    harmless(&compile.arg("-f").arg(&named).run(), "compile --out");
    let map = fs::read(place.path("rules/nodes/node-a/source-map.json")).unwrap();
    assert!(map.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')));
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
        let place = Place { top: folder() };
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
