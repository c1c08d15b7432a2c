//! Views as a picture: Services, where they are reachable, who answers, and on which nodes those are.

mod declared;
mod dot;
mod mermaid;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use petgraph::graph::{DiGraph, NodeIndex};

use super::{Listener, NodeView, Subject};
use crate::model::name::NodeName;
use declared::Declared;

/// How much is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Services, frontends, endpoints and nodes.
    All,
    /// Services and endpoints.
    Endpoints,
}

/// Which side of a comparison something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is compared.
    Old,
    /// What it is compared with.
    New,
    /// There is nothing to compare with.
    Only,
}

/// A vertex. Ordered as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vertex {
    /// A Service, or what stands for it.
    Service(Subject),
    /// Where it is reachable, with what that is to it.
    Frontend(Subject, Listener, Box<str>),
    /// Who answers there, by address and port.
    Endpoint(SocketAddr),
    /// The node that an endpoint is on.
    Node(NodeName),
}

/// Whether an edge was there, and is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Presence {
    old: bool,
    new: bool,
}

/// What becomes of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is there on both sides.
    Stays,
    /// It is there on the new side alone.
    Comes,
    /// It is there on the old side alone.
    Goes,
}

impl Presence {
    /// What becomes of it.
    pub fn fate(self) -> Fate {
        match (self.old, self.new) {
            (false, true) => Fate::Comes,
            (true, false) => Fate::Goes,
            _ => Fate::Stays,
        }
    }
}

/// A picture under construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    detail: Detail,
    edges: BTreeMap<(Vertex, Vertex), Presence>,
    /// Services without any edge are drawn too.
    alone: BTreeSet<Vertex>,
    /// Services that some node serves.
    served: BTreeSet<Subject>,
    /// Those of them that have an endpoint.
    answered: BTreeSet<Subject>,
    /// Services that some side declares and does not serve.
    declared: BTreeMap<Subject, Declared>,
}

/// A vertex as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What is drawn.
    pub vertex: Vertex,
    /// What has to be known of a Service beside its name.
    pub remark: Option<String>,
    /// Whether some node serves it, or all that is known of it is declared.
    pub serving: Serving,
}

/// Whether a Service is there for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serving {
    /// It is, or the vertex is no Service.
    Served,
    /// Manifests declare it, and no node serves it.
    Declared,
}

impl Picture {
    /// A picture of nothing.
    pub fn new(detail: Detail) -> Self {
        Self {
            detail,
            edges: BTreeMap::new(),
            alone: BTreeSet::new(),
            served: BTreeSet::new(),
            answered: BTreeSet::new(),
            declared: BTreeMap::new(),
        }
    }

    /// How many edges it has.
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    /// Draws one node's view. `other` supplies names that the view lacks; `wanted` says which Services
    /// are drawn.
    pub fn add(
        &mut self,
        node: &NodeName,
        (view, other): (&NodeView, &NodeView),
        side: Side,
        wanted: impl Fn(&Subject) -> bool,
    ) {
        for (listener, frontend) in &view.frontends {
            let subject = view.owner(*listener, other).subject;
            if !wanted(&subject) {
                continue;
            }
            let service = Vertex::Service(subject.clone());
            self.served.insert(subject.clone());
            if !frontend.endpoints.is_empty() {
                self.answered.insert(subject.clone());
            }
            let from = match self.detail {
                Detail::Endpoints => service.clone(),
                Detail::All => {
                    let kind = frontend.kinds.first().map(ToString::to_string);
                    let kind = kind.unwrap_or_default().into();
                    let at = Vertex::Frontend(subject, *listener, kind);
                    self.edge(service.clone(), at.clone(), side);
                    at
                }
            };
            if frontend.endpoints.is_empty() {
                self.alone.insert(service);
            }
            for endpoint in frontend.endpoints.keys() {
                self.edge(from.clone(), Vertex::Endpoint(*endpoint), side);
                if self.detail == Detail::All && view.local.contains(endpoint) {
                    let node = Vertex::Node(node.clone());
                    self.edge(Vertex::Endpoint(*endpoint), node, side);
                }
            }
        }
    }

    fn edge(&mut self, from: Vertex, to: Vertex, side: Side) {
        let presence = self.edges.entry((from, to)).or_default();
        presence.old |= side != Side::New;
        presence.new |= side != Side::Old;
    }

    /// The picture as a graph, the same for the same picture.
    pub fn graph(&self) -> DiGraph<Drawn, Presence> {
        let ends = self.edges.keys().flat_map(|(from, to)| [from, to]);
        let vertices: BTreeSet<&Vertex> = ends.chain(&self.alone).collect();
        let mut graph = DiGraph::new();
        let index: BTreeMap<&Vertex, NodeIndex> = vertices
            .into_iter()
            .map(|vertex| (vertex, graph.add_node(self.drawn(vertex))))
            .collect();
        for ((from, to), presence) in &self.edges {
            graph.add_edge(index[from], index[to], *presence);
        }
        graph
    }

    fn drawn(&self, vertex: &Vertex) -> Drawn {
        let declared = match vertex {
            Vertex::Service(subject) if !self.served.contains(subject) => {
                self.declared.get(subject)
            }
            _ => None,
        };
        let silent = match vertex {
            Vertex::Service(subject) => {
                self.served.contains(subject) && !self.answered.contains(subject)
            }
            _ => false,
        };
        let (serving, remark) = match declared {
            Some(declared) => (Serving::Declared, Some(declared.remark())),
            None => (Serving::Served, silent.then(|| "no endpoints".to_owned())),
        };
        Drawn {
            vertex: vertex.clone(),
            remark,
            serving,
        }
    }

    /// As Mermaid's flowchart.
    pub fn mermaid(&self) -> String {
        mermaid::write(&self.graph())
    }

    /// As Graphviz takes it.
    pub fn dot(&self) -> String {
        dot::write(&self.graph())
    }
}

impl Drawn {
    /// What stands at it.
    fn label(&self) -> String {
        let name = self.vertex.label();
        match &self.remark {
            Some(remark) => format!("{name} ({remark})"),
            None => name,
        }
    }
}

impl Vertex {
    /// What it is called.
    fn label(&self) -> String {
        match self {
            Self::Service(subject) => subject.to_string(),
            Self::Frontend(_, listener, kind) if kind.is_empty() => listener.to_string(),
            Self::Frontend(_, listener, kind) => format!("{kind} {listener}"),
            Self::Endpoint(socket) => socket.to_string(),
            Self::Node(name) => name.to_string(),
        }
    }
}
