//! Names that somebody may have meant.

/// How many are told.
const SHOWN: usize = 3;

/// The names that are most like one that is none of them, the nearest first.
pub(super) fn nearest<'n>(wanted: &str, known: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    // Names are of one sort: beyond half of it another one is meant.
    let most = wanted.chars().count().div_ceil(2);
    let mut near: Vec<(usize, &str)> = known
        .map(|name| {
            let name_lower = name.to_lowercase();
            let within = !wanted.is_empty()
                && (name_lower.contains(&wanted) || wanted.contains(&name_lower));
            let distance = strsim::osa_distance(&name_lower, &wanted);
            (if within { distance.min(most) } else { distance }, name)
        })
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter()
        .take(SHOWN)
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_come_first_and_what_is_far_is_left_out() {
        let known = ["node-a", "node-b", "ip-10-0-0-1", "b"];
        for (wanted, expected) in [
            ("node-c", &["node-a", "node-b"][..]),
            ("Node-A", &["node-a", "node-b"]),
            ("ip-10-0-0-2", &["ip-10-0-0-1"]),
            ("nodea", &["node-a", "node-b"]),
            ("elsewhere", &[]),
            ("", &[]),
        ] {
            assert_eq!(nearest(wanted, known.into_iter()), expected, "{wanted}");
        }
    }
}
