use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use portolan_compiler::bundle::Target;
use portolan_compiler::diag::some;
use portolan_compiler::escape;
use portolan_compiler::escape::visible;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{
    Claims, Durability, Held, LeftAlone, Op, Phase, Plan, Step, Values, WayOut, plan,
};
use portolan_compiler::target::target;
use serde_json::json;

use super::shared::format::{EventArgs, Format};
use super::shared::planning::{PlanningError, StateArgs};
use super::shared::values::is_and_should_be;
use super::shared::{mirrored, planning};
use crate::commands::shared::Context;
use crate::host;
use crate::host::Holds;
use crate::report::{Exit, Explain, Failure, Verbosity};
use crate::rules::Rules;
use crate::transaction::store::{Journal, Marker, Purpose, Store, StoreError, TransactionId};

/// Compare what a node holds with what was applied to it
///
/// Reads and changes nothing. Exit 1 if anything drifted, with a list of what is and what should be,
/// and of the Services it belongs to. Destinations that drain are none of it. While an apply waits for
/// its confirmation, the node is compared with what that leads to, and the exit code is 15.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct VerifyArgs {
    /// Compare with this compiled folder [default: the generation that was applied last]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// The folder's node [default: its only one]
    #[arg(long, value_name = "NAME", requires = "folder")]
    node: Option<String>,

    #[command(flatten)]
    state: StateArgs,

    #[command(flatten)]
    output: EventArgs,
}

pub(crate) fn run(args: &VerifyArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let store = args.state.existing()?;
    let wanted = wanted(args, store.as_ref(), context)?;
    let inventory = store.as_ref().map(Store::inventory).transpose()?;
    let holds = host::services(inventory.unwrap_or_default())?;
    let Some((node, state)) = wanted else {
        context
            .streams
            .stdout
            .styled("Nothing of ours is to be here.\n");
        return Ok(Exit::Done);
    };
    let waits = match (&args.folder, &store) {
        (None, Some(store)) => Waits::of(store)?,
        _ => None,
    };
    let mut drift = drift(&state, &holds)?;
    if waits.is_some() {
        // What it replaces stays until it is confirmed.
        drift.steps.retain(|step| step.phase != Phase::Clean);
    }
    let page = Page {
        node: &node,
        target: target(&state),
        plan: &drift,
        services: &Services::new(&state, None),
        notes: &[],
    };
    let told = Told {
        page: &page,
        held: Held::of(&state, &drift),
        waits: waits.as_ref(),
    };
    tell(args.output.format, &told, context);
    Ok(match (drift.is_empty(), waits) {
        (false, _) => Exit::Differs,
        (true, Some(_)) => Exit::Unfinished,
        (true, None) => Exit::Done,
    })
}

/// What is told of a node.
struct Told<'a> {
    page: &'a Page<'a>,
    held: Held,
    waits: Option<&'a Waits>,
}

/// An apply that waits for its confirmation.
struct Waits {
    id: TransactionId,
    /// Seconds until it is undone.
    seconds: u64,
}

impl Waits {
    fn of(store: &Store) -> Result<Option<Self>, Failure> {
        let Some(journal) = waiting(store)? else {
            return Ok(None);
        };
        let deadline = journal.deadline.map_or(0, |deadline| deadline.0);
        Ok(Some(Self {
            seconds: deadline.saturating_sub(host::uptime()?),
            id: journal.id,
        }))
    }
}

/// The journal of an apply that is in place and has to be confirmed.
fn waiting(store: &Store) -> Result<Option<Journal>, Failure> {
    let boot = host::boot()?;
    let journal = store.journal()?;
    Ok(journal.filter(|journal| {
        journal.deadline.is_some() && journal.marker == Marker::Switched && journal.boot == boot
    }))
}

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
enum VerifyError {
    #[error("nothing was applied on this node yet, so there is nothing to compare it with")]
    NothingApplied,
}

impl Explain for VerifyError {
    fn exit(&self) -> Exit {
        Exit::NoInput
    }

    fn help(&self) -> Option<String> {
        Some("`portolan apply` does; or name a compiled folder to compare with".to_owned())
    }
}

