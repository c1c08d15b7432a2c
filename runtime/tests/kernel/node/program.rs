//! Feeds artefacts to the tools they are written for.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{Artefact, ArtefactKind};

use super::{Tool, Variant, netlink};

/// Gives an artefact to its tool, the rules to the variant of iptables.
pub(crate) fn program(artefact: &Artefact, variant: Variant) {
    let path = PathBuf::from(artefact.kind.as_str());
    fs::write(&path, &artefact.bytes).unwrap();
    let words = || {
        let text = String::from_utf8(artefact.bytes.clone()).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    match artefact.kind {
        ArtefactKind::ModulesLoad => Tool::new(&format!("modprobe -a {}", words())).run(),
        ArtefactKind::Sysctl => Tool::new("sysctl -q -p").path(&path).run(),
        ArtefactKind::Addresses => Tool::new("ip -batch").path(&path).run(),
        ArtefactKind::Ipset => Tool::new("ipset restore").reading(&path).run(),
        ArtefactKind::Iptables => restore("iptables", variant, &path),
        ArtefactKind::Ip6tables => restore("ip6tables", variant, &path),
        ArtefactKind::IpvsRules => Tool::new("ipvsadm -R").reading(&path).run(),
        ArtefactKind::IpvsTimeouts => Tool::new(&format!("ipvsadm --set {}", words())).run(),
        ArtefactKind::IpvsNetlink => netlink::send(&artefact.bytes),
        ArtefactKind::Nftables => Tool::new("nft -f").path(&path).run(),
        // Says the same as the text, and nothing that a kernel takes.
        ArtefactKind::NftablesJson | ArtefactKind::Services => {}
    }
}

fn restore(tables: &str, variant: Variant, path: &Path) {
    let program = variant.program(tables, "restore");
    Tool::new(&format!("{program} --noflush"))
        .reading(path)
        .run();
}
