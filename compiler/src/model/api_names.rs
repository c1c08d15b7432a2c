//! Names as `pkg/util/validation` of apimachinery takes them.

/// A domain name in small letters (RFC 1123), such as `www.example.com`.
pub(crate) fn is_subdomain(text: &str) -> bool {
    let label = |part: &str| {
        let bytes = part.as_bytes();
        let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        !part.is_empty()
            && bytes.iter().all(inner)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// A name with or without a domain before it, such as `example.com/name`.
pub(crate) fn is_qualified(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    prefix.is_none_or(is_subdomain) && !name.is_empty() && is_label_value(name)
}

/// The value of a label, which may be empty.
pub(crate) fn is_label_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    bytes.len() <= 63 && ends(bytes.first()) && ends(bytes.last()) && bytes.iter().all(inner)
}

/// The name of a container's port (RFC 6335).
pub(crate) fn is_port_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=15).contains(&text.len())
        && text.bytes().all(inner)
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && !text.contains("--")
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_the_api_takes_them() {
        type Case = (
            fn(&str) -> bool,
            &'static [&'static str],
            &'static [&'static str],
        );
        let cases: [Case; 4] = [
            (
                is_subdomain,
                &["a", "a-b.c1", "1.2"],
                &["", "A", "-a", "a.", "foo.*", "a..b"],
            ),
            (
                is_qualified,
                &["a", "A_b.c", "example.com/protocol"],
                &[
                    "",
                    "--",
                    "Bad/Class",
                    "a/b/c",
                    "/a",
                    "a/",
                    "NoUppercaseOrSpecialCharsLike=Equals",
                ],
            ),
            (
                is_label_value,
                &["", "a", "v1.0_x"],
                &["-a", "a b", "a.", "a/b"],
            ),
            (
                is_port_name,
                &["http", "a-1"],
                &["", "80", "a--b", "-a", "HTTP", "a-very-long-name"],
            ),
        ];
        for (check, right, wrong) in cases {
            for text in right {
                assert!(check(text), "{text}");
            }
            for text in wrong {
                assert!(!check(text), "{text}");
            }
        }
    }
}
