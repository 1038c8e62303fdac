//! SMB1, SMB2 and SMB3 over TCP, with their NetBIOS session framing.
//!
//! Reads who negotiates what, who logs on how, which shares and names are touched, and what goes through named
//! pipes. It is *not* a file reader: file contents pass by unread, except the settings file that a client push
//! leaves behind; and it decrypts and decompresses nothing.
//!
//! Documents: RFC 1001 and 1002 (framing), [MS-CIFS] and [MS-SMB] (SMB1), [MS-SMB2] (SMB2 and SMB3).

mod blob;
mod connection;
mod event;
mod file;
mod nbss;
mod pipe;
mod settings;
mod smb1;
mod smb2;
mod table;
#[cfg(test)]
mod tests;

pub use event::*;

use capture::{Direction, Transport};

use crate::decoder::{Decoder, Input, Outcome, Spec};
use crate::events::{Anomaly, Events};

use connection::Connection;
use nbss::Packet;

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Smb,
    transports: &[Transport::Tcp],
    ports: &[445, 139],
    any_port: false,
    exchanges: false,
    probe: nbss::probe,
    make: |limits| Box::new(Smb { connection: Connection::new(limits) }),
};

/// Bytes of a message that tell whether the rest of it is of interest: the longest header and the fixed part of
/// any command that moves bulk data (SMB2 header 64 and WRITE 48; SMB1 header 32 and WRITE_ANDX 29).
const HEAD: usize = 128;

/// The reader of one connection.
struct Smb {
    connection: Connection,
}

impl Decoder for Smb {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) => self.packet(direction, bytes, out),
            Input::Gap(_) => {
                self.connection.gap(direction);
                Outcome::Lost
            }
            Input::End(_) => {
                self.connection.end(direction, out);
                Outcome::Consumed(0)
            }
            Input::Datagram { .. } => Outcome::Finished,
        }
    }
}

impl Smb {
    /// Reads one packet of the session service.
    fn packet(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Outcome {
        let Some(packet) = nbss::packet(bytes) else { return Outcome::NeedMore(nbss::HEADER) };
        match packet {
            Ok(Packet::Message(len)) => self.message(direction, bytes, len, out),
            Ok(Packet::Control(len)) => {
                let Some(body) = bytes.get(nbss::HEADER..nbss::HEADER + len) else {
                    return Outcome::NeedMore(nbss::HEADER + len);
                };
                out.service("nbss");
                if bytes.first() == Some(&nbss::SESSION_REQUEST) {
                    nbss::session_request(direction, body, out);
                }
                Outcome::Consumed(nbss::HEADER + len)
            }
            Err(error) => {
                out.malformed(direction, error);
                self.connection.gap(direction);
                Outcome::Lost
            }
        }
    }

    /// Reads one message: as much of it as is of interest, and passes over the rest.
    fn message(&mut self, direction: Direction, bytes: &[u8], len: usize, out: &mut Events) -> Outcome {
        let total = nbss::HEADER + len;
        let head = nbss::HEADER + len.min(HEAD);
        if bytes.len() < head {
            return Outcome::NeedMore(head);
        }
        let head = bytes.get(nbss::HEADER..head).unwrap_or_default();
        if head.is_empty() {
            out.service("nbss");
            return skip(total);
        }
        let Some(dialect) = Dialect::of(head) else {
            out.anomaly(direction, Anomaly::Unexpected { protocol: "nbss", what: "message that is not smb" });
            self.connection.gap(direction);
            return Outcome::Lost;
        };
        let (wanted, limited) = self.wanted(dialect, direction, head, len);
        let Some(message) = bytes.get(nbss::HEADER..nbss::HEADER + wanted) else {
            return Outcome::NeedMore(nbss::HEADER + wanted);
        };
        if limited {
            self.connection.limit(direction, "smb_message", out);
        }
        out.service("nbss");
        out.service(dialect.service());
        let message = Message { direction, bytes: message, whole: wanted == len };
        match dialect {
            Dialect::Smb1 => smb1::read(&mut self.connection, message, out),
            Dialect::Smb2 => smb2::read(&mut self.connection, message, out),
            Dialect::Transform => smb2::transform(&mut self.connection, message, out),
            Dialect::Compressed => self.connection.compressed(direction, out),
        }
        skip(total)
    }

    /// How many bytes of a message are to be read, and whether that is fewer than one would like.
    fn wanted(&self, dialect: Dialect, direction: Direction, head: &[u8], len: usize) -> (usize, bool) {
        let whole = match dialect {
            Dialect::Smb1 => smb1::wants_all(&self.connection, direction, head),
            Dialect::Smb2 => smb2::wants_all(&self.connection, direction, head),
            Dialect::Transform | Dialect::Compressed => false,
        };
        let wanted = if whole { self.connection.limits.smb_message.max(HEAD) } else { HEAD };
        (wanted.min(len), whole && wanted < len)
    }
}

/// Passes over a message, whether or not all of it has come.
fn skip(total: usize) -> Outcome {
    Outcome::Skip(total as u64)
}

/// One message, or the first bytes of one.
#[derive(Clone, Copy)]
struct Message<'a> {
    direction: Direction,
    /// From the protocol identifier on.
    bytes: &'a [u8],
    /// Whether that is all of it; what is short in the first bytes of a message is not malformed.
    whole: bool,
}

impl Message<'_> {
    /// Notes that the message could not be read, unless we cut it ourselves.
    fn fail(&self, error: crate::DecodeError, out: &mut Events) {
        if self.whole || !error.is_short() {
            out.malformed(self.direction, error);
        }
    }
}

/// What a message begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Smb1,
    Smb2,
    /// Encrypted ([MS-SMB2] 2.2.41).
    Transform,
    /// Compressed ([MS-SMB2] 2.2.42).
    Compressed,
}

impl Dialect {
    fn of(message: &[u8]) -> Option<Self> {
        match message.get(..4)? {
            b"\xFFSMB" => Some(Self::Smb1),
            b"\xFESMB" => Some(Self::Smb2),
            b"\xFDSMB" => Some(Self::Transform),
            b"\xFCSMB" => Some(Self::Compressed),
            _ => None,
        }
    }

    const fn service(self) -> &'static str {
        match self {
            Self::Smb1 => "smb",
            Self::Smb2 | Self::Transform | Self::Compressed => "smb2",
        }
    }
}

/// The protocol's name in errors, from the number in an event.
const fn protocol_name(smb: u8) -> &'static str {
    if smb == 1 { "smb" } else { "smb2" }
}
