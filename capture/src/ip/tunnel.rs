//! Tunnels over IP: IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE (RFC 2784, RFC 2890, RFC 1701) and GRE in
//! UDP (RFC 8086), PPTP's GRE (RFC 2637), L2TP (RFC 2661), ERSPAN, VXLAN (RFC 7348) and Geneve (RFC 8926).
//!
//! What is inside gets a tunnel number made of the outer addresses and the tunnel's own identifier, for
//! two tunnels may carry the same private addresses. A datagram on a tunnel's port whose inside makes no
//! sense is the plain datagram that it looks like.

use etherparse::{EtherType, IpNumber};

use super::{Carrier, Upper};
use crate::limits::Limits;
use crate::link::{Descent, Dissected, ethernet::BRIDGING, pair_number};
use crate::wire::{Stop, Wire};

/// VXLAN's port (RFC 7348), and the one Linux used before.
const VXLAN: u16 = 4789;
const VXLAN_LINUX: u16 = 8472;
/// Geneve's port (RFC 8926).
const GENEVE: u16 = 6081;
/// GRE in UDP (RFC 8086).
const GRE_IN_UDP: u16 = 4754;
/// L2TP's port (RFC 2661 8.1).
const L2TP: u16 = 1701;

/// L2TP flags (RFC 2661 3.1).
const L2TP_CONTROL: u8 = 0x80;
const L2TP_LENGTH: u8 = 0x40;
const L2TP_SEQUENCE: u8 = 0x08;
const L2TP_OFFSET: u8 = 0x02;
/// A PPP header with all its fields (RFC 1661 2, RFC 1662 3.1). With less of it, what is inside cannot be told.
const PPP_HEADER: usize = 4;

/// GRE flags (RFC 2890 2, RFC 1701, RFC 2637 4.1).
const CHECKSUM: u8 = 0x80;
const ROUTING: u8 = 0x40;
const KEY: u8 = 0x20;
const SEQUENCE: u8 = 0x10;
const ACKNOWLEDGEMENT: u8 = 0x80;
const VERSION_MASK: u8 = 0x07;
/// GRE routing entries read. Structural.
const MAX_GRE_ROUTES: usize = 8;

/// PPP in PPTP's GRE (RFC 2637).
const PPP: EtherType = EtherType(0x880b);
/// ERSPAN types I and II, and type III.
const ERSPAN: EtherType = EtherType(0x88be);
const ERSPAN_3: EtherType = EtherType(0x22eb);
/// 802.11 frames between Aruba access points and controllers.
const ARUBA_FIRST: u16 = 0x8200;
const ARUBA_LAST: u16 = 0x8210;

impl Carrier {
    /// The carrier of what is inside a tunnel between two hosts, so far without a link layer.
    fn inside(self, outer: &Upper<'_>, key: u32, limits: &Limits) -> Result<Self, Stop> {
        if self.depth >= limits.tunnel_depth {
            return Err(Stop::Malformed("tunnel headers: nested deeper than the limit"));
        }
        let seed = u64::from(self.tunnel) << 32 | u64::from(key);
        let number = pair_number(outer.addresses.source(), outer.addresses.destination(), seed);
        // 0 stands for no tunnel.
        let tunnel = ((number >> 32) as u32).max(1);
        Ok(Self { tunnel, depth: self.depth + 1, ..Self::default() })
    }
}

/// What a tunnel header announces.
enum Inside {
    /// An IP packet.
    Ip,
    /// Whatever has this EtherType.
    Typed(EtherType),
    /// A PPP packet.
    Ppp,
    /// An 802.11 frame.
    Wifi,
}

/// Takes off a tunnel's link layer and dissects the IP packet behind it.
fn open<'a>(
    inside: &Inside,
    wire: Wire<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Result<Dissected<'a>, Stop> {
    let mut descent = Descent::default();
    let packet = match inside {
        Inside::Ip => wire,
        Inside::Typed(ethertype) => descent.ethertype(*ethertype, wire)?,
        Inside::Ppp => descent.ppp(wire)?,
        Inside::Wifi => descent.wifi(wire)?,
    };
    super::dissect(packet, Carrier { macs: descent.macs, ..carrier }, limits)
}