/// What the node is asked to hold; `None` after a cleanup.
fn wanted(
    args: &VerifyArgs,
    store: Option<&Store>,
    context: &mut Context<'_, '_>,
) -> Result<Option<(NodeName, NodeState)>, Failure> {
    if let Some(folder) = &args.folder {
        let rules = Rules::open(folder)?;
        let read = rules.read(args.node.as_deref())?;
        let mirrors = mirrored::of_rules(
            &rules,
            folder.display(),
            &[(&read.node, read.entry.emulates)],
        );
        mirrored::say(&mirrors, context);
        return Ok(Some((read.node, read.state)));
    }
    if let Some(store) = store
        && let Some(journal) = waiting(store)?
    {
        let state = store.state(&journal.plan.files)?;
        return Ok(Some((journal.plan.node, state)));
    }
    let current = store.map(Store::current_generation).transpose()?;
    let Some(generation) = current.flatten() else {
        return Err(VerifyError::NothingApplied.into());
    };
    match generation.kind {
        Purpose::Cleanup => return Ok(None),
        Purpose::Taken => {
            let number = generation.number;
            return Err(StoreError::Unknown { number }.into());
        }
        _ => {}
    }
    mirrored::say(&mirrored::of_generation(&generation), context);
    let state = planning::state_of(&generation)?;
    Ok(Some((generation.node, state)))
}

/// What would have to be done.
fn drift(state: &NodeState, holds: &Holds) -> Result<Plan, PlanningError> {
    let claims = Claims::tracked(holds.inventory.clone());
    plan(state, &holds.observed, &claims).map_err(PlanningError::Impossible)
}

fn tell(format: Format, told: &Told<'_>, context: &mut Context<'_, '_>) {
    let text = match format {
        Format::Json => json(told),
        Format::Human => human(told),
    };
    if context.verbosity > Verbosity::Quiet || format == Format::Json {
        context.streams.stdout.styled(&text);
    }
}

fn drifted<'a>(page: &'a Page<'_>) -> impl Iterator<Item = &'a Step> {
    let steps = page.plan.steps.iter();
    steps.filter(|step| step.durability == Durability::Lasting)
}

/// Destinations that drain, and their Services.
fn draining<'a>(page: &'a Page<'_>) -> impl Iterator<Item = (String, Option<Box<str>>)> + 'a {
    let left = page.plan.left_alone.iter();
    let names = page.services.names();
    left.filter_map(move |left| match left {
        LeftAlone::Draining(key) => {
            let of = names.get(&key.server).cloned();
            Some((left.name(), of))
        }
        _ => None,
    })
}

/// What nobody but kube-proxy makes, and is left as it is.
fn beside<'a>(page: &'a Page<'_>) -> impl Iterator<Item = &'a LeftAlone> {
    let left = page.plan.left_alone.iter();
    left.filter(|left| left.way_out().is_some())
}

/// The same in a line, with how it goes; nothing where there is none.
fn told_beside(page: &Page<'_>) -> String {
    let names: Vec<String> = beside(page).map(ToString::to_string).collect();
    if names.is_empty() {
        return String::new();
    }
    let by_hand = beside(page).any(|left| left.way_out() == Some(WayOut::ByHand));
    let way_out = if by_hand {
        "`portolan doctor` says how it goes"
    } else {
        "`portolan apply --takeover` of the same input removes it"
    };
    format!(
        "Beside it there is what kube-proxy made: {}; {way_out}.\n",
        visible(&some(names.iter()))
    )
}

fn json(told: &Told<'_>) -> String {
    let page = told.page;
    let drift: Vec<_> = drifted(page)
        .map(|step| {
            let Values { before, after, .. } = step.values();
            json!({
                "object": step.subject.name(),
                "drift": word(step),
                "is": before,
                "shouldBe": after,
                "services": page.services.concerned(step),
            })
        })
        .collect();
    let draining: Vec<String> = draining(page).map(|(name, _)| name).collect();
    let beside: Vec<String> = beside(page).map(ToString::to_string).collect();
    let node = page.node.as_str();
    let mut document = json!({"node": node, "target": page.target.to_string(), "drift": drift, "draining": draining, "beside": beside});
    document["held"] = json!(told.held.target().map(|held| held.to_string()));
    document["waiting"] = json!(
        told.waits
            .map(|waits| json!({"id": waits.id, "seconds": waits.seconds}))
    );
    if let Some(unserved) = page.plan.unserved() {
        document["unserved"] = json!({
            "family": "IPv6",
            "frontends": unserved.frontends,
            "why": unserved.why.to_string(),
        });
    }
    escape::json_line(&document)
}

