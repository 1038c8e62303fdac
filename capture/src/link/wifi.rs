//! 802.11 data frames sent in the clear, with a radiotap header before them or without (IEEE 802.11 9.2).
//!
//! Encrypted frames and management frames carry no IP for a passive reader, but for those that the
//! capturing card decrypted.

use super::{Descent, Macs};
use crate::frame::LinkType;
use crate::wire::{Stop, Wire};

/// `LINKTYPE_IEEE802_11`.
pub(super) const IEEE802_11: LinkType = LinkType(105);
/// `LINKTYPE_IEEE802_11_RADIOTAP`.
pub(super) const RADIOTAP: LinkType = LinkType(127);

/// First byte of frame control: type and subtype.
const TYPE_MASK: u8 = 0x0c;
const TYPE_DATA: u8 = 0x08;
const SUBTYPE_NULL: u8 = 0x40;
const SUBTYPE_QOS: u8 = 0x80;
/// Second byte of frame control.
const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;
/// Fourth byte of the encryption header: four more follow.
const EXTENDED_IV: u8 = 0x20;
/// QoS control: the body is several frames in one.
const AGGREGATE: u8 = 0x80;

impl Descent {
    /// A radiotap header: version, pad, and its length in little-endian order.
    pub(super) fn radiotap<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let [_, _, l0, l1] = *wire.peek("radiotap header: shorter than 4 bytes")?;
        let len = usize::from(u16::from_le_bytes([l0, l1]));
        self.wifi(wire.skip(len, "radiotap length: beyond the frame")?)
    }

    /// An 802.11 frame.
    pub(crate) fn wifi<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        self.deeper()?;
        let ([control, flags], _) = wire.take("802.11 frame control: shorter than 2 bytes")?;
        if control & TYPE_MASK != TYPE_DATA || control & SUBTYPE_NULL != 0 {
            return Err(Stop::NotIp);
        }
        let (header, mut rest) = wire.take::<24>("802.11 header: shorter than 24 bytes")?;
        let [_, _, _, _, a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5, c0, c1, c2, c3, c4, c5, _, _] =
            *header;
        let (first, second, third) =
            ([a0, a1, a2, a3, a4, a5], [b0, b1, b2, b3, b4, b5], [c0, c1, c2, c3, c4, c5]);
        let (source, destination) = match flags & (TO_DS | FROM_DS) {
            TO_DS => (second, third),
            FROM_DS => (third, first),
            0 => (second, first),
            _ => {
                let (fourth, after) = rest.take::<6>("802.11 address 4: shorter than 6 bytes")?;
                rest = after;
                (*fourth, third)
            }
        };
        if control & SUBTYPE_QOS != 0 {
            let ([qos, _], after) = rest.take("802.11 qos control: shorter than 2 bytes")?;
            if qos & AGGREGATE != 0 {
                return Err(Stop::NotIp);
            }
            rest = if flags & ORDER == 0 { after } else { after.skip(4, "802.11 ht control: missing")? };
        }
        if flags & PROTECTED != 0 {
            rest = decrypted(rest)?;
        }
        self.macs = Macs { source: Some(source), destination: Some(destination) };
        self.llc(rest)
    }
}

/// The body of a protected frame that the card decrypted before the capture saw it: behind the WEP header
/// of 4 bytes, or that of its successors of 8, stands an LLC header in the clear.
fn decrypted(wire: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let [_, _, _, key] = *wire.peek("802.11 encryption header: shorter than 4 bytes")?;
    let rest = wire.skip(if key & EXTENDED_IV == 0 { 4 } else { 8 }, "802.11 encryption header: missing")?;
    if rest.captured.starts_with(&[0xaa, 0xaa, 3, 0, 0, 0]) { Ok(rest) } else { Err(Stop::NotIp) }
}
