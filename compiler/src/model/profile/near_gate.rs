//! Names that are nearly those of a feature gate.

use std::collections::BTreeSet;

use crate::nearest::{self, Slips};

/// Whether a name is that of a gate, not quite: a few letters differ, their case aside; or words are
/// missing, too many, or in another order.
pub(super) fn is_near(written: &str, gate: &str) -> bool {
    let written = written.trim();
    let (shorter, longer) = if written.len() < gate.len() {
        (written, gate)
    } else {
        (gate, written)
    };
    // What shares less than half with a gate has a meaning of its own. The bound also keeps the work
    // small: a configuration may have any number of gates, of any length.
    if shorter.len() * 2 < longer.len() {
        return false;
    }
    is_mistyped(written, gate) || has_parts(longer, shorter)
}

fn is_mistyped(written: &str, gate: &str) -> bool {
    const SLIPS: Slips = Slips::OneIn(6);
    // Comparing letter by letter is for those that may be near.
    differing(written, gate) <= 2 * SLIPS.of(gate)
        && nearest::distance(gate, written, SLIPS).is_some()
}

/// How many letters one of the names has more often than the other, wherever they stand. Each mistake
/// makes two of them at most.
fn differing(one: &str, other: &str) -> usize {
    let mut count = [0i32; 256];
    let mut add = |name: &str, by: i32| {
        for byte in name.bytes() {
            count[usize::from(byte.to_ascii_lowercase())] += by;
        }
    };
    add(one, 1);
    add(other, -1);
    count
        .iter()
        .map(|count| count.unsigned_abs() as usize)
        .sum()
}

/// Whether a name holds another one, as a piece or by its words.
fn has_parts(longer: &str, shorter: &str) -> bool {
    let (long, short) = (longer.to_ascii_lowercase(), shorter.to_ascii_lowercase());
    if long.contains(&short) {
        return true;
    }
    let (long, short) = (words(longer), words(shorter));
    short.len() > 1 && short.is_subset(&long)
}

/// The words of a name in lower case: each begins with a capital letter, or is all of them.
fn words(name: &str) -> BTreeSet<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = BTreeSet::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_ascii_uppercase();
        let before_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (after_small || before_small) && !word.is_empty() {
            words.insert(std::mem::take(&mut word));
        }
        word.push(letter.to_ascii_lowercase());
    }
    if !word.is_empty() {
        words.insert(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::Gate;
    use super::*;

    #[test]
    fn mistakes_and_missing_words_are_near() {
        for (name, gate) in [
            (
                "PreferSameTrafficDistributon",
                "PreferSameTrafficDistribution",
            ),
            (
                "PreferSameTraficDistribution",
                "PreferSameTrafficDistribution",
            ),
            ("KubeProxyIpvs", "KubeProxyIPVS"),
            ("KubeProxiIPVS", "KubeProxyIPVS"),
            ("KubeProxyIPVSMode", "KubeProxyIPVS"),
            ("IPVSKubeProxy", "KubeProxyIPVS"),
            ("AllowServiceExternalIP", "AllowServiceExternalIPs"),
            ("AllowExternalIPs", "AllowServiceExternalIPs"),
            ("ServiceExternalIPs", "AllowServiceExternalIPs"),
            ("ServiceTrafficDistribution ", "ServiceTrafficDistribution"),
            ("TopologyAwareHint", "TopologyAwareHints"),
            ("NFTablesProxyModes", "NFTablesProxyMode"),
            ("NFTablesProxy", "NFTablesProxyMode"),
            ("nftablesproxy", "NFTablesProxyMode"),
            ("NFTablesMode", "NFTablesProxyMode"),
            ("LoadBalancerMode", "LoadBalancerIPMode"),
            ("ALLALPHA", "AllAlpha"),
        ] {
            assert!(is_near(name, gate), "{name}");
        }
    }

    #[test]
    fn gates_of_other_components_are_not_near() {
        for name in [
            "TopologyManager",
            "TopologyManagerPolicyOptions",
            "ServiceInternalTrafficPolicy",
            "ServiceLoadBalancerFinalizer",
            "ServiceNodePortStaticSubrange",
            "RelaxedServiceNameValidation",
            "SupportIPVSProxyMode",
            "MixedProtocolLBService",
            "ProxyTerminatingEndpoints",
            "AllowParsingUserUIDFromCertAuth",
            "KubeletTracing",
            "Service",
            "NodeSwap",
            "",
        ] {
            for gate in Gate::ALL {
                assert!(!is_near(name, gate.as_str()), "{name}: {gate:?}");
            }
        }
        assert!(!is_near(
            &"NFTablesProxyMode".repeat(3),
            "NFTablesProxyMode"
        ));
    }
}
