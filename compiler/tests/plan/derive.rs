//! What a plan says is what follows from its target and the node, or it is refused.

use portolan_compiler::kernel::iptables::{ChainName, Rule, SavedRule, TableName};
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::file::{Difference, NotDerived, PlanFile, Terms};
use portolan_compiler::plan::render::Services;
use portolan_compiler::plan::{
    Claims, Delta, IptablesChange, Ownership, RuleChain, RulePosition, Step, Subject, plan,
};

use crate::file::file;
use crate::foreign;
use crate::states::{Case, cases, claims, empty, go};

/// A node with others' things on it that had another state, what was claimed, and the plan from it.
struct Made {
    node: Observed,
    claims: Claims,
    file: PlanFile,
}

impl Made {
    fn new(from: &Case, to: &Case, everything: bool) -> Self {
        let mut node = empty();
        foreign::add(&mut node);
        go(&mut node, &from.desired, &claims(false, &from.desired));
        let mut claims = claims(everything, &from.desired);
        claims.services.clone_from(&from.desired.services);
        let plan = plan(&to.desired, &node, &claims).unwrap();
        let (_, text) = file(&plan, &Services::default(), &to.desired);
        let file = PlanFile {
            terms: Some(Terms::of(&claims)),
            ..PlanFile::read(&text).unwrap()
        };
        Self { node, claims, file }
    }

    fn derive(&self, file: &PlanFile) -> Result<Vec<Step>, NotDerived> {
        let Claims {
            inventory,
            services,
            ..
        } = &self.claims;
        file.derive(&self.node, inventory, services.as_ref())
    }

    /// What is said of the plan with other steps.
    fn with(&self, change: impl FnOnce(&mut Vec<Step>)) -> Difference {
        let mut file = self.file.clone();
        change(&mut file.steps);
        match self.derive(&file) {
            Err(NotDerived::Differs(difference)) => difference,
            other => panic!("{other:?}"),
        }
    }
}

fn some() -> Vec<Made> {
    let cases = cases();
    let pairs = (0..cases.len()).step_by(9);
    let pairs = pairs.map(|at| (&cases[at], &cases[(at + 5) % cases.len()]));
    pairs
        .flat_map(|(from, to)| [false, true].map(|all| Made::new(from, to, all)))
        .filter(|made| made.file.steps.len() > 10)
        .collect()
}

#[test]
fn a_plan_follows_from_its_target_and_the_node() {
    let some = some();
    assert!(some.len() > 5, "{}", some.len());
    for made in some {
        assert_eq!(made.derive(&made.file), Ok(made.file.steps.clone()));
        // Older files do not say what may be taken away.
        let mut older = made.file.clone();
        older.terms = None;
        let exclude = |claims: &Claims| match &claims.ownership {
            Ownership::Everything { exclude } => exclude.clone(),
            Ownership::Tracked => Vec::new(),
        };
        if exclude(&made.claims).is_empty() {
            assert_eq!(made.derive(&older), Ok(made.file.steps.clone()));
        }
    }
}

#[test]
fn steps_of_ones_own_are_named() {
    for made in some() {
        let steps = made.file.steps.len();
        let input: ChainName = ChainName::new("INPUT").unwrap();
        let accept = Step {
            subject: Subject::Iptables(IptablesChange::Jump(
                RuleChain {
                    family: IpFamily::V4,
                    table: TableName::Filter,
                    chain: input,
                },
                Delta::Add(RulePosition {
                    number: 1,
                    rule: Rule::parse("-j ACCEPT").unwrap(),
                }),
            )),
            ..made.file.steps[0].clone()
        };
        assert!(!accept.is_ours());
        assert!(made.file.steps.iter().all(Step::is_ours));
        let last = made.with(|steps| steps.push(accept.clone()));
        assert!(
            matches!(last, Difference::TooMany { id, .. } if id == steps + 1),
            "{last}"
        );
        let third = made.with(|steps| steps.insert(2, accept));
        assert!(matches!(third, Difference::Other { id: 3, .. }), "{third}");
        let missing = made.with(|steps| drop(steps.pop()));
        assert!(
            matches!(missing, Difference::Missing { id, .. } if id == steps),
            "{missing}"
        );
        made.with(|steps| steps.swap(0, 5));
        made.with(Vec::clear);
    }
}

/// The way back is to what was read, not to what a file says.
#[test]
fn what_was_before_is_not_taken_from_the_file() {
    let mut changed = 0;
    for made in some() {
        let chain = made.file.steps.iter().position(|step| {
            matches!(
                &step.subject,
                Subject::Iptables(IptablesChange::Chain(_, Delta::Change { .. }))
            )
        });
        let Some(at) = chain else { continue };
        changed += 1;
        let other = made.with(|steps| {
            if let Subject::Iptables(IptablesChange::Chain(_, Delta::Change { from, .. })) =
                &mut steps[at].subject
            {
                from.push(SavedRule::Foreign("-j LOG".into()));
            }
        });
        assert!(
            matches!(other, Difference::Content { id, .. } if id == at + 1),
            "{other}"
        );
    }
    assert!(changed > 3, "{changed}");
}

#[test]
fn records_of_another_apply_are_told_apart_from_an_edited_plan() {
    let cases = cases();
    let mut told = 0;
    for made in some() {
        let (inventory, services) = (&made.claims.inventory, &cases[0].desired.services);
        if services == &made.claims.services {
            continue;
        }
        match made.file.derive(&made.node, inventory, services.as_ref()) {
            Ok(_) => {}
            Err(NotDerived::Records) => told += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(told > 0);
}
