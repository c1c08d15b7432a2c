//! Chains and rules.

use crate::kernel::ipset::SetName;
use crate::kernel::iptables::{Match, Saved, SavedChain, SavedRule, SavedTable, Target};
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::{Delta, RuleChain, RulePosition};

pub(super) fn chain(
    node: &mut Observed,
    at: &RuleChain,
    delta: &Delta<Vec<SavedRule>>,
) -> Result<(), Refused> {
    let table = table(&mut node.iptables[at.family as usize], at);
    let name = at.chain.as_str();
    let found = table.chains.iter().position(|chain| &*chain.name == name);
    match (found, delta) {
        (None, Delta::Add(_)) => table.chains.push(SavedChain {
            name: name.into(),
            policy: None,
            rules: Vec::new(),
        }),
        (Some(_), Delta::Add(_)) => return Err(Refused::Exists),
        (None, _) => return Err(Refused::Missing),
        (Some(_), Delta::Change { .. }) => {}
        (Some(found), Delta::Remove(_)) => {
            let leads_here = |chain: &SavedChain| chain.rules.iter().any(|r| leads_to(r, name));
            if table.chains.iter().any(leads_here) {
                return Err(Refused::InUse);
            }
            table.chains.remove(found);
            return Ok(());
        }
    }
    let rules = delta.after().map_or(&[][..], Vec::as_slice);
    if let Some(refused) = check(node, at, rules) {
        // What fails leaves no trace.
        if let Delta::Add(_) = delta {
            self::table(&mut node.iptables[at.family as usize], at)
                .chains
                .pop();
        }
        return Err(refused);
    }
    let table = self::table(&mut node.iptables[at.family as usize], at);
    for chain in table.chains.iter_mut().filter(|chain| &*chain.name == name) {
        chain.rules = rules.to_vec();
    }
    Ok(())
}

pub(super) fn jump(
    node: &mut Observed,
    at: &RuleChain,
    delta: &Delta<RulePosition>,
) -> Result<(), Refused> {
    if let Some(RulePosition { rule, .. }) = delta.after()
        && let Some(refused) = check(node, at, &[SavedRule::Known(rule.clone())])
    {
        return Err(refused);
    }
    let chains = &mut table(&mut node.iptables[at.family as usize], at).chains;
    let name = at.chain.as_str();
    let index = chains
        .iter()
        .position(|chain| &*chain.name == name)
        .unwrap_or_else(|| {
            // The kernel's own chains are there, even where nobody listed them.
            chains.push(SavedChain {
                name: name.into(),
                policy: None,
                rules: Vec::new(),
            });
            chains.len() - 1
        });
    let rules = &mut chains[index].rules;
    match delta {
        Delta::Add(RulePosition { number, rule }) => {
            let index = number.checked_sub(1).filter(|index| *index <= rules.len());
            rules.insert(
                index.ok_or(Refused::RuleNumber)?,
                SavedRule::Known(rule.clone()),
            );
        }
        Delta::Remove(RulePosition { number, rule }) => {
            let index = number.checked_sub(1).ok_or(Refused::RuleNumber)?;
            if rules.get(index) != Some(&SavedRule::Known(rule.clone())) {
                return Err(Refused::RuleNumber);
            }
            rules.remove(index);
        }
        Delta::Change { .. } => return Err(Refused::RuleNumber),
    }
    Ok(())
}

/// The table, which the kernel makes where it is first used.
fn table<'a>(saved: &'a mut Saved, at: &RuleChain) -> &'a mut SavedTable {
    let name = at.table.as_str();
    let index = saved
        .tables
        .iter()
        .position(|table| &*table.name == name)
        .unwrap_or_else(|| {
            saved.tables.push(SavedTable {
                name: name.into(),
                chains: Vec::new(),
            });
            saved.tables.len() - 1
        });
    &mut saved.tables[index]
}

/// What is wrong with rules of this chain, if anything is.
fn check(node: &Observed, at: &RuleChain, rules: &[SavedRule]) -> Option<Refused> {
    let table = node.rules(at.family).table(at.table)?;
    rules.iter().find_map(|rule| {
        let SavedRule::Known(rule) = rule else {
            return None;
        };
        let missing = rule.matches.iter().any(|part| match part {
            Match::Set(name, _) => {
                !node.ipset.sets.iter().any(|set| set.name == *name)
                    && !node
                        .ipset
                        .foreign
                        .iter()
                        .any(|set| *set.name == *name.as_str())
            }
            _ => false,
        });
        if missing {
            return Some(Refused::NoSet);
        }
        match &rule.target {
            Target::Chain(name) if table.chain(name).is_none() => Some(Refused::NoChain),
            _ => None,
        }
    })
}

fn leads_to(rule: &SavedRule, chain: &str) -> bool {
    match rule {
        SavedRule::Known(rule) => {
            matches!(&rule.target, Target::Chain(name) if name.as_str() == chain)
        }
        SavedRule::Foreign(text) => {
            let mut words = text
                .split_ascii_whitespace()
                .skip_while(|w| !matches!(*w, "-j" | "-g"));
            words.nth(1) == Some(chain)
        }
    }
}

/// Whether any rule of a family names a set.
pub(in crate::plan) fn names_set(saved: &Saved, set: &SetName) -> bool {
    let chains = saved.tables.iter().flat_map(|table| &table.chains);
    chains
        .flat_map(|chain| &chain.rules)
        .any(|rule| rule.names_set(set))
}
