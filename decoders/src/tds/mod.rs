//! SQL Server's tabular data stream, as far as it carries TLS: the handshakes in it, with the events of [`crate::tls`]
//! ([MS-TDS]).
//!
//! A login begins with a PRELOGIN message. Where both ends agree on encryption, the records of the handshake that follows
//! travel as the data of more such messages, and the records behind it without TDS around them. TDS 8.0 has TLS around
//! everything and is none of this module's. Queries and their answers are passed over: they are nobody's business here.

#[cfg(test)]
mod tests;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::{DecodeError, ErrorKind};
use crate::events::Events;
use crate::session::{Nested, Session};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Tds,
    transports: &[Transport::Tcp],
    ports: &[1433],
    // Named instances have ports of their own.
    any_port: true,
    exchanges: false,
    probe,
    make: |_| Box::<Connection>::default(),
};

/// Octets of a packet's header (2.2.3.1).
const HEADER: usize = 8;
/// Octets of a TLS record's header (RFC 8446 5.1).
const RECORD: usize = 5;
/// PRELOGIN and TABULAR_RESULT, the types of the first message and of its answer (2.2.3.1.1).
const PRELOGIN: u8 = 0x12;
const TABULAR_RESULT: u8 = 0x04;
/// What the first option of a PRELOGIN message is: VERSION, at an offset, six bytes long (2.2.6.5).
const VERSION: u8 = 0;
const VERSION_LENGTH: [u8; 2] = [0, 6];
/// The least octets of options: of that one and their end.
const OPTIONS: usize = 12;
/// Content types of TLS records (RFC 8446 5.1), that of handshakes among them; none of which is a packet's type.
const HANDSHAKE: u8 = 0x16;
const RECORD_TYPES: std::ops::RangeInclusive<u8> = 0x14..=0x17;

/// A PRELOGIN message, the answer to one, or a handshake in one.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let may_begin = match (bytes.first(), direction) {
        (None | Some(&PRELOGIN), _) => true,
        (Some(&kind), Direction::ToClient) => kind == TABULAR_RESULT,
        (Some(_), Direction::ToServer) => false,
    };
    if !may_begin || bytes.get(1).is_some_and(|status| *status > 1) {
        return Probe::No;
    }
    let Some((&[kind, _, high, low, _, _, _, window], data)) = bytes.split_first_chunk::<HEADER>() else {
        return Probe::Maybe;
    };
    if usize::from(u16::from_be_bytes([high, low])) < HEADER + OPTIONS || window != 0 {
        return Probe::No;
    }
    match (kind, data) {
        (_, []) | (PRELOGIN, [HANDSHAKE]) => Probe::Maybe,
        (PRELOGIN, [HANDSHAKE, 3, ..]) => Probe::Yes,
        (PRELOGIN, _) if direction == Direction::ToClient => Probe::No,
        (_, [VERSION, _, _, length @ ..]) if length.len() >= VERSION_LENGTH.len() => {
            if length.starts_with(&VERSION_LENGTH) { Probe::Yes } else { Probe::No }
        }
        (_, [VERSION] | [VERSION, _] | [VERSION, _, _] | [VERSION, _, _, _]) => Probe::Maybe,
        _ => Probe::No,
    }
}

/// The reader of one flow.
#[derive(Default)]
struct Connection {
    tls: Option<Nested>,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) if bytes.first().is_some_and(|first| RECORD_TYPES.contains(first)) => {
                self.record(direction, bytes, out)
            }
            Input::Data(bytes) => self.packet(direction, bytes, out),
            Input::Gap(_) => {
                if let Some(tls) = &mut self.tls {
                    tls.gap(direction, out);
                }
                Outcome::Lost
            }
            Input::End(reason) => {
                if let Some(tls) = &mut self.tls {
                    tls.end(direction, reason, out);
                }
                Outcome::Consumed(0)
            }
            Input::Datagram { .. } => Outcome::Finished,
        }
    }
}

impl Connection {
    /// Reads a record that has no packet around it.
    fn record(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Outcome {
        let Some(&[_, _, _, high, low]) = bytes.first_chunk::<RECORD>() else {
            return Outcome::NeedMore(RECORD);
        };
        let total = RECORD + usize::from(u16::from_be_bytes([high, low]));
        let Some(record) = bytes.get(..total) else { return Outcome::NeedMore(total) };
        self.carry(direction, record, total, out)
    }

    /// Reads a packet; of most of them no more than the header.
    fn packet(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Outcome {
        let Some((&[kind, _, high, low, ..], data)) = bytes.split_first_chunk::<HEADER>() else {
            return Outcome::NeedMore(HEADER);
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < HEADER {
            let kind = ErrorKind::Value(length as u64);
            out.malformed(direction, DecodeError::new("tds", "length", 2, kind));
            return Outcome::Lost;
        }
        if kind != PRELOGIN || length == HEADER {
            return Outcome::Skip(length as u64);
        }
        match data.first() {
            None => Outcome::NeedMore(HEADER + 1),
            Some(first) if RECORD_TYPES.contains(first) || self.tls.is_some() => {
                match bytes.get(HEADER..length) {
                    Some(data) => self.carry(direction, data, length, out),
                    None => Outcome::NeedMore(length),
                }
            }
            Some(_) => Outcome::Skip(length as u64),
        }
    }

    /// Hands bytes on to the reader of TLS. Whole packets and records alone: where they are cut must not matter to it.
    fn carry(&mut self, direction: Direction, bytes: &[u8], total: usize, out: &mut Events) -> Outcome {
        let ports = out.ports;
        let begin = || Nested::new(Session::carried(crate::Protocol::Tls, ports, out));
        let mut tls = self.tls.take().unwrap_or_else(begin);
        tls.data(direction, bytes, out);
        let done = tls.is_done();
        self.tls = Some(tls);
        if done { Outcome::Finished } else { Outcome::Consumed(total) }
    }
}
