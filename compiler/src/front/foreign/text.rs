//! What a text evidently is that is no manifest: by how it begins, or by signs within.

use memchr::memmem;

use super::Foreign;

/// Whether a text begins as helm, kubectl and kustomize do where they fail.
fn is_error(line: &str) -> bool {
    let beginnings = ["Error: ", "error: ", "Error from server", "ERROR: "];
    beginnings.iter().any(|begins| line.starts_with(begins))
}

/// Whether a line is the head of a table that `kubectl get` prints.
fn is_head_of_table(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let heads = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_uppercase() || "-()".contains(c))
    };
    matches!(words.next(), Some("NAME" | "NAMESPACE"))
        && words.clone().count() > 0
        && words.all(heads)
}

/// Whether a line is kubectl as somebody typed it, behind a prompt.
fn is_typed(line: &str) -> bool {
    let mut prompts = line.match_indices(['$', '#', '%', '>']);
    prompts.any(|(at, mark)| {
        // A remark begins like a prompt of root's.
        let behind = line[at + mark.len()..].trim_start();
        (at > 0 || mark != "#")
            && ["kubectl ", "sudo kubectl ", "oc "]
                .iter()
                .any(|name| behind.starts_with(name))
    })
}

/// Whether a text is a list as kubectl prints it, whose keys are sorted, without the last of them.
pub(in crate::front) fn is_cut_off(text: &str) -> bool {
    let start = text.strip_prefix("---").unwrap_or(text).trim_start();
    let mut lines = start.lines();
    let mut begins = |line: &str| lines.next().is_some_and(|next| next.trim_end() == line);
    begins("apiVersion: v1")
        && begins("items:")
        && lines.next().is_some_and(|line| line.starts_with("- "))
        && lines.all(|line| !line.starts_with("kind:"))
}

/// What a text evidently is that is no YAML of anybody's, by how it begins; or by the lines that Git
/// leaves where two sides of a merge differ.
pub(in crate::front) fn by_beginning(text: &str) -> Option<Foreign> {
    let start = text.trim_start();
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if begins(&["version https://git-lfs.github.com/spec/"]) {
        return Some(Foreign::LfsPointer);
    }
    if begins(&["portolan-manifest ", "portolan-services "]) {
        return Some(Foreign::Compiled);
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
    if is_cut_off(text) {
        return Some(Foreign::CutOff);
    }
    match text.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) if is_error(line) => return Some(Foreign::ErrorOutput),
        Some(line) if is_head_of_table(line) => return Some(Foreign::Table),
        Some(line) if is_typed(line) => return Some(Foreign::Pasted),
        _ => {}
    }
    let has = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    let is_merge = has("<<<<<<< ") || has(">>>>>>> ");
    is_merge.then_some(Foreign::MergeConflict)
}

/// Which language's template a text is that cannot be read as it stands; none if it has no signs of
/// any.
pub(in crate::front) fn template(text: &str) -> Option<Foreign> {
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
pub(in crate::front) fn is_encrypted(text: &str) -> bool {
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
            let expected = expected.then_some(Foreign::ErrorOutput);
            assert_eq!(by_beginning(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_there_yet_is_told_by_its_beginning() {
        for (text, expected) in [
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                Some(Foreign::LfsPointer),
            ),
            (
                "NAME         TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\nweb  x\n",
                Some(Foreign::Table),
            ),
            ("NAMESPACE   NAME\nd   web\n", Some(Foreign::Table)),
            ("NAME: x\n", None),
            ("NAME\n", None),
            (
                "$ kubectl get svc -o yaml\napiVersion: v1\n",
                Some(Foreign::Pasted),
            ),
            (
                "root@n:~# kubectl get svc -A -o yaml\na: 1\n",
                Some(Foreign::Pasted),
            ),
            ("# kubectl get svc -o yaml\na: 1\n", None),
            (
                "apiVersion: v1\nitems:\n- kind: A\n  x: y\n",
                Some(Foreign::CutOff),
            ),
            (
                "---\napiVersion: v1\nitems:\n- kind: A\n",
                Some(Foreign::CutOff),
            ),
            ("apiVersion: v1\nitems:\n- kind: A\nkind: List\n", None),
            ("apiVersion: v1\nitems: []\n", None),
            (
                "portolan-manifest 2\nportolan 0.1.0\n",
                Some(Foreign::Compiled),
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
}
