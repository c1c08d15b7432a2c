//! On which nodes a Pod may run, by its `nodeSelector` and its required node affinity.
//!
//! Source: `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`: terms are alternatives, all of a
//! term has to be so, and a term without anything matches no node. Manifests of Nodes leave labels out that
//! are there all the same, so only what a Node says otherwise keeps a Pod away from it.

use super::Node;
use super::node::LABELS_SYSTEM;
use crate::front::{NodeRequirement, NodeSelectorTerm, PodSpec};

/// Where a Pod may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placement {
    /// Of its `nodeSelector`.
    labels: Vec<Requirement>,
    /// Alternatives of its affinity, where that requires something.
    terms: Option<Vec<Vec<Requirement>>>,
}

/// What has to be so of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    subject: Subject,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Label(Box<str>),
    Name,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
    Greater(i64),
    Less(i64),
    /// Nothing that Kubernetes takes: no node meets it.
    Never,
}

impl Placement {
    /// Of a Pod, or of those of a workload.
    pub(super) fn of(pod: &PodSpec) -> Self {
        let label = |key: &str, test| Requirement {
            subject: Subject::Label(key.into()),
            test,
        };
        let selected = pod.node_selector.iter().flatten();
        let mut labels: Vec<Requirement> = selected
            .map(|(key, value)| label(key, Test::In(vec![value.clone()])))
            .collect();
        let system = pod.os.as_ref().and_then(|os| os.name.clone());
        labels.extend(system.map(|name| label(LABELS_SYSTEM[0], Test::In(vec![name]))));
        let affinity = pod.affinity.as_ref();
        let affinity = affinity.and_then(|affinity| affinity.node_affinity.as_ref());
        let required = affinity.and_then(|affinity| affinity.required.as_ref());
        let terms = required.map(|selector| {
            let terms = selector.node_selector_terms.iter().flatten();
            let terms = terms.map(requirements);
            terms.filter(|term| !term.is_empty()).collect()
        });
        Self { labels, terms }
    }

    /// Whether it may run on a node: nothing that the node says is otherwise. Of no node in particular
    /// only that is known that all nodes with rules of Linux have.
    pub(super) fn allows(&self, node: Option<&Node>) -> bool {
        let all = |requirements: &[Requirement]| {
            requirements
                .iter()
                .all(|requirement| requirement.may_be_met(node))
        };
        let terms = self.terms.as_ref();
        all(&self.labels) && terms.is_none_or(|terms| terms.iter().any(|term| all(term)))
    }

    /// Whether it may run on any node with Linux.
    pub(super) fn allows_linux(&self) -> bool {
        self.allows(None)
    }
}

fn requirements(term: &NodeSelectorTerm) -> Vec<Requirement> {
    let labels = term.match_expressions.iter().flatten();
    let labels = labels.map(|one| Requirement {
        subject: Subject::Label(one.key.as_deref().unwrap_or_default().into()),
        test: Test::of(one),
    });
    let fields = term.match_fields.iter().flatten();
    let fields = fields.map(|one| Requirement {
        subject: Subject::Name,
        test: match one.key.as_deref() {
            Some("metadata.name") => Test::of(one),
            _ => Test::Never,
        },
    });
    labels.chain(fields).collect()
}

impl Test {
    fn of(written: &NodeRequirement) -> Self {
        let values = || written.values.clone().unwrap_or_default();
        let number = || match values().as_slice() {
            [one] => one.parse::<i64>().ok(),
            _ => None,
        };
        match written.operator.as_deref() {
            Some("In") => Self::In(values()),
            Some("NotIn") => Self::NotIn(values()),
            Some("Exists") => Self::Exists,
            Some("DoesNotExist") => Self::DoesNotExist,
            Some("Gt") => number().map_or(Self::Never, Self::Greater),
            Some("Lt") => number().map_or(Self::Never, Self::Less),
            _ => Self::Never,
        }
    }
}

