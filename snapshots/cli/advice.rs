//! What is no manifest yet comes with a line to type: it is one of the verb that runs, and it runs.

use std::fs;
use std::path::Path;

use golden_support::Portolan;
use portolan_runtime::app;

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n\
    spec: {clusterIP: 10.96.0.5, ports: [{port: 80}]}\n";

/// A folder: its name, the program that the advice names, and its files.
type Repository = (
    &'static str,
    &'static str,
    Vec<(&'static str, &'static str)>,
);

/// Folders of what is no manifest yet.
fn repositories() -> Vec<Repository> {
    vec![
        (
            "overlays",
            "kubectl kustomize [DIR]/overlays/prod",
            vec![
                ("base/kustomization.yaml", "resources: [web.yaml]\n"),
                ("base/web.yaml", SERVICE),
                (
                    "prod/kustomization.yaml",
                    "resources: [../base]\nnamePrefix: prod-\n",
                ),
                (
                    "test/kustomization.yaml",
                    "resources:\n- ../base\nnamePrefix: test-\n",
                ),
            ],
        ),
        (
            "chart",
            "helm template NAME [DIR]/chart",
            vec![
                ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
                ("values.yaml", "replicas: 2\n"),
                (
                    "templates/web.yaml",
                    "kind: Service\nmetadata: {name: {{ .Release.Name }}}\n",
                ),
            ],
        ),
        (
            "variables",
            "envsubst < [DIR]/variables/web.yaml",
            vec![
                ("other.yaml", SERVICE),
                (
                    "web.yaml",
                    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: \"${IP}\", ports: [{port: 80}]}\n",
                ),
            ],
        ),
        (
            "sops",
            "sops -d [DIR]/sops/web.yaml",
            vec![(
                "web.yaml",
                "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: \"ENC[AES256_GCM,x]\", ports: [{port: 80}]}\nsops:\n  mac: x\n",
            )],
        ),
        (
            "values",
            "helm template NAME CHART -f [DIR]/values/values-prod.yaml",
            vec![("values-prod.yaml", "replicas: 2\n"), ("web.yaml", SERVICE)],
        ),
        (
            "patches",
            "kubectl kustomize DIR",
            vec![
                ("prod.yaml", "resources: [../base]\nnamePrefix: a-\n"),
                ("web.yaml", SERVICE),
            ],
        ),
    ]
}

/// Every verb that reads manifests, with options that have to be there the second time.
const VERBS: [&str; 15] = [
    "lint -R -f INPUT",
    "lint -f INPUT -R --disable PTL003 --fail-on error",
    "lint -f OTHER -R --base INPUT",
    "lint -f - --base INPUT -R",
    "compile -f INPUT -R --node n --stdout --only ipvs.rules",
    "compile --out OUT -f INPUT -f OTHER -R --all-nodes --exclude README.yaml",
    "diff @nothing INPUT -R --view kernel -v",
    "diff INPUT OTHER -R --base OTHER -v",
    "diff INPUT - -R -v",
    "diff OTHER OTHER --base INPUT -R -v",
    "graph INPUT -R -v",
    "what-if -f INPUT -R --each-node=drained",
    "explain --from node --to 10.96.0.5:80 -f INPUT -R --node n",
    "plan -f INPUT -R --node n --observed OTHER",
    "apply -f INPUT -R --node n --yes",
];

#[test]
fn lines_to_type_are_of_the_verb_and_run() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    write(&path("other"), &[("other.yaml", SERVICE)]);
    let mut wrong = Vec::new();
    for (name, program, files) in repositories() {
        write(&path(name), &files);
        for verb in VERBS {
            let words = verb
                .replace("INPUT", &path(name).display().to_string())
                .replace("OTHER", &path("other").display().to_string())
                .replace("OUT", &path("out").display().to_string());
            let run = Portolan::new(&words).stdin(SERVICE).hide(&place).run();
            let text = run
                .to_string()
                .replace(&place.path().display().to_string(), "[DIR]");
            match advice(&text, program) {
                Some(Advice::Line(line)) => {
                    wrong.extend(complaint(&line, verb).map(|what| format!("{what}: {line}")));
                }
                // A side of a comparison is one argument.
                Some(Advice::Copy) if verb.starts_with("diff") || verb.starts_with("graph") => {}
                _ => wrong.push(format!(
                    "{verb} of {name} does not say `{program}`:\n{text}"
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is to be done with what a program prints.
enum Advice {
    /// The portolan half of a line.
    Line(String),
    /// It belongs into a copy of the folder.
    Copy,
}

fn advice(text: &str, program: &str) -> Option<Advice> {
    let (_, rest) = text.split_once(program)?;
    let line = rest.lines().next()?;
    let Some((_, ours)) = line.split_once("portolan ") else {
        return line.contains("name the copy").then_some(Advice::Copy);
    };
    Some(Advice::Line(ours.split(';').next()?.to_owned()))
}

/// What is wrong with a line of ours.
fn complaint(line: &str, verb: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let arguments = std::iter::once("portolan").chain(words.iter().copied());
    if let Err(error) = app::command().try_get_matches_from(arguments) {
        return Some(format!("is refused, {error}"));
    }
    let is_kept = |word: &&str| {
        word.starts_with("--") && !matches!(*word, "--exclude") || !word.contains(['-', '/'])
    };
    let typed: Vec<&str> = verb.split_whitespace().collect();
    let mut kept = typed.iter().filter(|word| is_kept(word));
    let lost =
        kept.find(|word| !matches!(**word, "INPUT" | "OTHER" | "OUT") && !words.contains(word));
    lost.map(|word| format!("`{word}` of `{verb}` is lost"))
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
