//! What stands among manifests and is none, or not yet: templates, encrypted files, kustomizations,
//! values of charts, patches. Each kind of thing is said once, however many files of it there are,
//! with what makes manifests of it.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::diag::{Code, Finding, Findings, Place, Severity};
use crate::source::{Found, Role, SourceId, Sources, Span};

/// A kind of thing that is no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Foreign {
    /// A template of a Helm chart.
    HelmTemplate,
    /// A template in another language.
    Template,
    /// An object with variables that are filled in when it is deployed.
    Variables,
    /// An object whose values SOPS encrypted, and that would be read.
    Encrypted,
    /// Something that SOPS encrypted; what it is cannot be seen.
    EncryptedUnknown,
    /// Instructions for kustomize.
    Kustomization,
    /// What a program printed where it failed.
    ErrorOutput,
    /// A pointer of Git LFS to a file that was not fetched.
    LfsPointer,
    /// A file with two sides of a merge in it.
    MergeConflict,
    /// A file that Ansible's vault, age or PGP encrypted as a whole.
    Sealed,
    /// A mapping without `apiVersion` or `kind`.
    NoObject,
    /// An element of a list that is no object.
    Element,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stray {
    pub(super) what: Foreign,
    pub(super) place: Span,
}

/// How many places are shown of a kind of thing.
const SHOWN: usize = 4;

/// Tells of all strays of a run.
pub(super) fn report(strays: &[Stray], sources: &Sources, findings: &mut Findings) {
    let mut groups: BTreeMap<(Severity, Foreign), Vec<Span>> = BTreeMap::new();
    for Stray { what, place } in strays {
        let source = sources.get(place.source);
        let what = match what {
            Foreign::NoObject if is_kustomization(&source.name) => Foreign::Kustomization,
            Foreign::NoObject if is_error(&source.text[place.range()]) => Foreign::ErrorOutput,
            Foreign::NoObject => by_beginning(&source.text[place.range()]).unwrap_or(*what),
            what => *what,
        };
        if let Some(severity) = severity(what, source.found, &source.text) {
            groups.entry((severity, what)).or_default().push(*place);
        }
    }
    for ((severity, what), places) in groups {
        findings.push(finding(what, severity, &places, sources));
    }
}

/// How much one matters: what may hide a Service is refused, and so is what somebody named.
fn severity(what: Foreign, found: Found, text: &str) -> Option<Severity> {
    match (what, found) {
        (
            Foreign::HelmTemplate
            | Foreign::Template
            | Foreign::Variables
            | Foreign::Encrypted
            | Foreign::ErrorOutput
            | Foreign::LfsPointer
            | Foreign::MergeConflict,
            _,
        ) => Some(Severity::Error),
        (Foreign::Element, _) => Some(Severity::Warning),
        (_, Found::Named) => Some(Severity::Error),
        (Foreign::Kustomization, Found::InFolder) if !transforms(text) => None,
        (_, Found::InFolder) => Some(Severity::Warning),
    }
}

fn finding(what: Foreign, severity: Severity, places: &[Span], sources: &Sources) -> Finding {
    // Of a file the first place will do.
    let mut firsts: Vec<Span> = Vec::new();
    for place in places {
        if firsts.last().is_none_or(|last| last.source != place.source) {
            firsts.push(*place);
        }
    }
    let first = places[0];
    let pipe = Pipe::to(first.source, sources);
    let count = match what {
        Foreign::NoObject | Foreign::Element => places.len(),
        _ => firsts.len(),
    };
    let (code, message, help) = words(what, count, &pipe);
    let mut finding = Finding {
        severity,
        code,
        place: Place::Span(first),
        message,
        help,
        also: Vec::new(),
    };
    for place in firsts.iter().skip(1).take(SHOWN - 1) {
        finding = finding.also(Place::Span(*place), "another");
    }
    finding
}

