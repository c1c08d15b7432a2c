//! Chains, and rules in the kernel's own chains that lead into ours.

mod batch;
mod encoding;
mod fake;
mod text;

pub(crate) use batch::scripts;
pub(in crate::plan) use fake::names_set;

use std::fmt;

use serde_json::{Map, Value};

use super::Change;
use super::reading::{Reading, StepState, compare, way};
use crate::kernel::iptables::{ChainName, Rule, SavedRule, TableName, Target, same_rules};
use crate::mode::kube_proxy;
use crate::model::IpFamily;
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::order::{Rank, by};
use crate::plan::render::{Heading, Line, Services, of_chain};
use crate::plan::{Delta, Durability, End, Interruption, Op};

/// A change of a chain, or of a rule that leads into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IptablesChange {
    /// A chain with all its rules.
    Chain(RuleChain, Delta<Vec<SavedRule>>),
    /// A rule in one of the kernel's own chains that leads into a chain of ours.
    Jump(RuleChain, Delta<RulePosition>),
}

/// A chain, or a rule by its text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Object {
    Chain(RuleChain),
    Jump(RuleChain, String),
}

/// Which chain, of which family and table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleChain {
    /// Whether iptables or ip6tables has it.
    pub family: IpFamily,
    /// Table of the chain.
    pub table: TableName,
    /// Name of the chain within its table.
    pub chain: ChainName,
}

impl fmt::Display for RuleChain {
    /// `iptables nat KUBE-SERVICES`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = match self.family {
            IpFamily::V4 => "iptables",
            IpFamily::V6 => "ip6tables",
        };
        write!(f, "{program} {} {}", self.table.as_str(), self.chain)
    }
}

/// A rule and its place in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePosition {
    /// Number of the rule from the top, from 1, at the moment of the step.
    pub number: usize,
    /// What the rule asks and does.
    pub rule: Rule,
}

impl IptablesChange {
    /// The chain that it is made in.
    pub fn chain(&self) -> &RuleChain {
        match self {
            Self::Chain(chain, _) | Self::Jump(chain, _) => chain,
        }
    }

    /// Whether it is a chain with one of our names, or a rule that leads into one.
    pub(in crate::plan) fn is_ours(&self) -> bool {
        let is_ours = |table, chain: &ChainName| kube_proxy::is_written(table, chain.as_str());
        match self {
            Self::Chain(at, _) => is_ours(at.table, &at.chain),
            Self::Jump(at, delta) => {
                let mut rules = delta.before().into_iter().chain(delta.after());
                rules.all(|position| match &position.rule.target {
                    Target::Chain(to) => is_ours(at.table, to),
                    _ => false,
                })
            }
        }
    }
}

impl Change for IptablesChange {
    type Object = Object;

    fn op(&self) -> Op {
        match self {
            Self::Chain(_, delta) => delta.op(),
            Self::Jump(_, delta) => delta.op(),
        }
    }

    fn inverse(&self) -> Self {
        match self {
            Self::Chain(chain, delta) => Self::Chain(chain.clone(), delta.inverse()),
            Self::Jump(chain, delta) => Self::Jump(chain.clone(), delta.inverse()),
        }
    }

    fn object(&self) -> Option<Object> {
        Some(match self {
            Self::Chain(chain, _) => Object::Chain(chain.clone()),
            Self::Jump(chain, delta) => {
                let position = delta.after().or(delta.before())?;
                Object::Jump(chain.clone(), position.rule.to_string())
            }
        })
    }

    fn rank(&self, _: Durability) -> Rank {
        match self {
            Self::Chain(_, delta) => by(delta, Rank::Chains, Rank::OldChains),
            Self::Jump(_, delta) => by(delta, Rank::Jumps, Rank::OldJumps),
        }
    }

    fn step_state(&self, node: &Reading<'_>) -> StepState {
        match self {
            Self::Chain(at, delta) => compare(node.chain(at), delta, |a, b| same_rules(a, b)),
            Self::Jump(at, delta) => match (node.jumps(at, delta), delta) {
                (true, Delta::Add(_)) | (false, Delta::Remove(_)) => StepState::After,
                (false, _) | (true, Delta::Remove(_)) => StepState::Before,
                (true, Delta::Change { .. }) => StepState::After,
            },
        }
    }

    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
        match self {
            Self::Chain(at, delta) => {
                let way = way(node.chain(at).map(<[_]>::to_vec), delta, end);
                let change = way.map(|delta| Self::Chain(at.clone(), delta));
                change.into_iter().collect()
            }
            // It is there or it is not, so it is always as before or as after.
            Self::Jump(..) => Vec::new(),
        }
    }

    fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
        match self {
            Self::Chain(chain, delta) => fake::chain(node, chain, delta),
            Self::Jump(chain, delta) => fake::jump(node, chain, delta),
        }
    }

    fn removal_interrupts(&self) -> Interruption {
        match self {
            Self::Chain(..) => Interruption::Unguarded,
            Self::Jump(..) => Interruption::None,
        }
    }

    fn heading(&self, _: &Services) -> Heading {
        match self {
            Self::Chain(at, delta) => of_chain(at, delta),
            Self::Jump(..) => Heading::Node,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Chain(chain, _) => format!("chain {chain}"),
            Self::Jump(chain, delta) => {
                let rule = delta.after().or(delta.before());
                let rule = rule.map(|position| position.rule.to_string());
                format!("rule {} of {chain}", rule.unwrap_or_default())
            }
        }
    }

    fn line(&self) -> (&'static str, String) {
        text::line(self)
    }

    fn details(&self) -> Vec<Line> {
        text::details(self)
    }

    fn encode(&self) -> Map<String, Value> {
        encoding::encode(self)
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        encoding::decode(kind, value)
    }
}

impl<'a> Reading<'a> {
    fn chain(&self, at: &RuleChain) -> Option<&'a [SavedRule]> {
        let table = self.now.rules(at.family).table(at.table)?;
        table.chain(&at.chain).map(|chain| &*chain.rules)
    }

    fn jumps(&self, at: &RuleChain, delta: &Delta<RulePosition>) -> bool {
        let wanted = delta.after().or(delta.before());
        let wanted = wanted.map(|position| position.rule.to_string());
        let rules = self.chain(at).unwrap_or_default();
        wanted.is_some_and(|wanted| rules.iter().any(|rule| rule.to_string() == wanted))
    }
}
