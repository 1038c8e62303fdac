//! Pieces of datagrams, as an IPv4 header or an IPv6 fragment header tells of them.

use super::{Addresses, Carrier, Upper, transport};
use crate::defrag::{DatagramKey, Fragment};
use crate::limits::Limits;
use crate::link::Dissected;
use crate::wire::Stop;

/// Where a piece lies in its datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Identification; 16 bits in IPv4, 32 in IPv6.
    pub(super) identification: u32,
    /// Offset in bytes.
    pub(super) offset: u16,
    /// Whether more follow.
    pub(super) more: bool,
}

impl Piece {
    /// Hands the piece that a packet holds on, to be put together with others. Where the frame does not hold all of it, that
    /// will never be; but the first piece tells between whom the datagram went, and mostly what it is.
    #[cold]
    pub(super) fn dissect<'a>(
        self,
        upper: &Upper<'a>,
        carrier: Carrier,
        limits: &Limits,
    ) -> Result<Dissected<'a>, Stop> {
        if !upper.wire.truncated {
            return fragment(upper, self, carrier).map(Dissected::Fragment);
        }
        if self.offset == 0 { transport::dissect(upper, carrier, limits) } else { Err(Stop::Cut) }
    }
}

/// A piece of a datagram, checked against what its header says.
fn fragment<'a>(upper: &Upper<'a>, piece: Piece, carrier: Carrier) -> Result<Fragment<'a>, Stop> {
    let len = upper.wire.len;
    if len == 0 {
        return Err(Stop::Malformed("ip fragment: empty"));
    }
    if piece.more && !len.is_multiple_of(8) {
        return Err(Stop::Malformed("ip fragment length: not a multiple of 8 though more fragments follow"));
    }
    let fits = u16::try_from(len).is_ok_and(|len| piece.offset.checked_add(len).is_some());
    if !fits {
        return Err(Stop::Malformed("ip fragment end: beyond 65535 bytes"));
    }
    // IPv6 tells datagrams apart by addresses and identification alone; the protocol is that of the
    // first fragment (RFC 8200 4.5).
    let protocol = match upper.addresses {
        Addresses::V4(_) => upper.protocol.0,
        Addresses::V6(_) => 0,
    };
    Ok(Fragment {
        key: DatagramKey {
            source: upper.addresses.source(),
            destination: upper.addresses.destination(),
            identification: piece.identification,
            protocol,
            tunnel: carrier.tunnel,
        },
        protocol: upper.protocol,
        offset: piece.offset,
        more: piece.more,
        wire: upper.wire,
        carrier,
    })
}
