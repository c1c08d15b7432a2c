//! A table while its lines are read.

use std::collections::BTreeMap;

use super::read::Problem;
use super::{Policy, SavedChain, SavedRule, SavedTable, Target, parse};

/// A table while its lines are read.
pub(super) struct Draft<'a> {
    table: SavedTable,
    /// Index of each chain: with iptables mode there are tens of thousands.
    index: BTreeMap<&'a str, usize>,
    name: &'a str,
}

impl<'a> Draft<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        Self {
            table: SavedTable {
                name: name.into(),
                chains: Vec::new(),
            },
            index: BTreeMap::new(),
            name,
        }
    }

    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// Applies one line between `*TABLE` and `COMMIT`.
    pub(super) fn apply(&mut self, line: &'a str) -> Result<(), Problem> {
        if let Some(declaration) = line.strip_prefix(':') {
            return self.declare(declaration);
        }
        let line = match line.strip_prefix('[') {
            Some(counted) => counted.split_once("] ").ok_or(Problem::Command)?.1,
            None => line,
        };
        let (command, rest) = word(line);
        let (name, rest) = word(rest);
        match (command, name) {
            ("-F", "") => self
                .table
                .chains
                .iter_mut()
                .for_each(|chain| chain.rules.clear()),
            (_, "") => return Err(Problem::Command),
            ("-A", name) => self.chain(name).rules.push(rule(rest)),
            ("-I", name) => self.insert(name, rest)?,
            ("-N", name) => {
                self.chain(name);
            }
            ("-P", name) => self.chain(name).policy = policy(rest)?,
            ("-F", name) => self.chain(name).rules.clear(),
            ("-X", name) => {
                let removed = self.index.remove(name).ok_or(Problem::UnknownChain)?;
                self.table.chains.remove(removed);
                for at in self.index.values_mut().filter(|at| **at > removed) {
                    *at -= 1;
                }
            }
            _ => return Err(Problem::Command),
        }
        Ok(())
    }

    /// The table, once all lines are applied.
    pub(super) fn finish(mut self) -> SavedTable {
        for chain in &mut self.table.chains {
            for rule in &mut chain.rules {
                if let SavedRule::Known(known) = rule
                    && let Target::Chain(target) = &known.target
                    && !self.index.contains_key(target.as_str())
                {
                    *rule = SavedRule::Foreign(known.to_string().into());
                }
            }
        }
        self.table
    }

    /// `KUBE-SERVICES - [0:0]`. Declaring a chain again empties it, as the tools do.
    fn declare(&mut self, text: &'a str) -> Result<(), Problem> {
        let (name, rest) = word(text);
        let (kind, _counters) = word(rest);
        if name.is_empty() {
            return Err(Problem::Command);
        }
        let policy = policy(kind)?;
        let chain = self.chain(name);
        chain.policy = policy;
        chain.rules.clear();
        Ok(())
    }

    fn insert(&mut self, name: &'a str, rest: &str) -> Result<(), Problem> {
        let (first, after) = word(rest);
        let (number, rest) = match first.parse::<usize>() {
            Ok(number) => (number, after),
            Err(_) => (1, rest),
        };
        let rules = &mut self.chain(name).rules;
        let at = number.checked_sub(1).filter(|at| *at <= rules.len());
        rules.insert(at.ok_or(Problem::RuleNumber)?, rule(rest));
        Ok(())
    }

    fn chain(&mut self, name: &'a str) -> &mut SavedChain {
        let chains = &mut self.table.chains;
        let at = *self.index.entry(name).or_insert_with(|| {
            chains.push(SavedChain {
                name: name.into(),
                policy: None,
                rules: Vec::new(),
            });
            chains.len() - 1
        });
        &mut chains[at]
    }
}

fn policy(text: &str) -> Result<Option<Policy>, Problem> {
    match text {
        "-" => Ok(None),
        "ACCEPT" => Ok(Some(Policy::Accept)),
        "DROP" => Ok(Some(Policy::Drop)),
        _ => Err(Problem::Policy),
    }
}

fn rule(text: &str) -> SavedRule {
    parse::rule(text).map_or_else(|| SavedRule::Foreign(text.into()), SavedRule::Known)
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    text.split_once([' ', '\t'])
        .map_or((text, ""), |(first, rest)| (first, rest.trim_start()))
}
