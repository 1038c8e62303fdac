//! QUIC (RFC 9000, RFC 9369), recognised: HTTP/3 and SMB over QUIC begin so.
//!
//! Its handshake is TLS 1.3's (RFC 9001), which is why the flow's service is `tls`. Nothing under its packet protection
//! is read, the handshake included.

mod event;
#[cfg(test)]
mod tests;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::reader::Reader;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Quic,
    transports: &[Transport::Udp],
    ports: &[443],
    any_port: true,
    probe,
    make: |_| Box::new(Quic),
};

/// First byte: a long header, and the bit that is always set; then the packet's type.
const LONG_HEADER: u8 = 0xc0;
const PACKET_TYPE: u8 = 0x30;
/// The type of an Initial packet, in version 2 and in all others (RFC 9369 3.2).
const INITIAL: u8 = 0x00;
const INITIAL_V2: u8 = 0x10;
/// Bytes of a connection identifier (RFC 9000 17.2).
const MAX_CONNECTION_ID: u8 = 20;

const VERSION_1: u32 = 1;
const VERSION_2: u32 = 0x6b33_43cf;
/// Drafts from the one on that has these headers (draft-ietf-quic-transport-22), without its number.
const DRAFT: u32 = 0xff00_0000;
const FIRST_DRAFT: u32 = DRAFT + 22;

/// Whichever side is heard first sends Initial packets.
fn probe(bytes: &[u8], _: Direction) -> Probe {
    if initial(bytes).is_ok() { Probe::Yes } else { Probe::No }
}

/// The version of an Initial packet, if that is what a datagram begins with. Its end may not have been captured.
fn initial(bytes: &[u8]) -> Result<u32, DecodeError> {
    let mut reader = Reader::new("quic", bytes);
    let first = reader.u8("header form")?;
    let version = reader.u32_be("version")?;
    let kind = match version {
        VERSION_1 | FIRST_DRAFT..=0xff00_00ff => INITIAL,
        VERSION_2 => INITIAL_V2,
        _ => return Err(reader.error("version", ErrorKind::Value(version.into()))),
    };
    if first & (LONG_HEADER | PACKET_TYPE) != LONG_HEADER | kind {
        return Err(reader.error("packet type", ErrorKind::Value(first.into())));
    }
    for field in ["destination connection id", "source connection id"] {
        let len = reader.u8(field)?;
        if len > MAX_CONNECTION_ID {
            return Err(reader.error(field, ErrorKind::Value(len.into())));
        }
        reader.skip(field, len.into())?;
    }
    let token = variable(&mut reader, "token length")?;
    reader.skip("token", usize::try_from(token).unwrap_or(usize::MAX))?;
    // A packet number and the authentication of at least an empty payload (RFC 9001 5.3).
    match variable(&mut reader, "length")? {
        len @ ..17 => Err(reader.error("length", ErrorKind::Value(len))),
        _ => Ok(version),
    }
}

/// An integer whose first two bits tell its length (RFC 9000 16).
fn variable(reader: &mut Reader<'_>, field: &'static str) -> Result<u64, DecodeError> {
    let first = reader.u8(field)?;
    let more = (1_usize << (first >> 6)) - 1;
    let rest = reader.take(field, more)?;
    Ok(rest.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)))
}

/// The reader of one flow; it says one thing and has finished.
struct Quic;

impl Decoder for Quic {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        if let Input::Datagram { payload, .. } = input
            && let Ok(version) = initial(payload)
        {
            out.service("tls");
            out.push_with(direction, QuicEvent { version }, payload);
        }
        Outcome::Finished
    }
}
