//! From a captured frame to the transport's view of it, by way of the link layer.
//!
//! Read here: Ethernet II, 802.3 with LLC and SNAP, VLAN tags, MPLS (RFC 3032) with IP or an Ethernet pseudowire
//! (RFC 4448), tags of provider bridges, of Cisco's switches and of service chains, MACsec in the clear, PPPoE sessions
//! (RFC 2516), PPP (RFC 1661, RFC 1662), Cisco HDLC, token ring, ARCNET, IP over InfiniBand, Linux cooked captures and
//! firewall logs, BSD loopback, raw IP and unencrypted 802.11 data; wide-area networks in `wan`, and in `envelope` what
//! capturing devices put before their frames. What comes after the IP header is in `ip`; datagrams in pieces are put
//! together in [`crate::defrag`].
//!
//! Nothing here keeps state or allocates. Checksums are not looked at: network cards fill them in after
//! the capture. VLAN tags, MPLS labels and PPPoE sessions do not separate flows, for the two
//! directions of one flow may carry different ones.

mod cooked;
mod envelope;
pub(crate) mod ethernet;
#[cfg(test)]
pub(crate) mod frames;
mod lan;
mod ppp;
pub(crate) mod tags;
#[cfg(test)]
mod tests;
mod wan;
mod wifi;

use std::net::IpAddr;

use crate::defrag::Fragment;
use crate::frame::{Frame, LinkType};
use crate::ip::{self, Carrier, Compressed};
use crate::limits::Limits;
use crate::packet::Packet;
use crate::wire::{Stop, Wire};

/// Tags, labels and encapsulations below one IP header. Structural: no real network stacks half as many.
const MAX_LINK_HEADERS: u8 = 16;

/// What a frame, or a datagram put together from fragments, turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum Dissected<'a> {
    /// A TCP segment, a UDP datagram, or news that one did not arrive.
    Packet(Packet<'a>),
    /// A piece of an IP datagram, for [`crate::defrag::Defragmenter::push`].
    Fragment(Fragment<'a>),
    /// A datagram whose payload is compressed.
    Compressed(Compressed<'a>),
    /// No IP packet inside: ARP, STP, PPP negotiation.
    NotIp,
    /// An IP packet of a protocol other than TCP and UDP.
    OtherTransport,
    /// The snapshot length, or a mirror that truncates, cut the frame before the end of its transport
    /// header. Being cut is no malformation.
    CutShort,
    /// Nobody here reads this link type.
    UnknownLink(LinkType),
    /// A header contradicts itself; the text names protocol and field.
    Malformed(&'static str),
}

impl Dissected<'_> {
    /// What becomes of a frame that ends early.
    pub(crate) fn stopped(stop: Stop, link: LinkType) -> Self {
        match stop {
            Stop::Cut => Self::CutShort,
            Stop::NotIp => Self::NotIp,
            Stop::OtherTransport => Self::OtherTransport,
            Stop::UnknownLink => Self::UnknownLink(link),
            Stop::Malformed(what) => Self::Malformed(what),
        }
    }
}

/// The MAC addresses of a link layer that has some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Macs {
    /// Sender.
    pub(crate) source: Option<[u8; 6]>,
    /// Receiver.
    pub(crate) destination: Option<[u8; 6]>,
}

/// The way through the headers below IP: what was learnt, and how much further it may go.
#[derive(Debug, Default)]
pub(crate) struct Descent {
    /// The innermost MAC addresses met.
    pub(crate) macs: Macs,
    /// Headers taken off so far.
    headers: u8,
}

impl Descent {
    /// Counts one more header.
    fn deeper(&mut self) -> Result<(), Stop> {
        self.headers += 1;
        if self.headers > MAX_LINK_HEADERS {
            return Err(Stop::Malformed("link headers: more than 16 before the ip header"));
        }
        Ok(())
    }

    /// Takes off everything below IP.
    #[inline]
    fn link<'a>(&mut self, link: LinkType, wire: Wire<'a>) -> Result<Wire<'a>, Stop> {
        match link {
            LinkType::ETHERNET => self.ethernet(wire),
            LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
                Ok(wire)
            }
            LinkType::NULL | LinkType::LOOP => cooked::loopback(wire),
            LinkType::LINUX_SLL => self.linux_sll(wire),
            LinkType::LINUX_SLL2 => self.linux_sll2(wire),
            cooked::NFLOG => cooked::nflog(wire),
            lan::TOKEN_RING => self.token_ring(wire),
            lan::INFINIBAND => self.infiniband(wire),
            lan::ARCNET_BSD => lan::arcnet(wire, false),
            lan::ARCNET_LINUX => lan::arcnet(wire, true),
            LinkType::PPP | ppp::PPP_HDLC => self.ppp_or_hdlc(wire),
            LinkType::PPP_ETHER => self.pppoe(wire),
            ppp::CISCO_HDLC => self.cisco_hdlc(wire),
            wifi::IEEE802_11 => self.wifi(wire),
            wifi::RADIOTAP => self.radiotap(wire),
            other => self.envelope(other, wire),
        }
    }
}

