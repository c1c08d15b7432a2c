//! How often a rule of chance applies.

use std::fmt;

/// A probability as the kernel keeps it: a count of 2^-31 parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probability(u32);

impl Probability {
    /// Parts of the whole.
    const WHOLE: u32 = 1 << 31;

    /// One of so many equal chances. kube-proxy writes it with ten decimals and the program that
    /// takes it rounds to the nearest part; none at all counts as one.
    pub fn one_of(chances: usize) -> Self {
        const DECIMALS: u128 = 10_000_000_000;
        let chances = (chances as u128).max(1);
        let written = nearest(DECIMALS, chances);
        let parts = nearest(written * u128::from(Self::WHOLE), DECIMALS);
        Self(u32::try_from(parts).unwrap_or(Self::WHOLE))
    }

    /// A number of parts; `None` for more than the whole.
    pub fn from_parts(parts: u32) -> Option<Self> {
        (parts <= Self::WHOLE).then_some(Self(parts))
    }

    /// The number of parts.
    pub fn parts(self) -> u32 {
        self.0
    }

    /// Reads what is printed, which has eleven decimals.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.')?;
        if decimals.len() != 11 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let whole: u128 = match whole {
            "0" => 0,
            "1" => 1,
            _ => return None,
        };
        let value = whole * PRINTED + decimals.parse::<u128>().ok()?;
        let parts = nearest(value * u128::from(Self::WHOLE), PRINTED);
        Self::from_parts(u32::try_from(parts).ok()?)
    }
}

/// Units of the eleventh decimal in one.
const PRINTED: u128 = 100_000_000_000;

fn nearest(dividend: u128, divisor: u128) -> u128 {
    (2 * dividend + divisor) / (2 * divisor)
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 2^31 parts in f64 are exact, and so is the rounding of its printing.
        write!(f, "{:.11}", f64::from(self.0) / f64::from(Self::WHOLE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As iptables-save printed them for a kube-proxy.
    #[test]
    fn chances_are_printed_as_the_kernel_keeps_them() {
        for (chances, printed) in [
            (1, "1.00000000000"),
            (2, "0.50000000000"),
            (3, "0.33333333349"),
            (5, "0.20000000019"),
            (6, "0.16666666651"),
        ] {
            let probability = Probability::one_of(chances);
            assert_eq!(probability.to_string(), printed, "{chances}");
            assert_eq!(Probability::parse(printed), Some(probability));
        }
    }

    #[test]
    fn what_is_never_printed_is_not_read() {
        for text in ["0.5", "2.00000000000", "0.5000000000x", ".50000000000", "1"] {
            assert_eq!(Probability::parse(text), None, "{text}");
        }
    }
}
