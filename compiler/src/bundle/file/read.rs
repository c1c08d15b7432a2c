//! Reads bundles: nothing is taken that the header does not vouch for, and nothing is unpacked
//! beyond what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use flate2::read::DeflateDecoder;
use memchr::memmem;

use super::{
    ALL_BYTES, Bundle, BundleError, FAMILY, FORMAT, HEADER_BYTES, Header, NODE_BYTES, NODES, PARTS,
    Part, carries,
};
use crate::bundle::lines::Lines;
use crate::bundle::{ArtefactKind, Digest, Edition, Manifest};
use crate::model::name::NodeName;

/// The header's last line begins so, and no other does.
const LAST: &str = "\nheader ";
/// Bytes of the last line after that: a digest and a line feed.
const LAST_BYTES: usize = "sha256:".len() + 64 + 1;

impl Bundle {
    /// Reads the bytes of a bundle.
    ///
    /// # Errors
    /// With the first thing that no portolan writes.
    pub fn read(bytes: Vec<u8>) -> Result<Self, BundleError> {
        let (text, body) = split(&bytes)?;
        let mut lines = Lines::new(text);
        let (mut header, digest) = header(&mut lines)?;
        if Digest::of(&bytes[body..]) != digest {
            return Err(BundleError::Body);
        }
        let mut start = body;
        for part in header.parts.values_mut() {
            part.start = start;
            start = start.saturating_add(part.packed);
        }
        if start != bytes.len() {
            return Err(BundleError::Parts(
                "its parts are not as long as the header says",
            ));
        }
        complete(&header)?;
        Ok(Self { header, bytes })
    }

    /// The artefacts of a node; none of one that it has not.
    ///
    /// # Errors
    /// With the first that is not what the header says.
    pub fn files_of(
        &self,
        node: &NodeName,
    ) -> Result<BTreeMap<ArtefactKind, Vec<u8>>, BundleError> {
        let mut files = BTreeMap::new();
        for (path, digest) in self.manifest().files_of(node) {
            let unpacked = self
                .header
                .parts
                .get(digest)
                .and_then(|part| self.unpack(*part));
            let bytes = unpacked.filter(|bytes| Digest::of(bytes) == *digest);
            let bytes = bytes.ok_or_else(|| BundleError::Part {
                node: node.clone(),
                kind: path.kind,
            })?;
            files.insert(path.kind, bytes);
        }
        Ok(files)
    }

    /// The bytes of a part; `None` where they are not as many as the header says.
    fn unpack(&self, part: Part) -> Option<Vec<u8>> {
        let packed = self
            .bytes
            .get(part.start..part.start.checked_add(part.packed)?)?;
        let mut decoder = DeflateDecoder::new(packed);
        let mut bytes = Vec::new();
        let limit = part.size.checked_add(1)?;
        decoder.by_ref().take(limit).read_to_end(&mut bytes).ok()?;
        let whole = bytes.len() as u64 == part.size && decoder.total_in() == packed.len() as u64;
        whole.then_some(bytes)
    }
}

/// The header's text without its last line, which is checked, and where what follows it begins.
fn split(bytes: &[u8]) -> Result<(&str, usize), BundleError> {
    if !Bundle::begins(bytes) {
        return Err(BundleError::NotABundle);
    }
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    if first != FORMAT.as_bytes() {
        let version = &first[FAMILY.len()..][..first.len().min(FAMILY.len() + 40) - FAMILY.len()];
        return Err(BundleError::Format(
            String::from_utf8_lossy(version).into_owned(),
        ));
    }
    let front = &bytes[..bytes.len().min(HEADER_BYTES)];
    let last = memmem::find(front, LAST.as_bytes()).ok_or(BundleError::Cut)?;
    // Its own line feed ends the line before it.
    let text = &bytes[..=last];
    let digest = last + LAST.len();
    let end = digest + LAST_BYTES;
    let said = bytes.get(digest..end).ok_or(BundleError::Cut)?;
    if said != format!("{}\n", Digest::of(text)).as_bytes() {
        return Err(BundleError::Header);
    }
    let text = std::str::from_utf8(text).map_err(|_| BundleError::Header)?;
    Ok((text, end))
}

/// All of it, parts not yet placed, and the digest of what follows.
fn header(lines: &mut Lines<'_>) -> Result<(Header, Digest), BundleError> {
    lines.next()?;
    let tool = lines.word_after("portolan ")?.to_owned();
    let edition = match lines.optional("cluster ")? {
        None => None,
        Some(cluster) => Some(Edition {
            cluster: cluster
                .parse()
                .map_err(|_| lines.expected("the name of a cluster"))?,
            counter: lines
                .word_after("counter ")?
                .parse()
                .map_err(|_| lines.expected("a counter"))?,
        }),
    };
    let input = lines.optional_digest("input ")?;
    let mut manifest = Manifest::written_by(tool, input);
    loop {
        lines.empty()?;
        if lines.is_at("part ") || lines.is_at("\n") {
            break;
        }
        let node = lines.node()?;
        lines.in_order(manifest.nodes.last_key_value().map(|(last, _)| last), &node)?;
        manifest.take_entry(node, lines)?;
        if manifest.nodes.len() > NODES {
            let limit = NODES as u64;
            return Err(BundleError::Many {
                what: "nodes",
                limit,
            });
        }
    }
    let parts = parts(lines)?;
    lines.empty()?;
    let body = lines.digest("body ")?;
    lines.end()?;
    let header = Header {
        edition,
        manifest,
        parts,
    };
    Ok((header, body))
}

fn parts(lines: &mut Lines<'_>) -> Result<BTreeMap<Digest, Part>, BundleError> {
    let mut parts = BTreeMap::new();
    while lines.has_more() {
        let (digest, sizes) = lines.digest_and_more("part ")?;
        lines.in_order(parts.last_key_value().map(|(last, _)| last), &digest)?;
        let sizes = sizes.split_once(' ').and_then(|(size, packed)| {
            Some((number(size)?, usize::try_from(number(packed)?).ok()?))
        });
        let (size, packed) = sizes.ok_or_else(|| lines.expected("two numbers of bytes"))?;
        let part = Part {
            size,
            start: 0,
            packed,
        };
        parts.insert(digest, part);
        if parts.len() > PARTS {
            let limit = PARTS as u64;
            return Err(BundleError::Many {
                what: "parts",
                limit,
            });
        }
    }
    Ok(parts)
}

/// Nothing but the spelling that is written.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Every file has a part and every part a file, and no node has more than one can take.
fn complete(header: &Header) -> Result<(), BundleError> {
    let mut named = BTreeSet::new();
    let mut all: u64 = 0;
    for node in header.manifest.nodes.keys() {
        let mut bytes: u64 = 0;
        for (path, digest) in header.manifest.files_of(node) {
            if !carries(path.kind) {
                return Err(BundleError::Parts(
                    "it has artefacts that follow from others",
                ));
            }
            let part = header.parts.get(digest);
            let part = part.ok_or(BundleError::Parts("it has a file without a part"))?;
            bytes = bytes.saturating_add(part.size);
            named.insert(*digest);
        }
        if bytes > NODE_BYTES {
            let limit = NODE_BYTES;
            return Err(BundleError::Many {
                what: "bytes of one node",
                limit,
            });
        }
        all = all.saturating_add(bytes);
        if all > ALL_BYTES {
            let limit = ALL_BYTES;
            return Err(BundleError::Many {
                what: "bytes of all nodes",
                limit,
            });
        }
    }
    if named.len() != header.parts.len() {
        return Err(BundleError::Parts("it has a part that no node has"));
    }
    Ok(())
}