fn words(what: Foreign, count: usize, pipe: &Pipe<'_>) -> (Code, String, String) {
    let number = |one: &str, many: &str| match count {
        1 => one.to_owned(),
        _ => format!("{count} {many}"),
    };
    let Pipe {
        file,
        folder,
        option,
    } = pipe;
    let leave_out = "leave them out with --exclude";
    match what {
        Foreign::HelmTemplate => (
            Code::NotAManifest,
            format!(
                "{} of Helm, which only helm makes manifests of",
                number("a template", "files are templates")
            ),
            format!(
                "render the chart: helm template NAME {} | portolan compile {option} -; or leave it out with --exclude",
                chart(folder)
            ),
        ),
        Foreign::Template => (
            Code::NotAManifest,
            format!(
                "{}, and no manifest before it is rendered",
                number("a template", "files are templates")
            ),
            format!(
                "render it with the program it is for, and pass what comes out; or {leave_out}"
            ),
        ),
        Foreign::Variables => (
            Code::NotAManifest,
            format!(
                "{} with variables, such as ${{NAME}}, that are filled in when it is deployed",
                number("a template", "files are templates")
            ),
            format!(
                "fill them in: envsubst < {file} | portolan compile {option} -, or what `flux build kustomization` prints; or {leave_out}"
            ),
        ),
        Foreign::Encrypted => (
            Code::NotAManifest,
            format!(
                "{} encrypted by SOPS",
                number("an object", "files of objects that are")
            ),
            format!("decrypt it: sops -d {file} | portolan compile {option} -"),
        ),
        Foreign::EncryptedUnknown => (
            Code::NotAManifest,
            format!(
                "{} encrypted by SOPS: whether there are Services in it cannot be seen",
                number("a file", "files are")
            ),
            format!("if there are: sops -d {file} | portolan compile {option} -; or {leave_out}"),
        ),
        Foreign::Kustomization => (
            Code::NotAManifest,
            format!(
                "{} other files mean something else than they say, and portolan reads files as they stand",
                number("a kustomization makes", "kustomizations make")
            ),
            format!(
                "build the one that is deployed: kubectl kustomize {folder} | portolan compile {option} -"
            ),
        ),
        Foreign::ErrorOutput => (
            Code::NotAManifest,
            number("the error of a program, and no manifest", "errors of programs, and no manifests"),
            "run the command alone to see why it fails; in scripts `set -o pipefail` stops where it does"
                .to_owned(),
        ),
        Foreign::LfsPointer => (
            Code::NotAManifest,
            number(
                "a pointer of Git LFS, and not the file that it stands for",
                "files are pointers of Git LFS, and not the files that they stand for",
            ),
            "fetch what they stand for: git lfs pull".to_owned(),
        ),
        Foreign::MergeConflict => (
            Code::NotAManifest,
            number(
                "a file with a merge in it that is not finished",
                "files have merges in them that are not finished",
            ),
            "finish the merge: keep one side between `<<<<<<<` and `>>>>>>>`, and remove these lines"
                .to_owned(),
        ),
        Foreign::Sealed => (
            Code::NotAManifest,
            format!(
                "{} encrypted as a whole: whether there are Services in it cannot be seen",
                number("a file", "files are")
            ),
            format!("if there are, decrypt it and pass what comes out; or {leave_out}"),
        ),
        Foreign::NoObject => (
            Code::MissingField,
            match count {
                1 => "a document without `apiVersion` or `kind` is no Kubernetes object and is not read".to_owned(),
                _ => format!("{count} documents without `apiVersion` or `kind` are no Kubernetes objects and are not read"),
            },
            "every manifest has both; values of a chart and files of other programs are none: leave them out, in folders with --exclude".to_owned(),
        ),
        Foreign::Element => (
            Code::MissingField,
            match count {
                1 => "an element of a list is no Kubernetes object and is not read".to_owned(),
                _ => format!("{count} elements of lists are no Kubernetes objects and are not read"),
            },
            "leave the file out, as patches and playbooks are for others; --exclude does that in folders".to_owned(),
        ),
    }
}

/// What a command line in a help text is about.
struct Pipe<'s> {
    file: &'s str,
    folder: &'s str,
    /// The option that takes what comes through the pipe.
    option: &'static str,
}

