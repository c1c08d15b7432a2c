//! What terminals and people leave around the output of a command.

use std::borrow::Cow;

use super::CaptureFile;

/// Programs whose output a capture holds, as they are typed.
const PROGRAMS: [&str; 6] = ["ip", "ipvsadm", "ipset", "nft", "sysctl", "ifconfig"];

/// What a shell is told where nothing else is wanted of it, with its mark alone before it.
const FAREWELLS: [&str; 3] = ["exit", "logout", "clear"];

/// The text without byte order mark, carriage returns and colours, and with what the shell says and is
/// told before and after it made empty lines: what remains stands in the lines it stood in.
pub(super) fn cleaned(text: &str) -> Cow<'_, str> {
    let text = without_marks(text);
    let mut blank: Vec<usize> = content(&text)
        .take_while(|(_, line)| is_typed(line) || is_asked(line))
        .map(|(at, _)| at)
        .collect();
    let lines: Vec<(usize, &str)> = content(&text).collect();
    let after = lines.iter().rev().take_while(|(_, line)| is_after(line));
    blank.extend(after.map(|(at, _)| at));
    if blank.is_empty() {
        return text;
    }
    let lines = text.lines().enumerate();
    let lines = lines.map(|(at, line)| if blank.contains(&at) { "" } else { line });
    let kept: String = lines.flat_map(|line| [line, "\n"]).collect();
    kept.into()
}

/// The line, from 1, within which a text ends, if it does so and somebody may miss the rest of it.
pub(super) fn cut_line(text: &str) -> Option<usize> {
    let text = without_marks(text);
    let (at, line) = content(&text).last()?;
    let ends = text.ends_with('\n') || is_after(line) || is_typed(line);
    (!ends).then_some(at + 1)
}

fn without_marks(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut text: Cow<'_, str> = text.into();
    if text.contains('\u{1b}') {
        text = without_escapes(&text).into();
    }
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").into();
    }
    text
}

fn content(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(str::trim).enumerate();
    lines.filter(|(_, line)| !line.is_empty())
}

/// The commands that somebody typed before the output: their lines, from 1, and the commands without
/// `sudo` and without a path.
pub(super) fn commands(text: &str) -> Vec<(usize, String)> {
    let before = content(text).take_while(|(_, line)| is_typed(line) || is_asked(line));
    before
        .filter_map(|(at, line)| Some((at + 1, typed(line)?)))
        .collect()
}

/// Whether a line is a command as somebody typed it, behind a prompt: `root@node-a:~# ip addr`.
fn is_typed(line: &str) -> bool {
    typed(line).is_some()
}

fn typed(line: &str) -> Option<String> {
    let (prompt, rest) = line
        .char_indices()
        .filter(|(_, c)| MARKS.contains(c))
        .find_map(|(at, c)| Some((&line[..at], line[at + c.len_utf8()..].strip_prefix(' ')?)))?;
    let words = rest.split_ascii_whitespace();
    let before = |word: &&str| matches!(*word, "sudo" | "doas" | "-n" | "-E");
    let mut words = words.skip_while(before);
    let name = words.next()?.rsplit('/').next()?;
    let known =
        PROGRAMS.contains(&name) || name.starts_with("iptables") || name.starts_with("ip6tables");
    // A prompt has no quotation marks, which comments of rules stand between.
    let command = || {
        [name]
            .into_iter()
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    };
    (known && !prompt.contains('"')).then(command)
}

/// Whether a line is what sudo says before the output: `[sudo] password for admin:`.
fn is_asked(line: &str) -> bool {
    let beginnings = [
        "[sudo] password for ",
        "[sudo: authenticate] Password:",
        "doas (",
        "Password:",
        "sudo: unable to resolve host ",
    ];
    beginnings.iter().any(|begins| line.starts_with(begins))
}

/// What prompts end with.
const MARKS: [char; 5] = ['$', '#', '%', '>', '\u{276f}'];

/// What prompts of zsh begin with.
const ARROW: char = '\u{279c}';

/// Whether a line follows the output: a prompt that waits, or that something else was typed behind, and
/// what a session ends with.
fn is_after(line: &str) -> bool {
    if matches!(line, "exit" | "logout") || is_closing(line) || line.starts_with(ARROW) {
        return true;
    }
    let marks = line.char_indices().filter(|(_, c)| MARKS.contains(c));
    marks.into_iter().any(|(at, mark)| {
        let rest = &line[at + mark.len_utf8()..];
        let behind = rest.strip_prefix(' ').map(str::trim);
        match (line[..at].trim_end(), behind) {
            // A comment begins like that as well.
            ("", Some(typed)) => FAREWELLS.contains(&typed) || (mark != '#' && is_typed(line)),
            ("", None) => rest.is_empty(),
            (before, Some(_)) => is_before_mark(before),
            (before, None) => rest.is_empty() && is_before_mark(before),
        }
    })
}

