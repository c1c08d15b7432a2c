//! English for numbers of things.

/// `1 step`, `2 steps`, `3 entries`, `2 Services or addresses`, `4 objects of the kernel`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        return format!("1 {noun}");
    }
    format!("{number} {}", plural(noun))
}

/// A word that agrees with a number: `is` or `are`, `has` or `have`.
pub fn agree<'w>(number: usize, one: &'w str, several: &'w str) -> &'w str {
    if number == 1 { one } else { several }
}

/// The noun in the plural: its head is what stands before `of`, or each side of `or`.
fn plural(noun: &str) -> String {
    if let Some((one, other)) = noun.split_once(" or ") {
        return format!("{} or {}", plural(one), plural(other));
    }
    if let Some((head, rest)) = noun.split_once(" of ") {
        return format!("{} of {rest}", plural(head));
    }
    let vowel = |stem: &str| stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    match noun.strip_suffix('y') {
        Some(stem) if !vowel(stem) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_get_their_plural() {
        for (number, noun, expected) in [
            (1, "step", "1 step"),
            (0, "step", "0 steps"),
            (2, "entry", "2 entries"),
            (2, "key", "2 keys"),
            (2, "address", "2 addresses"),
            (2, "branch", "2 branches"),
            (3, "Service or address", "3 Services or addresses"),
            (1, "object of the kernel", "1 object of the kernel"),
            (2, "object of the kernel", "2 objects of the kernel"),
        ] {
            assert_eq!(count(number, noun), expected);
        }
    }
}
