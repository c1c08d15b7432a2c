//! Small words: protocols, times, numbers.

use crate::model::Protocol;

/// A protocol by its name or number.
pub(super) fn protocol(text: &str) -> Option<Protocol> {
    Protocol::from_lower(text).or_else(|| Protocol::from_number(text.parse().ok()?))
}

/// `3h`, `1h30m5s`, `2h59m58s500ms`.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let each = match &rest[..unit] {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return None,
        };
        rest = &rest[unit..];
        sum = sum.checked_add(count.checked_mul(each)?)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// A time of whole seconds.
pub(super) fn seconds(text: &str) -> Option<u32> {
    let milliseconds = milliseconds(text)?;
    let seconds = u32::try_from(milliseconds / 1_000).ok()?;
    (milliseconds % 1_000 == 0).then_some(seconds)
}

/// Bits of a mark: `0x00004000`.
pub(super) fn bits(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_nft_lists_them() {
        for (text, expected) in [
            ("3h", Some(10_800_000)),
            ("1d1h30m5s", Some(91_805_000)),
            ("2h59m58s500ms", Some(10_798_500)),
            ("", None),
            ("5", None),
            ("h", None),
            ("3x", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
        assert_eq!(seconds("1s500ms"), None);
    }
}
