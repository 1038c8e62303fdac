//! The NetBIOS session service: what stands in front of every SMB message on TCP (RFC 1002 4.3, [MS-SMB2] 2.1).
//!
//! On port 445 the length has 24 bits, on port 139 17 with the other seven zero: one reader serves both.

use std::fmt::Write as _;

use capture::Direction;

use crate::decoder::Probe;
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::smb::{Dialect, SmbEvent};

/// Bytes of a packet's header: type, and length in network order.
pub(super) const HEADER: usize = 4;

/// SESSION REQUEST.
pub(super) const SESSION_REQUEST: u8 = 0x81;

const SESSION_MESSAGE: u8 = 0x00;
const POSITIVE_RESPONSE: u8 = 0x82;
const KEEP_ALIVE: u8 = 0x85;

/// Longest body of a packet that is not a message: two second-level names with their scopes (RFC 1002 4.1).
const CONTROL_BODY: usize = 2 * 255;

/// Packets without content that a probe passes over before it gives up.
const EMPTY_PACKETS: usize = 8;

/// A packet, with the length of its body in bytes.
pub(super) enum Packet {
    /// Carries an SMB message.
    Message(usize),
    /// Session request, its responses, and keep-alive.
    Control(usize),
}

/// Reads a packet's header; nothing where it is not complete.
pub(super) fn packet(bytes: &[u8]) -> Option<Result<Packet, DecodeError>> {
    let (&kind, rest) = bytes.split_first()?;
    let &[high, middle, low] = rest.first_chunk()?;
    let len = u32::from_be_bytes([0, high, middle, low]) as usize;
    Some(match kind {
        SESSION_MESSAGE => Ok(Packet::Message(len)),
        SESSION_REQUEST..=KEEP_ALIVE if len <= CONTROL_BODY => Ok(Packet::Control(len)),
        SESSION_REQUEST..=KEEP_ALIVE => {
            Err(DecodeError::new("nbss", "length", 1, ErrorKind::Value(len as u64)))
        }
        _ => Err(DecodeError::new("nbss", "type", 0, ErrorKind::Value(kind.into()))),
    })
}

/// Reads the names of a session request.
pub(super) fn session_request(direction: Direction, body: &[u8], out: &mut Events) {
    let mut reader = crate::Reader::new("nbss", body);
    let names =
        name(&mut reader, "called name").and_then(|called| Ok((called, name(&mut reader, "calling name")?)));
    match names {
        Ok((called, calling)) => {
            out.push_with(direction, SmbEvent::NetbiosSession { called, calling }, body);
        }
        Err(error) => out.malformed(direction, error),
    }
}

/// A name in first-level encoding, as `NAME<20>` (RFC 1001 14.1). A scope is passed over.
fn name(reader: &mut crate::Reader<'_>, field: &'static str) -> Result<String, DecodeError> {
    if reader.u8(field)? != 32 {
        return Err(reader.error(field, ErrorKind::Unexpected("label of 32 bytes")));
    }
    let mut decoded = [0; 16];
    for byte in &mut decoded {
        let [high, low] = reader.array(field)?;
        *byte = match (nibble(high), nibble(low)) {
            (Some(high), Some(low)) => high << 4 | low,
            _ => return Err(reader.error(field, ErrorKind::Unexpected("letters from A to P"))),
        };
    }
    while let label @ 1.. = reader.u8(field)? {
        reader.skip(field, label.into())?;
    }
    let [text @ .., suffix] = decoded;
    let used = text.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
    let mut name = String::new();
    for &byte in text.iter().take(used) {
        if byte.is_ascii_graphic() || byte == b' ' {
            name.push(byte.into());
        } else {
            let _ = write!(name, "<{byte:02x}>");
        }
    }
    let _ = write!(name, "<{suffix:02x}>");
    Ok(name)
}

const fn nibble(letter: u8) -> Option<u8> {
    if letter >= b'A' && letter <= b'P' { Some(letter - b'A') } else { None }
}

/// Whether bytes begin with an SMB message, or with the request that opens a session on port 139.
pub(super) fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let mut rest = bytes;
    for _ in 0..EMPTY_PACKETS {
        match rest {
            [POSITIVE_RESPONSE | KEEP_ALIVE, 0, 0, 0, after @ ..] => rest = after,
            [SESSION_REQUEST, after @ ..] => return probe_request(after, direction),
            [SESSION_MESSAGE, after @ ..] => return probe_message(after, direction),
            [POSITIVE_RESPONSE | KEEP_ALIVE, after @ ..] if after.iter().all(|&byte| byte == 0) => {
                return Probe::Maybe;
            }
            [] => return Probe::Maybe,
            _ => return Probe::No,
        }
    }
    Probe::No
}

/// `after` begins with the length.
fn probe_request(after: &[u8], direction: Direction) -> Probe {
    if direction == Direction::ToClient {
        return Probe::No;
    }
    let letters = after.iter().skip(4).take(32).all(|&letter| nibble(letter).is_some());
    let length = matches!(after, [] | [0] | [0, 0] | [0, 0, 0x44..=0xFF, ..] | [0, 1, ..]);
    let label = after.get(3).is_none_or(|&label| label == 32);
    match (length && label && letters, after.len()) {
        (false, _) => Probe::No,
        (true, 36..) => Probe::Yes,
        (true, _) => Probe::Maybe,
    }
}

/// `after` begins with the length. Whether the message is a response must fit its direction.
fn probe_message(after: &[u8], direction: Direction) -> Probe {
    let Some((length, message)) = after.split_first_chunk::<3>() else { return Probe::Maybe };
    let [high, middle, low] = *length;
    let len = u32::from_be_bytes([0, high, middle, low]);
    let Some(dialect) = Dialect::of(message) else {
        let fits = message.len() < 4 && message.iter().skip(1).zip(b"SMB").all(|(a, b)| a == b);
        let first = message.first().is_none_or(|&byte| byte >= 0xFC);
        return if fits && first && len >= 35 { Probe::Maybe } else { Probe::No };
    };
    let (least, flags, response) = match dialect {
        Dialect::Smb1 => (35, 9, 0x80),
        Dialect::Smb2 => (64, 16, 0x01),
        Dialect::Transform => return if len >= 52 { Probe::Yes } else { Probe::No },
        Dialect::Compressed => return if len >= 16 { Probe::Yes } else { Probe::No },
    };
    if len < least {
        return Probe::No;
    }
    match message.get(flags) {
        None => Probe::Maybe,
        Some(flags) if (flags & response != 0) == (direction == Direction::ToClient) => Probe::Yes,
        Some(_) => Probe::No,
    }
}