/// Dissects one frame.
#[must_use]
#[inline]
pub fn dissect<'a>(frame: &Frame<'a>, limits: &Limits) -> Dissected<'a> {
    let mut descent = Descent::default();
    let wire = Wire::new(frame.bytes, frame.wire_len as usize);
    descent
        .link(frame.link, wire)
        .and_then(|packet| ip::dissect(packet, Carrier::of(descent.macs), limits))
        .unwrap_or_else(|stop| Dissected::stopped(stop, frame.link))
}

/// A number that says which worker gets a frame: the same for both directions of a flow and for every
/// fragment of a datagram.
///
/// Made of the outermost pair of IP addresses; an ICMP error gets the number of the packet it quotes, so
/// that it meets the flow it is about. 0 where there is no IP header. Stable from run to run.
#[must_use]
pub fn shard(frame: &Frame<'_>) -> u64 {
    let wire = Wire::new(frame.bytes, frame.wire_len as usize);
    Descent::default()
        .link(frame.link, wire)
        .ok()
        .and_then(ip::outermost_pair)
        .map_or(0, |(one, other)| pair_number(one, other, 0))
}

/// The same number for a frame that was dissected already.
#[must_use]
pub fn shard_of(frame: &Frame<'_>, dissected: &Dissected<'_>) -> u64 {
    match dissected {
        // Outside every tunnel, the packet's own pair is the outermost one.
        Dissected::Packet(packet) if packet.tunnel == 0 => {
            pair_number(packet.source.addr, packet.destination.addr, 0)
        }
        _ => shard(frame),
    }
}

/// A number of two addresses, whichever comes first, and a seed. Not keyed: a run must repeat exactly.
#[inline]
pub(crate) fn pair_number(one: IpAddr, other: IpAddr, seed: u64) -> u64 {
    match (one, other) {
        // Of nearly every packet: both fit into one number.
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let (one, other) = (u64::from(one.to_bits()), u64::from(other.to_bits()));
            stir(seed ^ (one.min(other) << 32 | one.max(other)))
        }
        _ => mix(mix(seed, one.min(other)), one.max(other)),
    }
}

/// Stirs one address into a number.
fn mix(seed: u64, addr: IpAddr) -> u64 {
    match addr {
        IpAddr::V4(v4) => stir(seed ^ u64::from(v4.to_bits())),
        IpAddr::V6(v6) => v6.segments().chunks(4).fold(seed, |number, half| {
            let half = half.iter().fold(0, |bits, segment| bits << 16 | u64::from(*segment));
            stir(number ^ half)
        }),
    }
}

/// One round of SplitMix64, its finalizer.
fn stir(seed: u64) -> u64 {
    let mut number = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