/// `Connection to node-a closed.`
fn is_closing(line: &str) -> bool {
    line.starts_with("Connection to ") && line.ends_with(" closed.")
}

/// Whether a prompt may have this before its mark: `root@node-a:~`, `[admin@n ~]`, `node-a`,
/// `bash-5.2`, `localhost ~`, `node-a /etc`, `~`.
fn is_before_mark(text: &str) -> bool {
    let plain = |c: char| !"\"'{}=;|\\,*".contains(c) && !c.is_control();
    if !text.chars().all(plain) || text.starts_with('-') {
        return false;
    }
    let mut words = text.split_ascii_whitespace();
    let (Some(first), second, None) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let is_host = |word: &str| {
        let letters = |c: char| c.is_ascii_alphanumeric() || "-._@:~/[]()".contains(c);
        word.chars().all(letters)
    };
    let is_place = |word: &str| word.starts_with(['~', '/']);
    is_host(first) && second.is_none_or(is_place)
}

/// Without the sequences that terminals act on (ECMA-48, control sequences).
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.next_if_eq(&'[').is_some() {
            chars.find(|c| ('\u{40}'..='\u{7e}').contains(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a file has nothing to say.
pub(super) fn is_blank(file: CaptureFile, text: &str) -> bool {
    let comments = file != CaptureFile::Addresses;
    content(text).all(|(_, line)| comments && line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_output_is_left_out_and_lines_stay_in_their_places() {
        for (text, expected) in [
            ("1: lo\n", "1: lo\n"),
            ("\u{feff}1: lo\r\n2: eth0\r\n", "1: lo\n2: eth0\n"),
            (
                "root@node-a:~# ip addr\n1: lo\nroot@node-a:~# ",
                "\n1: lo\n\n",
            ),
            (
                "[admin@n ~]$ sudo /sbin/ipvsadm -Sn\n-A -f 1\n",
                "\n-A -f 1\n",
            ),
            ("$ iptables-save\n*nat\nCOMMIT\n$\n", "\n*nat\nCOMMIT\n\n"),
            (
                "2: \u{1b}[36mkube-ipvs0: \u{1b}[0m<UP>\n",
                "2: kube-ipvs0: <UP>\n",
            ),
            (
                "n $ sudo ipset save\n[sudo] password for x: \ncreate A hash:ip\nn $ exit\nlogout\n",
                "\n\ncreate A hash:ip\n\n\n",
            ),
            // Text that only looks like it.
            (
                "-A X -m comment --comment \"a $ ip addr\"\n",
                "-A X -m comment --comment \"a $ ip addr\"\n",
            ),
            ("# Completed on x\n", "# Completed on x\n"),
            ("COMMIT\n# Completed on x", "COMMIT\n# Completed on x"),
        ] {
            assert_eq!(cleaned(text), expected, "{text:?}");
        }
    }

    #[test]
    fn prompts_after_output_are_known_by_their_marks() {
        for line in [
            "root@node-a:~#",
            "root@node-a:~# cat /etc/hosts",
            "[admin@n ~]$ exit",
            "$",
            "$ exit",
            "# exit",
            "#",
            "node#",
            "node# ls",
            "bash-5.2# exit",
            "sh-4.4$",
            "localhost ~ #",
            "node-a /etc # exit",
            "/ # exit",
            "~ #",
            "node% logout",
            "\u{279c}  ~",
            "exit",
            "logout",
            "Connection to 192.0.2.1 closed.",
        ] {
            assert!(is_after(line), "{line}");
        }
        for line in [
            "# Completed on Sat Nov 21",
            "COMMIT",
            "}",
            "# a remark",
            "table ip nat { # handle 5",
            "ip daddr 10.0.0.1 accept # handle 12",
            "chain input { # handle 1",
            "-a -t 10.96.0.1:80 -r 10.244.0.5:80 -m -w 1",
            "kernel.core_pattern = |/bin/false -p% -x",
            "add KUBE-CLUSTER-IP 10.96.0.1,tcp:80 comment \"x # y\"",
            "    inet 10.96.0.1/32 scope global kube-ipvs0",
        ] {
            assert!(!is_after(line.trim()), "{line}");
        }
    }

    #[test]
    fn a_text_that_ends_within_a_line_is_told_from_one_that_a_prompt_follows() {
        for (text, expected) in [
            ("create A hash:ip\nadd A 10.9", Some(2)),
            ("create A hash:ip\nadd A 10.9\n", None),
            ("create A hash:ip\nadd A 10.9\nroot@n:~# ", None),
            ("", None),
            ("\n\n", None),
        ] {
            assert_eq!(cut_line(text), expected, "{text:?}");
        }
    }
}
