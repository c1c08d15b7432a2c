//! Brings kube-proxy's recordings into the form that is compared: its random order is sorted.

/// The chain whose order kube-proxy leaves to chance in mode ipvs.
const UNORDERED: &str = "-A KUBE-IPVS-OUT-FILTER ";

/// The comparable form of a recording.
pub(crate) fn comparable(file: &str, text: &str) -> String {
    match file {
        "iptables.save" | "ip6tables.save" => lines(sort_unordered(text.lines().collect())),
        "sysctl" | "kube-ipvs0.addresses" | "ipvs.rules" => {
            let mut sorted: Vec<&str> = text.lines().collect();
            sorted.sort_unstable();
            lines(sorted)
        }
        "ipset.save" => lines(sort_sets(text)),
        _ => text.to_owned(),
    }
}

/// Lines joined again.
pub(crate) fn lines(lines: Vec<&str>) -> String {
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

/// Sorts the rules of the unordered chain where they stand.
pub(crate) fn sort_unordered(mut lines: Vec<&str>) -> Vec<&str> {
    for run in lines.chunk_by_mut(|a, b| a.starts_with(UNORDERED) && b.starts_with(UNORDERED)) {
        run.sort_unstable();
    }
    lines
}

/// Sorts sets by name and their entries as text; each `create` stays before its entries.
pub(crate) fn sort_sets(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    let key = |line: &&str| {
        let mut words = line.split(' ');
        let create = words.next() == Some("create");
        (
            words.next().unwrap_or_default().to_owned(),
            !create,
            (*line).to_owned(),
        )
    };
    lines.sort_by_cached_key(key);
    lines
}
