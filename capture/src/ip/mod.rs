//! IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200), up to the transport.
//!
//! The length in the IP header rules: what Ethernet adds as padding never becomes payload. Where that
//! length is 0, an offloading network card has yet to fill it in, and the captured length counts. Where it
//! exceeds the frame, as in mirrors that truncate, the frame's length counts.
//!
//! Fragments are handed out unopened; putting them together is [`crate::defrag`]'s.

mod compressed;
mod piece;
#[cfg(test)]
mod tests;
mod transport;
mod tunnel;

use std::net::IpAddr;

use etherparse::err::{ipv4, ipv6};
use etherparse::{IpNumber, Ipv4HeaderSlice, Ipv6HeaderSlice};

pub(crate) use compressed::Compressed;

use self::piece::Piece;
use crate::limits::Limits;
use crate::link::{Dissected, Macs};
use crate::wire::{Stop, Wire};

/// IPv6 extension headers read in one packet. Structural: RFC 8200 4.1 knows seven, each at most once or twice.
const MAX_EXTENSION_HEADERS: usize = 16;

const IPV4_SHORT: &str = "ipv4 header: longer than the packet";
const IPV6_SHORT: &str = "ipv6 header: shorter than 40 bytes";

/// What carries an IP packet.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Carrier {
    /// The link layer's addresses; empty inside a tunnel without one.
    pub(crate) macs: Macs,
    /// [`crate::packet::Packet::tunnel`].
    pub(crate) tunnel: u32,
    /// Tunnels opened so far.
    pub(crate) depth: u8,
}

impl Carrier {
    /// A link layer outside every tunnel.
    pub(crate) fn of(macs: Macs) -> Self {
        Self { macs, tunnel: 0, depth: 0 }
    }
}

/// Sender and receiver, where they stand in the IP header. An [`IpAddr`] is made of them at the very end:
/// copying its odd-sized bytes from layer to layer was half the cost of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Addresses<'a> {
    /// Two of 4 bytes.
    V4(&'a [u8; 8]),
    /// Two of 16 bytes.
    V6(&'a [u8; 32]),
}

impl Addresses<'_> {
    /// Sender.
    pub(crate) fn source(self) -> IpAddr {
        match self {
            Self::V4(&[s0, s1, s2, s3, ..]) => IpAddr::from([s0, s1, s2, s3]),
            Self::V6(both) => both.first_chunk::<16>().copied().unwrap_or_default().into(),
        }
    }

    /// Receiver.
    pub(crate) fn destination(self) -> IpAddr {
        match self {
            Self::V4(&[.., d0, d1, d2, d3]) => IpAddr::from([d0, d1, d2, d3]),
            Self::V6(both) => both.last_chunk::<16>().copied().unwrap_or_default().into(),
        }
    }
}

/// What follows an IP header, and from whom to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upper<'a> {
    /// Sender and receiver.
    pub(crate) addresses: Addresses<'a>,
    /// What `wire` holds.
    pub(crate) protocol: IpNumber,
    /// The payload of the IP packet.
    pub(crate) wire: Wire<'a>,
    /// IPv4 identification; 0 where there is none.
    pub(crate) identification: u16,
}

/// Dissects an IP packet.
#[inline(always)]
#[expect(clippy::inline_always, reason = "passing the result through memory costs a third of the hot path")]
pub(crate) fn dissect<'a>(wire: Wire<'a>, carrier: Carrier, limits: &Limits) -> Result<Dissected<'a>, Stop> {
    match header(wire)? {
        (upper, None) => transport::dissect(&upper, carrier, limits),
        (upper, Some(piece)) => piece.dissect(&upper, carrier, limits),
    }
}

/// Dissects a datagram put together from fragments: what followed their IP headers.
pub(crate) fn dissect_whole<'a>(
    upper: Upper<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Result<Dissected<'a>, Stop> {
    match extensions(upper)? {
        (upper, None) => transport::dissect(&upper, carrier, limits),
        (_, Some(_)) => Err(Stop::Malformed("ipv6 fragment header: inside a fragmented datagram")),
    }
}

/// The addresses by which a frame finds its worker: those of its IP header, or those quoted by an ICMP error.
pub(crate) fn outermost_pair(wire: Wire<'_>) -> Option<(IpAddr, IpAddr)> {
    let (upper, piece) = base_header(wire).ok()?;
    // Extension headers cut or garbled matter not: a flow's other packets go by the addresses all the same.
    if piece.is_none()
        && !is_transport(upper.protocol)
        && let Ok((upper, None)) = extensions(upper)
        && let Some(quoted) = transport::unreachable(&upper)
    {
        return Some((quoted.source.addr, quoted.destination.addr));
    }
    Some((upper.addresses.source(), upper.addresses.destination()))
}

/// Reads an IP header and its extensions.
#[inline(always)]
#[expect(clippy::inline_always, reason = "passing the result through memory costs a third of the hot path")]
fn header(wire: Wire<'_>) -> Result<(Upper<'_>, Option<Piece>), Stop> {
    match base_header(wire)? {
        (upper, None) if !is_transport(upper.protocol) => extensions(upper),
        read => Ok(read),
    }
}

/// Whether this is what nearly every packet holds, so that nothing slower need look at it.
fn is_transport(protocol: IpNumber) -> bool {
    matches!(protocol, IpNumber::TCP | IpNumber::UDP)
}

