//! What a question takes for granted, and what it cannot know.

use crate::diff::render::Outline;
use crate::english::{agree, count};
use crate::model::Cluster;
use crate::model::selector::Hinting;
use crate::what_if::addresses::RANGES;
use crate::what_if::{Counts, Evicted, Impact, Rows};

/// How Pods are placed.
const RULE: &str = "by a rule that is not the scheduler's: the zone, then the node, with the fewest of their \
                    workload takes the next one, unless it is cordoned or tainted";

/// When Pods of `StatefulSet`s do so.
const ORDINAL: &str = "run elsewhere only once the lost Node is deleted, or tainted as out of service: until then \
                       nobody answers for them";

/// What has to be known of a table: sentences without a full stop.
pub fn notes_of_each(cluster: &Cluster, evicted: Evicted, rows: &Rows) -> Vec<String> {
    let mut notes = Vec::new();
    if evicted == Evicted::Placed {
        notes.push(format!("Pods that go run elsewhere, {RULE}"));
        let any = |count: fn(&Counts) -> usize| rows.rows.iter().any(|row| count(&row.counts) > 0);
        if any(|counts| counts.ordinal) {
            notes.push(format!("Pods of StatefulSets {ORDINAL}"));
        }
        if any(|counts| counts.unmade) {
            notes.push("Pods of no workload that the input names are not made again".to_owned());
        }
    }
    let others = self::notes(cluster, evicted, &Counts::default());
    notes.into_iter().chain(others).collect()
}

/// What has to be known of an answer: sentences without a full stop.
pub fn notes(cluster: &Cluster, evicted: Evicted, counts: &Counts) -> Vec<String> {
    let mut notes = Vec::new();
    let pods = |number| count(number, "Pod");
    if cluster.pods.is_empty() {
        let moves = match evicted {
            Evicted::Gone => "",
            Evicted::Placed => "; all of them run elsewhere here, so more may be lost than is said",
        };
        notes.push(format!(
            "the input has no Pods: endpoints stand for them, and those of DaemonSets, StatefulSets and mirror \
             Pods cannot be told from others{moves}"
        ));
    } else if counts.alone > 0 {
        let go = agree(counts.alone, "goes", "go");
        let have = agree(counts.alone, "has", "have");
        notes.push(format!(
            "{} that {go} {have} no Pod in the input",
            count(counts.alone, "endpoint")
        ));
    }
    notes.extend(leaving(counts));
    if counts.removed > 0 {
        notes.push(format!(
            "{} scaled away: not ready ones first, then those that share a node, then the last by name; of \
             StatefulSets the highest ordinals",
            pods(counts.removed)
        ));
    }
    if counts.moved + counts.added > 0 {
        let number = counts.moved + counts.added;
        let what = match (counts.added, number) {
            (0, 1) => "runs elsewhere",
            (0, _) => "run elsewhere",
            (_, 1) => "is placed",
            _ => "are placed",
        };
        notes.push(format!("{} {what}, {RULE}", pods(number)));
        notes.push(format!(
            "addresses of {} and {} stand for those that these Pods will have",
            RANGES[0], RANGES[1]
        ));
    }
    if counts.unplaced > 0 {
        notes.push(format!(
            "no node is left that takes {}",
            pods(counts.unplaced)
        ));
    }
    if evicted == Evicted::Placed && counts.unmade > 0 {
        notes.push(format!(
            "nothing makes {} again, of no workload that the input names",
            pods(counts.unmade)
        ));
    }
    if counts.ordinal > 0 {
        notes.push(format!(
            "{} of StatefulSets among them: these {ORDINAL}",
            pods(counts.ordinal)
        ));
    }
    if counts.stay > 0 {
        let stay = agree(counts.stay, "stays", "stay");
        notes.push(format!(
            "{} of DaemonSets or of a node itself {stay} on drained nodes: --lose-node tells what a reboot does",
            pods(counts.stay)
        ));
    }
    if counts.vain > 0 {
        let stay = agree(counts.vain, "stays", "stay");
        notes.push(format!(
            "{} on lost nodes {stay} in the rules, in vain: because of publishNotReadyAddresses",
            count(counts.vain, "endpoint")
        ));
    }
    let auto = cluster.services.iter();
    if auto.clone().any(|service| service.hinting == Hinting::Auto) {
        notes.push(
            "hints of topology-mode Auto are taken to stay as they are; the cluster may give others"
                .to_owned(),
        );
    }
    notes
}

/// What becomes of the Pods whose nodes are lost or drained; nothing where there is none.
fn leaving(counts: &Counts) -> Option<String> {
    let elsewhere = counts.leaving - counts.gone - counts.homeless;
    let parts = [
        (
            elsewhere,
            agree(elsewhere, "runs elsewhere", "run elsewhere"),
        ),
        (counts.gone, agree(counts.gone, "is gone", "are gone")),
        (
            counts.homeless,
            agree(counts.homeless, "finds no node", "find no node"),
        ),
    ];
    let pods = count(counts.leaving, "Pod");
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .collect();
    match parts[..] {
        // The others are told with how they are placed.
        [(_, what)] if counts.gone > 0 => Some(format!("{pods} {what}")),
        [] | [_] => None,
        _ => {
            let leave = agree(counts.leaving, "leaves its node", "leave their nodes");
            let said = parts
                .iter()
                .map(|(number, what)| format!("{number} {what}"));
            let said: Vec<String> = said.collect();
            Some(format!("{pods} {leave}: {}", said.join(", ")))
        }
    }
}

impl Impact {
    /// Says at the end of a report whose connections are shared out.
    pub fn explain_shares(&self, outline: &mut Outline) {
        if !self.shares.is_empty() {
            outline.notes.push(
                "Shares are of connections to cluster IPs, if every node that is left opens as many"
                    .to_owned(),
            );
        }
    }
}
