//! Graphviz.

use petgraph::dot::{Config, Dot};
use petgraph::graph::DiGraph;

use super::{Drawn, Fate, Presence, Serving, Vertex};
use crate::escape;

pub(super) fn write(graph: &DiGraph<Drawn, Presence>) -> String {
    let edge = |_, edge: petgraph::graph::EdgeReference<'_, Presence>| {
        match edge.weight().fate() {
            Fate::Stays => "",
            Fate::Comes => r#"color = "green" label = "+""#,
            Fate::Goes => r#"color = "red" style = "dashed" label = "-""#,
        }
        .to_owned()
    };
    let vertex = |_, (_, drawn): (_, &Drawn)| {
        let shape = match drawn.vertex {
            Vertex::Service(_) => "ellipse",
            Vertex::Frontend(..) => "box",
            Vertex::Endpoint(_) => "plain",
            Vertex::Node(_) => "folder",
        };
        let style = match drawn.serving {
            Serving::Served => "",
            Serving::Declared => " style = \"dashed\"",
        };
        format!(
            "shape = \"{shape}\" label = \"{}\"{style}",
            escape::dot(&drawn.label())
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