/// Reads an IP header without its extensions.
#[inline(always)]
#[expect(clippy::inline_always, reason = "passing the result through memory costs a third of the hot path")]
fn base_header(wire: Wire<'_>) -> Result<(Upper<'_>, Option<Piece>), Stop> {
    match wire.first().map(|byte| byte >> 4) {
        Some(4) => ipv4(wire),
        Some(6) => ipv6(wire).map(|upper| (upper, None)),
        Some(_) => Err(Stop::Malformed("ip version: neither 4 nor 6")),
        None => Err(wire.lack(1, "ip header: empty")),
    }
}

/// Reads an IPv4 header.
#[inline(always)]
#[expect(clippy::inline_always, reason = "passing the result through memory costs a third of the hot path")]
fn ipv4(wire: Wire<'_>) -> Result<(Upper<'_>, Option<Piece>), Stop> {
    let header = Ipv4HeaderSlice::from_slice(wire.captured).map_err(|error| match error {
        ipv4::HeaderSliceError::Len(len) => wire.lack(len.required_len, IPV4_SHORT),
        ipv4::HeaderSliceError::Content(_) => Stop::Malformed("ipv4 header length: less than 20 bytes"),
    })?;
    let header_len = header.slice().len();
    let wire = match usize::from(header.total_len()) {
        0 => wire,
        total if total < header_len => {
            return Err(Stop::Malformed("ipv4 total length: less than the header"));
        }
        total => wire.clamp(total),
    };
    let addresses = addresses_of(header.slice(), 12).ok_or(Stop::Malformed(IPV4_SHORT))?;
    let upper = Upper {
        addresses: Addresses::V4(addresses),
        protocol: header.protocol(),
        wire: wire.skip(header_len, IPV4_SHORT)?,
        identification: header.identification(),
    };
    let piece = header.is_fragmenting_payload().then(|| Piece {
        identification: header.identification().into(),
        offset: header.fragments_offset().value().saturating_mul(8),
        more: header.more_fragments(),
    });
    Ok((upper, piece))
}

/// The addresses at their place in a header.
fn addresses_of<const N: usize>(header: &[u8], at: usize) -> Option<&[u8; N]> {
    header.get(at..)?.first_chunk()
}

/// Reads an IPv6 header.
fn ipv6(wire: Wire<'_>) -> Result<Upper<'_>, Stop> {
    let header = Ipv6HeaderSlice::from_slice(wire.captured).map_err(|error| match error {
        ipv6::HeaderSliceError::Len(len) => wire.lack(len.required_len, IPV6_SHORT),
        ipv6::HeaderSliceError::Content(_) => Stop::Malformed("ipv6 header version: not 6"),
    })?;
    let addresses = addresses_of(header.slice(), 8).ok_or(Stop::Malformed(IPV6_SHORT))?;
    let rest = wire.skip(header.slice().len(), IPV6_SHORT)?;
    Ok(Upper {
        addresses: Addresses::V6(addresses),
        protocol: header.next_header(),
        wire: match usize::from(header.payload_length()) {
            // A jumbogram (RFC 2675), or a card's job still to be done.
            0 => rest,
            len => rest.clamp(len),
        },
        identification: 0,
    })
}

/// Steps over IPv6 extension headers (RFC 8200 4), up to the transport or the fragment header. Of all
/// those, IPv4 has the authentication header alone.
fn extensions(upper: Upper<'_>) -> Result<(Upper<'_>, Option<Piece>), Stop> {
    let mut upper = upper;
    let v6 = matches!(upper.addresses, Addresses::V6(_));
    for _ in 0..MAX_EXTENSION_HEADERS {
        let wire = upper.wire;
        let [next, len, o0, o1, i0, i1, i2, i3] = match upper.protocol {
            IpNumber::IPV6_HEADER_HOP_BY_HOP
            | IpNumber::IPV6_ROUTE_HEADER
            | IpNumber::IPV6_DESTINATION_OPTIONS
            | IpNumber::MOBILITY_HEADER
            | IpNumber::HIP
            | IpNumber::SHIM6
            | IpNumber::IPV6_FRAGMENTATION_HEADER
                if v6 =>
            {
                *wire.peek("ipv6 extension header: shorter than 8 bytes")?
            }
            IpNumber::AUTHENTICATION_HEADER => {
                (upper.protocol, upper.wire) = authentication(wire)?;
                continue;
            }
            _ => return Ok((upper, None)),
        };
        let fragment = upper.protocol == IpNumber::IPV6_FRAGMENTATION_HEADER;
        let len = if fragment { 8 } else { (usize::from(len) + 1) * 8 };
        upper.protocol = IpNumber(next);
        upper.wire = wire.skip(len, "ipv6 extension header length: beyond the packet")?;
        let offset_and_flags = u16::from_be_bytes([o0, o1]);
        // An atomic fragment, the only one of its datagram, is no fragment (RFC 6946).
        if fragment && offset_and_flags & 0xfff9 != 0 {
            let identification = u32::from_be_bytes([i0, i1, i2, i3]);
            let piece =
                Piece { identification, offset: offset_and_flags & 0xfff8, more: offset_and_flags & 1 == 1 };
            return Ok((upper, Some(piece)));
        }
    }
    Err(Stop::Malformed("ip extension headers: more than 16"))
}

/// Steps over an authentication header (RFC 4302): it hides nothing.
fn authentication(wire: Wire<'_>) -> Result<(IpNumber, Wire<'_>), Stop> {
    let [next, len] = *wire.peek("authentication header: shorter than 2 bytes")?;
    let rest = wire.skip((usize::from(len) + 2) * 4, "authentication header length: beyond the packet")?;
    Ok((IpNumber(next), rest))
}
