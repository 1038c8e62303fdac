//! GRE (RFC 2784, RFC 2890, RFC 1701), PPTP's GRE (RFC 2637), and ERSPAN.

use etherparse::EtherType;

use super::{Carrier, Inside, Upper, open};
use crate::limits::Limits;
use crate::link::{Dissected, ethernet::BRIDGING};
use crate::wire::{Stop, Wire};

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

/// Dissects what is inside GRE.
pub(super) fn dissect<'a>(
    outer: &Upper<'a>,
    carrier: Carrier,
    limits: &Limits,
) -> Result<Dissected<'a>, Stop> {
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
