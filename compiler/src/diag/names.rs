//! Many names in a few words.

/// How many are told.
const SHOWN: usize = 3;

/// The first names, and how many more there are: `n1, n2, n3 and 4 more`.
pub fn some<N: ToString>(names: impl ExactSizeIterator<Item = N>) -> String {
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.take(SHOWN).map(|name| name.to_string()).collect();
    let shown = shown.join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_told_and_the_rest_is_counted() {
        for (number, expected) in [
            (0u8, ""),
            (1, "1"),
            (3, "1, 2, 3"),
            (4, "1, 2, 3 and 1 more"),
            (9, "1, 2, 3 and 6 more"),
        ] {
            assert_eq!(some(1..=number), expected);
        }
    }
}