/// Dissects what is inside an IP packet that is a tunnel's by its protocol number.
pub(super) fn in_ip<'a>(outer: &Upper<'a>, carrier: Carrier, limits: &Limits) -> Result<Dissected<'a>, Stop> {
    match outer.protocol {
        IpNumber::IPV4 | IpNumber::IPV6 => {
            let carrier = carrier.inside(outer, 0, limits)?;
            open(&Inside::Ip, outer.wire, carrier, limits)
        }
        IpNumber::GRE => gre(outer, carrier, limits),
        _ => Err(Stop::OtherTransport),
    }
}

/// Dissects what is inside a datagram that is a tunnel's by its port; `None` where it is a plain datagram.
pub(super) fn in_udp<'a>(
    outer: &Upper<'a>,
    port: u16,
    payload: Wire<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Option<Result<Dissected<'a>, Stop>> {
    if port == GRE_IN_UDP {
        return match gre(&Upper { wire: payload, ..*outer }, carrier, limits) {
            Err(Stop::Malformed(_) | Stop::OtherTransport | Stop::NotIp) => None,
            read => Some(read),
        };
    }
    let (network, inside, rest) = match port {
        VXLAN | VXLAN_LINUX | GENEVE if payload.is_cut() && payload.captured.len() < 8 => {
            return Some(Err(Stop::Cut));
        }
        VXLAN | VXLAN_LINUX => vxlan(payload)?,
        GENEVE => geneve(payload)?,
        L2TP => match l2tp(payload) {
            Ok(read) => read?,
            Err(Stop::Malformed(_)) => return None,
            Err(stop) => return Some(Err(stop)),
        },
        _ => return None,
    };
    let carrier = match carrier.inside(outer, network, limits) {
        Ok(carrier) => carrier,
        Err(stop) => return Some(Err(stop)),
    };
    match open(&inside, rest, carrier, limits) {
        Err(Stop::Malformed(_)) => None,
        // PPP settles its options in the tunnel: such a datagram belongs to the conversation of the tunnel's ends.
        Err(Stop::NotIp) if port == L2TP => None,
        read => Some(read),
    }
}

/// Reads the header of an L2TP data message; `None` for another message. It gives no identifier, since each end gives
/// the tunnel one of its own.
fn l2tp(payload: Wire<'_>) -> Result<Option<(u32, Inside, Wire<'_>)>, Stop> {
    let ([flags, version], mut rest) = payload.take::<2>("l2tp flags: missing")?;
    if flags & L2TP_CONTROL != 0 || version & 0x0F != 2 {
        return Ok(None);
    }
    let numbers = if flags & L2TP_SEQUENCE == 0 { 4 } else { 8 };
    let length = if flags & L2TP_LENGTH == 0 { 0 } else { 2 };
    rest = rest.skip(length + numbers, "l2tp header: shorter than its flags say")?;
    if flags & L2TP_OFFSET != 0 {
        let ([o0, o1], after) = rest.take("l2tp offset: missing")?;
        rest = after.skip(u16::from_be_bytes([*o0, *o1]).into(), "l2tp offset: beyond the packet")?;
    }
    if rest.is_cut() && rest.captured.len() < PPP_HEADER {
        return Err(Stop::Cut);
    }
    Ok(Some((0, Inside::Ppp, rest)))
}

/// Reads a VXLAN header: network identifier, what is inside, and the rest.
fn vxlan(payload: Wire<'_>) -> Option<(u32, Inside, Wire<'_>)> {
    let ([flags, _, _, _, v0, v1, v2, reserved], rest) = payload.take::<8>("vxlan header").ok()?;
    // The flag that makes the identifier valid must be there, and the last byte is 0 in every dialect.
    let valid = flags & 0x08 != 0 && *reserved == 0;
    valid.then(|| (u32::from_be_bytes([0, *v0, *v1, *v2]), Inside::Typed(BRIDGING), rest))
}

