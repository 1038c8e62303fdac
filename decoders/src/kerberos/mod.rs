//! Kerberos version 5 (RFC 4120) on port 88, over UDP and TCP, and inside authentication tokens (RFC 4121).
//!
//! Only what is in the clear is read: no key is used, and tickets, authenticators and other encrypted parts are passed
//! over but for their encryption type. An AP-REQ in the pre-authentication of a TGS-REQ is part of that request.

mod event;
mod message;
#[cfg(test)]
pub(crate) mod tests;
mod time;
mod token;

use capture::{Direction, Transport};

pub use event::*;
pub use message::{Message, parse};
pub(crate) use token::{Token, is_mechanism, token};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Kerberos,
    transports: &[Transport::Udp, Transport::Tcp],
    ports: &[88],
    any_port: false,
    exchanges: true,
    probe,
    make: |_| Box::new(Exchange {}),
};

/// Bytes of the length before each message on TCP (RFC 4120 7.2.2).
const RECORD_MARK: usize = 4;
/// A message's longest plausible length on TCP: what Windows allows a ticket to be, with much room.
const LONGEST: u32 = 1 << 20;

/// Looks for the tag of a message that goes this way, behind a record mark (TCP) or without one (UDP).
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let Some(&first) = bytes.first() else { return Probe::Maybe };
    if goes(first, direction) {
        return length_fits(bytes.get(1..).unwrap_or_default(), None);
    }
    let Some((mark, message)) = bytes.split_first_chunk::<RECORD_MARK>() else {
        return if first == 0 { Probe::Maybe } else { Probe::No };
    };
    let length = u32::from_be_bytes(*mark);
    match message.split_first() {
        _ if length > LONGEST => Probe::No,
        None => Probe::Maybe,
        Some((tag, after)) if goes(*tag, direction) => length_fits(after, usize::try_from(length).ok()),
        Some(_) => Probe::No,
    }
}

/// Whether a message with this tag goes this way on port 88.
const fn goes(tag: u8, direction: Direction) -> bool {
    match tag {
        0x6A | 0x6C => matches!(direction, Direction::ToServer),
        0x6B | 0x6D | 0x7E => matches!(direction, Direction::ToClient),
        _ => false,
    }
}

/// Whether a DER length can stand behind the tag, and agrees with the record mark where there is one.
fn length_fits(bytes: &[u8], record: Option<usize>) -> Probe {
    let Some((&first, rest)) = bytes.split_first() else { return Probe::Maybe };
    let count = if first < 0x80 { 0 } else { usize::from(first & 0x7F) };
    if first == 0x80 || count > 4 {
        return Probe::No;
    }
    let Some(digits) = rest.get(..count) else { return Probe::Maybe };
    let long = digits.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    let length = if count == 0 { usize::from(first) } else { long };
    match record {
        Some(record) if record != length + count + 2 => Probe::No,
        _ => Probe::Yes,
    }
}

/// One flow to or from a key distribution centre. Messages are whole in themselves, so nothing is kept.
struct Exchange {}

impl Decoder for Exchange {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) => record(bytes, direction, out),
            Input::Datagram { payload, cut } => {
                say(payload, cut, direction, out);
                Outcome::Consumed(payload.len())
            }
            Input::Gap(_) => Outcome::Lost,
            Input::End(_) => Outcome::Consumed(0),
        }
    }
}

/// Reads one message of a stream.
fn record(bytes: &[u8], direction: Direction, out: &mut Events) -> Outcome {
    let Some((mark, after)) = bytes.split_first_chunk::<RECORD_MARK>() else {
        return Outcome::NeedMore(RECORD_MARK);
    };
    let length = u32::from_be_bytes(*mark);
    let fits = usize::try_from(length).ok().filter(|_| length <= LONGEST);
    let Some(length) = fits else {
        // The top bit is reserved for extensions, and no peer may use it without asking first.
        let kind = ErrorKind::Value(length.into());
        out.malformed(direction, DecodeError::new("kerberos", "record mark", 0, kind));
        return Outcome::Lost;
    };
    let Some(message) = after.get(..length) else { return Outcome::NeedMore(RECORD_MARK + length) };
    say(message, false, direction, out);
    Outcome::Consumed(RECORD_MARK + length)
}

/// Says what one message says. Of one that the capture cut, what is missing is not held against the sender.
fn say(bytes: &[u8], cut: bool, direction: Direction, out: &mut Events) {
    if bytes.is_empty() {
        return;
    }
    match parse(bytes, &out.limits) {
        Ok(message) => {
            out.service("kerberos");
            message.say(None, cut, direction, out);
        }
        Err(error) if !(cut && error.is_short()) => out.malformed(direction, error),
        Err(_) => {}
    }
}
