//! Every line is one that the tools take and people can read.

use portolan_compiler::compile::NodeSelection;
use portolan_support::generator::cluster;
use portolan_support::generator::text::Spelling;
use proptest::prelude::*;

use crate::compiled::{artefacts, cases, prepare, texts};

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn lines_are_short_and_of_printable_ascii(cluster in cluster()) {
        let files = [Spelling::JsonList.write(&cluster.objects())];
        let prepared = prepare(&files, NodeSelection::All, cluster.version);
        for (key, text) in texts(artefacts(&prepared).0) {
            prop_assert!(text.is_empty() || text.ends_with('\n'), "{:?}", key);
            for line in text.split_terminator('\n') {
                prop_assert!(line.len() < 1_000, "{:?}: {} bytes", key, line.len());
                prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}", line);
            }
        }
    }
}
