//! Tunnels over UDP: VXLAN (RFC 7348) and its generic extension (draft-ietf-nvo3-vxlan-gpe), Geneve (RFC 8926), GRE
//! (RFC 8086), L2TP (RFC 2661), GTP-U (3GPP TS 29.281), Teredo (RFC 4380) and AYIYA (draft-massar-v6ops-ayiya).
//!
//! They are known by their ports alone. A datagram there whose inside makes no sense is the plain datagram that it
//! looks like.
//!
//! No identifier of theirs separates flows, for the two directions of one flow may carry different ones: each end
//! gives an L2TP tunnel or a GTP-U one its own, and between two subnets a virtual network's is that of the subnet it
//! goes to (RFC 8926 3.4, RFC 9135 6.1).

use etherparse::EtherType;

use super::{Carrier, Inside, Upper, gre, open};
use crate::limits::Limits;
use crate::link::{Dissected, ethernet::BRIDGING, tags::NSH};
use crate::wire::{Stop, Wire};

/// VXLAN's port (RFC 7348), the one Linux used before, and that of the generic extension.
const VXLAN: u16 = 4789;
const VXLAN_LINUX: u16 = 8472;
const VXLAN_GPE: u16 = 4790;
/// Geneve's port (RFC 8926).
const GENEVE: u16 = 6081;
/// GRE in UDP (RFC 8086).
const GRE_IN_UDP: u16 = 4754;
/// L2TP's port (RFC 2661 8.1).
const L2TP: u16 = 1701;
/// GTP-U's port, to which both sides send (TS 29.281 4.4.2).
const GTP_U: u16 = 2152;
/// The port of Teredo servers and relays (RFC 4380 2.7).
const TEREDO: u16 = 3544;
/// The port of AYIYA servers.
const AYIYA: u16 = 5072;

/// VXLAN flags: the identifier is valid, and of the generic extension: the next protocol is said.
const VXLAN_IDENTIFIER: u8 = 0x08;
const VXLAN_NEXT_PROTOCOL: u8 = 0x04;

/// L2TP flags (RFC 2661 3.1).
const L2TP_CONTROL: u8 = 0x80;
const L2TP_LENGTH: u8 = 0x40;
const L2TP_SEQUENCE: u8 = 0x08;
const L2TP_OFFSET: u8 = 0x02;
/// A PPP header with all its fields (RFC 1661 2, RFC 1662 3.1). With less of it, what is inside cannot be told.
const PPP_HEADER: usize = 4;

/// GTP-U's first byte (TS 29.281 5.1): version 1 and GTP, not GTP'; and flags of which any brings the optional fields.
const GTP_VERSION_MASK: u8 = 0xf0;
const GTP_VERSION: u8 = 0x30;
const GTP_OPTIONAL: u8 = 0x07;
/// The message type of user data (TS 29.281 6.1).
const GTP_USER_DATA: u8 = 0xff;
/// GTP-U extension headers read. Structural: seven are defined.
const MAX_GTP_EXTENSIONS: usize = 16;

/// AYIYA's operation that carries a packet, and what its next header field says of IP.
const AYIYA_FORWARD: u8 = 1;
const AYIYA_NEXT_IP: [u8; 2] = [4, 41];

/// What a datagram turned out to carry, and its bytes. Nothing, where it is no tunnel's.
type Opened<'a> = Result<Option<(Inside, Wire<'a>)>, Stop>;

/// Dissects what is inside a datagram that is a tunnel's by its ports; `None` where it is a plain datagram.
pub(in crate::ip) fn in_udp<'a>(
    outer: &Upper<'a>,
    [source, destination]: [u16; 2],
    payload: Wire<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Option<Result<Dissected<'a>, Stop>> {
    let opened = match (destination, source) {
        (GRE_IN_UDP, _) => {
            return match gre::dissect(&Upper { wire: payload, ..*outer }, carrier, limits) {
                Err(Stop::Malformed(_) | Stop::OtherTransport | Stop::NotIp) => None,
                read => Some(read),
            };
        }
        (VXLAN | VXLAN_LINUX, _) => vxlan(payload),
        (VXLAN_GPE, _) => vxlan_gpe(payload),
        (GENEVE, _) => geneve(payload),
        (L2TP, _) => l2tp(payload),
        (GTP_U, _) => gtp(payload),
        (TEREDO, _) | (_, TEREDO) => teredo(payload),
        (AYIYA, _) | (_, AYIYA) => ayiya(payload),
        _ => return None,
    };
    let (inside, rest) = match opened {
        Ok(opened) => opened?,
        Err(Stop::Malformed(_)) => return None,
        Err(stop) => return Some(Err(stop)),
    };
    let carrier = match carrier.inside(outer, 0, limits) {
        Ok(carrier) => carrier,
        Err(stop) => return Some(Err(stop)),
    };
    // Such tunnels join two hosts. What these settle between them, in PPP or ICMP, belongs to their conversation.
    let of_two_hosts = !matches!(inside, Inside::Typed(_));
    match open(&inside, rest, carrier, limits) {
        Err(Stop::Malformed(_)) => None,
        Err(Stop::NotIp | Stop::OtherTransport) if of_two_hosts => None,
        read => Some(read),
    }
}

