//! kube-proxy's own table of mode nftables (`pkg/proxy/nftables`), which is known by its name alone.
//!
//! It is never written but put back as it was listed, where an apply that took it away is undone.

use super::read::{Token, closed_lines};
use super::write::ip;
use crate::model::IpFamily;

/// The name of kube-proxy's table, in the families `ip` and `ip6`.
pub const KUBE_PROXY_TABLE: &str = "kube-proxy";

/// kube-proxy's table of one family, in nft's words.
///
/// The lines make one `table` block and nothing else. None has a control character, blanks around it,
/// or a comment of nft's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeProxyTable {
    family: IpFamily,
    lines: Vec<Box<str>>,
}

impl KubeProxyTable {
    /// Reads lines as [`Self::lines`] gives them; `None` for anything else than one table of
    /// kube-proxy's.
    pub fn of_lines(lines: &[Box<str>]) -> Option<Self> {
        let [v4, v6] = super::read(&lines.join("\n")).ok()?.kube_proxy;
        let ((Some(table), None) | (None, Some(table))) = (v4, v6) else {
            return None;
        };
        // What was left out while reading does not belong to the table.
        (table.lines == lines).then_some(table)
    }

    pub(super) fn new(family: IpFamily) -> Self {
        Self {
            family,
            lines: Vec::new(),
        }
    }

    /// Adds what stands between a block's braces. A file that the block includes would be read with
    /// the rights of whoever puts the table back, so such statements are left out.
    pub(super) fn add(&mut self, body: &[Token<'_>]) {
        self.lines
            .push(format!("table {} {{", Self::name(self.family)).into());
        self.lines.extend(closed_lines(body));
        self.lines.push("}".into());
    }

    /// The name of a family's table, as nft takes it: `ip6 kube-proxy`.
    pub fn name(family: IpFamily) -> String {
        format!("{} {KUBE_PROXY_TABLE}", ip(family))
    }

    /// Its family.
    pub fn family(&self) -> IpFamily {
        self.family
    }

    /// The whole table, a line each.
    pub fn lines(&self) -> &[Box<str>] {
        &self.lines
    }

    /// How many chains it has.
    pub fn chains(&self) -> usize {
        let lines = self.lines.iter();
        lines
            .filter(|line| line.starts_with("chain ") && line.ends_with('{'))
            .count()
    }
}
