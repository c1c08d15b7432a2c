//! Digests over the bytes of records: what was cut, flipped or written by another hand is told as
//! that.
//!
//! ```text
//! {"digest":"sha256:…","format":"portolan-current 2","tool":"0.1.0",…}
//! portolan-inventory 2 sha256:…
//! switched 7-1f0c2a sha256:…
//! ```
//!
//! The digest of a document covers all else of it, that of an inventory
//! its format and its lines, that of a marker the words before. Records of before have none: their formats tell.

use portolan_compiler::bundle::Digest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::journal::{Marker, TransactionId};

/// A record that is a JSON document.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// What is written today, always with a digest.
    const FORMAT: &'static str;
    /// What was written before records had digests; `None` where nothing said it.
    const BEFORE: Option<&'static str>;
}

/// Whether a digest vouches for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sealing {
    /// One does.
    Sealed,
    /// It is of before they had any.
    OfBefore,
}

/// Why a text is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is not as it was written.
    Damaged(String),
    /// It is of a format that another portolan writes.
    Another {
        format: String,
        tool: Option<String>,
    },
    /// It has no digest to tell, and makes no sense.
    Senseless(String),
}

/// What a document says of itself.
#[derive(Debug, Deserialize)]
struct Stamp {
    format: Option<String>,
    tool: Option<String>,
}

pub(super) const CHANGED: &str = "its bytes are not those that it has the digest of";
const NO_DIGEST: &str = "it has no digest";

const OPENING: &str = "{\"digest\":\"";
const CLOSING: &str = "\",";

/// Whether these bytes have this digest.
pub(super) fn matches(text: &str, digest: &str) -> bool {
    Digest::of(text.as_bytes()).to_string() == digest
}

/// A document with its digest, on one line.
pub(super) fn document<R: Record>(record: &R) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(record)?;
    value["format"] = R::FORMAT.into();
    value["tool"] = env!("CARGO_PKG_VERSION").into();
    let text = value.to_string() + "\n";
    let digest = Digest::of(text.as_bytes());
    Ok(format!("{OPENING}{digest}{CLOSING}{}", &text[1..]))
}

/// The text that the digest of a document is of, and whether it is; `None` where it has none.
fn unsealed(text: &str) -> Option<(String, bool)> {
    let (digest, rest) = text.strip_prefix(OPENING)?.split_once(CLOSING)?;
    let rest = format!("{{{rest}");
    let found = matches(&rest, digest);
    Some((rest, found))
}

/// Reads a document.
pub(super) fn read_document<R: Record>(text: &str) -> Result<(R, Sealing), Unreadable> {
    let (body, sealing) = match unsealed(text) {
        Some((_, false)) => return Err(Unreadable::Damaged(CHANGED.to_owned())),
        Some((body, true)) => (body, Sealing::Sealed),
        None => (text.to_owned(), Sealing::OfBefore),
    };
    let senseless = |error: serde_json::Error| Unreadable::Senseless(error.to_string());
    let stamp: Stamp = serde_json::from_str(&body).map_err(senseless)?;
    let known = match (sealing, stamp.format.as_deref()) {
        (Sealing::Sealed, format) => format == Some(R::FORMAT),
        (Sealing::OfBefore, Some(format)) if format == R::FORMAT => {
            return Err(Unreadable::Damaged(NO_DIGEST.to_owned()));
        }
        (Sealing::OfBefore, format) => format == R::BEFORE,
    };
    let another = |stamp: Stamp| Unreadable::Another {
        format: stamp.format.unwrap_or_default(),
        tool: stamp.tool,
    };
    if !known {
        return Err(another(stamp));
    }
    let mut value: Value = serde_json::from_str(&body).map_err(senseless)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("format");
        fields.remove("tool");
    }
    match serde_json::from_value(value) {
        Ok(record) => Ok((record, sealing)),
        // Other versions may add fields to a format that is known.
        Err(_) if stamp.tool.as_deref().is_some_and(is_another) => Err(another(stamp)),
        Err(error) => Err(senseless(error)),
    }
}

fn is_another(tool: &str) -> bool {
    tool != env!("CARGO_PKG_VERSION")
}

/// What an inventory begins with, today and before it had a digest.
pub(super) const INVENTORY: &str = "portolan-inventory 2";
const INVENTORY_OF_BEFORE: &str = "portolan-inventory 1\n";

/// An inventory, with a digest of its format and its lines.
pub(super) fn inventory(text: &str) -> String {
    let lines = text.strip_prefix(INVENTORY_OF_BEFORE).unwrap_or(text);
    let digest = inventory_digest(INVENTORY, lines);
    format!("{INVENTORY} {digest}\n{lines}")
}

fn inventory_digest(format: &str, lines: &str) -> String {
    Digest::of(format!("{format}\n{lines}").as_bytes()).to_string()
}

