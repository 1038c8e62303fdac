//! DHCP and BOOTP (RFC 2131, RFC 2132): who asks, and which boot server and boot file it is given, as PXE clients are
//! over the ports of DHCP and over 4011.
//!
//! Not read: leases, and the vendor's own options (43), in which PXE menus and ConfigMgr's boot variables stand.

mod event;
#[cfg(test)]
mod tests;
mod wire;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::events::Events;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Dhcp,
    transports: &[Transport::Udp],
    ports: &[67, 68, 4011],
    any_port: false,
    exchanges: false,
    probe,
    make: |_| Box::new(Dhcp),
};

/// Ports and operation code say which way it goes: 1 is a request, 2 a reply.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let operation = match direction {
        Direction::ToServer => 1,
        Direction::ToClient => 2,
    };
    let long_enough = bytes.len() >= wire::FIXED;
    if long_enough && bytes.first() == Some(&operation) { Probe::Yes } else { Probe::No }
}

/// The reader of one flow; it keeps nothing.
struct Dhcp;

impl Decoder for Dhcp {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        let mut event = DhcpEvent::default();
        let read = wire::read(payload, &mut event, out);
        out.service("dhcp");
        out.push_with(direction, event, payload);
        if let Err(error) = read
            && !(cut && error.is_short())
        {
            out.malformed(direction, error);
        }
        Outcome::Consumed(payload.len())
    }
}
