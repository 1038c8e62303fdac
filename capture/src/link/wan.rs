//! Wide-area and storage networks: frame relay (RFC 2427), ATM with LLC (RFC 2684), PPP and HDLC with a direction
//! before them, bare MPLS, FDDI, and IP over Fibre Channel (RFC 4338) and FireWire (RFC 2734).
//!
//! Not read: the cells and segments below them, and the signalling beside them.

use etherparse::EtherType;

use super::{Descent, Macs};
use crate::frame::LinkType;
use crate::wire::{Stop, Wire};

const FDDI: LinkType = LinkType(10);
const ATM_RFC1483: LinkType = LinkType(11);
const FRAME_RELAY: LinkType = LinkType(107);
const IP_OVER_FC: LinkType = LinkType(122);
const SUNATM: LinkType = LinkType(123);
const FIREWIRE: LinkType = LinkType(138);
const PPP_PPPD: LinkType = LinkType(166);
const PPP_WITH_DIRECTION: LinkType = LinkType(204);
const HDLC_WITH_DIRECTION: LinkType = LinkType(205);
const FRAME_RELAY_WITH_DIRECTION: LinkType = LinkType(206);
const MPLS: LinkType = LinkType(219);

/// Ends an address of frame relay (Q.922).
const LAST_OCTET: u8 = 1;
/// Unnumbered information, which the network layer's identifier follows (RFC 2427 3).
const UNNUMBERED: u8 = 0x03;
/// Network layer protocol identifiers: IPv4, IPv6, SNAP.
const NLPID_IPV4: u8 = 0xcc;
const NLPID_IPV6: u8 = 0x8e;
const NLPID_SNAP: u8 = 0x80;

impl Descent {
    /// A frame of one of these link types.
    pub(super) fn wide_area<'a>(&mut self, link: LinkType, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        match link {
            FDDI => self.fddi(wire),
            ATM_RFC1483 => self.llc(wire),
            FRAME_RELAY => self.frame_relay(wire),
            FRAME_RELAY_WITH_DIRECTION => self.frame_relay(wire.skip(1, "direction: missing")?),
            // Addresses of eight bytes with the MAC address at their end.
            IP_OVER_FC => {
                let (header, rest) = wire.take::<16>("fibre channel header: shorter than 16 bytes")?;
                let [_, _, d0, d1, d2, d3, d4, d5, _, _, s0, s1, s2, s3, s4, s5] = *header;
                let (source, destination) = ([s0, s1, s2, s3, s4, s5], [d0, d1, d2, d3, d4, d5]);
                self.macs = Macs { source: Some(source), destination: Some(destination) };
                self.llc(rest)
            }
            SUNATM => {
                let ([kind, ..], rest) = wire.take::<4>("sunatm header: shorter than 4 bytes")?;
                match kind & 0x0f {
                    // LAN emulation, with the sender's identifier before the frame.
                    1 => self.ethernet(rest.skip(2, "lan emulation header: shorter than 2 bytes")?),
                    2 => self.llc(rest),
                    _ => Err(Stop::NotIp),
                }
            }
            FIREWIRE => {
                let (header, rest) = wire.take::<18>("firewire header: shorter than 18 bytes")?;
                let [.., t0, t1] = *header;
                self.ethertype(EtherType(u16::from_be_bytes([t0, t1])), rest)
            }
            // The direction stands in the address field's place.
            PPP_PPPD => self.ppp(wire.skip(2, "ppp header: shorter than 2 bytes")?),
            PPP_WITH_DIRECTION => self.ppp(wire.skip(1, "direction: missing")?),
            HDLC_WITH_DIRECTION => self.cisco_hdlc(wire.skip(1, "direction: missing")?),
            MPLS => self.mpls(wire),
            _ => Err(Stop::UnknownLink),
        }
    }

    /// Frame control, two addresses in whichever order of bits the capturing host has them, LLC.
    fn fddi<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let ([control, ..], rest) = wire.take::<13>("fddi header: shorter than 13 bytes")?;
        // Asynchronous or synchronous, LLC.
        if control & 0x70 == 0x50 { self.llc(rest) } else { Err(Stop::NotIp) }
    }

    /// An address of two to four bytes, and what RFC 2427 or Cisco puts behind it.
    fn frame_relay<'a>(&mut self, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        let [_, second, _, fourth] = *wire.peek("frame relay header: shorter than 4 bytes")?;
        let address = match (second & LAST_OCTET, fourth & LAST_OCTET) {
            (LAST_OCTET, _) => 2,
            (_, LAST_OCTET) => 4,
            _ => 3,
        };
        let wire = wire.skip(address, "frame relay address: beyond the frame")?;
        let [control, next] = *wire.peek("frame relay control: shorter than 2 bytes")?;
        if control != UNNUMBERED {
            return self.ethertype(EtherType(u16::from_be_bytes([control, next])), wire.skip(2, "type")?);
        }
        // A padding byte makes the identifier of SNAP end on an even place.
        let padding = if next == 0 { 2 } else { 1 };
        let ([nlpid], rest) = wire.skip(padding, "control")?.take("nlpid: missing")?;
        match *nlpid {
            NLPID_IPV4 | NLPID_IPV6 => Ok(rest),
            NLPID_SNAP => match rest.take("snap header: shorter than 5 bytes")? {
                ([0, 0, 0, t0, t1], rest) => self.ethertype(EtherType(u16::from_be_bytes([*t0, *t1])), rest),
                _ => Err(Stop::NotIp),
            },
            _ => Err(Stop::NotIp),
        }
    }
}
