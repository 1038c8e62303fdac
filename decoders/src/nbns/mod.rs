//! The NetBIOS name service: queries, answers, registrations and refreshes, by broadcast or to a WINS server, over UDP
//! or, where an answer was too long for that, TCP (RFC 1002 4.2, [MS-NBTE]).
//!
//! WINS replication between servers is another protocol (TCP 42) and is not read here.

mod event;
pub(crate) mod name;
#[cfg(test)]
mod tests;

pub use event::*;

use std::net::Ipv4Addr;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::dns::name::Name;
use crate::dns::wire::{Header, Record};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::reader::Reader;

/// Bytes of the fixed header.
const HEADER: usize = 12;
/// Bytes of the length before a packet over TCP.
const LENGTH: usize = 2;
/// RR_TYPE NB and NBSTAT (RFC 1002 4.2.1.3).
const NB: u16 = 0x0020;
const NBSTAT: u16 = 0x0021;
/// RR_TYPE A, in redirect responses.
const A: u16 = 0x0001;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Nbns,
    transports: &[Transport::Udp, Transport::Tcp],
    ports: &[137],
    any_port: false,
    exchanges: true,
    probe,
    make: |_| Box::new(Nbns),
};

/// The port says it; the header must not contradict. Requests and responses go either way between two port 137,
/// so the direction of the flow's first packet is kept as it is. Over TCP a length of two bytes goes before.
fn probe(bytes: &[u8], _: Direction) -> Probe {
    let looks_right = |message: &[u8]| {
        let header = Header::read(&mut Reader::new("nbns", message));
        header.is_ok_and(|header| header.counts.iter().all(|count| *count < 256))
    };
    let framed = bytes.get(LENGTH..).is_some_and(looks_right);
    if looks_right(bytes) || framed {
        Probe::Yes
    } else if bytes.len() < LENGTH + HEADER {
        Probe::Maybe
    } else {
        Probe::No
    }
}

/// The reader of one flow; it keeps nothing.
struct Nbns;

impl Decoder for Nbns {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Datagram { payload, cut } => {
                packet(payload, cut, direction, out);
                Outcome::Consumed(payload.len())
            }
            Input::Data([high, low, rest @ ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(framed) = rest.get(..length) else { return Outcome::NeedMore(LENGTH + length) };
                packet(framed, false, direction, out);
                Outcome::Consumed(LENGTH + length)
            }
            Input::Data(_) => Outcome::NeedMore(LENGTH),
            Input::Gap(_) => Outcome::Lost,
            Input::End(_) => Outcome::Consumed(0),
        }
    }
}

/// Reads a packet and says what it holds, even where it ends in an error.
fn packet(bytes: &[u8], cut: bool, direction: Direction, out: &mut Events) {
    if bytes.len() < HEADER {
        return;
    }
    let mut message = NbnsMessage::default();
    let error = read(bytes, &mut message, out.limits.list_items).err();
    out.service("nbns");
    out.push_with(direction, message, bytes);
    if let Some(error) = error.filter(|error| !(cut && error.is_short())) {
        out.malformed(direction, error);
    }
}

fn read(bytes: &[u8], message: &mut NbnsMessage, bound: usize) -> Result<(), DecodeError> {
    let mut reader = Reader::new("nbns", bytes);
    let header = Header::read(&mut reader)?;
    message.trn_id = header.id;
    message.flags = header.flags;
    message.response = header.is_response();
    message.opcode = header.opcode();
    message.rcode = header.rcode();
    message.questions = header.counts[0];
    for index in 0..header.counts[0] {
        let name = Name::read(&mut reader)?;
        let qtype = reader.u16_be("question type")?;
        reader.skip("question class", 2)?;
        if index == 0 {
            take_name(&reader, &name, qtype, message)?;
        }
    }
    for index in 0..header.records() {
        let record = Record::read(&mut reader)?;
        if index == 0 && header.counts[0] == 0 {
            take_name(&reader, &record.name, record.rtype, message)?;
        }
        message.ttl.get_or_insert(record.ttl);
        take_data(&record, message, bound)?;
    }
    Ok(())
}

fn take_name(
    reader: &Reader<'_>,
    name: &Name<'_>,
    kind: u16,
    message: &mut NbnsMessage,
) -> Result<(), DecodeError> {
    message.qtype = kind;
    let raw = name::decode(name.first()).ok_or_else(|| {
        reader.error("name", ErrorKind::Unexpected("32 letters from A to P (first-level encoding)"))
    })?;
    (message.name, message.suffix) = name::display(&raw);
    Ok(())
}

/// Addresses of an NB record (RFC 1002 4.2.13), names of an NBSTAT record (4.2.18).
fn take_data(record: &Record<'_>, message: &mut NbnsMessage, bound: usize) -> Result<(), DecodeError> {
    let mut data = Reader::new("nbns", record.data);
    match record.rtype {
        // A WACK or a negative answer has other data in an NB record; whatever is no whole entry is left alone.
        NB if message.opcode != 7 => {
            while data.left() >= 6 && message.addresses.len() < bound {
                let flags = data.u16_be("nb_flags")?;
                message.addresses.push((flags, Ipv4Addr::from(data.u32_be("nb_address")?)));
            }
        }
        A if data.left() == 4 => message.addresses.push((0, Ipv4Addr::from(data.u32_be("nsd_ip_addr")?))),
        NBSTAT => {
            for _ in 0..data.u8("num_names")? {
                let raw: [u8; name::LEN] = data.array("netbios name")?;
                data.skip("name_flags", 2)?;
                let (text, suffix) = name::display(&raw);
                message.names.push(format!("{text}<{suffix:02x}>"));
            }
            message.unit_id = data.array("unit_id").ok();
        }
        _ => {}
    }
    Ok(())
}
