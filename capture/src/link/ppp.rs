//! PPP (RFC 1661), its HDLC-like framing (RFC 1662), PPPoE sessions (RFC 2516), and Cisco's HDLC.

use etherparse::EtherType;

use super::Descent;
use crate::frame::LinkType;
use crate::wire::{Stop, Wire};

/// `LINKTYPE_PPP_HDLC`: PPP in HDLC-like framing, or Cisco HDLC.
pub(super) const PPP_HDLC: LinkType = LinkType(50);
/// `LINKTYPE_C_HDLC`.
pub(super) const CISCO_HDLC: LinkType = LinkType(104);

/// PPP protocol numbers (IANA): IPv4, IPv6, MPLS unicast and multicast.
const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
const MPLS_UNICAST: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;

impl Descent {
    /// A serial line's frame: Cisco HDLC shows by its address byte, which PPP never uses.
    pub(super) fn ppp_or_hdlc<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        match wire.captured {
            [0x0f | 0x8f, 0x00, ..] => self.cisco_hdlc(wire),
            _ => self.ppp(wire),
        }
    }

    /// Cisco HDLC: address, control, EtherType.
    pub(super) fn cisco_hdlc<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let ([_, _, t0, t1], rest) = wire.take("cisco hdlc header: shorter than 4 bytes")?;
        self.ethertype(EtherType(u16::from_be_bytes([*t0, *t1])), rest)
    }

    /// A PPP packet, with address and control or without (RFC 1661 6.6), and with a protocol field of
    /// two bytes or compressed to one (6.5): an odd first byte is the whole field.
    pub(crate) fn ppp<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        self.deeper()?;
        let wire = match wire.captured {
            [0xff, 0x03, ..] => wire.skip(2, "ppp header: shorter than 2 bytes")?,
            _ => wire,
        };
        let ([first], after_one) = wire.take("ppp protocol field: missing")?;
        let (protocol, rest) = if first & 1 == 1 {
            (u16::from(*first), after_one)
        } else {
            let ([second], rest) = after_one.take("ppp protocol field: shorter than 2 bytes")?;
            (u16::from_be_bytes([*first, *second]), rest)
        };
        match protocol {
            IPV4 | IPV6 => Ok(rest),
            MPLS_UNICAST | MPLS_MULTICAST => self.mpls(rest),
            _ => Err(Stop::NotIp),
        }
    }

    /// A PPPoE header of the session stage, and the PPP packet behind it. Senders exist that count
    /// Ethernet padding in the IP header's length but not in this one.
    pub(super) fn pppoe<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let ([version_and_type, code, _, _, l0, l1], rest) =
            wire.take("pppoe header: shorter than 6 bytes")?;
        match (version_and_type, code) {
            (0x11, 0) => self.ppp(rest.clamp(u16::from_be_bytes([*l0, *l1]).into())),
            (0x11, _) => Err(Stop::NotIp),
            _ => Err(Stop::Malformed("pppoe version and type: not 1")),
        }
    }
}
