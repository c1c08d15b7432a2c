//! Pictures.

use golden_support::{Portolan, fixture, snapshot};
use portolan_runtime::report::Exit;

use super::AREA;

#[test]
fn a_cluster_and_a_change_of_it() {
    let side = |side: &str| fixture(&format!("diff/nodes-see-it-differently/{side}"));
    for format in ["mermaid", "dot"] {
        let one = Portolan::new("-q graph --output")
            .words(format)
            .arg(side("old"));
        let both = one.clone().arg(side("new"));
        for (name, command) in [("cluster", one), ("change", both)] {
            let run = command.run();
            assert_eq!((run.exit, run.stderr.as_str()), (Exit::Done, ""), "{run}");
            snapshot(AREA, &format!("graph-{name}-{format}"), run.text());
        }
    }
}

#[test]
fn the_same_input_gives_the_same_picture() {
    let side = |side: &str| fixture(&format!("diff/order-of-documents/{side}"));
    let draw = |input| Portolan::new("graph").arg(input).run().stdout;
    assert_eq!(draw(side("old")), draw(side("new")));
}
