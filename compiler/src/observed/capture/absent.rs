//! What is in a file where the node has no IPVS, or not the command whose output was asked for.

use std::borrow::Cow;

use super::{CaptureError, CaptureFile};

/// Nothing, where `ipvsadm` says that the kernel has no IPVS: there are no virtual servers then.
pub(super) fn without_ipvs(file: CaptureFile, text: Cow<'_, str>) -> Cow<'_, str> {
    const NONE: &str = "Can't initialize ipvs: Protocol not available";
    let of_ipvs = matches!(file, CaptureFile::VirtualServers | CaptureFile::Timeouts);
    if of_ipvs && text.lines().any(|line| line.trim() == NONE) {
        return "".into();
    }
    text
}

/// Refuses what a shell says where it has no such command.
pub(super) fn not_installed(file: CaptureFile, text: &str) -> Result<(), CaptureError> {
    let mut lines = text.lines().map(str::trim).enumerate();
    match lines.find(|(_, line)| is_unknown_command(line)) {
        None => Ok(()),
        Some((at, line)) => Err(CaptureError::NotInstalled {
            file,
            line: at + 1,
            said: line.to_owned(),
        }),
    }
}

/// `bash: ipvsadm: command not found`, and the same of other shells and of sudo.
fn is_unknown_command(line: &str) -> bool {
    let Some((who, said)) = line.split_once(": ") else {
        return false;
    };
    let name = who.rsplit('/').next().unwrap_or(who);
    let is_shell = matches!(
        name.trim_start_matches('-'),
        "sh" | "bash"
            | "dash"
            | "ash"
            | "ksh"
            | "zsh"
            | "sudo"
            | "doas"
            | "time"
            | "nsenter"
            | "env"
    );
    let ends = |ends: &str| said.ends_with(ends);
    is_shell
        && (said.starts_with("command not found: ")
            || ends(": command not found")
            || ends(": not found")
            || ends(": No such file or directory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shells_that_know_no_such_command() {
        for (line, expected) in [
            ("bash: ipvsadm: command not found", true),
            ("-bash: ipset: command not found", true),
            ("bash: line 1: ipset: command not found", true),
            ("/bin/sh: 1: ipset: not found", true),
            ("zsh: command not found: ipvsadm", true),
            ("sudo: ipvsadm: command not found", true),
            ("bash: /usr/sbin/ipvsadm: No such file or directory", true),
            ("modprobe: FATAL: Module ip_vs not found.", false),
            ("-A -t 10.96.0.10:53 -s rr", false),
            ("fd00::1", false),
        ] {
            assert_eq!(is_unknown_command(line), expected, "{line}");
        }
    }
}
