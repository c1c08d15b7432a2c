//! Unified diffs, as `diff -u` and version control print them.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use portolan_compiler::escape::visible;
use portolan_compiler::kernel::ipvs::netlink;
use similar::{ChangeTag, TextDiff};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Text,
    /// Netlink messages, compared by what they say.
    Netlink,
}

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();
/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// The diff of one file, with colours. `None` stands for a file that is not there.
pub(crate) fn unified(
    name: &str,
    content: Content,
    old: Option<&[u8]>,
    new: Option<&[u8]>,
) -> String {
    let header = |side: &str, bytes: Option<&[u8]>| match bytes {
        Some(_) => format!("{side}/{name}"),
        None => "/dev/null".to_owned(),
    };
    let mut text = format!(
        "{BOLD}--- {}{BOLD:#}\n{BOLD}+++ {}{BOLD:#}\n",
        header("a", old),
        header("b", new)
    );
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    match (lines(content, old), lines(content, new)) {
        (Some(old), Some(new)) if old != new => hunks(&mut text, &old, &new),
        _ => text.push_str("Binary files differ\n"),
    }
    text
}

/// Where a line is that the other side lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// In what is there.
    Old,
    /// In what was made.
    New,
}

impl Side {
    /// As diffs write it.
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Old => '-',
            Self::New => '+',
        }
    }
}

/// A line that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ChangedLine {
    pub(crate) side: Side,
    pub(crate) text: String,
}

/// The lines of a text that come and go, in its order.
pub(crate) fn changed_lines(old: Option<&[u8]>, new: Option<&[u8]>) -> Vec<ChangedLine> {
    let text =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let (old, new) = (text(old), text(new));
    let diff = TextDiff::from_lines(&old, &new);
    let changes = diff.iter_all_changes().filter_map(|change| {
        let side = match change.tag() {
            ChangeTag::Equal => return None,
            ChangeTag::Delete => Side::Old,
            ChangeTag::Insert => Side::New,
        };
        let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
        Some(ChangedLine { side, text })
    });
    changes.collect()
}

/// The lines to compare; `None` for what cannot be shown as lines.
fn lines(content: Content, bytes: &[u8]) -> Option<Cow<'_, str>> {
    match content {
        Content::Text => Some(String::from_utf8_lossy(bytes)),
        Content::Netlink => {
            let messages = netlink::messages(bytes).ok()?;
            // Without their numbers: one message more would change all that follow.
            let lines = messages
                .iter()
                .map(|numbered| format!("{}\n", numbered.message));
            Some(lines.collect::<String>().into())
        }
    }
}

fn hunks(text: &mut String, old: &str, new: &str) {
    let diff = TextDiff::from_lines(old, new);
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let _ = writeln!(text, "{HUNK}{}{HUNK:#}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', REMOVED),
                ChangeTag::Insert => ('+', ADDED),
            };
            let line = change.value();
            let body = visible(line.strip_suffix('\n').unwrap_or(line));
            let _ = writeln!(text, "{style}{sign}{body}{style:#}");
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(old: Option<&str>, new: Option<&str>) -> String {
        let styled = unified(
            "nodes/node-a/addresses",
            Content::Text,
            old.map(str::as_bytes),
            new.map(str::as_bytes),
        );
        anstream::adapter::strip_str(&styled).to_string()
    }

    #[test]
    fn a_change_is_shown_with_context() {
        assert_eq!(
            plain(Some("1\n2\n3\n4\n5\n"), Some("1\n2\n3\n4\nfive\n")),
            "--- a/nodes/node-a/addresses\n+++ b/nodes/node-a/addresses\n\
             @@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+five\n"
        );
    }

    #[test]
    fn files_come_and_go() {
        assert_eq!(
            plain(None, Some("1\n")),
            "--- /dev/null\n+++ b/nodes/node-a/addresses\n@@ -0,0 +1 @@\n+1\n"
        );
        assert_eq!(
            plain(Some("1"), None),
            "--- a/nodes/node-a/addresses\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n\
             \\ No newline at end of file\n"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert!(plain(Some("\u{1b}[31m\n"), Some("x\n")).contains("-\\u{1b}[31m\n"));
    }
}
