//! The same cluster after a change: policies, places of endpoints, source ranges.

pub(crate) fn of(cluster: &str, node: &str) -> Vec<String> {
    let external = swap(
        cluster,
        "externalTrafficPolicy: Cluster",
        "externalTrafficPolicy: Local",
    );
    let internal = swap(
        cluster,
        "internalTrafficPolicy: Cluster",
        "internalTrafficPolicy: Local",
    );
    let moved = swap(
        cluster,
        &format!("nodeName: {node}\n"),
        "nodeName: other-1\n",
    );
    let ready = swap(cluster, "ready: true", "ready: false");
    let open = without_ranges(cluster);
    let all = swap(
        &swap(
            &open,
            "externalTrafficPolicy: Cluster",
            "externalTrafficPolicy: Local",
        ),
        "ready: true",
        "ready: false",
    );
    let udp = swap(cluster, "protocol: TCP", "protocol: UDP");
    vec![external, internal, moved, ready, open, all, udp]
}

fn swap(text: &str, one: &str, other: &str) -> String {
    text.replace(one, "\0")
        .replace(other, one)
        .replace('\0', other)
}

fn without_ranges(cluster: &str) -> String {
    let mut within = None;
    let mut out = String::new();
    for line in cluster.lines() {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("loadBalancerSourceRanges:") {
            within = Some(indent);
            continue;
        }
        match within {
            Some(outer) if line.trim_start().starts_with("- ") && indent >= outer => continue,
            _ => within = None,
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}
