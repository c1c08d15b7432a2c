//! Kernel modules, from /proc/modules and /lib/modules.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::program::Program;
use super::{RELEASE, proc};
use crate::host::{HostError, Installed, Modules};

/// What is not there or cannot be read is unknown: modules only explain, nothing depends on them.
pub(super) fn read() -> Modules {
    let loaded = fs::read_to_string("/proc/modules").unwrap_or_default();
    Modules {
        loaded: loaded.lines().filter_map(first_word).collect(),
        installed: proc(RELEASE)
            .ok()
            .and_then(|release| installed(&Path::new("/lib/modules").join(release))),
    }
}

/// Loads modules; those that are there, or built in, are fine.
pub(super) fn load(names: &[&str]) -> Result<(), HostError> {
    const MODPROBE: Program = Program {
        name: "modprobe",
        package: "kmod",
    };
    if names.is_empty() {
        return Ok(());
    }
    let mut args = vec!["--all", "--"];
    args.extend(names);
    MODPROBE.run(&args).map(drop)
}

fn first_word(line: &str) -> Option<String> {
    line.split_ascii_whitespace().next().map(str::to_owned)
}

/// What `depmod` wrote down.
fn installed(folder: &Path) -> Option<Installed> {
    let read = |name| fs::read_to_string(folder.join(name));
    let files = read("modules.dep").ok()?;
    let built_in = read("modules.builtin").unwrap_or_default();
    Some(Installed {
        built_in: built_in.lines().filter_map(module).collect(),
        files: files
            .lines()
            .filter_map(|line| module(line.split_once(':')?.0))
            .collect(),
        aliases: aliases(&read("modules.alias").unwrap_or_default()),
    })
}

/// `ip_vs` of `kernel/net/netfilter/ipvs/ip_vs.ko.xz`.
fn module(path: &str) -> Option<String> {
    let file = path.rsplit('/').next()?;
    let (name, _) = file.split_once(".ko")?;
    Some(name.replace('-', "_"))
}

/// `alias ipt_MASQUERADE xt_MASQUERADE`; patterns that hardware is matched with pass by.
fn aliases(text: &str) -> BTreeMap<String, String> {
    let plain = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let ("alias", name, real) = (words.next()?, words.next()?, words.next()?) else {
                return None;
            };
            plain(name).then(|| (name.replace('-', "_"), real.replace('-', "_")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depmod_writes_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        assert_eq!(installed(folder.path()), None);
        write(
            "modules.dep",
            "kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/net/netfilter/nf_conntrack.ko.xz\n\
             kernel/drivers/net/snd-dummy.ko:\n",
        );
        write("modules.builtin", "kernel/net/netfilter/nf_conntrack.ko\n");
        write(
            "modules.alias",
            "# Aliases extracted from modules themselves.\n\
             alias pci:v*d*sv*sd*bc* x\nalias ipt_MASQUERADE xt_MASQUERADE\n",
        );
        let found = installed(folder.path()).unwrap();
        assert!(found.files.iter().eq(["ip_vs", "snd_dummy"]));
        assert!(found.built_in.iter().eq(["nf_conntrack"]));
        assert!(
            found
                .aliases
                .iter()
                .eq([(&"ipt_MASQUERADE".to_owned(), &"xt_MASQUERADE".to_owned())])
        );
    }
}