impl<'s> Pipe<'s> {
    fn to(source: SourceId, sources: &'s Sources) -> Self {
        let source = sources.get(source);
        let file = source.name.as_str();
        let (file, folder) = match (shell_word(file), file.rsplit_once('/')) {
            (None, _) => ("FILE", "DIR"),
            (Some(file), Some((folder, _))) => (file, folder),
            (Some(file), None) => (file, "."),
        };
        Self {
            file,
            folder,
            option: match source.role {
                Role::Input => "-f",
                Role::Base => "--base",
            },
        }
    }
}

/// A path that a shell takes as it stands; any other is better not typed.
pub(crate) fn shell_word(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'+' | b'=')
    });
    (plain && !path.starts_with('-')).then_some(path)
}

/// The chart's folder around a folder of templates.
fn chart(folder: &str) -> &str {
    match folder.split_once("/templates") {
        Some((chart, rest)) if rest.is_empty() || rest.starts_with('/') => chart,
        _ if folder == "templates" => ".",
        _ => folder,
    }
}

/// Whether a file holds instructions for kustomize, by its name.
pub(crate) fn is_kustomization(name: &str) -> bool {
    // A revision has a colon before its paths.
    let file = name.rsplit(['/', ':']).next().unwrap_or(name);
    matches!(
        file,
        "kustomization.yaml" | "kustomization.yml" | "Kustomization"
    )
}

/// Whether a text begins as helm, kubectl and kustomize do where they fail.
fn is_error(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    let beginnings = ["Error: ", "error: ", "Error from server", "ERROR: "];
    first.is_some_and(|line| beginnings.iter().any(|begins| line.starts_with(begins)))
}

/// What a text evidently is that is no YAML of anybody's, by how it begins; or by the lines that Git
/// leaves where two sides of a merge differ.
pub(super) fn by_beginning(text: &str) -> Option<Foreign> {
    let start = text.trim_start();
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if begins(&["version https://git-lfs.github.com/spec/"]) {
        return Some(Foreign::LfsPointer);
    }
    let sealed = [
        "$ANSIBLE_VAULT;",
        "age-encryption.org/",
        "-----BEGIN AGE ENCRYPTED FILE-----",
        "-----BEGIN PGP MESSAGE-----",
    ];
    if begins(&sealed) {
        return Some(Foreign::Sealed);
    }
    let has = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    let is_merge = has("<<<<<<< ") || has(">>>>>>> ");
    is_merge.then_some(Foreign::MergeConflict)
}

/// Whether a kustomization does more than to name the files beside it.
fn transforms(text: &str) -> bool {
    const KEYS: [&str; 12] = [
        "bases:",
        "commonLabels:",
        "components:",
        "labels:",
        "namePrefix:",
        "nameSuffix:",
        "namespace:",
        "patches:",
        "patchesJson6902:",
        "patchesStrategicMerge:",
        "replacements:",
        "transformers:",
    ];
    text.lines().any(|line| {
        KEYS.iter().any(|key| line.starts_with(key))
            || line.contains("../")
            || line.contains("://")
            || line.contains("github.com/")
    })
}

/// Which language's template a text is that cannot be read as it stands; none if it has no signs of
/// any.
pub(super) fn template(text: &str) -> Option<Foreign> {
    let mut found = None;
    // Ends and colons are looked for once, however many beginnings stand before them.
    let mut ends = Ahead::new(text, "}}");
    let mut colons = Ahead::new(text, ": ");
    for at in memmem::find_iter(text.as_bytes(), "{{") {
        let action = text[at + 2..].trim_start_matches('-').trim_start();
        let is_go = action.starts_with(['.', '$', '(', '/'])
            || GO_WORDS.iter().any(|word| {
                let rest = action.strip_prefix(word);
                rest.is_some_and(|rest| rest.starts_with([' ', '}', '-']))
            });
        if is_go {
            return Some(Foreign::HelmTemplate);
        }
        let is_name = action.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_name || found.is_some() {
            continue;
        }
        let start = text.len() - action.len();
        // A mapping as a key looks alike, but for its colon.
        let end = ends.from(start);
        if end.is_some_and(|end| colons.from(start).is_none_or(|colon| colon + 1 >= end)) {
            found = Some(Foreign::Template);
        }
    }
    let block = memmem::find(text.as_bytes(), b"{%").is_some();
    found.or(block.then_some(Foreign::Template))
}