fn human(told: &Told<'_>) -> String {
    let page = told.page;
    let target = held(page.target, told.held);
    let waits = told.waits.map_or_else(String::new, |waits| {
        let Waits { id, seconds } = waits;
        format!(
            "An apply waits for its confirmation, {seconds} s more: `portolan confirm {id}` keeps it.\n"
        )
    });
    if page.plan.is_empty() {
        let draining = draining(page).map(|(name, of)| {
            let of = of.map_or_else(String::new, |service| format!("  ({})", visible(&service)));
            format!("  draining  {name}{of}\n")
        });
        let what = match told.waits {
            None => "what was applied",
            Some(_) => "what that leads to, and what it replaces until then",
        };
        let verdict = match page.plan.unserved() {
            None => format!("No drift: the node holds {what}.\n{target}"),
            Some(unserved) => {
                format!("No drift of IPv4: the node holds {what}.\nIPv6: {unserved}.\n{target}")
            }
        };
        return waits + &verdict + &draining.collect::<String>() + &told_beside(page);
    }
    let line = |step: &Step| {
        let services = of_services(&page.services.concerned(step));
        let object = visible(&step.subject.name());
        let values = is_and_should_be(step, "           ");
        format!("  {:<8} {object}{services}\n{values}", word(step))
    };
    let objects = match drifted(page).count() {
        1 => "1 object".to_owned(),
        many => format!("{many} objects"),
    };
    let unserved = page.plan.unserved();
    let unserved = unserved.map(|unserved| format!("IPv6: {unserved}.\n"));
    drifted(page).map(line).collect::<String>()
        + &waits
        + &unserved.unwrap_or_default()
        + &told_beside(page)
        + &target
        + &format!("Drift: {objects}. `portolan apply` of the same input mends it.\n")
}

/// What the node is asked for, and what it holds of that, in a line.
fn held(asked: Target, held: Held) -> String {
    let asked = asked.short();
    match held {
        Held::Target(_) => format!("Target {asked}, and the node holds it.\n"),
        Held::Ipv4Of(_) => format!("Target {asked}, and the node holds it of IPv4.\n"),
        Held::Other { .. } => format!("Target {asked}, and the node holds something else.\n"),
    }
}

/// `  (shop/cart, shop/front and 3 more)`.
fn of_services(names: &BTreeSet<Box<str>>) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("  ({})", visible(&some(names.iter())))
}

/// What happened to the object since it was applied.
fn word(step: &Step) -> &'static str {
    match step.subject.op() {
        Op::Add => "missing",
        Op::Change | Op::Flush => "changed",
        Op::Remove => "extra",
    }
}

#[cfg(test)]
mod tests {
    use portolan_compiler::compile;
    use portolan_compiler::compile::{
        BaseServices, EndpointsFrom, Input, Mode, NodeSelection, Options, Silent,
    };
    use portolan_compiler::kernel::nftables;
    use portolan_compiler::observed::Observed;
    use portolan_compiler::plan::fake;
    use portolan_compiler::source::Sources;

    use super::*;

    const NODE: &str = "\
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec: {clusterIP: 10.96.0.5, ports: [{port: 80}]}
";

