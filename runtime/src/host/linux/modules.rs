//! Kernel modules, from /proc/modules, /sys/module and /lib/modules, and features from where the kernel
//! shows them: what is built in has no module to be listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::program::Program;
use super::{RELEASE, proc};
use crate::host::{HostError, Installed, Modules};

/// What is not there or cannot be read is unknown: modules only explain, nothing depends on them.
pub(super) fn read() -> Modules {
    Modules {
        loaded: loaded(Path::new("/")),
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

/// What is loaded or built in, as far as it shows, under this root.
fn loaded(root: &Path) -> BTreeSet<String> {
    let text = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut found: BTreeSet<String> = text("proc/modules")
        .lines()
        .filter_map(first_word)
        .collect();
    // Those that are built in have a folder where they have parameters.
    let folders = fs::read_dir(root.join("sys/module"));
    let names = folders
        .into_iter()
        .flatten()
        .flatten()
        .map(|one| one.file_name());
    found.extend(names.filter_map(|name| name.into_string().ok()));
    for (path, module) in [
        ("proc/net/ip_vs", "ip_vs"),
        ("proc/sys/net/netfilter/nf_conntrack_max", "nf_conntrack"),
    ] {
        if root.join(path).exists() {
            found.insert(module.to_owned());
        }
    }
    // Matches and targets of iptables, by the names that rules have for them.
    for (family, prefix) in [("ip", "ipt"), ("ip6", "ip6t")] {
        let matches = text(&format!("proc/thread-self/net/{family}_tables_matches"));
        found.extend(matches.lines().map(|name| format!("xt_{}", name.trim())));
        let targets = text(&format!("proc/thread-self/net/{family}_tables_targets"));
        for name in targets.lines().map(str::trim) {
            found.extend([format!("xt_{name}"), format!("{prefix}_{name}")]);
        }
    }
    found
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
    fn what_is_built_in_shows_in_other_places() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert!(loaded(root).is_empty());
        for name in [
            "proc/thread-self/net",
            "proc/sys/net/netfilter",
            "sys/module/nf_nat",
        ] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::create_dir_all(root.join("proc/net")).unwrap();
        for (name, text) in [
            ("proc/modules", "dummy 16384 0 - Live 0x0\n"),
            ("proc/net/ip_vs", ""),
            ("proc/sys/net/netfilter/nf_conntrack_max", "65536\n"),
            ("proc/thread-self/net/ip_tables_matches", "set\naddrtype\n"),
            ("proc/thread-self/net/ip6_tables_targets", "REJECT\n"),
        ] {
            fs::write(root.join(name), text).unwrap();
        }
        let expected = [
            "dummy",
            "ip6t_REJECT",
            "ip_vs",
            "nf_conntrack",
            "nf_nat",
            "xt_REJECT",
            "xt_addrtype",
            "xt_set",
        ];
        assert!(loaded(root).iter().eq(expected));
    }

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
