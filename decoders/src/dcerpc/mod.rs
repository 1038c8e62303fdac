//! DCE/RPC (C706 chapter 12, [MS-RPCE]): connection-oriented over TCP here and over SMB pipes where `smb` feeds an
//! [`Association`](crate::dcerpc::Association), and the calls of the connectionless form over UDP.
//!
//! Reads binds, authentication tokens, opnums and faults. It does not put the fragments of a call together, does not
//! decode arguments but for the service names of [MS-SCMR], and follows no dynamic endpoints.

mod association;
mod bind;
mod datagram;
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
use crate::reader::Reader;
use association::Step;
use datagram::{Calls, Head};
use wire::{HEADER, Header, PROTOCOL, is_from_client, read_start};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Dcerpc,
    transports: &[Transport::Tcp, Transport::Udp],
    ports: &[135],
    any_port: true,
    exchanges: false,
    probe,
    make: |limits| Box::new(Peers { association: Association::new(limits), calls: Calls::default() }),
};

/// A common header of a type that goes this way. With its lengths, which have to fit one another, it is strong enough for
/// any port; its first eight bytes (version, type, number formats, two zeros) are also those of a SOCKS proxy's answer.
///
/// The connectionless form is told by its version. It comes whole or not at all, so less than its header is not it.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    if bytes.first() == Some(&4) {
        return if Head::read(bytes).is_ok() { Probe::Yes } else { Probe::No };
    }
    let mut reader = Reader::new(PROTOCOL, bytes);
    match read_start(&mut reader) {
        Ok([ptype, ..]) if is_from_client(ptype) != (direction == Direction::ToServer) => Probe::No,
        Ok(_) if bytes.len() < HEADER => Probe::Maybe,
        Ok(_) if Header::read(bytes).is_err() => Probe::No,
        Ok(_) => Probe::Yes,
        Err(error) if error.is_short() && matches!(bytes, [] | [5] | [5, 0 | 1, ..]) => Probe::Maybe,
        Err(_) => Probe::No,
    }
}

/// One flow: an association over TCP, or calls over UDP.
struct Peers {
    association: Association,
    calls: Calls,
}

impl Decoder for Peers {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) => match self.association.pdu(direction, bytes, None, false, out) {
                Step::NeedMore(count) => Outcome::NeedMore(count),
                Step::Done(count) => Outcome::Skip(count as u64),
                Step::Lost => Outcome::Lost,
            },
            Input::Datagram { payload, .. } => {
                self.calls.datagram(direction, payload, out);
                Outcome::Consumed(payload.len())
            }
            Input::End(_) => Outcome::Consumed(0),
            Input::Gap(_) => Outcome::Lost,
        }
    }
}
