//! Link-Local Multicast Name Resolution (RFC 4795): DNS messages on a port of their own, asked of everybody.

#[cfg(test)]
mod tests;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Spec};
use crate::dns::{self, DnsMessage};
use crate::events::Events;

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LlmnrMessage(pub DnsMessage);

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Llmnr,
    transports: &[Transport::Udp],
    ports: &[5355],
    any_port: false,
    exchanges: true,
    probe: dns::probe,
    make: |_| Box::new(Llmnr),
};

/// The reader of one flow; it keeps nothing.
struct Llmnr;

impl Decoder for Llmnr {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        if payload.len() >= dns::HEADER {
            let (message, error) = dns::parse("llmnr", payload, out.limits.list_items);
            out.service("llmnr");
            out.push_with(direction, LlmnrMessage(message), payload);
            if let Some(error) = error.filter(|error| !(cut && error.is_short())) {
                out.malformed(direction, error);
            }
        }
        Outcome::Consumed(payload.len())
    }
}