impl Requirement {
    fn may_be_met(&self, node: Option<&Node>) -> bool {
        let known = match &self.subject {
            Subject::Name => node.map(|node| node.name.as_str()),
            Subject::Label(key) => {
                let label = node.and_then(|node| node.labels.get(&**key));
                let is_system = LABELS_SYSTEM.contains(&&**key);
                label
                    .map(String::as_str)
                    .or_else(|| is_system.then_some("linux"))
            }
        };
        let Some(known) = known else {
            return self.test != Test::Never;
        };
        let number = || known.parse::<i64>().ok();
        match &self.test {
            Test::In(values) => values.iter().any(|value| value == known),
            Test::NotIn(values) => !values.iter().any(|value| value == known),
            Test::Exists => true,
            Test::DoesNotExist | Test::Never => false,
            Test::Greater(than) => number().is_some_and(|number| number > *than),
            Test::Less(than) => number().is_some_and(|number| number < *than),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::node;
    use super::*;
    use crate::front::Located;
    use crate::source::ObjectId;

    fn node(manifest: &str) -> Node {
        let value = Box::new(serde_yaml::from_str(manifest).unwrap());
        let object = ObjectId(0);
        node::node(Located { object, value }).0.unwrap()
    }

    #[test]
    fn a_pod_is_kept_from_nodes_that_say_otherwise() {
        let bare = node("metadata: {name: n1}");
        let gpu =
            node("metadata: {name: n2, labels: {gpu: 'yes', cores: '8', kubernetes.io/os: linux}}");
        // The Pod, and whether it may run on a Node without labels, on one with them, and on any.
        for (pod, expected) in [
            ("{}", [true, true, true]),
            ("nodeSelector: {gpu: 'no'}", [true, false, true]),
            (
                "nodeSelector: {kubernetes.io/os: windows}",
                [false, false, false],
            ),
            (
                "nodeSelector: {beta.kubernetes.io/os: windows}",
                [false, false, false],
            ),
            (
                "nodeSelector: {kubernetes.io/os: linux}",
                [true, true, true],
            ),
            ("os: {name: windows}", [false, false, false]),
            ("os: {name: linux}", [true, true, true]),
            ("affinity: {podAffinity: {}}", [true, true, true]),
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows]}]}]",
                [false, false, false],
            ),
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: NotIn, values: [linux]}]}]",
                [false, false, false],
            ),
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: NotIn, values: [windows]}]}]",
                [true, true, true],
            ),
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: DoesNotExist}]}]",
                [false, false, false],
            ),
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: Exists}]}]",
                [true, true, true],
            ),
            // Terms are alternatives, and what is in one has to be so together.
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows]}]}, {matchExpressions: [{key: gpu, operator: Exists}]}]",
                [true, true, true],
            ),
            (
                "terms: [{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows]}, {key: gpu, operator: Exists}]}]",
                [false, false, false],
            ),
            (
                "terms: [{matchExpressions: [{key: gpu, operator: DoesNotExist}]}]",
                [true, false, true],
            ),
            (
                "terms: [{matchExpressions: [{key: gpu, operator: In, values: ['no', 'yes']}]}]",
                [true, true, true],
            ),
            (
                "terms: [{matchExpressions: [{key: cores, operator: Gt, values: ['8']}]}]",
                [true, false, true],
            ),
            (
                "terms: [{matchExpressions: [{key: cores, operator: Lt, values: ['9']}]}]",
                [true, true, true],
            ),
            (
                "terms: [{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}]",
                [false, true, true],
            ),
            (
                "terms: [{matchFields: [{key: metadata.name, operator: NotIn, values: [n2]}]}]",
                [true, false, true],
            ),
            // No node meets these.
            ("terms: [{}]", [false, false, false]),
            ("terms: []", [false, false, false]),
            (
                "terms: [{matchExpressions: [{key: gpu, operator: Equals, values: ['yes']}]}]",
                [false, false, false],
            ),
        ] {
            let pod = match pod.strip_prefix("terms: ") {
                Some(terms) => format!(
                    "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: {terms}}}}}}}"
                ),
                None => pod.to_owned(),
            };
            let placement = Placement::of(&serde_yaml::from_str(&pod).unwrap());
            let found = [Some(&bare), Some(&gpu), None].map(|node| placement.allows(node));
            assert_eq!(found, expected, "{pod}");
        }
    }
}
