//! Answers of IPVS without their statistics, which are most of them: two nests of eleven numbers for
//! each virtual server and each destination, of which nothing here depends.

use netlink_packet_core::{
    DecodeError, Emitable, NLA_TYPE_MASK, NlasIterator, ParseableParametrized,
};
use netlink_packet_generic::{GenlFamily, GenlHeader};
use portolan_compiler::kernel::ipvs::netlink::IpvsMessage;

/// `IPVS_CMD_ATTR_SERVICE` and `IPVS_CMD_ATTR_DEST`.
const DESCRIPTIONS: [u16; 2] = [1, 2];

/// `IPVS_SVC_ATTR_STATS` and `STATS64`; those of destinations have the same numbers.
const STATISTICS: [u16; 2] = [10, 12];

/// A message that was read without statistics; as a request it is the message itself.
#[derive(Debug, Clone)]
pub(super) struct Lean(pub(super) IpvsMessage);

impl GenlFamily for Lean {
    fn family_name() -> &'static str {
        IpvsMessage::family_name()
    }

    fn command(&self) -> u8 {
        self.0.command()
    }

    fn version(&self) -> u8 {
        self.0.version()
    }
}

impl Emitable for Lean {
    fn buffer_len(&self) -> usize {
        self.0.buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.0.emit(buffer);
    }
}

impl ParseableParametrized<[u8], GenlHeader> for Lean {
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        let bytes = without_statistics(bytes)?;
        IpvsMessage::parse_with_param(&bytes, header).map(Self)
    }
}

fn without_statistics(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut kept = Vec::with_capacity(bytes.len());
    for attribute in NlasIterator::new(bytes) {
        let attribute = attribute?;
        let kind = attribute.kind() & NLA_TYPE_MASK;
        if !DESCRIPTIONS.contains(&kind) {
            push(&mut kept, kind, attribute.value());
            continue;
        }
        let start = kept.len();
        push(&mut kept, kind, &[]);
        for attribute in NlasIterator::new(attribute.value()) {
            let attribute = attribute?;
            let kind = attribute.kind() & NLA_TYPE_MASK;
            if !STATISTICS.contains(&kind) {
                push(&mut kept, kind, attribute.value());
            }
        }
        let length = length(kept.len() - start);
        kept[start..start + 2].copy_from_slice(&length);
    }
    Ok(kept)
}

/// Adds an attribute.
fn push(bytes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    bytes.extend(length(4 + value.len()));
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// The length that an attribute begins with. All of them come from longer ones.
fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).unwrap_or(u16::MAX).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nla(kind: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        push(&mut bytes, kind, value);
        bytes
    }

    #[test]
    fn statistics_are_left_out_and_nothing_else() {
        let nested = 0x8000;
        let kept = [nla(2, &[6, 0]), nla(6, b"rr\0")].concat();
        let whole = [
            kept.clone(),
            nla(0xa | nested, &[0; 88]),
            nla(12, &[0; 120]),
        ]
        .concat();
        assert_eq!(
            without_statistics(&[nla(1 | nested, &whole), nla(10, &[1; 4])].concat()).unwrap(),
            [nla(1, &kept), nla(10, &[1; 4])].concat()
        );
        assert!(without_statistics(&nla(1, &whole[..30])).is_err());
    }
}
