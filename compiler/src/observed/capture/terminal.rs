//! What terminals and people leave around the output of a command.

use std::borrow::Cow;

use super::CaptureFile;

/// Programs whose output a capture holds, as they are typed.
const PROGRAMS: [&str; 6] = ["ip", "ipvsadm", "ipset", "nft", "sysctl", "ifconfig"];

/// The text without byte order mark, carriage returns and colours, and with the shell's prompts around
/// it made empty lines: what remains stands in the lines it stood in.
pub(super) fn cleaned(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut text: Cow<'_, str> = text.into();
    if text.contains('\u{1b}') {
        text = without_escapes(&text).into();
    }
    if text.contains('\r') {
        text = text.replace("\r\n", "\n").into();
    }
    let first = content(&text).next();
    let last = content(&text).last();
    let typed = first.filter(|(_, line)| is_typed(line));
    let waiting = last.filter(|(_, line)| is_prompt(line));
    let blank: Vec<usize> = [typed, waiting]
        .into_iter()
        .flatten()
        .map(|at| at.0)
        .collect();
    if !blank.is_empty() {
        let lines = text.lines().enumerate();
        let lines = lines.map(|(at, line)| if blank.contains(&at) { "" } else { line });
        text = lines
            .flat_map(|line| [line, "\n"])
            .collect::<String>()
            .into();
    }
    text
}

fn content(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(str::trim).enumerate();
    lines.filter(|(_, line)| !line.is_empty())
}

/// The command that somebody typed before the output, if the text begins with one: its line, from 1, and
/// the command without `sudo` and without a path.
pub(super) fn command(text: &str) -> Option<(usize, String)> {
    let (at, line) = content(text).next()?;
    Some((at + 1, typed(line)?))
}

/// Whether a line is a command as somebody typed it, behind a prompt: `root@node-a:~# ip addr`.
fn is_typed(line: &str) -> bool {
    typed(line).is_some()
}

fn typed(line: &str) -> Option<String> {
    let (prompt, rest) = line
        .char_indices()
        .filter(|(_, c)| "$#%>".contains(*c))
        .find_map(|(at, c)| Some((&line[..at], line[at + c.len_utf8()..].strip_prefix(' ')?)))?;
    let words = rest.split_ascii_whitespace();
    let mut words = words.skip_while(|word| matches!(*word, "sudo" | "-n" | "doas"));
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

/// Whether a line is a prompt that waits: `root@node-a:~#`.
fn is_prompt(line: &str) -> bool {
    let marked = line.ends_with(['$', '#', '%', '>']);
    marked && (line.contains('@') || line.len() == 1)
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
            // Text that only looks like it.
            (
                "-A X -m comment --comment \"a $ ip addr\"\n",
                "-A X -m comment --comment \"a $ ip addr\"\n",
            ),
            ("# Completed on x\n", "# Completed on x\n"),
        ] {
            assert_eq!(cleaned(text), expected, "{text:?}");
        }
    }
}
