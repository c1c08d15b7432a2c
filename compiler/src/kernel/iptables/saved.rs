//! Tables as they were found, other software's chains and rules among them.

use std::fmt;

use super::{Chain, ChainName, Jump, Rule, Ruleset, Table, TableName};

/// The tables of one family, of a node or a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// Tables of any name, in the order they were found.
    pub tables: Vec<SavedTable>,
}

/// A table as `iptables-save` or a script has it, ours or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedTable {
    /// Name, which need not be a [`TableName`].
    pub name: Box<str>,
    /// Chains, in the order they were found: declared, or first used where a script relies on a
    /// chain of the node.
    pub chains: Vec<SavedChain>,
}

/// A chain as `iptables-save` or a script has it, ours or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedChain {
    /// Name, which need not be a [`ChainName`].
    pub name: Box<str>,
    /// What happens to packets that no rule decides: the kernel's own chains have that, where the
    /// text says so.
    pub policy: Option<Policy>,
    /// Rules from the top.
    pub rules: Vec<SavedRule>,
}

/// The policy of one of the kernel's own chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// `ACCEPT`: what no rule decides is let through.
    Accept,
    /// `DROP`: what no rule decides is thrown away.
    Drop,
}

/// A rule as `iptables-save` or a script has it, ours or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedRule {
    /// One that our types express, to the letter.
    Known(Rule),
    /// Any other: everything after `-A CHAIN `.
    Foreign(Box<str>),
}

impl fmt::Display for SavedRule {
    /// Everything after `-A CHAIN `, as it was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(rule) => rule.fmt(f),
            Self::Foreign(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Saved {
    /// As `iptables-save` prints it, counters left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tables.iter().try_for_each(|table| table.fmt(f))
    }
}

impl fmt::Display for SavedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "*{}", self.name)?;
        for chain in &self.chains {
            let policy = match chain.policy {
                Some(Policy::Accept) => "ACCEPT",
                Some(Policy::Drop) => "DROP",
                None => "-",
            };
            writeln!(f, ":{} {policy}", chain.name)?;
        }
        for chain in &self.chains {
            for rule in &chain.rules {
                writeln!(f, "-A {} {rule}", chain.name)?;
            }
        }
        writeln!(f, "COMMIT")
    }
}

impl Saved {
    /// A table, if it was found.
    pub fn table(&self, name: TableName) -> Option<&SavedTable> {
        self.tables
            .iter()
            .find(|table| &*table.name == name.as_str())
    }
}

impl SavedTable {
    /// A chain, if it was found.
    pub fn chain(&self, name: &ChainName) -> Option<&SavedChain> {
        self.chains
            .iter()
            .find(|chain| &*chain.name == name.as_str())
    }
}

/// What keeps found tables from being a [`Ruleset`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// A table that is not used here.
    #[error("table {0} is none that portolan writes")]
    Table(Box<str>),
    /// A chain whose name is not used here.
    #[error("chain {chain} of table {table} has a name that portolan does not write")]
    Chain {
        /// The table's name.
        table: Box<str>,
        /// The chain's name.
        chain: Box<str>,
    },
    /// A rule that is not used here.
    #[error("chain {chain} of table {table} has a rule that portolan does not write: {rule}")]
    Rule {
        /// The table's name.
        table: Box<str>,
        /// The chain's name.
        chain: Box<str>,
        /// Its text, as found.
        rule: Box<str>,
    },
}

impl TryFrom<Saved> for Ruleset {
    type Error = NotOurs;

    /// Takes tables of which everything is ours: what a script of [`super::write`] reads as.
    fn try_from(saved: Saved) -> Result<Self, NotOurs> {
        let mut tables = saved
            .tables
            .into_iter()
            .map(Table::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        tables.sort_by_key(|table| table.name);
        Ok(Self { tables })
    }
}

impl TryFrom<SavedTable> for Table {
    type Error = NotOurs;

    fn try_from(saved: SavedTable) -> Result<Self, NotOurs> {
        let SavedTable {
            name: label,
            chains,
        } = saved;
        let Ok(name) = label.parse() else {
            return Err(NotOurs::Table(label));
        };
        let mut table = Self {
            name,
            chains: Vec::new(),
            jumps: Vec::new(),
        };
        for SavedChain { name, rules, .. } in chains {
            let Some(from) = ChainName::new(&name) else {
                return Err(NotOurs::Chain {
                    table: label,
                    chain: name,
                });
            };
            let mut known = Vec::with_capacity(rules.len());
            for rule in rules {
                match rule {
                    SavedRule::Known(rule) => known.push(rule),
                    SavedRule::Foreign(rule) => {
                        return Err(NotOurs::Rule {
                            table: label,
                            chain: name,
                            rule,
                        });
                    }
                }
            }
            if from.is_builtin() {
                table.jumps.extend(known.into_iter().map(|rule| Jump {
                    from: from.clone(),
                    rule,
                }));
            } else {
                table.chains.push(Chain {
                    name: from,
                    rules: known,
                });
            }
        }
        table.chains.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(table)
    }
}
