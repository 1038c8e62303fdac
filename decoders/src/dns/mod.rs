//! DNS over UDP and TCP, as far as it names hosts and services (RFC 1035, RFC 2782).
//!
//! Not read: zone transfers, DNSSEC, EDNS options, multicast DNS.

mod event;
pub(crate) mod name;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod wire;

pub use event::*;

use std::net::IpAddr;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::DecodeError;
use crate::events::Events;
use crate::reader::Reader;
use name::Name;
use wire::{Header, Record};

/// Bytes of the fixed header.
pub(crate) const HEADER: usize = 12;
/// Record types (RFC 1035 3.2.2, RFC 3596, RFC 2782).
const A: u16 = 1;
const AAAA: u16 = 28;
const SRV: u16 = 33;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Dns,
    transports: &[Transport::Udp, Transport::Tcp],
    ports: &[53],
    any_port: false,
    exchanges: true,
    probe,
    make: |_| Box::new(Dns),
};

/// Says yes to anything that has a whole header and a sane question count; the port has said the rest. Over TCP
/// a length of two bytes goes before (RFC 1035 4.2.2).
pub(crate) fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let looks_right = |message: &[u8]| {
        let header = Header::read(&mut Reader::new("dns", message)).ok()?;
        let sane = header.counts.iter().all(|count| *count < 256) && matches!(header.opcode(), 0..=6);
        (sane && header.is_response() == (direction == Direction::ToClient)).then_some(())
    };
    let framed = || match bytes {
        [high, low, message @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let first = message.get(..length).unwrap_or(message);
            (first.len() >= HEADER).then(|| looks_right(first)).flatten()
        }
        _ => None,
    };
    match looks_right(bytes).or_else(framed) {
        Some(()) => Probe::Yes,
        None if bytes.len() < HEADER + 2 => Probe::Maybe,
        None => Probe::No,
    }
}

/// The reader of one flow; it keeps nothing.
struct Dns;

impl Decoder for Dns {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Datagram { payload, cut } => {
                message(payload, cut, direction, out);
                Outcome::Consumed(payload.len())
            }
            Input::Data([high, low, rest @ ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                match rest.get(..length) {
                    Some(framed) => {
                        message(framed, false, direction, out);
                        Outcome::Consumed(length + 2)
                    }
                    None => Outcome::NeedMore(length + 2),
                }
            }
            Input::Data(_) => Outcome::NeedMore(2),
            Input::Gap(_) => Outcome::Lost,
            Input::End(_) => Outcome::Consumed(0),
        }
    }
}

/// Reads a message and says what it holds, even where it ends in an error.
fn message(bytes: &[u8], cut: bool, direction: Direction, out: &mut Events) {
    if bytes.len() < HEADER {
        return;
    }
    let (event, error) = parse("dns", bytes, out.limits.list_items);
    out.service("dns");
    out.push_with(direction, event, bytes);
    if let Some(error) = error.filter(|error| !(cut && error.is_short())) {
        out.malformed(direction, error);
    }
}

/// What stands in a message, and what ended the reading early.
pub(crate) fn parse(protocol: &'static str, bytes: &[u8], bound: usize) -> (DnsMessage, Option<DecodeError>) {
    let mut event = DnsMessage::default();
    let error = read(&mut Reader::new(protocol, bytes), &mut event, bound).err();
    (event, error)
}

fn read(reader: &mut Reader<'_>, event: &mut DnsMessage, bound: usize) -> Result<(), DecodeError> {
    let header = Header::read(reader)?;
    event.id = header.id;
    event.response = header.is_response();
    event.opcode = header.opcode();
    event.rcode = header.rcode();
    for index in 0..header.counts[0] {
        let name = Name::read(reader)?;
        let qtype = reader.u16_be("qtype")?;
        reader.skip("qclass", 2)?;
        if index == 0 {
            event.query = name.dotted();
            event.qtype = qtype;
        }
    }
    for _ in 0..header.records() {
        let record = Record::read(reader)?;
        event.ttl.get_or_insert(record.ttl);
        answer(reader, &record, event, bound)?;
    }
    Ok(())
}

fn answer(
    reader: &Reader<'_>,
    record: &Record<'_>,
    event: &mut DnsMessage,
    bound: usize,
) -> Result<(), DecodeError> {
    let address = match (record.rtype, record.data.len()) {
        (A, 4) => <[u8; 4]>::try_from(record.data).ok().map(IpAddr::from),
        (AAAA, 16) => <[u8; 16]>::try_from(record.data).ok().map(IpAddr::from),
        _ => None,
    };
    if let Some(address) = address.filter(|_| event.addresses.len() < bound) {
        event.addresses.push((record.name.dotted(), address));
    }
    if record.rtype == SRV && event.services.len() < bound {
        // The target may be compressed, so it is read in the whole message.
        let mut data = reader.restarted();
        data.skip("srv", record.data_at)?;
        let (priority, weight) = (data.u16_be("srv priority")?, data.u16_be("srv weight")?);
        let port = data.u16_be("srv port")?;
        let target = Name::read(&mut data)?.dotted();
        event.services.push(SrvRecord { target, port, priority, weight });
    }
    Ok(())
}
