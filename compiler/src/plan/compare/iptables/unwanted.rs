//! Chains that nobody asks for, and the jumps into them.
//!
//! The mode asked for owns the chains of Services that it no longer has; a mode that was asked for
//! before owns all its chains. Everything else is other software's.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::iptables::{
    ChainName, Frame, Jump, Ruleset, Saved, SavedRule, SavedTable, TableName, Target,
};
use crate::mode;
use crate::mode::kube_proxy;
use crate::model::{IpFamily, Mode};
use crate::plan::compare::{Comparison, Effect};
use crate::plan::{Claims, Delta, IptablesChange, LeftAlone, RuleChain, RulePosition, Subject};

/// What is asked for in one family.
pub(super) struct Asked<'a> {
    pub(super) family: IpFamily,
    pub(super) mode: Mode,
    pub(super) ruleset: &'a Ruleset,
    /// The kernel's own chains that have jumps of ours, as they are once these are there.
    pub(super) builtin: BTreeMap<(TableName, ChainName), Vec<SavedRule>>,
}

pub(super) fn compare(
    asked: &Asked<'_>,
    saved: &Saved,
    claims: &Claims,
    comparison: &mut Comparison,
) {
    let modes: BTreeSet<Mode> = claims.modes().chain([asked.mode]).collect();
    let frames: Vec<Frame> = modes.iter().flat_map(|mode| frames(*mode)).collect();
    for name in TableName::ALL {
        let Some(table) = saved.table(name) else {
            continue;
        };
        let wanted = asked
            .ruleset
            .tables
            .iter()
            .find(|wanted| wanted.name == name);
        let chains = wanted.into_iter().flat_map(|table| &table.chains);
        let mut unwanted = Unwanted {
            asked,
            table: name,
            found: table,
            wanted: chains.map(|chain| chain.name.as_str()).collect(),
            comparison,
        };
        let going = unwanted.going(&modes, &frames);
        unwanted.jumps(
            &going,
            &frames,
            wanted.map_or(&[][..], |table| &table.jumps),
        );
        unwanted.chains(&going);
        // Of tables that we do not use, only what serves Services is our business.
        unwanted.left_alone(&going, |chain| {
            wanted.is_some() || kube_proxy::has_chain(name, chain)
        });
    }
}

fn frames(mode: Mode) -> Vec<Frame> {
    match mode {
        Mode::Ipvs => mode::ipvs::frames(),
        Mode::Iptables => mode::iptables::frames(),
        Mode::Nftables => Vec::new(),
    }
}

struct Unwanted<'a> {
    asked: &'a Asked<'a>,
    table: TableName,
    found: &'a SavedTable,
    wanted: BTreeSet<&'a str>,
    comparison: &'a mut Comparison,
}

impl<'a> Unwanted<'a> {
    /// Chains of ours that are there and not wanted, as far as no other software leads into them.
    fn going(&self, modes: &BTreeSet<Mode>, frames: &[Frame]) -> BTreeSet<&'a str> {
        let hashed = self.table == TableName::Nat && modes.contains(&Mode::Iptables);
        let fixed: BTreeSet<&str> = frames
            .iter()
            .filter(|frame| frame.table == self.table)
            .flat_map(|frame| &frame.chains)
            .map(ChainName::as_str)
            .collect();
        let mut going: BTreeSet<&str> = self
            .found
            .chains
            .iter()
            .map(|chain| &*chain.name)
            .filter(|name| !self.wanted.contains(name))
            .filter(|name| fixed.contains(name) || hashed && mode::iptables::is_hashed(name))
            .collect();
        // What stays may lead into chains that would have to stay as well.
        loop {
            let kept: Vec<&str> = self
                .found
                .chains
                .iter()
                .filter(|chain| {
                    !going.contains(&*chain.name) && !self.wanted.contains(&*chain.name)
                })
                .flat_map(|chain| &chain.rules)
                .filter_map(|rule| keeps(rule, &going))
                .collect();
            if kept.is_empty() {
                return going;
            }
            going.retain(|name| !kept.contains(name));
        }
    }

    /// Jumps into chains that go, and those into chains that stay which only another mode has. From
    /// the last, so that each number is right when its turn comes.
    fn jumps(&mut self, going: &BTreeSet<&str>, frames: &[Frame], wanted: &[Jump]) {
        let known: Vec<_> = frames
            .iter()
            .filter(|frame| frame.table == self.table)
            .flat_map(|frame| &frame.jumps)
            .filter(|jump| !wanted.contains(jump))
            .collect();
        for chain in &self.found.chains {
            let Some(from) = ChainName::new(&chain.name) else {
                continue;
            };
            if going.contains(&*chain.name) || self.wanted.contains(&*chain.name) {
                continue;
            }
            let key = (self.table, from.clone());
            let rules = self.asked.builtin.get(&key).unwrap_or(&chain.rules);
            for (index, rule) in rules.iter().enumerate().rev() {
                let SavedRule::Known(rule) = rule else {
                    continue;
                };
                let leads =
                    matches!(&rule.target, Target::Chain(to) if going.contains(to.as_str()));
                let of_another_mode = known
                    .iter()
                    .any(|jump| jump.from == from && jump.rule == *rule);
                if !leads && !of_another_mode {
                    continue;
                }
                let position = RulePosition {
                    number: index + 1,
                    rule: rule.clone(),
                };
                let subject = Subject::Iptables(IptablesChange::Jump(
                    self.at(&from),
                    Delta::Remove(position),
                ));
                self.comparison.step(subject, Effect::PLAIN, &[]);
            }
        }
    }

    fn chains(&mut self, going: &BTreeSet<&str>) {
        for chain in &self.found.chains {
            if !going.contains(&*chain.name) {
                continue;
            }
            if let Some(name) = ChainName::new(&chain.name) {
                let delta = Delta::Remove(chain.rules.clone());
                let subject = Subject::Iptables(IptablesChange::Chain(self.at(&name), delta));
                self.comparison.step(subject, Effect::PLAIN, &[]);
            }
        }
    }

    /// Other software's chains.
    fn left_alone(&mut self, going: &BTreeSet<&str>, counts: impl Fn(&str) -> bool) {
        let others: Vec<LeftAlone> = self
            .found
            .chains
            .iter()
            .filter(|chain| !self.wanted.contains(&*chain.name) && !going.contains(&*chain.name))
            .filter(|chain| counts(&chain.name))
            .filter_map(|chain| ChainName::new(&chain.name))
            .filter(|name| !name.is_builtin())
            .map(|chain| LeftAlone::Chain(self.at(&chain)))
            .collect();
        self.comparison.left_alone.extend(others);
    }

    fn at(&self, chain: &ChainName) -> RuleChain {
        RuleChain {
            family: self.asked.family,
            table: self.table,
            chain: chain.clone(),
        }
    }
}

/// The chain of `going` that a rule leads into which no step takes away.
fn keeps<'a>(rule: &SavedRule, going: &BTreeSet<&'a str>) -> Option<&'a str> {
    match rule {
        // A jump of ours goes with its chain.
        SavedRule::Known(_) => None,
        SavedRule::Foreign(text) => {
            let mut words = text.split_ascii_whitespace();
            words.find(|word| matches!(*word, "-j" | "-g"));
            going.get(words.next()?).copied()
        }
    }
}
