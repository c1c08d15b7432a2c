//! Enums of words: all of them in order, the word for each, and the way back from a word.

use std::fmt;

/// Text that is none of the words of a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord {
    /// The words it could have been.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "none of: {}", self.known.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

/// Declares an enum whose values have a word each: `ALL`, `as_str`, `Display` and `FromStr` follow from
/// one list, so that a value can be forgotten in none of them. A number behind the word is the value's
/// discriminant.
#[macro_export]
macro_rules! closed_set {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident {
            $($(#[$doc:meta])* $Value:ident = $word:literal $(: $number:literal)?,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $Name {
            $($(#[$doc])* $Value $(= $number)?,)+
        }

        impl $Name {
            /// All of them, in order.
            $vis const ALL: [Self; [$($word),+].len()] = [$(Self::$Value),+];

            /// The word for it.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Value => $word,)+
                }
            }
        }

        impl ::std::fmt::Display for $Name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $Name {
            type Err = $crate::closed_set::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut all = Self::ALL.into_iter();
                all.find(|one| one.as_str() == text)
                    .ok_or($crate::closed_set::UnknownWord { known: &[$($word),+] })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    closed_set! {
        enum Colour {
            Red = "red",
            Blue = "blue",
        }
    }

    #[test]
    fn words_lead_back() {
        for colour in Colour::ALL {
            assert_eq!(colour.to_string().parse(), Ok(colour));
        }
        let error = "green".parse::<Colour>().unwrap_err();
        assert_eq!(error.to_string(), "none of: red, blue");
    }
}
