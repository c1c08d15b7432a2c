//! Graphviz.

use petgraph::dot::{Config, Dot};
use petgraph::graph::DiGraph;

use super::{Fate, Presence, Vertex};
use crate::escape;

pub(super) fn write(graph: &DiGraph<Vertex, Presence>) -> String {
    let edge = |_, edge: petgraph::graph::EdgeReference<'_, Presence>| {
        match edge.weight().fate() {
            Fate::Stays => "",
            Fate::Comes => r#"color = "green" label = "+""#,
            Fate::Goes => r#"color = "red" style = "dashed" label = "-""#,
        }
        .to_owned()
    };
    let vertex = |_, (_, vertex): (_, &Vertex)| {
        let shape = match vertex {
            Vertex::Service(_) => "ellipse",
            Vertex::Frontend(..) => "box",
            Vertex::Endpoint(_) => "plain",
            Vertex::Node(_) => "folder",
        };
        format!(
            "shape = \"{shape}\" label = \"{}\"",
            escape::dot(&vertex.label())
        )
    };
    let config = &[
        Config::EdgeNoLabel,
        Config::NodeNoLabel,
        Config::RankDir(petgraph::dot::RankDir::LR),
    ];
    let dot = Dot::with_attr_getters(graph, config, &edge, &vertex);
    format!("{dot:?}")
}
