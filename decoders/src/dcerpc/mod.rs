//! DCE/RPC, connection-oriented (C706 chapter 12, [MS-RPCE]): over TCP here, over SMB pipes where `smb` feeds an
//! [`Association`].
//!
//! Reads binds, authentication tokens, opnums and faults. It does not put the fragments of a call together, does not
//! decode arguments but for the service names of [MS-SCMR], and follows no dynamic endpoints.

mod association;
mod event;
mod svcctl;
#[cfg(test)]
mod tests;
mod wire;

use capture::{Direction, Transport};

pub use association::Association;
pub use event::*;

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::events::Events;
use association::Step;
use wire::{HEADER, Header};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Dcerpc,
    transports: &[Transport::Tcp],
    ports: &[135],
    any_port: true,
    probe,
    make: |limits| Box::new(Connection { association: Association::new(limits) }),
};

/// A common header of a type that goes this way. Its version, reserved bytes and lengths make it strong enough for
/// any port.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    match bytes {
        [] | [5] => return Probe::Maybe,
        [5, 0 | 1, ..] => {}
        _ => return Probe::No,
    }
    if bytes.len() < HEADER {
        return Probe::Maybe;
    }
    match Header::read(bytes) {
        Ok(header) if header.is_from_client() == (direction == Direction::ToServer) => Probe::Yes,
        _ => Probe::No,
    }
}

/// One TCP connection.
struct Connection {
    association: Association,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) => match self.association.pdu(direction, bytes, None, false, out) {
                Step::NeedMore(count) => Outcome::NeedMore(count),
                Step::Done(count) => Outcome::Skip(count as u64),
                Step::Lost => Outcome::Lost,
            },
            // A datagram never comes here, and nothing is left to say at the end.
            Input::Datagram { .. } | Input::End(_) => Outcome::Consumed(0),
            Input::Gap(_) => Outcome::Lost,
        }
    }
}
