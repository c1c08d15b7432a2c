//! An explanation for people: hooks, what happened there, and the lines behind it.

use std::fmt::Write as _;

use super::tree::{Node, Rest, Shape, common};
use super::{Page, sender};
use crate::escape::visible;
use crate::explain::{Branch, Effect, Hook, Hop, Outcome, Source, StepId, Verdict};
use crate::source::Origins;

/// The explanation as text, with a final newline. Lines that name a hook begin with it, those that
/// name an end with `->`.
pub fn human(page: &Page<'_>) -> String {
    let explanation = page.explanation;
    let mut text = format!(
        "{}, mode {}: {} -> {}\n",
        page.node,
        explanation.mode.as_str(),
        visible(&sender(page)),
        explanation.flow.to
    );
    for line in summary(page) {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    let mut writer = Writer {
        page,
        text,
        hook: None,
    };
    writer.node(&Node::of(explanation), 0);
    writer.text
}

/// What may happen, in a line or two.
fn summary(page: &Page<'_>) -> Vec<String> {
    let prediction = page.explanation.prediction();
    let endpoints = prediction.endpoints().len();
    let mut lines = Vec::new();
    if endpoints > 0 {
        let who = match endpoints {
            1 => "One endpoint gets it".to_owned(),
            _ => format!("One of {endpoints} endpoints gets it"),
        };
        let sources: Vec<&str> = prediction.sources().into_iter().map(source).collect();
        lines.push(format!("{who} and sees {}", sources.join(" or ")));
    }
    let others = prediction.outcomes.iter();
    let others = others.filter(|outcome| !matches!(outcome, Outcome::Reaches(..)));
    lines.extend(others.map(|outcome| {
        let mut line = outcome.to_string();
        line[..1].make_ascii_uppercase();
        line
    }));
    let kept = page
        .explanation
        .branches
        .iter()
        .find_map(|branch| branch.affinity);
    if let Some(seconds) = kept {
        lines.push(format!(
            "A client keeps its endpoint until it was silent for {seconds} s"
        ));
    }
    lines
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Kept => "the sender's address",
        Source::Masqueraded => "the node's address",
    }
}

struct Writer<'a> {
    page: &'a Page<'a>,
    text: String,
    /// The one whose name stands above.
    hook: Option<Hook>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node<'_>, depth: usize) {
        for step in &node.steps {
            self.step(*step, depth);
        }
        match &node.rest {
            Rest::End(branch) => self.end(branch, depth),
            Rest::Fork(nodes) => self.fork(nodes, depth),
        }
    }

    fn fork(&mut self, all: &[Node<'_>], depth: usize) {
        // Ways that differ in their endpoints only are told once.
        let mut alike: Vec<(Shape, String, Vec<&Node<'_>>)> = Vec::new();
        for node in all {
            let shape = node.shape(self.page.explanation);
            let condition = condition(node, all);
            let known = alike
                .iter_mut()
                .find(|(one, when, _)| *one == shape && *when == condition);
            match known {
                Some((_, _, nodes)) => nodes.push(node),
                None => alike.push((shape, condition, vec![node])),
            }
        }
        let hook = self.hook;
        for (_, condition, nodes) in alike {
            let [first, others @ ..] = &nodes[..] else {
                continue;
            };
            self.hook = hook;
            let head = if condition.is_empty() {
                share(first, all)
            } else {
                condition
            };
            self.line(depth, &format!("{head}:"));
            self.node(first, depth + 1);
            if !others.is_empty() {
                self.line(depth, "likewise:");
            }
            for other in others {
                self.likewise(other, all, depth + 1);
            }
        }
    }

    fn step(&mut self, step: StepId, depth: usize) {
        let hop = self.page.explanation.hop(step);
        if self.hook != Some(hop.hook) {
            self.hook = Some(hop.hook);
            self.line(depth, hop.hook.lower());
        }
        let place = match hop.place.chain() {
            Some(chain) => format!("{} {chain}", hop.place.table()),
            None => hop.place.table().to_owned(),
        };
        let remark = remark(hop);
        self.line(depth + 1, &format!("{place}: {}{remark}", hop.what));
        for evidence in &hop.evidence {
            let line = format!("{} has {}", evidence.set, evidence.entry);
            self.line(depth + 2, &line);
            self.origins(&evidence.origins, depth + 2);
        }
        self.origins(&hop.origins, depth + 2);
    }

    fn origins(&mut self, origins: &Origins, depth: usize) {
        let Some(manifests) = self.page.manifests else {
            return;
        };
        for origin in origins {
            let line = manifests.line(*origin).to_string();
            self.line(depth, &line);
        }
    }

    fn end(&mut self, branch: &Branch, depth: usize) {
        let outcome = Outcome::from(branch.verdict);
        self.line(depth, &format!("-> {outcome}"));
    }

    /// The endpoint of a way that is like the one before, and its line.
    fn likewise(&mut self, node: &Node<'_>, all: &[Node<'_>], depth: usize) {
        for branch in node.ends() {
            let end = match branch.verdict {
                Verdict::Reaches(endpoint, _) => endpoint.to_string(),
                other => Outcome::from(other).to_string(),
            };
            self.line(depth, &format!("-> {end}, {}", share(node, all)));
            let explanation = self.page.explanation;
            let way = explanation.way(branch).into_iter().rev();
            let mut sending = way
                .map(|step| explanation.hop(step))
                .filter(|hop| matches!(hop.effect, Effect::SendsTo(_)));
            if let Some(hop) = sending.next() {
                self.origins(&hop.origins, depth + 1);
                for evidence in &hop.evidence {
                    self.origins(&evidence.origins, depth + 1);
                }
            }
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(
            self.text,
            "{:width$}{}",
            "",
            visible(text),
            width = 2 * depth
        );
    }
}

/// What a hop did, where its own words do not say it.
fn remark(hop: &Hop) -> &'static str {
    match (&hop.effect, hop.place.chain()) {
        (Effect::Marks, _) => ", asks for the node's address",
        (Effect::Unmarks, _) => ", takes that note off",
        (Effect::Rejects, None) => ", refuses",
        (Effect::Drops, None) => ", drops it",
        _ => "",
    }
}

/// What must be so for a node, and need not for others beside it.
fn condition(node: &Node<'_>, all: &[Node<'_>]) -> String {
    let beside: Vec<&Branch> = all.iter().flat_map(Node::ends).collect();
    let everywhere = common(&beside);
    let here = common(&node.ends());
    let further = here.into_iter().filter(|one| !everywhere.contains(one));
    let mut parts: Vec<String> = further
        .map(|(assumption, so)| {
            let unless = if so { "if" } else { "unless" };
            format!("{unless} {assumption}")
        })
        .collect();
    let returning = |branches: &[&Branch]| branches.iter().all(|branch| branch.returning);
    if returning(&node.ends()) && !returning(&beside) {
        parts.push("if the sender was here before".to_owned());
    }
    parts.join(", ")
}

/// How many of the packets that come to a fork take one of its ways.
fn share(node: &Node<'_>, all: &[Node<'_>]) -> String {
    let sum = |node: &Node<'_>| -> u64 {
        let shares = node.ends().into_iter().map(|branch| branch.share);
        shares.map(|share| u64::from(share.0)).sum()
    };
    let whole = all.iter().map(sum).sum::<u64>().max(1);
    let permille = (sum(node) * 1000 + whole / 2) / whole;
    format!("{}.{} %", permille / 10, permille % 10)
}
