//! TCP (RFC 9293), UDP (RFC 768), and the ICMP messages that say one of them did not arrive.

use std::net::IpAddr;

use etherparse::{IpNumber, Ipv4HeaderSlice};

use super::{Carrier, Upper, tunnel};
use crate::flow::Endpoint;
use crate::limits::Limits;
use crate::link::Dissected;
use crate::packet::{Body, Packet, Segment};
use crate::wire::{Stop, Wire};

/// ICMP destination unreachable (RFC 792), and its code that only asks for smaller packets (RFC 1191).
const ICMP_UNREACHABLE: u8 = 3;
const ICMP_FRAGMENTATION_NEEDED: u8 = 4;
/// ICMPv6 destination unreachable (RFC 4443 3.1).
const ICMPV6_UNREACHABLE: u8 = 1;

/// Dissects what follows an IP header.
#[inline(always)]
#[expect(clippy::inline_always, reason = "passing the result through memory costs a third of the hot path")]
pub(super) fn dissect<'a>(
    upper: &Upper<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Result<Dissected<'a>, Stop> {
    let (source, destination, body) = match upper.protocol {
        IpNumber::TCP => tcp(upper.wire)?,
        IpNumber::UDP => {
            let (source, destination, wire, wire_len) = udp(upper.wire)?;
            if let Some(inner) = tunnel::in_udp(upper, [source, destination], wire, carrier, limits) {
                return inner;
            }
            let wire_len = u32::try_from(wire_len).unwrap_or(u32::MAX);
            let cut = wire.is_cut() || wire.truncated;
            (
                source,
                destination,
                Body::Udp { payload: wire.captured, cut, wire_len, identification: upper.identification },
            )
        }
        IpNumber::ICMP | IpNumber::IPV6_ICMP => {
            let quoted = unreachable(upper).ok_or(Stop::OtherTransport)?;
            return Ok(Dissected::Packet(packet(
                quoted.source,
                quoted.destination,
                carrier,
                Body::Unreachable { tcp: quoted.tcp },
            )));
        }
        _ => return tunnel::in_ip(upper, carrier, limits),
    };
    let source = Endpoint { addr: upper.addresses.source(), port: source };
    let destination = Endpoint { addr: upper.addresses.destination(), port: destination };
    Ok(Dissected::Packet(packet(source, destination, carrier, body)))
}

/// A packet, once all its parts are known.
fn packet(source: Endpoint, destination: Endpoint, carrier: Carrier, body: Body<'_>) -> Packet<'_> {
    Packet {
        source,
        destination,
        source_mac: carrier.macs.source,
        destination_mac: carrier.macs.destination,
        tunnel: carrier.tunnel,
        body,
    }
}

/// Reads a TCP segment: ports and the rest. Options are stepped over, captured or not. Of a segment that
/// a mirror truncated, the next one's sequence number will tell how much is missing; a length that is a
/// lie must not open a hole in the stream.
fn tcp(wire: Wire<'_>) -> Result<(u16, u16, Body<'_>), Stop> {
    let header = wire.peek::<20>("tcp header: shorter than 20 bytes")?;
    let [s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, ..] = *header;
    let header_len = usize::from(offset >> 4) * 4;
    if header_len < header.len() {
        return Err(Stop::Malformed("tcp data offset: less than 20 bytes"));
    }
    let payload = wire.skip(header_len, "tcp data offset: beyond the segment")?;
    let segment = Segment {
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgement: u32::from_be_bytes([a0, a1, a2, a3]),
        fin: flags & 0x01 != 0,
        syn: flags & 0x02 != 0,
        rst: flags & 0x04 != 0,
        ack: flags & 0x10 != 0,
        payload: payload.captured,
        wire_len: u32::try_from(payload.len).unwrap_or(u32::MAX),
    };
    Ok((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]), Body::Tcp(segment)))
}

/// Reads a UDP header: ports, the payload, and how long that was when it was sent, which is more than the frame holds
/// where a mirror truncated it.
fn udp(wire: Wire<'_>) -> Result<(u16, u16, Wire<'_>, usize), Stop> {
    let ([s0, s1, d0, d1, l0, l1, _, _], rest) = wire.take::<8>("udp header: shorter than 8 bytes")?;
    let stated = usize::from(u16::from_be_bytes([*l0, *l1]));
    let payload = match stated {
        // A jumbogram (RFC 2675 4), or a card's job still to be done.
        0 => rest,
        1..8 => return Err(Stop::Malformed("udp length: less than 8 bytes")),
        len if len > wire.len && !wire.truncated => {
            return Err(Stop::Malformed("udp length: beyond the packet"));
        }
        len => rest.clamp(len - 8),
    };
    let sent = if payload.truncated { payload.len.max(stated.saturating_sub(8)) } else { payload.len };
    Ok((u16::from_be_bytes([*s0, *s1]), u16::from_be_bytes([*d0, *d1]), payload, sent))
}

/// The ends that an ICMP error quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quoted {
    /// Who sent the packet that did not arrive.
    pub(super) source: Endpoint,
    /// Where it was going.
    pub(super) destination: Endpoint,
    /// TCP, otherwise UDP.
    tcp: bool,
}

/// The TCP or UDP packet quoted by a destination-unreachable message, if this is one. A router that asks
/// for smaller packets reports no failure, so that code does not count.
pub(super) fn unreachable(upper: &Upper<'_>) -> Option<Quoted> {
    if upper.protocol != IpNumber::ICMP && upper.protocol != IpNumber::IPV6_ICMP {
        return None;
    }
    let ([kind, code, ..], quoted) = upper.wire.take::<8>("icmp header").ok()?;
    match (upper.protocol, *kind) {
        (IpNumber::ICMP, ICMP_UNREACHABLE) if *code != ICMP_FRAGMENTATION_NEEDED => {
            // By hand, for the total length of a quoted header counts what was not quoted.
            let header = Ipv4HeaderSlice::from_slice(quoted.captured).ok()?;
            if header.fragments_offset().value() != 0 {
                return None;
            }
            let ports = quoted.captured.get(header.slice().len()..)?;
            ends(header.source_addr().into(), header.destination_addr().into(), header.protocol(), ports)
        }
        (IpNumber::IPV6_ICMP, ICMPV6_UNREACHABLE) => {
            let inner = super::ipv6(quoted).ok()?;
            let (inner, piece) = super::extensions(inner).ok()?;
            if piece.is_some_and(|piece| piece.offset != 0) {
                return None;
            }
            let (source, destination) = (inner.addresses.source(), inner.addresses.destination());
            ends(source, destination, inner.protocol, inner.wire.captured)
        }
        _ => None,
    }
}

/// The ends of a quoted packet, from the first four bytes of its transport header.
fn ends(source: IpAddr, destination: IpAddr, protocol: IpNumber, ports: &[u8]) -> Option<Quoted> {
    let tcp = match protocol {
        IpNumber::TCP => true,
        IpNumber::UDP => false,
        _ => return None,
    };
    let [s0, s1, d0, d1] = *ports.first_chunk()?;
    Some(Quoted {
        source: Endpoint { addr: source, port: u16::from_be_bytes([s0, s1]) },
        destination: Endpoint { addr: destination, port: u16::from_be_bytes([d0, d1]) },
        tcp,
    })
}
