//! The NetBIOS name service over UDP: queries, answers, registrations and refreshes, by broadcast or to a WINS server
//! (RFC 1002 4.2, [MS-NBTE]).
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
/// RR_TYPE NB and NBSTAT (RFC 1002 4.2.1.3).
const NB: u16 = 0x0020;
const NBSTAT: u16 = 0x0021;
/// RR_TYPE A, in redirect responses.
const A: u16 = 0x0001;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Nbns,
    transports: &[Transport::Udp],
    ports: &[137],
    any_port: false,
    exchanges: true,
    probe,
    make: |_| Box::new(Nbns),
};

/// The port says it; the header must not contradict. Requests and responses go either way between two port 137,
/// so the direction of the flow's first packet is kept as it is.
fn probe(bytes: &[u8], _: Direction) -> Probe {
    match Header::read(&mut Reader::new("nbns", bytes)) {
        Ok(header) if header.counts.iter().all(|count| *count < 256) => Probe::Yes,
        _ => Probe::No,
    }
}

/// The reader of one flow; it keeps nothing.
struct Nbns;

impl Decoder for Nbns {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        if payload.len() >= HEADER {
            let mut message = NbnsMessage::default();
            let error = read(payload, &mut message, out.limits.list_items).err();
            out.service("nbns");
            out.push_with(direction, message, payload);
            if let Some(error) = error.filter(|error| !(cut && error.is_short())) {
                out.malformed(direction, error);
            }
        }
        Outcome::Consumed(payload.len())
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