    fn service(endpoint: &str) -> String {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: cart, namespace: shop}}\n\
             spec: {{clusterIP: 10.96.0.6, ports: [{{port: 80}}]}}\n\
             ---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n\
             metadata: {{name: cart-1, namespace: shop, labels: {{kubernetes.io/service-name: cart}}}}\n\
             endpoints: [{{addresses: ['{endpoint}']}}]\nports: [{{port: 8080}}]\n"
        )
    }

    fn state(mode: Mode, endpoint: &str) -> NodeState {
        let mut sources = Sources::default();
        sources.add("cluster.yaml", format!("{NODE}{}", service(endpoint)));
        let options = Options {
            nodes: NodeSelection::Named("n1".to_owned()),
            kube_version: None,
            mode: Some(mode),
            base_services: BaseServices::Leave,
            endpoints: EndpointsFrom::default(),
        };
        let outcome = compile::prepare(&Input { sources }, &options, &Silent);
        outcome.prepared.unwrap().state(0)
    }

    /// What is told of a node that holds another endpoint than was applied.
    fn told(mode: Mode) -> (String, serde_json::Value) {
        let applied = state(mode, "10.244.0.7");
        let mut node = Observed::empty();
        let there = plan(&state(mode, "10.244.0.8"), &node, &Claims::default()).unwrap();
        fake::execute_all(&mut node, &there.steps).unwrap();
        let claims = Claims::tracked(portolan_compiler::plan::Inventory::of(&applied));
        let drift = plan(&applied, &node, &claims).unwrap();
        let page = Page {
            node: &NodeName::parse("n1").unwrap(),
            target: target(&applied),
            plan: &drift,
            services: &Services::new(&applied, None),
            notes: &[],
        };
        let told = Told {
            page: &page,
            held: Held::of(&applied, &drift),
            waits: None,
        };
        (human(&told), serde_json::from_str(&json(&told)).unwrap())
    }

    #[test]
    fn what_kube_proxy_left_is_named_and_is_no_drift() {
        let applied = state(Mode::Nftables, "10.244.0.7");
        let mut node = Observed::empty();
        let there = plan(&applied, &node, &Claims::default()).unwrap();
        fake::execute_all(&mut node, &there.steps).unwrap();
        let found = nftables::read("table ip kube-proxy {\n\tchain services {\n\t}\n}\n").unwrap();
        node.nftables.kube_proxy = found.kube_proxy;
        let claims = Claims::tracked(portolan_compiler::plan::Inventory::of(&applied));
        let drift = plan(&applied, &node, &claims).unwrap();
        let page = Page {
            node: &NodeName::parse("n1").unwrap(),
            target: target(&applied),
            plan: &drift,
            services: &Services::new(&applied, None),
            notes: &[],
        };
        let told = Told {
            page: &page,
            held: Held::of(&applied, &drift),
            waits: None,
        };
        let text = human(&told);
        assert!(text.starts_with("No drift"), "{text}");
        assert!(text.contains(", and the node holds it.\n"), "{text}");
        let said =
            "what kube-proxy made: nftables table ip kube-proxy; `portolan apply --takeover`";
        assert!(text.contains(said), "{text}");
        let document: serde_json::Value = serde_json::from_str(&json(&told)).unwrap();
        assert_eq!(document["held"], document["target"]);
        assert_eq!(document["beside"][0], "nftables table ip kube-proxy");
    }

    #[test]
    fn what_deviates_is_told_with_its_service() {
        for mode in Mode::ALL {
            let (text, value) = told(mode);
            assert!(text.contains("  (shop/cart)\n"), "{mode:?}\n{text}");
            assert!(!text.contains("shop/front)"), "{mode:?}\n{text}");
            let drift = value["drift"].as_array().unwrap();
            let named = drift
                .iter()
                .filter(|one| one["services"] == serde_json::json!(["shop/cart"]));
            assert!(named.count() > 0, "{mode:?} {value}");
        }
        let (text, _) = told(Mode::Ipvs);
        assert!(
            text.contains(
                "  missing  destination 10.96.0.6:80/TCP -> 10.244.0.7:8080  (shop/cart)\n           \
                 should be  weight 1\n"
            ),
            "{text}"
        );
        assert!(
            text.contains(", and the node holds something else.\n"),
            "{text}"
        );
    }

    #[test]
    fn an_apply_that_waits_is_told_and_compared_with() {
        let applied = state(Mode::Ipvs, "10.244.0.7");
        let mut node = Observed::empty();
        let there = plan(&applied, &node, &Claims::default()).unwrap();
        fake::execute_all(&mut node, &there.steps).unwrap();
        let drift = plan(&applied, &node, &Claims::default()).unwrap();
        let page = Page {
            node: &NodeName::parse("n1").unwrap(),
            target: target(&applied),
            plan: &drift,
            services: &Services::new(&applied, None),
            notes: &[],
        };
        let waits = Waits {
            id: "7-ab12cd".parse().unwrap(),
            seconds: 57,
        };
        let text = human(&Told {
            page: &page,
            held: Held::of(&applied, &drift),
            waits: Some(&waits),
        });
        let said = "An apply waits for its confirmation, 57 s more: `portolan confirm 7-ab12cd`";
        assert!(text.starts_with(said), "{text}");
        assert!(text.contains("holds what that leads to, and"), "{text}");
    }
}
