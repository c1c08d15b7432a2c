//! Names, checked as the API server checks them. They end up in rule files that run as root, so
//! nothing else may build one.
//!
//! Source: `k8s.io/apimachinery/pkg/util/validation`, which follows RFC 1035 and RFC 1123.

use std::fmt;
use std::sync::Arc;

/// Why text is not accepted as a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Text of no characters; the API asks for at least one.
    #[error("is empty")]
    Empty,
    /// Longer than the API allows.
    #[error("has {length} characters; at most {limit} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The API's limit.
        limit: usize,
    },
    /// A character the API refuses.
    #[error("contains {found:?}; only {allowed} are allowed")]
    Character {
        /// The first one that is refused.
        found: char,
        /// Those that the API takes.
        allowed: &'static str,
    },
    /// A first or last character the API refuses.
    #[error("must start and end with a letter or digit")]
    Ends,
}

fn check_length(text: &str, limit: usize) -> Result<(), NameError> {
    if text.len() > limit {
        return Err(NameError::TooLong {
            length: text.len(),
            limit,
        });
    }
    Ok(())
}

fn check_characters(
    text: &str,
    takes: impl Fn(char) -> bool,
    allowed: &'static str,
) -> Result<(), NameError> {
    match text.chars().find(|c| !takes(*c)) {
        Some(found) => Err(NameError::Character { found, allowed }),
        None => Ok(()),
    }
}

fn check_label(text: &str, limit: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    check_length(text, limit)?;
    let takes = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    check_characters(text, takes, "lower-case letters, digits and '-'")?;
    if text.starts_with('-') || text.ends_with('-') {
        return Err(NameError::Ends);
    }
    Ok(())
}

fn check_subdomain(text: &str, limit: usize) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    check_length(text, limit)?;
    text.split('.')
        .try_for_each(|label| check_label(label, limit))
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text, safe to write anywhere.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// Name of a namespace: an RFC 1123 label of at most 63 characters.
    Namespace;
    /// Name of a Service: an RFC 1123 label of at most 63 characters. APIs before 1.36 take new names
    /// only where they begin with a letter; kube-proxy does not look.
    ServiceName;
    /// Name of a Service's port: an RFC 1123 label of at most 63 characters, or empty where the
    /// Service has only one.
    PortName;
    /// Name of a Node: an RFC 1123 subdomain of at most 253 characters.
    NodeName;
    /// Name of a zone: a label value of at most 63 characters.
    Zone;
    /// Name of an interface as the kernel takes it: at most 15 characters.
    InterfaceName;
}

impl Namespace {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// What the API would say.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_label(text, 63)?;
        Ok(Self(text.into()))
    }
}

impl ServiceName {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// What the API would say.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_label(text, 63)?;
        Ok(Self(text.into()))
    }
}

impl PortName {
    /// The name of a Service's only port.
    pub fn unnamed() -> Self {
        Self("".into())
    }

    /// Checks and takes a name; empty text is the unnamed port.
    ///
    /// # Errors
    /// What the API would say.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if !text.is_empty() {
            check_label(text, 63)?;
        }
        Ok(Self(text.into()))
    }
}

impl NodeName {
    /// Checks and takes a name.
    ///
    /// # Errors
    /// What the API would say.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_subdomain(text, 253)?;
        Ok(Self(text.into()))
    }
}

impl Zone {
    /// Checks and takes a zone; `None` for empty text, which names no zone.
    ///
    /// # Errors
    /// What the API would say of the label value.
    pub fn parse(text: &str) -> Result<Option<Self>, NameError> {
        if text.is_empty() {
            return Ok(None);
        }
        check_length(text, 63)?;
        let takes = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        check_characters(text, takes, "letters, digits, '-', '_' and '.'")?;
        Ok(Some(Self(text.into())))
    }
}

impl InterfaceName {
    /// Checks and takes a name that is safe in rule text: printable ASCII without white space,
    /// quotes, backslash, `/`, `!` and `+`.
    ///
    /// # Errors
    /// What the kernel or a rule parser would stumble over.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        check_length(text, 15)?;
        let takes = |c: char| c.is_ascii_graphic() && !"/\"'\\!+%".contains(c);
        check_characters(text, takes, "letters, digits and plain punctuation")?;
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_names_follow_the_api() {
        let long = "a".repeat(64);
        for (text, ok) in [
            ("cart", true),
            ("cart-2", true),
            ("2cart", true),
            ("-cart", false),
            ("cart-", false),
            ("Cart", false),
            ("ca\nrt", false),
            ("ca\"rt", false),
            ("ca\\rt", false),
            ("cärt", false),
            ("", false),
            (long.as_str(), false),
        ] {
            assert_eq!(ServiceName::parse(text).is_ok(), ok, "{text:?}");
        }
    }

    #[test]
    fn node_names_are_subdomains() {
        assert!(NodeName::parse("worker-1.example.com").is_ok());
        assert!(NodeName::parse("worker_1").is_err());
        assert!(NodeName::parse("a..b").is_err());
        assert!(NodeName::parse("").is_err());
    }
}
