//! The front end as its callers see it.

use super::*;
use crate::diag::{Report, human};

/// What reading a text gives, in short: objects that were read, others, and the diagnostics.
fn summary(text: &str) -> (Vec<String>, Vec<String>) {
    let (manifests, objects, report, _) = run(text);
    let mut read = Vec::new();
    let mut name = |id| read.push(objects.name(id).to_string());
    manifests.services.iter().for_each(|it| name(it.object));
    manifests.slices.iter().for_each(|it| name(it.object));
    manifests.endpoints.iter().for_each(|it| name(it.object));
    manifests.nodes.iter().for_each(|it| name(it.object));
    manifests.configs.iter().for_each(|it| name(it.object));
    manifests.facts.iter().for_each(|it| name(it.object));
    read.extend(manifests.others.iter().map(|(kind, count)| format!("{kind} {count}")));
    let found = report
        .diagnostics
        .iter()
        .map(|it| {
            let start = it.location.as_ref().map(|at| format!("{}", at.start));
            format!(
                "{} {} {}{}: {}",
                start.unwrap_or_default(),
                it.code,
                it.object.as_deref().unwrap_or_default(),
                it.field.as_ref().map(|field| format!(" {field}")).unwrap_or_default(),
                it.message
            )
        })
        .collect();
    (read, found)
}

fn run(text: &str) -> (Manifests, Objects, Report, String) {
    let mut sources = Sources::default();
    sources.add("in.yaml", text.to_owned());
    let (mut objects, mut findings) = (Objects::default(), Findings::default());
    let manifests = read(&sources, &mut objects, &mut findings);
    let report = Report::new(&findings, &sources, &objects);
    let shown = human(&report, &sources);
    (manifests, objects, report, shown)
}

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  ports:
  - name: web
    port: 80
  - name: alt
    port: http
";

#[test]
fn shows() {
    for text in [
        SERVICE.to_owned(),
        SERVICE.replace("port: http", "port: 81\n    port: 82"),
        SERVICE.replace("port: http", "port: 81\n  sepc: {a: 1}"),
        SERVICE.replace("  namespace: shop", "  namespace: shop\n a: b"),
    ] {
        let (_, found) = summary(&text);
        println!("{found:#?}\n{}", run(&text).3);
    }
}
