//! What a node must have for mode nftables.

use crate::diag::{Code, Finding, Findings, Place};
use crate::model::{Facts, Release};
use crate::source::FieldPath;

const fn release(major: u16, minor: u16, patch: u16) -> Release {
    Release {
        major,
        minor,
        patch,
    }
}

/// The first kernel and the first nft that kube-proxy's mode nftables works with (kubernetes#124152,
/// kubernetes#122743).
const KERNEL: Release = release(5, 13, 0);
const NFT: Release = release(1, 0, 1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Software {
    Kernel,
    Nft,
}

/// Something of a node that is older than mode nftables takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacking {
    part: Software,
    has: Release,
    needs: Release,
}

/// What of a node is too old for mode nftables, as far as its facts say.
pub fn lacking(facts: &Facts) -> Vec<Lacking> {
    let all = [
        (Software::Kernel, facts.kernel, KERNEL),
        (Software::Nft, facts.nft, NFT),
    ];
    let known = all.into_iter();
    let known = known.filter_map(|(part, has, needs)| {
        Some(Lacking {
            part,
            has: has?,
            needs,
        })
    });
    known.filter(|one| one.has < one.needs).collect()
}

/// Warns of a node that is asked to serve in mode nftables, and too old for it.
pub(super) fn check(facts: &Facts, findings: &mut Findings) {
    for lacking in lacking(facts) {
        let path = match lacking.part {
            Software::Kernel => FieldPath::root().key("kernel"),
            Software::Nft => FieldPath::root().key("nft").key("version"),
        };
        findings.push(
            Finding::warning(
                Code::NftablesUnsupported,
                Place::Field(facts.object, path),
                format!("node {} has {lacking}", facts.name),
            )
            .help("serve such a node in mode iptables, or renew it first"),
        );
    }
}

impl std::fmt::Display for Lacking {
    /// `kernel 5.10, and mode nftables needs 5.13 or later`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |release: Release| {
            let Release {
                major,
                minor,
                patch,
            } = release;
            match patch {
                0 => format!("{major}.{minor}"),
                _ => format!("{major}.{minor}.{patch}"),
            }
        };
        write!(
            f,
            "{} {}, and mode nftables needs {} or later",
            match self.part {
                Software::Kernel => "kernel",
                Software::Nft => "nft",
            },
            number(self.has),
            number(self.needs)
        )
    }
}
