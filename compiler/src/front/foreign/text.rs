//! What a text evidently is that is no manifest: by how it begins, or by signs within.

use memchr::memmem;

use super::Foreign;

/// Whether a text begins as helm, kubectl and kustomize do where they fail.
pub(super) fn is_error(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    let beginnings = ["Error: ", "error: ", "Error from server", "ERROR: "];
    first.is_some_and(|line| beginnings.iter().any(|begins| line.starts_with(begins)))
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
