//! Mermaid's flowcharts.

use std::fmt::Write as _;

use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef as _;

use super::{Drawn, Fate, Presence, Serving, Vertex};
use crate::escape;

pub(super) fn write(graph: &DiGraph<Drawn, Presence>) -> String {
    let mut out = "flowchart LR\n".to_owned();
    // Writing to a String cannot fail.
    for index in graph.node_indices() {
        let label = escape::mermaid(&graph[index].label());
        let (open, close) = match graph[index].vertex {
            Vertex::Service(_) => ("([", "])"),
            Vertex::Frontend(..) => ("[", "]"),
            Vertex::Endpoint(_) => ("(", ")"),
            Vertex::Node(_) => ("[[", "]]"),
        };
        let _ = writeln!(out, "  v{}{open}\"{label}\"{close}", index.index());
    }
    let mut styles = String::new();
    for index in graph.node_indices() {
        if graph[index].serving == Serving::Declared {
            let _ = writeln!(styles, "  style v{} stroke-dasharray: 5 5", index.index());
        }
    }
    for (number, edge) in graph.edge_references().enumerate() {
        let (arrow, style) = match edge.weight().fate() {
            Fate::Stays => ("-->", None),
            Fate::Comes => ("-- + -->", Some("stroke:#1a7f37")),
            Fate::Goes => ("-. - .->", Some("stroke:#cf222e")),
        };
        let (from, to) = (edge.source().index(), edge.target().index());
        let _ = writeln!(out, "  v{from} {arrow} v{to}");
        if let Some(style) = style {
            let _ = writeln!(styles, "  linkStyle {number} {style}");
        }
    }
    out + &styles
}
