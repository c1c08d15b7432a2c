//! Whether mode nftables can have written a state.

use std::collections::BTreeSet;

use super::MODULES;
use super::lower::{Frame, Scope, frame_rules, led_to, rules_led_to};
use crate::bundle::ArtefactKind;
use crate::ir::MasqueradeAll;
use crate::kernel::nftables::{
    ChainName, Element, FoundBy, Match, Pool, Rule, SetName, Statement, Table, Value, Verdict,
};
use crate::mode::NodeState;
use crate::mode::written::{NotWritten, Stranger, same_lines};
use crate::model::IpFamily;

/// Finds the first line that the mode cannot have written.
pub(in crate::mode) fn written(state: &NodeState, tables: &[Table]) -> Result<(), Box<Stranger>> {
    let settings: Vec<String> = state.sysctls.iter().map(ToString::to_string).collect();
    same_lines(ArtefactKind::Sysctl, &settings, &[])?;
    if !state.modules.is_empty() {
        let lines =
            |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        same_lines(
            ArtefactKind::ModulesLoad,
            &lines(&state.modules),
            &lines(&MODULES),
        )?;
    }
    let heads =
        |families: &[IpFamily]| -> Vec<String> { families.iter().map(|one| head(*one)).collect() };
    let found: Vec<IpFamily> = tables.iter().map(|table| table.family).collect();
    same_lines(
        ArtefactKind::Nftables,
        &heads(&found),
        &heads(&IpFamily::ALL),
    )?;
    tables
        .iter()
        .try_for_each(|table| Found { state, table }.written())
}

fn head(family: IpFamily) -> String {
    let empty = Table::new(family).to_text();
    empty.lines().next().unwrap_or_default().to_owned()
}

/// A table as the artefact has it.
struct Found<'a> {
    state: &'a NodeState,
    table: &'a Table,
}

impl Found<'_> {
    fn written(&self) -> Result<(), Box<Stranger>> {
        let table = self.table;
        for name in SetName::FIXED {
            if !table.sets.contains_key(&name) {
                return self.missing(name.to_string());
            }
        }
        for (name, elements) in &table.sets {
            for (key, element) in elements {
                if let Err(form) = element_of(*name, element) {
                    let head = head_of(&table.text_of_set(*name));
                    let line = format!("{},", element.with_key(key));
                    return stranger(head, line, NotWritten::Form(form));
                }
            }
        }
        let led_to = led_to(table);
        let own = ChainName::BASE.into_iter().chain(ChainName::FIXED);
        let own: BTreeSet<ChainName> = own.chain(led_to.iter().copied()).collect();
        for name in table.chains.keys() {
            if !own.contains(name) {
                let line = head_of(&table.text_of_chain(*name));
                return stranger(head(table.family), line, NotWritten::Nothing);
            }
        }
        let local = self.state.local_traffic(table.family);
        let frame = Frame {
            scope: self.scope(),
            all: self.masquerades_all(),
            local: &local,
            mark: self.mark(),
        };
        for name in own {
            let Some(rules) = table.chains.get(&name) else {
                return self.missing(format!("chain {name} {{"));
            };
            let expected = if led_to.contains(&name) {
                rules_led_to(name, table)
            } else {
                frame_rules(name, &frame)
            };
            self.same(name, rules, &expected)?;
        }
        Ok(())
    }

    fn rules(&self, name: ChainName) -> &[Rule] {
        self.table.chains.get(&name).map_or(&[], Vec::as_slice)
    }

    fn scope(&self) -> Scope {
        let rules = self.rules(ChainName::NodePortEndpointsCheck).iter();
        let mut matches = rules.flat_map(|rule| &rule.matches);
        if matches.any(|part| *part == Match::ToNode) {
            Scope::All
        } else {
            Scope::Addresses(BTreeSet::new())
        }
    }

    fn masquerades_all(&self) -> MasqueradeAll {
        let first = self.rules(ChainName::Services).first();
        let mark = Statement::Verdict(Verdict::Jump(ChainName::MarkForMasquerade));
        match first {
            Some(rule) if rule.statement == mark && rule.matches.len() == 1 => MasqueradeAll::Yes,
            _ => MasqueradeAll::No,
        }
    }

    fn mark(&self) -> u32 {
        let mut rules = self.rules(ChainName::MarkForMasquerade).iter();
        let mark = rules.find_map(|rule| match rule.statement {
            Statement::SetMark(bits) if bits.is_power_of_two() => Some(bits),
            _ => None,
        });
        mark.unwrap_or(1 << 14)
    }

    fn same(&self, name: ChainName, found: &[Rule], own: &[Rule]) -> Result<(), Box<Stranger>> {
        let text = |rule: &Rule| rule.in_family(self.table.family).to_string();
        let head = || head_of(&self.table.text_of_chain(name));
        for (at, rule) in found.iter().enumerate() {
            let problem = match own.get(at) {
                Some(own) if own == rule => continue,
                Some(own) => NotWritten::Instead(text(own).into()),
                None => NotWritten::Nothing,
            };
            return stranger(head(), text(rule), problem);
        }
        match own.get(found.len()) {
            None => Ok(()),
            Some(own) => {
                let problem = NotWritten::Missing(text(own).into());
                stranger(head(), head(), problem)
            }
        }
    }

    fn missing(&self, what: String) -> Result<(), Box<Stranger>> {
        let head = head(self.table.family);
        stranger(head.clone(), head, NotWritten::Missing(what.into()))
    }
}

