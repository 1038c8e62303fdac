//! Tunnels over IP: IP in IP (RFC 2003, RFC 2473, RFC 4213) here, GRE and what it carries in `gre`, tunnels over UDP
//! in `udp`.
//!
//! What is inside gets a tunnel number made of the outer addresses and, for GRE, its key, for
//! two tunnels may carry the same private addresses. A datagram on a tunnel's port whose inside makes no
//! sense is the plain datagram that it looks like.

mod gre;
mod udp;

use etherparse::{EtherType, IpNumber};

pub(super) use udp::in_udp;

use super::{Carrier, Upper, compressed};
use crate::limits::Limits;
use crate::link::{Descent, Dissected, pair_number};
use crate::wire::{Stop, Wire};

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
        IpNumber::GRE => gre::dissect(outer, carrier, limits),
        compressed::IPCOMP => compressed::dissect(outer, carrier, limits).map(Dissected::Compressed),
        _ => Err(Stop::OtherTransport),
    }
}
