//! iptables rules: a typed tree of tables, chains and rules, the text `iptables-restore` takes, and
//! a reader for it and for what `iptables-save` prints.

mod read;
mod rule;
mod table;
mod write;

pub use rule::{
    AddrType, ChainName, Comment, Mark, Match, Negation, PortChoice, RejectWith, Rule,
    SetDirection, Target,
};
pub use table::{Chain, Jump, Ruleset, Table, TableName};
pub use write::write;
