//! Mermaid's flowcharts.

use std::fmt::Write as _;

use petgraph::graph::DiGraph;
use petgraph::visit::EdgeRef as _;

use super::{Fate, Presence, Vertex};

pub(super) fn write(graph: &DiGraph<Vertex, Presence>) -> String {
    let mut out = "flowchart LR\n".to_owned();
    // Writing to a String cannot fail.
    for index in graph.node_indices() {
        let label = quoted(&graph[index].label());
        let (open, close) = match graph[index] {
            Vertex::Service(_) => ("([", "])"),
            Vertex::Frontend(..) => ("[", "]"),
            Vertex::Endpoint(_) => ("(", ")"),
            Vertex::Node(_) => ("[[", "]]"),
        };
        let _ = writeln!(out, "  v{}{open}\"{label}\"{close}", index.index());
    }
    let mut styles = String::new();
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

/// Text in double quotes: letters that mean something become Mermaid's character numbers.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ':' | '/' | '-' | '[' | ']' => {
                out.push(c);
            }
            _ => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn labels_cannot_end_their_quotes() {
        assert_eq!(quoted("a\"]; click v0"), "a#34;]#59; click v0");
        assert_eq!(quoted("<b>#\\`"), "#60;b#62;#35;#92;#96;");
    }
}
