//! Local networks older than Ethernet or beside it: token ring (IEEE 802.5), ARCNET with IP in it (RFC 1201, RFC 1051),
//! IP over InfiniBand (RFC 4391).
//!
//! Not read: the parts of a packet that ARCNET splits over several frames.

use etherparse::EtherType;

use super::{Descent, Macs};
use crate::frame::LinkType;
use crate::wire::{Stop, Wire};

/// `LINKTYPE_IEEE802_5`.
pub(super) const TOKEN_RING: LinkType = LinkType(6);
/// `LINKTYPE_ARCNET_BSD`, and `LINKTYPE_ARCNET_LINUX`, which has an offset of two bytes behind the addresses.
pub(super) const ARCNET_BSD: LinkType = LinkType(7);
pub(super) const ARCNET_LINUX: LinkType = LinkType(129);

/// `LINKTYPE_IPOIB`: a header as long as InfiniBand's global route header, then that of IP over InfiniBand.
pub(super) const INFINIBAND: LinkType = LinkType(242);

/// Frame control bits of a token ring's LLC frame.
const FRAME_TYPE: u8 = 0xc0;
const LLC_FRAME: u8 = 0x40;
/// Marks a source address behind which routing information follows.
const ROUTED: u8 = 0x80;

/// ARCNET system codes: IP after RFC 1051; IP and IPv6 after RFC 1201.
const IP_1051: u8 = 240;
const IP_1201: u8 = 212;
const IPV6_1201: u8 = 196;
/// The split flag of a frame that says so twice, for its length needs padding.
const EXCEPTION: u8 = 0xff;

impl Descent {
    /// A token ring frame: access and frame control, addresses, routing information, LLC.
    pub(super) fn token_ring<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let (header, mut rest) = wire.take::<14>("token ring header: shorter than 14 bytes")?;
        let [_, control, d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5] = *header;
        self.macs = Macs {
            source: Some([s0 & !ROUTED, s1, s2, s3, s4, s5]),
            destination: Some([d0, d1, d2, d3, d4, d5]),
        };
        if control & FRAME_TYPE != LLC_FRAME {
            return Err(Stop::NotIp);
        }
        if s0 & ROUTED != 0 {
            let [first] = *rest.peek("token ring routing information: missing")?;
            rest =
                rest.skip(usize::from(first & 0x1f), "token ring routing information: beyond the frame")?;
        }
        self.llc(rest)
    }

    /// A frame of IP over InfiniBand: what stands for the route, a type, two bytes reserved (RFC 4391 6).
    pub(super) fn infiniband<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let (header, rest) = wire.take::<44>("infiniband header: shorter than 44 bytes")?;
        let [.., t0, t1, _, _] = *header;
        self.ethertype(EtherType(u16::from_be_bytes([t0, t1])), rest)
    }
}

/// What follows the addresses of an ARCNET frame.
pub(super) fn arcnet(wire: Wire<'_>, linux: bool) -> Result<Wire<'_>, Stop> {
    let before = if linux { 4 } else { 2 };
    let wire = wire.skip(before, "arcnet header: shorter than its addresses")?;
    let ([code], rest) = wire.take("arcnet system code: missing")?;
    if *code == IP_1051 {
        return Ok(rest);
    }
    if !matches!(*code, IP_1201 | IPV6_1201) {
        return Err(Stop::NotIp);
    }
    let ([split, _, _], mut rest) = rest.take("arcnet split flag: shorter than 3 bytes")?;
    let mut split = *split;
    if split == EXCEPTION {
        let ([_, again, _, _], after) = rest.take("arcnet exception: shorter than 4 bytes")?;
        (split, rest) = (*again, after);
    }
    if split == 0 { Ok(rest) } else { Err(Stop::NotIp) }
}
