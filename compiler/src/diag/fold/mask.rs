//! What of a finding's words is a value of one object, and says nothing about what is found.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Stands for a value.
const MARK: char = '\0';

/// The words with a mark for each address, range, endpoint, number and Service.
///
/// Releases stay (`1.33`), and so do families (`IPv4`): they are what is found.
pub(super) fn masked(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for word in words.split_inclusive(' ') {
        let core =
            word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '[' | ']' | ':'));
        let core = core.trim_end_matches(':');
        if is_value(core) {
            // A word has no other part of it before or after.
            out.push_str(&word.replacen(core, &MARK.to_string(), 1));
        } else {
            out.push_str(word);
        }
    }
    out
}

fn is_value(word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    let bare = ["/TCP", "/UDP", "/SCTP"]
        .iter()
        .find_map(|protocol| word.strip_suffix(protocol))
        .unwrap_or(word);
    bare.parse::<IpAddr>().is_ok()
        || bare.parse::<SocketAddr>().is_ok()
        || bare.parse::<IpNet>().is_ok()
        || bare.bytes().all(|byte| byte.is_ascii_digit())
        || is_odd_address(bare)
        || is_service(word)
}

/// An address in a spelling that nobody should use, such as `010.0.0.1`.
fn is_odd_address(word: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let address = word.split_once('/').map_or(word, |(address, _)| address);
    address.split('.').count() == 4 && address.split('.').all(part)
}

/// `shop/cart` or `shop/cart:http`. What stands before the slash in a label's or annotation's name is a
/// domain, with dots.
fn is_service(word: &str) -> bool {
    let label = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    };
    let Some((namespace, rest)) = word.split_once('/') else {
        return false;
    };
    let (name, port) = rest.split_once(':').unwrap_or((rest, "p"));
    label(namespace) && name.split('.').all(label) && label(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_out_and_nothing_else() {
        for (words, expected) in [
            (
                "load balancer IP 9.0.0.1 is dropped: the Service has no IPv4 cluster IP",
                "load balancer IP \0 is dropped: the Service has no IPv4 cluster IP",
            ),
            (
                "endpoint [fd00::1]:80 is listed twice on different nodes;",
                "endpoint \0 is listed twice on different nodes;",
            ),
            (
                "of 3 addresses of an endpoint the first counts, 10.0.0.1; others",
                "of \0 addresses of an endpoint the first counts, \0; others",
            ),
            (
                "two claims on 10.96.0.1:80/TCP by shop/cart:http",
                "two claims on \0 by \0",
            ),
            (
                "pod range 10.0.0.0/24 overlaps fd00::/64",
                "pod range \0 overlaps \0",
            ),
            ("write 010.0.0.1", "write \0"),
            ("kube-proxy 1.33 of d/s-1", "kube-proxy 1.33 of \0"),
            (
                "no label kubernetes.io/service-name",
                "no label kubernetes.io/service-name",
            ),
            ("", ""),
        ] {
            assert_eq!(masked(words), expected, "{words}");
        }
    }
}
