//! iptables rules: a typed tree of tables, chains and rules, the text `iptables-restore` takes, and
//! a reader for it and for what `iptables-save` prints.

mod about;
pub(crate) mod build;
mod draft;
mod modules;
mod order;
mod parse;
mod probability;
mod read;
mod rule;
mod saved;
mod table;
mod words;
mod write;

pub use modules::{MODULES, modules};
pub(crate) use order::{drops, in_one_order, same_rules};
pub use probability::Probability;
pub use read::{Problem, ReadError, read};
pub use rule::{
    AddrType, BuiltinChain, ChainName, Comment, Mark, Match, Negation, PortChoice, Recent,
    RejectWith, Rule, SetDirection, Target,
};
pub use saved::{NotOurs, Policy, Saved, SavedChain, SavedRule, SavedTable};
pub use table::{Chain, Frame, Jump, Ruleset, Table, TableName};
pub use write::write;
