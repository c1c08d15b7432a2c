//! An explanation for people: hooks, what happened there, and the lines behind it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::origin::Lines;
use super::tree::{Branching, Rest, Shape, common};
use super::{Page, sender};
use crate::escape::visible;
use crate::explain::{Assumption, Branch, Effect, Fate, Hook, Hop, Source, StepId, Verdict};
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
        manifests: Lines::new(explanation, page.manifests),
        text,
        hook: None,
    };
    writer.node(&Branching::of(explanation), 0);
    writer.text
}

/// What may happen, in a line or two.
fn summary(page: &Page<'_>) -> Vec<String> {
    let prediction = page.explanation.prediction();
    let endpoints = prediction.endpoints();
    let mut lines = Vec::new();
    if !endpoints.is_empty() {
        let who = match endpoints.len() {
            1 => "one endpoint gets it".to_owned(),
            all => format!("one of {all} endpoints gets it"),
        };
        let sources: Vec<&str> = prediction.sources().into_iter().map(source).collect();
        let gets = format!("{who} and sees {}", sources.join(" or "));
        let lost = endpoints.intersection(page.lost).count();
        lines.push(if lost == endpoints.len() {
            format!("No connection comes about: {gets}, and {ANSWER_LOST}")
        } else {
            capital(gets)
        });
        match lost {
            0 => {}
            all if all == endpoints.len() => {}
            1 => lines.push(format!(
                "No connection comes about with one of them, on another node: {ANSWER_LOST}"
            )),
            many => lines.push(format!(
                "No connection comes about with {many} of them, on other nodes: {ANSWER_LOST}"
            )),
        }
    }
    let others = prediction.outcomes.iter();
    let others = others.filter(|outcome| !matches!(outcome, Fate::Reaches(..)));
    lines.extend(others.map(|outcome| capital(outcome.to_string())));
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

/// What is said of an endpoint whose answer does not come back.
const ANSWER_LOST: &str = "its answer does not come back by this node";

fn capital(mut line: String) -> String {
    line[..1].make_ascii_uppercase();
    line
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Kept => "the sender's address",
        Source::Masqueraded => "the node's address",
    }
}

/// As many traces that are like another are told one by one.
const LIKEWISE: usize = 8;
/// Of more than that, so many.
const SOME: usize = 3;

struct Writer<'a> {
    page: &'a Page<'a>,
    manifests: Lines<'a>,
    text: String,
    /// The one whose name stands above.
    hook: Option<Hook>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Branching<'_>, depth: usize) {
        for step in &node.steps {
            self.step(*step, depth);
        }
        match &node.rest {
            Rest::End(branch) => self.end(branch, depth),
            Rest::Fork(nodes) => self.fork(nodes, depth),
        }
    }

    fn fork(&mut self, all: &[Branching<'_>], depth: usize) {
        // Traces that differ in their endpoints only are told once, where the first of them is told.
        let fork = Fork::of(all);
        let mut alike: Vec<(String, Vec<&Branching<'_>>)> = Vec::new();
        let mut known: BTreeMap<(Shape, String), usize> = BTreeMap::new();
        for node in all {
            let condition = fork.condition(node);
            let shape = node.shape(self.page.explanation);
            let at = *known
                .entry((shape, condition.clone()))
                .or_insert(alike.len());
            match alike.get_mut(at) {
                Some((_, nodes)) => nodes.push(node),
                None => alike.push((condition, vec![node])),
            }
        }
        let hook = self.hook;
        for (condition, nodes) in alike {
            let [first, others @ ..] = &nodes[..] else {
                continue;
            };
            self.hook = hook;
            let head = if condition.is_empty() {
                fork.share(first)
            } else {
                condition
            };
            self.line(depth, &format!("{head}:"));
            self.node(first, depth + 1);
            if !others.is_empty() {
                self.line(depth, "likewise:");
            }
            let shown = match others.len() {
                0..=LIKEWISE => others.len(),
                _ => SOME,
            };
            let (shown, rest) = others.split_at(shown);
            for other in shown {
                self.likewise(other, &fork, depth + 1);
            }
            if !rest.is_empty() {
                let more = format!("-> {} further ones, which --output json lists", rest.len());
                self.line(depth + 1, &more);
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
        for origin in origins {
            if let Some(line) = self.manifests.get(*origin) {
                self.line(depth, &line.to_string());
            }
        }
    }

    fn end(&mut self, branch: &Branch, depth: usize) {
        let outcome = Fate::from(branch.verdict);
        let lost = self.lost(branch);
        self.line(depth, &format!("-> {outcome}{lost}"));
    }

    fn lost(&self, branch: &Branch) -> String {
        match branch.verdict {
            Verdict::Reaches(endpoint, _) if self.page.lost.contains(&endpoint) => {
                format!("; {ANSWER_LOST}")
            }
            _ => String::new(),
        }
    }

    /// The endpoint of a trace that is like the one before, and its line.
    fn likewise(&mut self, node: &Branching<'_>, fork: &Fork, depth: usize) {
        for branch in node.ends() {
            let end = match branch.verdict {
                Verdict::Reaches(endpoint, _) => endpoint.to_string(),
                other => Fate::from(other).to_string(),
            };
            let lost = self.lost(branch);
            self.line(depth, &format!("-> {end}, {}{lost}", fork.share(node)));
            let explanation = self.page.explanation;
            let trace = explanation.trace(branch).into_iter().rev();
            let mut sending = trace
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

/// What the traces of a fork have in common.
struct Fork {
    /// What all of them assume.
    everywhere: Vec<(Assumption, bool)>,
    /// Whether all are of senders that were here before.
    returning: bool,
    /// The shares of all, added up; never 0.
    whole: u64,
}

impl Fork {
    fn of(all: &[Branching<'_>]) -> Self {
        let beside: Vec<&Branch> = all.iter().flat_map(Branching::ends).collect();
        Self {
            everywhere: common(&beside),
            returning: returning(&beside),
            whole: sum(&beside).max(1),
        }
    }

    /// What must be so for one of its traces, and need not for others beside it.
    fn condition(&self, node: &Branching<'_>) -> String {
        let ends = node.ends();
        let here = common(&ends);
        let further = here
            .into_iter()
            .filter(|one| !self.everywhere.contains(one));
        let mut parts: Vec<String> = further
            .map(|(assumption, so)| {
                let unless = if so { "if" } else { "unless" };
                format!("{unless} {assumption}")
            })
            .collect();
        if returning(&ends) && !self.returning {
            parts.push("if the sender was here before".to_owned());
        }
        parts.join(", ")
    }

    /// How many of the packets that come to it take one of its traces.
    fn share(&self, node: &Branching<'_>) -> String {
        let permille = (sum(&node.ends()) * 1000 + self.whole / 2) / self.whole;
        format!("{}.{} %", permille / 10, permille % 10)
    }
}

fn returning(branches: &[&Branch]) -> bool {
    branches.iter().all(|branch| branch.returning)
}

fn sum(branches: &[&Branch]) -> u64 {
    branches
        .iter()
        .map(|branch| u64::from(branch.share.0))
        .sum()
}