/// The line that the text of a set or chain begins with.
fn head_of(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn stranger(part: String, line: String, problem: NotWritten) -> Result<(), Box<Stranger>> {
    Err(Box::new(Stranger {
        kind: ArtefactKind::Nftables,
        part: (part != line).then_some(part),
        line,
        problem,
    }))
}

/// What a set's elements lead to.
fn element_of(set: SetName, element: &Element) -> Result<(), &'static str> {
    let Some(Value::Verdict(verdict)) = element.value else {
        return Ok(());
    };
    let (fits, form) = match set {
        SetName::NoEndpointServices | SetName::NoEndpointNodePorts => (
            matches!(
                verdict,
                Verdict::Drop | Verdict::Goto(ChainName::RejectChain)
            ),
            "drop or goto reject-chain",
        ),
        SetName::ExternalServices => (
            matches!(
                verdict,
                Verdict::Jump(ChainName::MarkForMasquerade | ChainName::LocalPolicy)
            ),
            "a jump to how clients from outside are treated",
        ),
        SetName::ExternalNodePorts => (
            matches!(
                verdict,
                Verdict::Jump(ChainName::MarkForMasquerade | ChainName::NodePortLocalPolicy)
            ),
            "a jump to how clients from outside are treated",
        ),
        SetName::ServiceIps => balances(verdict, FoundBy::Address, Pool::Main),
        SetName::ServiceNodePorts => balances(verdict, FoundBy::NodePort, Pool::Main),
        SetName::LocalServiceIps => balances(verdict, FoundBy::Address, Pool::Local),
        SetName::LocalServiceNodePorts => balances(verdict, FoundBy::NodePort, Pool::Local),
        SetName::RecallServices
        | SetName::RecallNodePorts
        | SetName::LocalRecallServices
        | SetName::LocalRecallNodePorts => (
            matches!(verdict, Verdict::Jump(ChainName::Recall(_))),
            "a jump to what remembers clients",
        ),
        SetName::AffinityServices | SetName::AffinityNodePorts => (
            matches!(verdict, Verdict::Goto(ChainName::Remember(..))),
            "a goto to what notes clients",
        ),
        _ => (false, "elements without a verdict"),
    };
    if fits { Ok(()) } else { Err(form) }
}

fn balances(verdict: Verdict, place: FoundBy, pool: Pool) -> (bool, &'static str) {
    let fits = matches!(verdict, Verdict::Goto(ChainName::Balance(to))
        if to.place == place && to.pool == pool);
    (
        fits,
        "a goto to the chain that balances between the endpoints",
    )
}