/// Reads the header of an L2TP data message.
fn l2tp(payload: Wire<'_>) -> Opened<'_> {
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
    Ok(Some((Inside::Ppp, rest)))
}

/// Reads a VXLAN header.
fn vxlan(payload: Wire<'_>) -> Opened<'_> {
    let ([flags, .., reserved], rest) = payload.take::<8>("vxlan header")?;
    // The flag that makes the identifier valid must be there, and the last byte is 0 in every dialect.
    let valid = flags & VXLAN_IDENTIFIER != 0 && *reserved == 0;
    Ok(valid.then_some((Inside::Typed(BRIDGING), rest)))
}

/// Reads a VXLAN header that may say what follows.
fn vxlan_gpe(payload: Wire<'_>) -> Opened<'_> {
    let ([flags, _, _, next, .., reserved], rest) = payload.take::<8>("vxlan header")?;
    let inside = match next {
        _ if flags & VXLAN_NEXT_PROTOCOL == 0 => BRIDGING,
        1 => EtherType::IPV4,
        2 => EtherType::IPV6,
        3 => BRIDGING,
        4 => NSH,
        _ => return Ok(None),
    };
    let valid = flags & VXLAN_IDENTIFIER != 0 && *reserved == 0;
    Ok(valid.then_some((Inside::Typed(inside), rest)))
}

/// Reads a Geneve header.
fn geneve(payload: Wire<'_>) -> Opened<'_> {
    let ([first, _, t0, t1, ..], rest) = payload.take::<8>("geneve header")?;
    if first >> 6 != 0 {
        return Ok(None);
    }
    let rest = rest.skip(usize::from(first & 0x3f) * 4, "geneve options")?;
    let ethertype = EtherType(u16::from_be_bytes([*t0, *t1]));
    Ok(Some((Inside::Typed(ethertype), rest)))
}

/// Reads the header of a GTP-U message with user data.
fn gtp(payload: Wire<'_>) -> Opened<'_> {
    let ([flags, kind, l0, l1, ..], rest) = payload.take::<8>("gtp header: shorter than 8 bytes")?;
    if flags & GTP_VERSION_MASK != GTP_VERSION || *kind != GTP_USER_DATA {
        return Ok(None);
    }
    let mut rest = rest.clamp(u16::from_be_bytes([*l0, *l1]).into());
    if flags & GTP_OPTIONAL == 0 {
        return Ok(Some((Inside::Ip, rest)));
    }
    let (&[_, _, _, mut next], after) = rest.take("gtp optional fields: shorter than 4 bytes")?;
    rest = after;
    for _ in 0..MAX_GTP_EXTENSIONS {
        if next == 0 {
            return Ok(Some((Inside::Ip, rest)));
        }
        let ([len], after) = rest.take("gtp extension header length: missing")?;
        // In units of 4 bytes with the length itself, the next header's type in the last byte.
        let content = (usize::from(*len) * 4)
            .checked_sub(2)
            .ok_or(Stop::Malformed("gtp extension header length: zero"))?;
        let ([following], after) = after
            .skip(content, "gtp extension header: beyond the message")?
            .take("gtp next extension header type: missing")?;
        (next, rest) = (*following, after);
    }
    Err(Stop::Malformed("gtp extension headers: more than 16"))
}

/// Steps over what a Teredo server or relay may put before an IPv6 packet (RFC 4380 5.1.1).
fn teredo(payload: Wire<'_>) -> Opened<'_> {
    let mut rest = payload;
    if let [0, 1, ..] = rest.captured {
        let ([_, _, id, authentication], after) = rest.take("teredo authentication: shorter than 4 bytes")?;
        // Behind the two, a nonce and a confirmation.
        let len = usize::from(*id) + usize::from(*authentication) + 9;
        rest = after.skip(len, "teredo authentication: beyond the datagram")?;
    }
    if let [0, 0, ..] = rest.captured {
        rest = rest.skip(8, "teredo origin: shorter than 8 bytes")?;
    }
    if rest.is_cut() && rest.captured.len() < 2 {
        return Err(Stop::Cut);
    }
    Ok(rest.first().filter(|first| first >> 4 == 6).map(|_| (Inside::Ip, rest)))
}

/// Reads an AYIYA header that forwards an IP packet.
fn ayiya(payload: Wire<'_>) -> Opened<'_> {
    let ([lengths, hash, operation, next, ..], rest) =
        payload.take::<8>("ayiya header: shorter than 8 bytes")?;
    let identity = 1 << (lengths >> 4);
    let signature = usize::from(hash >> 4) * 4;
    if operation & 0x0f != AYIYA_FORWARD || !AYIYA_NEXT_IP.contains(next) {
        return Ok(None);
    }
    let rest = rest.skip(identity + signature, "ayiya identity and signature: beyond the datagram")?;
    Ok(Some((Inside::Ip, rest)))
}
