//! Tables of nftables, with `nft`: it knows the dialect of its kernel, and sends a script as one
//! transaction.
//!
//! Every change of any table gives the kernel's ruleset a new generation, and a transaction may name the
//! one that it was made for, but those of `nft` name none. So we look whether our tables are still what
//! a change was made for, as short a time before as can be, and the script names what goes and what
//! comes so exactly that it fails as a whole where somebody was there in between.

mod generation;
mod names;

use portolan_compiler::apply::TablesChange;
use portolan_compiler::front::facts::Nft;
use portolan_compiler::kernel::nftables::{
    KUBE_PROXY_TABLE, Memory, Observed, SetName, TABLE, read as parse,
};
use portolan_compiler::model::IpFamily;
use portolan_compiler::plan::Flows;

use super::program::Program;
use crate::host::HostError;
pub(super) use generation::{answers, has_table};
pub(super) use names::tables;

pub(super) const NFT: Program = Program {
    name: "nft",
    package: "nftables",
};

/// Its version; `None` where there is no program that says so.
pub(super) fn version() -> Option<Nft> {
    parse_version(&NFT.run(&["--version"]).ok()?)
}

/// Reads `nftables v1.0.6 (Lester Gooch #5)`.
fn parse_version(text: &str) -> Option<Nft> {
    let version = text.split_ascii_whitespace().nth(1)?.strip_prefix('v')?;
    Some(Nft {
        version: Some(version.to_owned()),
    })
}

/// How often tables are listed that change meanwhile.
const LISTINGS: usize = 6;

fn ip(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "ip",
        IpFamily::V6 => "ip6",
    }
}

/// Our tables and kube-proxy's, all as they were at one moment.
pub(super) fn read() -> Result<Observed, HostError> {
    let mut before = generation::generation()?;
    for _ in 0..LISTINGS {
        let listed = list()?;
        let after = generation::generation()?;
        if before == after {
            return Ok(listed);
        }
        before = after;
    }
    // Others change theirs all the time; ours are read again before they are changed.
    list()
}

fn list() -> Result<Observed, HostError> {
    let mut text = String::new();
    for family in IpFamily::ALL {
        for name in [TABLE, KUBE_PROXY_TABLE] {
            // Most nodes have none, and need no nft then.
            if has_table(family, name)? {
                text.push_str(&NFT.run(&["list", "table", ip(family), name])?);
            }
        }
    }
    parse(&text).map_err(|problem| HostError::Output {
        program: NFT.name,
        problem: problem.to_string(),
    })
}

/// Changes tables, all at once, if they are what the change was made for.
pub(super) fn carry_out(change: &TablesChange) -> Result<(), HostError> {
    if !change.fits(&read()?) {
        return Err(HostError::RulesetChanged {
            by: generation::writer(),
        });
    }
    NFT.carry_out_listing(&["-f", "-"], &change.script())
}

/// Forgets endpoints of clients. One that goes away by itself meanwhile is forgotten as well.
pub(super) fn forget(list: &[(Memory, Flows)]) -> Result<(), HostError> {
    let now = read()?;
    for found in now.tables.iter().flatten() {
        let family = ip(found.table.family);
        for ((memory, client), remembered) in &found.affinity {
            let mut wanted = list.iter();
            if !wanted.any(|(of, which)| of == memory && which.include(remembered)) {
                continue;
            }
            let map = SetName::Affinity(*memory);
            let script = format!("delete element {family} {TABLE} {map} {{ {client} }}\n");
            match NFT.carry_out(&["-f", "-"], &script) {
                Err(HostError::Program { message, .. }) if is_gone(&message) => {}
                done => done?,
            }
        }
    }
    Ok(())
}

fn is_gone(message: &str) -> bool {
    message.contains("No such file or directory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_nft_prints_them() {
        let version = |text| parse_version(text).and_then(|nft| nft.version);
        let found = version("nftables v1.0.6 (Lester Gooch #5)\n");
        assert_eq!(found.as_deref(), Some("1.0.6"));
        assert_eq!(version(""), None);
    }
}
