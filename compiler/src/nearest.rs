//! The names that somebody may have meant who wrote another one.

/// How many letters of what was written may be wrong. Letters that are missing, too many or swapped with
/// the next are wrong, and their case never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slips {
    /// One in so many letters.
    OneIn(usize),
    /// One in so many letters, and one in a name that is shorter.
    OneInOrOne(usize),
    /// Half of them, rounded up: for names of which each has much in common with all others.
    Half,
}

impl Slips {
    /// How many that are in a text.
    pub fn of(self, text: &str) -> usize {
        let letters = text.chars().count();
        match self {
            Self::OneIn(many) => letters / many,
            Self::OneInOrOne(many) => (letters / many).max(1),
            Self::Half => letters.div_ceil(2),
        }
    }
}

/// How many letters are wrong in what was written, if a known name was meant; `None` where it was not.
pub fn distance(written: &str, known: &str, slips: Slips) -> Option<usize> {
    let most = slips.of(written);
    // Comparing letter by letter is for those that may be near.
    if known.chars().count().abs_diff(written.chars().count()) > most {
        return None;
    }
    let distance = strsim::osa_distance(&written.to_lowercase(), &known.to_lowercase());
    (distance <= most).then_some(distance)
}

/// The known name that was meant; of several that are as near, the first.
pub fn one<'n>(
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
    slips: Slips,
) -> Option<&'n str> {
    let near = known
        .into_iter()
        .filter_map(|name| Some((distance(written, name, slips)?, name)));
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The known names that may have been meant, three at most and the nearest first. A name that is a part
/// of what was written, or has it for a part, is one too.
pub fn few<'n>(
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
    slips: Slips,
) -> Vec<String> {
    const SHOWN: usize = 3;
    let lower = written.to_lowercase();
    let has_part = |name: &str| {
        let name = name.to_lowercase();
        !lower.is_empty() && (name.contains(&lower) || lower.contains(&name))
    };
    let near = known.into_iter().filter_map(|name| {
        let part = || has_part(name).then(|| slips.of(written));
        Some((distance(written, name, slips).or_else(part)?, name))
    });
    let mut near: Vec<(usize, &str)> = near.collect();
    near.sort_unstable();
    near.dedup();
    let near = near.into_iter().take(SHOWN);
    near.map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_what_is_far_is_left_out() {
        let known = ["node-a", "node-b", "ip-10-0-0-1", "b"];
        for (written, expected) in [
            ("node-c", &["node-a", "node-b"][..]),
            ("Node-A", &["node-a", "node-b"]),
            ("ip-10-0-0-2", &["ip-10-0-0-1"]),
            ("nodea", &["node-a", "node-b"]),
            ("elsewhere", &[]),
            ("", &[]),
        ] {
            assert_eq!(few(written, known, Slips::Half), expected, "{written}");
        }
    }

    #[test]
    fn the_bound_is_of_what_was_written() {
        let known = ["inputs", "mode", "out"];
        for (written, slips, expected) in [
            ("input", Slips::OneIn(3), Some("inputs")),
            ("Mode", Slips::OneIn(6), Some("mode")),
            ("mod", Slips::OneIn(6), None),
            ("mod", Slips::OneInOrOne(6), Some("mode")),
            ("oat", Slips::OneInOrOne(3), Some("out")),
            ("modus", Slips::OneInOrOne(3), None),
        ] {
            assert_eq!(one(written, known, slips), expected, "{written} {slips:?}");
        }
    }
}
