//! A command line as kube-proxy reads it.
//!
//! Source: `spf13/pflag` (`parseLongArg`, `parseShortArg`), and `cliflag.WordSepNormalizeFunc`, by which
//! `_` in a name counts as `-`. kube-proxy takes no arguments beside its flags, but empty ones.

/// Flags that are on where nothing follows `=`; the next word is none of theirs.
const SWITCHES: [&str; 19] = [
    "add-dir-header",
    "alsologtostderr",
    "bind-address-hard-fail",
    "cleanup",
    "enable-dsr",
    "forward-healthcheck-vip",
    "help",
    "init-only",
    "iptables-localhost-nodeports",
    "ipvs-strict-arp",
    "log-json-split-stream",
    "log-text-split-stream",
    "logtostderr",
    "masquerade-all",
    "one-output",
    "profiling",
    "skip-headers",
    "skip-log-headers",
    "version",
];

/// What a command line gives.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given<'w> {
    /// Flags by their names with `-`, and their values, in order.
    pub(super) flags: Vec<(String, &'w str)>,
    /// Words that are neither.
    pub(super) strays: Vec<Stray<'w>>,
    /// Words that a variable or a command stands for: there may be any number of flags in one.
    pub(super) unread: Vec<&'w str>,
}

/// A word that belongs to no flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stray<'w> {
    pub(super) word: &'w str,
    /// The switch before it, which may have been meant to have it as its value.
    pub(super) after: Option<&'w str>,
}

/// Whether what stands there is filled in by something that cannot be asked here.
pub(super) fn is_unread(value: &str) -> bool {
    value.contains(['$', '`'])
}

/// Reads a command line after the program's name. Of the flags that are known to have a value the next
/// word is it, whatever it looks like.
pub(super) fn given(words: &[String], has_value: impl Fn(&str) -> bool) -> Given<'_> {
    let mut given = Given::default();
    let mut words = words.iter().map(String::as_str).peekable();
    let mut after = None;
    while let Some(word) = words.next() {
        let before = std::mem::take(&mut after);
        if word == "--" {
            let rest = words.by_ref().filter(|word| !word.is_empty());
            given
                .strays
                .extend(rest.map(|word| Stray { word, after: None }));
        } else if let Some(flag) = word.strip_prefix("--") {
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            let name = name.replace('_', "-");
            let value = match value {
                Some(value) => value,
                None if SWITCHES.contains(&name.as_str()) => {
                    after = Some(flag);
                    "true"
                }
                None if has_value(&name) => words.next().unwrap_or_default(),
                None => words
                    .next_if(|next| !next.starts_with('-'))
                    .unwrap_or_default(),
            };
            given.flags.push((name, value));
        } else if is_unread(word) {
            given.unread.push(word);
        } else if let Some(short) = word.strip_prefix('-') {
            // `-v 2`; of the others none has a value.
            if short == "v" {
                words.next();
            }
        } else if !word.is_empty() {
            given.strays.push(Stray {
                word,
                after: before,
            });
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_as_pflag_takes_them() {
        for (words, flags, strays) in [
            ("--a=1 --b 2", "a=1 b=2", ""),
            ("--a= --b  --c 3", "a= b= c=3", ""),
            ("--proxy_mode=ipvs", "proxy-mode=ipvs", ""),
            ("--a --b", "a=--b", ""),
            ("--unknown --b 1", "unknown= b=1", ""),
            ("--masquerade-all --b 2", "masquerade-all=true b=2", ""),
            ("--masquerade-all false", "masquerade-all=true", "false"),
            ("--masquerade_all=false x", "masquerade-all=false", "x"),
            ("-v 2 -v=2 -h --a=1", "a=1", ""),
            ("--a=1 -- --b", "a=1", "--b"),
            ("--a=1  --b=2", "a=1 b=2", ""),
            ("--a=x=y", "a=x=y", ""),
            ("--a", "a=", ""),
        ] {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            let given = given(&words, |name| name.len() == 1);
            let read: Vec<String> = given
                .flags
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let stray: Vec<&str> = given.strays.iter().map(|stray| stray.word).collect();
            assert_eq!(
                (read.join(" ").as_str(), stray.join(" ").as_str()),
                (flags, strays),
                "{words:?}"
            );
        }
    }

    #[test]
    fn a_stray_word_is_told_with_the_switch_before_it() {
        let words = ["--masquerade-all", "false", "$ARGS"].map(str::to_owned);
        let given = given(&words, |name| name.len() == 1);
        let stray = Stray {
            word: "false",
            after: Some("masquerade-all"),
        };
        assert_eq!(given.strays, [stray]);
        assert_eq!(given.unread, ["$ARGS"]);
    }
}
