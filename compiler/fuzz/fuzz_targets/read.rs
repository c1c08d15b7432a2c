//! Reads arbitrary text and shows what was found.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_compiler::diag::{Findings, Report, human, json};
use portolan_compiler::front::{read};
use portolan_compiler::source::{Objects, Sources};

fuzz_target!(|text: String| {
    let mut sources = Sources::default();
    sources.add("in", text);
    let (mut objects, mut findings) = (Objects::default(), Findings::default());
    read(&sources, &mut objects, &mut findings);
    let report = Report::new(&findings, &sources, &objects);
    for diagnostic in &report.diagnostics {
        if let Some(location) = &diagnostic.location {
            let text = &sources.get(location.span.source).text;
            assert!(text.get(location.span.range()).is_some());
        }
    }
    assert!(human(&report, &sources).is_ascii());
    json(&report);
});
