//! The NetBIOS datagram service over UDP 138 (RFC 1002 4.4): hosts that announce themselves, look for domain
//! controllers, and elect browsers.
//!
//! Not read: what the mailslots inside carry, parts of a datagram but the first, and the queries between datagram
//! distribution servers.

mod event;
#[cfg(test)]
mod tests;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::dns::name::Name;
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::nbns::name;
use crate::reader::Reader;
use crate::text::lossy;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Nbdgm,
    transports: &[Transport::Udp],
    ports: &[138],
    any_port: false,
    exchanges: false,
    probe,
    make: |_| Box::new(Nbdgm),
};

/// MSG_TYPE of a datagram with data: direct, to a group, broadcast.
const DATAGRAM: std::ops::RangeInclusive<u8> = 0x10..=0x12;
/// FLAGS: this is the first part, or the only one.
const FIRST: u8 = 0x02;
/// FLAGS that nobody sets. RFC 1002 4.4.1 reserves the bit below them too, but Windows NT sets it.
const UNUSED: u8 = 0xE0;
/// The request of an SMB1 transaction to a mailslot: its command, and how many words it has ([MS-MAIL] 2.2.1).
const SMB: &[u8] = b"\xFFSMB";
const TRANSACTION: u8 = 0x25;
const MAILSLOT_WORDS: u8 = 17;

fn probe(bytes: &[u8], _: Direction) -> Probe {
    match bytes {
        [kind, flags, ..] if DATAGRAM.contains(kind) && flags & UNUSED == 0 => Probe::Yes,
        _ => Probe::No,
    }
}

/// The reader of one flow; it keeps nothing.
struct Nbdgm;

impl Decoder for Nbdgm {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        match read(payload, out) {
            Ok(Some(message)) => out.push_with(direction, message, payload),
            Ok(None) => {}
            Err(error) if cut && error.is_short() => {}
            Err(error) => out.malformed(direction, error),
        }
        Outcome::Consumed(payload.len())
    }
}

/// Reads a datagram; nothing where it is another message, or not the first part.
fn read(bytes: &[u8], out: &mut Events) -> Result<Option<NbdgmMessage>, DecodeError> {
    let mut reader = Reader::new("nbdgm", bytes);
    let kind = reader.u8("msg_type")?;
    let flags = reader.u8("flags")?;
    if !DATAGRAM.contains(&kind) || flags & FIRST == 0 {
        return Ok(None);
    }
    reader.skip("dgm_id, source and length", 12)?;
    let source = netbios_name(&mut reader)?;
    let destination = netbios_name(&mut reader)?;
    let data = reader.rest();
    if data.starts_with(SMB) {
        out.service("smb");
    }
    let mailslot = mailslot(data).map(|name| out.text(&lossy(name)));
    Ok(Some(NbdgmMessage { kind, source, destination, mailslot }))
}

fn netbios_name(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let raw = name::decode(Name::read(reader)?.first()).ok_or_else(|| {
        reader.error("name", ErrorKind::Unexpected("32 letters from A to P (first-level encoding)"))
    })?;
    let (text, suffix) = name::display(&raw);
    Ok(format!("{text}<{suffix:02x}>"))
}

/// The name in an SMB1 transaction to a mailslot.
fn mailslot(data: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new("smb1", data);
    reader.skip("protocol id", SMB.len()).ok()?;
    let command = reader.u8("command").ok()?;
    reader.skip("rest of the header", 27).ok()?;
    let words = reader.u8("word count").ok()?;
    if !data.starts_with(SMB) || (command, words) != (TRANSACTION, MAILSLOT_WORDS) {
        return None;
    }
    reader.skip("words and byte count", usize::from(MAILSLOT_WORDS) * 2 + 2).ok()?;
    let name = reader.rest().split(|byte| *byte == 0).next()?;
    name.starts_with(b"\\MAILSLOT\\").then_some(name)
}