/// The inventory as it was before it got a digest.
pub(super) fn read_inventory(text: &str) -> Result<String, Unreadable> {
    if text.starts_with(INVENTORY_OF_BEFORE) {
        return Ok(text.to_owned());
    }
    let (first, lines) = text.split_once('\n').unwrap_or((text, ""));
    let Some((format, digest)) = first.rsplit_once(' ') else {
        return Err(Unreadable::Damaged(NO_DIGEST.to_owned()));
    };
    if digest != inventory_digest(format, lines) {
        return Err(Unreadable::Damaged(CHANGED.to_owned()));
    }
    if format != INVENTORY {
        return Err(Unreadable::Another {
            format: format.to_owned(),
            tool: None,
        });
    }
    Ok(format!("{INVENTORY_OF_BEFORE}{lines}"))
}

/// A marker of a transaction, with a digest of both.
pub(super) fn marker(marker: Marker, id: &TransactionId) -> String {
    let words = format!("{} {id}", marker.as_str());
    format!("{words} {}\n", Digest::of(words.as_bytes()))
}

/// Whether a text is a marker of this transaction, as it is written today or was before.
pub(super) fn is_marker(text: &str, one: Marker, id: &TransactionId) -> bool {
    text == marker(one, id) || text.trim() == one.as_str()
}

/// Reads a marker of this transaction, whose journal has a digest or not.
pub(super) fn read_marker(
    text: &str,
    id: &TransactionId,
    journal: Sealing,
) -> Result<Marker, Unreadable> {
    let found = Marker::ALL.into_iter().find(|one| match journal {
        Sealing::Sealed => text == marker(*one, id),
        Sealing::OfBefore => is_marker(text, *one, id),
    });
    found.ok_or_else(|| {
        Unreadable::Damaged("it does not say how far its transaction came".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::store::{Counters, Current};

    fn current() -> Current {
        Current {
            counters: Counters::default(),
            generation: 7,
            boot: "b".to_owned(),
        }
    }

    #[test]
    fn records_survive() {
        let text = document(&current()).unwrap();
        let read = read_document::<Current>(&text).unwrap();
        assert_eq!(read, (current(), Sealing::Sealed));
        let lines = "portolan-inventory 1\nserver 10.96.0.1:443/TCP\n";
        assert_eq!(read_inventory(&inventory(lines)).unwrap(), lines);
        let id: TransactionId = "7-abcdef".parse().unwrap();
        for one in Marker::ALL {
            let text = marker(one, &id);
            assert_eq!(read_marker(&text, &id, Sealing::Sealed).unwrap(), one);
        }
    }

    #[test]
    fn records_of_before_are_read() {
        let text = r#"{"generation":7,"boot":"b"}"#;
        let read = read_document::<Current>(text).unwrap();
        assert_eq!(read, (current(), Sealing::OfBefore));
        let id: TransactionId = "7-abcdef".parse().unwrap();
        let read = read_marker("switched", &id, Sealing::OfBefore).unwrap();
        assert_eq!(read, Marker::Switched);
        assert!(read_marker("switched", &id, Sealing::Sealed).is_err());
        let lines = "portolan-inventory 1\n";
        assert_eq!(read_inventory(lines).unwrap(), lines);
    }

    type Reads<'a> = &'a dyn Fn(&str) -> bool;

    /// A flipped bit, wherever it is, and every prefix.
    #[test]
    fn nothing_that_was_changed_is_read() {
        let id: TransactionId = "7-abcdef".parse().unwrap();
        let lines = "portolan-inventory 1\nserver 10.96.0.1:443/TCP\naddress 10.96.0.1\n";
        let read: [(String, Reads<'_>); 3] = [
            (document(&current()).unwrap(), &|text| {
                read_document::<Current>(text).is_ok()
            }),
            (inventory(lines), &|text| read_inventory(text).is_ok()),
            (marker(Marker::Switched, &id), &|text| {
                read_marker(text, &id, Sealing::Sealed).is_ok()
            }),
        ];
        for (text, reads) in read {
            assert!(reads(&text), "{text}");
            for at in 0..text.len() {
                assert!(!reads(&text[..at]), "cut at {at}: {text}");
                for bit in 0..8 {
                    let mut bytes = text.clone().into_bytes();
                    bytes[at] ^= 1 << bit;
                    let Ok(flipped) = String::from_utf8(bytes) else {
                        continue;
                    };
                    assert!(!reads(&flipped), "{flipped}");
                }
            }
        }
    }

    #[test]
    fn later_formats_are_told_from_damage() {
        let later = r#"{"format":"portolan-current 3","tool":"9.0.0","x":1}"#;
        let text = |rest: &str| {
            let digest = Digest::of(rest.as_bytes());
            format!("{OPENING}{digest}{CLOSING}{}", &rest[1..])
        };
        let another = Unreadable::Another {
            format: "portolan-current 3".to_owned(),
            tool: Some("9.0.0".to_owned()),
        };
        for text in [later.to_owned(), text(later)] {
            assert_eq!(read_document::<Current>(&text).unwrap_err(), another);
        }
        let bare = r#"{"format":"portolan-current 2","generation":7,"boot":"b"}"#;
        let damaged = Unreadable::Damaged(NO_DIGEST.to_owned());
        assert_eq!(read_document::<Current>(bare).unwrap_err(), damaged);
        let format = "portolan-inventory 3";
        let text = format!("{format} {}\nx\n", inventory_digest(format, "x\n"));
        assert!(matches!(
            read_inventory(&text),
            Err(Unreadable::Another { .. })
        ));
    }
}
