//! Which edition of which cluster's rules something is.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

/// Name of a cluster, as its operators call it: up to 63 lower-case letters, digits, dashes and dots,
/// beginning and ending with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClusterName(Box<str>);

impl ClusterName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that names no cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the name of a cluster: up to 63 lower-case letters, digits, dashes and dots, such as prod-eu"
)]
pub struct NotACluster;

impl FromStr for ClusterName {
    type Err = NotACluster;

    fn from_str(text: &str) -> Result<Self, NotACluster> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        let fits = bytes.len() <= 63
            && ends
                .into_iter()
                .all(|end| end.is_some_and(|end| plain(*end)))
            && bytes
                .iter()
                .all(|byte| plain(*byte) || b"-.".contains(byte));
        fits.then(|| Self(text.into())).ok_or(NotACluster)
    }
}

/// Counts the editions of a cluster's rules, from 1; a later one has a higher number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter(NonZeroU64);

impl Counter {
    /// The number.
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text that is no counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 1 to 18446744073709551615, such as 147")]
pub struct NotACounter;

impl FromStr for Counter {
    type Err = NotACounter;

    /// Nothing but the spelling that is written is read.
    fn from_str(text: &str) -> Result<Self, NotACounter> {
        let number: NonZeroU64 = text.parse().map_err(|_| NotACounter)?;
        (number.to_string() == text)
            .then_some(Self(number))
            .ok_or(NotACounter)
    }
}

impl TryFrom<u64> for Counter {
    type Error = NotACounter;

    fn try_from(number: u64) -> Result<Self, NotACounter> {
        NonZeroU64::new(number).map(Self).ok_or(NotACounter)
    }
}

/// Which edition of which cluster's rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    /// Whose rules.
    pub cluster: ClusterName,
    /// Which of them.
    pub counter: Counter,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.cluster, self.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_have_plain_names() {
        let longest = "a".repeat(63);
        for text in ["prod", "prod-eu.1", "1", &longest] {
            assert_eq!(text.parse::<ClusterName>().unwrap().as_str(), text);
        }
        let too_long = "a".repeat(64);
        for text in [
            "", "-a", "a.", "A", "a b", "a/b", "..", "a\n", "ä", &too_long,
        ] {
            assert_eq!(text.parse::<ClusterName>(), Err(NotACluster), "{text}");
        }
    }

    #[test]
    fn counters_have_one_spelling() {
        for text in ["1", "147", "18446744073709551615"] {
            assert_eq!(text.parse::<Counter>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "0",
            "-1",
            "+1",
            "01",
            "1 ",
            "18446744073709551616",
            "1.0",
        ] {
            assert_eq!(text.parse::<Counter>(), Err(NotACounter), "{text}");
        }
    }
}