/// Looks for a word from places that lie ever further on, in one walk.
struct Ahead<'t> {
    places: memmem::FindIter<'t, 't>,
    next: Option<usize>,
}

impl<'t> Ahead<'t> {
    fn new(text: &'t str, word: &'t str) -> Self {
        let mut places = memmem::find_iter(text.as_bytes(), word);
        let next = places.next();
        Self { places, next }
    }

    /// The first place from one on, which is not before those that were asked about.
    fn from(&mut self, start: usize) -> Option<usize> {
        while self.next.is_some_and(|next| next < start) {
            self.next = self.places.next();
        }
        self.next
    }
}

/// Words that Go's templates begin with.
const GO_WORDS: [&str; 14] = [
    "block", "break", "define", "else", "end", "if", "include", "printf", "quote", "range",
    "required", "template", "toYaml", "with",
];

/// Whether SOPS encrypted values of a text.
pub(super) fn is_encrypted(text: &str) -> bool {
    let has = |what: &str| memmem::find(text.as_bytes(), what.as_bytes()).is_some();
    has("ENC[AES256_GCM,") && (has("\nsops:") || has("\"sops\":")) && has("mac")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_told_by_their_actions() {
        for (text, expected) in [
            ("name: {{ .Release.Name }}", Some(Foreign::HelmTemplate)),
            ("{{- if .Values.x }}", Some(Foreign::HelmTemplate)),
            ("{{ include \"a\" . }}", Some(Foreign::HelmTemplate)),
            ("{{- end }}", Some(Foreign::HelmTemplate)),
            ("{{/* c */}}", Some(Foreign::HelmTemplate)),
            ("{{ $x }}", Some(Foreign::HelmTemplate)),
            ("port: {{ port }}", Some(Foreign::Template)),
            ("{% if x %}", Some(Foreign::Template)),
            ("a: {{b: 1}}", None),
            ("{{ a {{ b }}", Some(Foreign::Template)),
            ("{{ a: 1 }} {{ b }}", Some(Foreign::Template)),
            ("{{ a: 1, {{ b }}", Some(Foreign::Template)),
            ("{{ a", None),
            ("a: {b: {}}", None),
            ("a: b", None),
        ] {
            assert_eq!(template(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_of_programs_are_told_by_their_beginning() {
        for (text, expected) in [
            ("Error: INSTALLATION FAILED: chart not found\n", true),
            ("\nerror: You must be logged in to the server\n", true),
            (
                "Error from server (NotFound): services \"x\" not found\n",
                true,
            ),
            ("errors: 5\n", false),
            ("replicas: 2\nerror: 1\n", false),
        ] {
            assert_eq!(is_error(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_there_yet_is_told_by_its_beginning() {
        for (text, expected) in [
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                Some(Foreign::LfsPointer),
            ),
            ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", Some(Foreign::Sealed)),
            ("-----BEGIN PGP MESSAGE-----\n\nx\n", Some(Foreign::Sealed)),
            (
                "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n",
                Some(Foreign::MergeConflict),
            ),
            ("version: 1\n", None),
            ("a: <<<<<<< HEAD\n", None),
        ] {
            assert_eq!(by_beginning(text), expected, "{text}");
        }
    }

    #[test]
    fn the_chart_is_above_its_templates() {
        for (folder, expected) in [
            ("charts/web/templates", "charts/web"),
            ("charts/web/templates/sub", "charts/web"),
            ("templates", "."),
            ("charts/web", "charts/web"),
            ("a/templates-old", "a/templates-old"),
        ] {
            assert_eq!(chart(folder), expected, "{folder}");
        }
    }

    #[test]
    fn a_kustomization_that_only_lists_files_changes_nothing() {
        for (text, expected) in [
            ("resources:\n- web.yaml\n", false),
            ("resources:\n- ../base\n", true),
            ("resources:\n- https://x/y\n", true),
            ("patches:\n- path: a.yaml\n", true),
            ("namespace: shop\n", true),
        ] {
            assert_eq!(transforms(text), expected, "{text}");
        }
    }
}
