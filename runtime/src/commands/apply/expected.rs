//! The target that somebody reviewed.

use std::fmt;
use std::str::FromStr;

use portolan_compiler::bundle::{Digest, Target};

/// A target, or as many of its first digits as people compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected(String);

/// Fewer digits could be another target's.
const FEWEST: usize = Digest::SHORT;
/// Digits of a whole one.
const MOST: usize = 64;

impl Expected {
    /// Whether it is this target.
    pub(super) fn is(&self, target: Target) -> bool {
        target.digits().starts_with(&self.0)
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that names no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected at least the first {FEWEST} hexadecimal digits of a target, such as 3f2a90c1d4e5"
)]
pub(super) struct NotATarget;

impl FromStr for Expected {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let fits = (FEWEST..=MOST).contains(&digits.len());
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        (fits && hexadecimal)
            .then(|| Self(digits.to_ascii_lowercase()))
            .ok_or(NotATarget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_digits_name_a_target() {
        let target: Target = Digest::of(b"state").into();
        let whole = target.to_string();
        let digits = &whole["sha256:".len()..];
        for text in [&whole, digits, &digits[..12], &digits[..13].to_uppercase()] {
            assert!(text.parse::<Expected>().unwrap().is(target), "{text}");
        }
        let other: Target = Digest::of(b"other").into();
        assert!(!other.short().parse::<Expected>().unwrap().is(target));
        for text in [
            "",
            &digits[..11],
            "3f2a90c1d4e",
            "3f2a90c1d4eg",
            &format!("{digits}0"),
        ] {
            assert_eq!(text.parse::<Expected>(), Err(NotATarget), "{text}");
        }
    }
}
