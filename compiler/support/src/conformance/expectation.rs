//! Brings kube-proxy's recordings into the form that is compared: its random order is sorted.

/// The chains whose order kube-proxy leaves to chance: the first in mode ipvs, the others in mode
/// iptables.
const UNORDERED: [&str; 5] = [
    "-A KUBE-IPVS-OUT-FILTER ",
    "-A KUBE-SERVICES ",
    "-A KUBE-NODEPORTS ",
    "-A KUBE-EXTERNAL-SERVICES ",
    "-A KUBE-PROXY-FIREWALL ",
];

/// What ends KUBE-SERVICES in table nat of mode iptables, in any order.
const LAST: &str = "NOTE: this must be the last rule in this chain";

/// The comparable form of a recording.
pub fn comparable(file: &str, text: &str) -> String {
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
pub fn lines(lines: Vec<&str>) -> String {
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

/// Sorts the rules of the unordered chain where they stand.
pub fn sort_unordered(mut lines: Vec<&str>) -> Vec<&str> {
    // Mode ipvs has some of these chains too, and there their order counts.
    let chains = if lines.iter().any(|line| line.starts_with(":KUBE-IPVS-")) {
        &UNORDERED[..1]
    } else {
        &UNORDERED[1..]
    };
    let chain = |line: &str| chains.iter().find(|chain| line.starts_with(**chain));
    let group = |line: &str| chain(line).map(|chain| (chain, line.contains(LAST)));
    for run in lines.chunk_by_mut(|a, b| group(a).is_some() && group(a) == group(b)) {
        run.sort_unstable();
    }
    lines
}

/// Sorts sets by name and their entries as text; each `create` stays before its entries.
pub fn sort_sets(text: &str) -> Vec<&str> {
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
