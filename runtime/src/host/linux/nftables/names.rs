//! The names of all tables, as `nft` lists them.

use super::NFT;
use crate::host::{HostError, NftTable};

/// All tables; `None` where there is no `nft`.
pub(in super::super) fn tables() -> Result<Option<Vec<NftTable>>, HostError> {
    let text = NFT.run_if_installed(&["list", "tables"])?;
    Ok(text.map(|text| text.lines().filter_map(table).collect()))
}

/// Reads `table ip kube-proxy`.
fn table(line: &str) -> Option<NftTable> {
    let mut words = line.split_ascii_whitespace();
    let ("table", family, name) = (words.next()?, words.next()?, words.next()?) else {
        return None;
    };
    Some(NftTable {
        family: family.to_owned(),
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_as_the_program_prints_them() {
        let name = |line| table(line).map(|table| table.to_string());
        assert_eq!(
            name("table ip kube-proxy").as_deref(),
            Some("ip kube-proxy")
        );
        assert_eq!(name(""), None);
    }
}