/// Reads a Geneve header: network identifier, what is inside, and the rest.
fn geneve(payload: Wire<'_>) -> Option<(u32, Inside, Wire<'_>)> {
    let ([first, _, t0, t1, v0, v1, v2, _], rest) = payload.take::<8>("geneve header").ok()?;
    if first >> 6 != 0 {
        return None;
    }
    let rest = rest.skip(usize::from(first & 0x3f) * 4, "geneve options").ok()?;
    let ethertype = EtherType(u16::from_be_bytes([*t0, *t1]));
    Some((u32::from_be_bytes([0, *v0, *v1, *v2]), Inside::Typed(ethertype), rest))
}

/// Dissects what is inside GRE.
fn gre<'a>(outer: &Upper<'a>, carrier: Carrier, limits: &Limits) -> Result<Dissected<'a>, Stop> {
    let ([flags, more_flags, t0, t1], rest) = outer.wire.take("gre header: shorter than 4 bytes")?;
    let ethertype = EtherType(u16::from_be_bytes([*t0, *t1]));
    let (key, rest) = match more_flags & VERSION_MASK {
        0 => gre_fields(*flags, rest)?,
        1 => (0, pptp_fields(*flags, *more_flags, rest)?),
        _ => return Err(Stop::OtherTransport),
    };
    let (inside, rest) = match ethertype {
        PPP => (Inside::Ppp, rest),
        // Type I has no header of its own, and no sequence number in GRE to tell.
        ERSPAN if flags & SEQUENCE == 0 => (Inside::Typed(BRIDGING), rest),
        ERSPAN => (Inside::Typed(BRIDGING), rest.skip(8, "erspan header: shorter than 8 bytes")?),
        ERSPAN_3 => (Inside::Typed(BRIDGING), erspan_3(rest)?),
        // A keepalive, which asks to be sent back.
        EtherType(0) => return Err(Stop::NotIp),
        EtherType(ARUBA_FIRST..=ARUBA_LAST) => (Inside::Wifi, rest),
        other => (Inside::Typed(other), rest),
    };
    open(&inside, rest, carrier.inside(outer, key, limits)?, limits)
}

/// Steps over the optional fields of GRE version 0; gives the key, or 0.
fn gre_fields(flags: u8, rest: Wire<'_>) -> Result<(u32, Wire<'_>), Stop> {
    let mut rest = rest;
    let mut key = 0;
    if flags & (CHECKSUM | ROUTING) != 0 {
        rest = rest.skip(4, "gre checksum: missing")?;
    }
    if flags & KEY != 0 {
        let (bytes, after) = rest.take("gre key: missing")?;
        (key, rest) = (u32::from_be_bytes(*bytes), after);
    }
    if flags & SEQUENCE != 0 {
        rest = rest.skip(4, "gre sequence number: missing")?;
    }
    if flags & ROUTING != 0 {
        rest = gre_routes(rest)?;
    }
    Ok((key, rest))
}

/// Steps over source routing entries, up to the empty one that ends them (RFC 1701).
fn gre_routes(rest: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let mut rest = rest;
    for _ in 0..MAX_GRE_ROUTES {
        let ([f0, f1, _, len], after) = rest.take("gre routing entry: shorter than 4 bytes")?;
        rest = after.skip(usize::from(*len), "gre routing entry length: beyond the packet")?;
        if (*f0, *f1, *len) == (0, 0, 0) {
            return Ok(rest);
        }
    }
    Err(Stop::Malformed("gre routing entries: more than 8"))
}

/// Steps over the fields of GRE version 1. Its key differs from one direction to the other, so it names no tunnel.
fn pptp_fields(flags: u8, more_flags: u8, rest: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let rest = rest.skip(4, "pptp gre key: missing")?;
    if flags & SEQUENCE == 0 {
        // An acknowledgement alone.
        return Err(Stop::NotIp);
    }
    let numbers = if more_flags & ACKNOWLEDGEMENT == 0 { 4 } else { 8 };
    rest.skip(numbers, "pptp gre sequence number: missing")
}

/// Steps over an ERSPAN type III header and its platform subheader.
fn erspan_3(rest: Wire<'_>) -> Result<Wire<'_>, Stop> {
    let (header, rest) = rest.take::<12>("erspan 3 header: shorter than 12 bytes")?;
    let [.., last] = *header;
    if last & 1 == 0 { Ok(rest) } else { rest.skip(8, "erspan 3 subheader: shorter than 8 bytes") }
}
