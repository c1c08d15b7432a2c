//! How much a report tells: findings alike are told up to a number and counted from there, so that a
//! report is no larger than somebody can use, however much is wrong.

use std::collections::BTreeMap;

use super::Severity;

/// How many findings of one sort a report tells.
pub const MOST_ALIKE: usize = 1_000;

/// Characters of a text from the input that a report repeats.
const MOST_TEXT: usize = 2_000;

/// Bytes of a way out: it may be a command that repeats what was typed, which is of use as a whole only.
const MOST_HELP: usize = 32_000;

/// Findings of one sort beyond [`MOST_ALIKE`]: counted, and not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut<Sort> {
    /// How much each of them matters.
    pub severity: Severity,
    /// What they are.
    pub sort: Sort,
    /// How many there are; never 0.
    pub count: usize,
}

impl<Sort> LeftOut<Sort> {
    /// What stands for them where they would have been told.
    pub fn message(&self) -> String {
        format!("and {} more of these, which are not shown", self.count)
    }
}

/// How many of a severity were left out.
pub(crate) fn count<Sort>(left_out: &[LeftOut<Sort>], severity: Severity) -> usize {
    let of_severity = left_out.iter().filter(|one| one.severity == severity);
    of_severity.map(|one| one.count).sum()
}

/// Keeps the first [`MOST_ALIKE`] of each sort, in their order, and counts the others.
pub(crate) fn bound<T, Sort: Ord + Copy>(
    list: &mut Vec<T>,
    sort: impl Fn(&T) -> (Severity, Sort),
) -> Vec<LeftOut<Sort>> {
    let mut seen: BTreeMap<(Severity, Sort), usize> = BTreeMap::new();
    list.retain(|one| {
        let seen = seen.entry(sort(one)).or_default();
        *seen += 1;
        *seen <= MOST_ALIKE
    });
    let beyond = seen.into_iter().filter_map(|((severity, sort), seen)| {
        let count = seen.saturating_sub(MOST_ALIKE);
        (count > 0).then_some(LeftOut {
            severity,
            sort,
            count,
        })
    });
    beyond.collect()
}

/// A text of the input, cut where it is longer than anybody reads.
pub(crate) fn shortened(mut text: String) -> String {
    if text.len() > MOST_TEXT
        && let Some((end, _)) = text.char_indices().nth(MOST_TEXT)
    {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// A way out, cut where it is longer than any command line.
pub(crate) fn way_out(text: String) -> String {
    if text.len() > MOST_HELP {
        shortened(text)
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_and_counts_the_rest() {
        let mut list: Vec<(Severity, usize)> = (0..3 * MOST_ALIKE)
            .map(|at| {
                let severity = [Severity::Error, Severity::Warning][usize::from(at % 3 == 0)];
                (severity, at)
            })
            .collect();
        let left_out = bound(&mut list, |(severity, _)| (*severity, ()));
        let expected = LeftOut {
            severity: Severity::Error,
            sort: (),
            count: MOST_ALIKE,
        };
        assert_eq!(left_out, [expected]);
        assert_eq!(count(&left_out, Severity::Error), MOST_ALIKE);
        assert_eq!(count(&left_out, Severity::Warning), 0);
        assert_eq!(list.len(), 2 * MOST_ALIKE);
        assert!(list.is_sorted_by_key(|(_, at)| *at));
    }

    #[test]
    fn an_endless_text_does_not_fill_the_report() {
        assert_eq!(
            shortened("\u{e9}".repeat(100_000)).chars().count(),
            MOST_TEXT + 3
        );
        assert_eq!(shortened("shop/cart".to_owned()), "shop/cart");
    }
}
