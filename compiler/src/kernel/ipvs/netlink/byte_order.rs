//! The artefact is little-endian on every machine, netlink is in the machine's own order: what the
//! family's types emit and parse is turned round in between where the two differ.

/// An order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The order of the machine this runs on.
    pub(super) const HOST: Self = if cfg!(target_endian = "little") {
        Self::Little
    } else {
        Self::Big
    };

    fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// Turns the value of an attribute of this kind from an order to the other.
pub(super) type TurnValue = fn(kind: u16, value: &mut [u8], from: Order);

/// Turns a stream of messages from an order to the other, their attributes with `turn`. What is
/// cut off or malformed is left alone from there on: whoever parses it next says so.
pub(super) fn turn_messages(mut stream: &mut [u8], from: Order, turn: TurnValue) {
    while let Some((length, rest)) = stream.split_first_chunk_mut::<4>() {
        let total = from.u32(*length) as usize;
        let Some(rest_len) = total.checked_sub(4).filter(|len| *len <= rest.len()) else {
            return;
        };
        length.reverse();
        let padded = rest_len.next_multiple_of(4).min(rest.len());
        let (message, next) = rest.split_at_mut(padded);
        // Type, flags, sequence number and port of nlmsghdr; genlmsghdr has bytes only.
        let Some((header, attributes)) = message.split_at_mut_checked(16) else {
            return;
        };
        for field in [0..2, 2..4, 4..8, 8..12] {
            header[field].reverse();
        }
        turn_attributes(attributes, from, turn);
        stream = next;
    }
}

/// Turns attributes, one after the other, from an order to the other.
pub(super) fn turn_attributes(mut attributes: &mut [u8], from: Order, turn: TurnValue) {
    while let Some((header, rest)) = attributes.split_first_chunk_mut::<4>() {
        let [a, b, c, d] = *header;
        let length = usize::from(from.u16([a, b]));
        let kind = from.u16([c, d]) & netlink_packet_core::NLA_TYPE_MASK;
        let Some(value_len) = length.checked_sub(4).filter(|len| *len <= rest.len()) else {
            return;
        };
        *header = [b, a, d, c];
        turn(kind, &mut rest[..value_len], from);
        let padded = value_len.next_multiple_of(4).min(rest.len());
        attributes = &mut rest[padded..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ipvs;
    use crate::kernel::ipvs::netlink::attribute::Space;
    use crate::kernel::ipvs::netlink::{IpvsAttr, encode};

    fn stream() -> Vec<u8> {
        let rules = "-A -t 10.96.0.1:443 -s rr -p 10800\n\
                     -a -t 10.96.0.1:443 -r 10.0.0.5:6443 -m -w 1\n\
                     -A -u [fd00::1]:53 -s mh -b mh-port\n";
        encode(&ipvs::read(rules).unwrap().servers)
    }

    #[test]
    fn numbers_turn_and_everything_else_stays() {
        let little = stream();
        let mut big = little.clone();
        turn_messages(&mut big, Order::Little, IpvsAttr::turn);
        #[rustfmt::skip]
        assert_eq!(
            big[..104],
            [
                0, 0, 0, 104, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, // nlmsghdr
                1, 1, 0, 0, // genlmsghdr
                0, 84, 0x80, 1, // service, nested
                0, 6, 0, 1, 0, 2, 0, 0, // address family
                0, 6, 0, 2, 0, 6, 0, 0, // protocol
                0, 20, 0, 3, 10, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // address
                0, 6, 0, 4, 1, 0xbb, 0, 0, // port
                0, 7, 0, 6, b'r', b'r', 0, 0, // scheduler
                0, 12, 0, 7, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, // flags
                0, 8, 0, 8, 0, 0, 0x2a, 0x30, // timeout
                0, 8, 0, 9, 0xff, 0xff, 0xff, 0xff, // netmask
            ]
        );
        turn_messages(&mut big, Order::Big, IpvsAttr::turn);
        assert_eq!(big, little);
    }

    #[test]
    fn what_is_cut_off_is_left_alone() {
        let whole = stream();
        for end in 0..whole.len() {
            turn_messages(&mut whole[..end].to_vec(), Order::Little, IpvsAttr::turn);
            turn_messages(&mut whole[..end].to_vec(), Order::Big, IpvsAttr::turn);
        }
    }
}
