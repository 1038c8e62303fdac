//! One TLS connection: takes records apart, knows which direction is ciphered from where on, and passes over what is,
//! or has it opened where there are keys. It does not look into messages.

mod sealed;

use capture::Direction;

use crate::decoder::{Decoder, Input, Outcome};
use crate::error::{DecodeError, ErrorKind};
use crate::events::{Anomaly, Events};

use super::event::TlsEvent;
use super::handshake::{Handshake, kind};
use super::open::{Opener, Reading};
use super::record::{ContentType, HEADER, Header, Joined, Joiner};
use super::ssl2;

/// What is known of one direction.
#[derive(Debug, Default)]
struct Lane {
    joiner: Joiner,
    /// Something was read of it.
    begun: bool,
    /// It has been followed since a hello, without a gap: its state is known, not assumed.
    followed: bool,
    /// ChangeCipherSpec went by, or handshake records make no sense: up to TLS 1.2, all that follows is opaque.
    ciphered: bool,
    /// Its Finished went by, ciphered.
    finished: bool,
    /// Application data was seen.
    data: bool,
}

/// The reader of one connection.
#[derive(Default)]
pub(super) struct Connection {
    lanes: [Lane; 2],
    handshake: Handshake,
    /// Opens records, where keys were given and a hello was seen.
    opener: Option<Box<Opener>>,
    /// [`TlsEvent::Encrypted`] was said.
    encrypted: bool,
    /// [`TlsEvent::Renegotiation`] was said.
    renegotiated: bool,
    /// The client spoke SSL 2.0 framing.
    ssl2: bool,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        match input {
            Input::Data(bytes) => self.data(direction, bytes, out),
            Input::Gap(_) => {
                let lane = self.lane(direction);
                lane.joiner.clear();
                lane.followed = false;
                if let Some(opener) = &mut self.opener {
                    opener.gap(direction, out);
                }
                Outcome::Lost
            }
            Input::Datagram { .. } => Outcome::Finished,
            Input::End(reason) => {
                self.open_waiting(out);
                if let Some(opener) = &mut self.opener {
                    opener.end(direction, reason, out);
                }
                Outcome::Consumed(0)
            }
        }
    }
}

impl Connection {
    fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    fn data(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Outcome {
        if !self.lane(direction).begun
            && let Some(outcome) = self.ssl2(direction, bytes, out)
        {
            return outcome;
        }
        match Header::read(bytes) {
            Ok(None) => Outcome::NeedMore(HEADER),
            Ok(Some(header)) => self.record(direction, header, bytes, out),
            Err(error) => {
                out.malformed(direction, error);
                let lane = self.lane(direction);
                lane.joiner.clear();
                lane.followed = false;
                Outcome::Lost
            }
        }
    }

    /// Looks for SSL 2.0 framing where a direction begins.
    fn ssl2(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) -> Option<Outcome> {
        let total = ssl2::length(bytes)?;
        if self.ssl2 && ssl2::is_server_hello(bytes) {
            let what = "ssl 2.0 server hello";
            out.anomaly(direction, Anomaly::Unexpected { protocol: "tls", what });
            return Some(Outcome::Finished);
        }
        if !ssl2::is_client_hello(bytes) {
            return (bytes.len() < ssl2::FIXED).then_some(Outcome::NeedMore(ssl2::FIXED));
        }
        let Some(whole) = bytes.get(..total) else { return Some(Outcome::NeedMore(total)) };
        self.ssl2 = true;
        self.begin(direction, out);
        match ssl2::client_hello(whole, out.limits.tls_ciphers) {
            Ok(hello) => self.handshake.client_hello(direction, hello, whole, out),
            Err(error) => out.malformed(direction, error),
        }
        Some(Outcome::Consumed(total))
    }

    fn begin(&mut self, direction: Direction, out: &mut Events) {
        self.lane(direction).begun = true;
        out.service("tls");
    }

    fn record(&mut self, direction: Direction, header: Header, bytes: &[u8], out: &mut Events) -> Outcome {
        if let Some(outcome) = self.sealed_record(direction, header, bytes, out) {
            return outcome;
        }
        let opaque = Outcome::Skip(header.total() as u64);
        let body = bytes.get(HEADER..header.total());
        // What is ciphered is told from its header, so that it need not be kept until it is whole.
        match header.content {
            ContentType::APPLICATION_DATA => {
                self.begin(direction, out);
                return self.application_data(direction, opaque, out);
            }
            ContentType::HEARTBEAT => {
                self.begin(direction, out);
                return opaque;
            }
            // A renegotiation up to TLS 1.2 is ciphered, its ChangeCipherSpec too.
            ContentType::CHANGE_CIPHER_SPEC if header.length != 1 && self.lane(direction).ciphered => {
                return opaque;
            }
            ContentType::ALERT if header.length != 2 => {
                self.begin(direction, out);
                return opaque;
            }
            ContentType::HANDSHAKE if self.is_opaque(direction, body) => {
                self.ciphered_handshake(direction, out);
                return opaque;
            }
            _ => {}
        }
        let Some(body) = body else { return Outcome::NeedMore(header.total()) };
        self.begin(direction, out);
        if let Some(error) = header.plain_error() {
            out.malformed(direction, error);
        }
        match header.content {
            ContentType::HANDSHAKE => self.handshake_record(direction, body, out),
            ContentType::ALERT => alert(direction, body, out),
            _ => self.change_cipher_spec(direction, body, out),
        }
        self.say_encrypted(direction, out);
        Outcome::Consumed(header.total())
    }

    /// Whether a handshake record is ciphered. Before the server has chosen a version, a ChangeCipherSpec may be one
    /// that means nothing (RFC 8446 D.4); then a second ClientHello shows it.
    fn is_opaque(&mut self, direction: Direction, body: Option<&[u8]>) -> bool {
        let tls13 = self.handshake.is_tls13();
        if !self.lane(direction).ciphered || tls13 == Some(true) {
            return false;
        }
        tls13.is_some() || !body.is_none_or(Handshake::is_client_hello)
    }

    /// Takes a handshake record that is ciphered. Of the first handshake that is Finished alone; what follows belongs
    /// to another one. Where a direction was not followed from its hello, that cannot be told.
    fn ciphered_handshake(&mut self, direction: Direction, out: &mut Events) {
        let lane = self.lane(direction);
        let again = lane.followed && std::mem::replace(&mut lane.finished, true);
        if again && !self.renegotiated {
            self.renegotiated = true;
            out.push(direction, TlsEvent::Renegotiation);
        }
    }

    fn handshake_record(&mut self, direction: Direction, body: &[u8], out: &mut Events) {
        let limit = out.limits.tls_handshake;
        let lane = self.lane(direction);
        let believable = if lane.followed { usize::MAX } else { limit };
        if !lane.joiner.is_amid() && !body.is_empty() && !Handshake::can_begin(body, believable) {
            // Where the beginning was missed this is no surprise.
            if lane.followed {
                let kind = ErrorKind::Value(body.first().copied().unwrap_or_default().into());
                out.malformed(direction, DecodeError::new("tls", "handshake type", HEADER, kind));
            }
            lane.ciphered = true;
            return;
        }
        self.join(direction, body, out);
    }

    /// Puts messages together and has them read.
    fn join(&mut self, direction: Direction, body: &[u8], out: &mut Events) {
        let limit = out.limits.tls_handshake;
        let Self { lanes: [to_server, to_client], handshake, opener, renegotiated, .. } = self;
        let lane = if direction == Direction::ToServer { to_server } else { to_client };
        let mut followed = lane.followed;
        lane.joiner.join(body, limit, |joined| match joined {
            Joined::Message(message) => {
                if message.kind == kind::CLIENT_HELLO && out.opened && !std::mem::replace(renegotiated, true)
                {
                    out.push(direction, TlsEvent::Renegotiation);
                }
                followed |= handshake.message(direction, message, out);
                if followed && out.keys.is_some() {
                    opener.get_or_insert_default();
                }
                if let Some(opener) = opener {
                    opener.message(direction, message, handshake, out);
                }
            }
            Joined::TooLong => {
                out.anomaly(direction, Anomaly::LimitReached { protocol: "tls", limit: "tls_handshake" });
            }
        });
        lane.followed = followed;
    }

    fn change_cipher_spec(&mut self, direction: Direction, body: &[u8], out: &mut Events) {
        if body != [1] {
            let kind = ErrorKind::Unexpected("change_cipher_spec of one byte, 1");
            out.malformed(direction, DecodeError::new("tls", "change_cipher_spec", HEADER, kind));
        }
        if self.handshake.is_tls13() == Some(true) {
            return;
        }
        if self.handshake.is_tls13().is_some() {
            self.change_keys(direction, out);
        }
        if self.lane(direction).followed && !self.lane(direction).ciphered {
            self.handshake.change_cipher_spec(direction, out);
        }
        let lane = self.lane(direction);
        lane.ciphered = true;
        if lane.joiner.is_amid() {
            lane.joiner.clear();
            let what = "change_cipher_spec inside a handshake message";
            out.anomaly(direction, Anomaly::Unexpected { protocol: "tls", what });
        }
    }

    fn application_data(&mut self, direction: Direction, opaque: Outcome, out: &mut Events) -> Outcome {
        self.announce_data(direction, out);
        let over = match &self.opener {
            None => {
                let reason = if out.keys.is_some() { Reading::Unfollowed } else { Reading::NoKeys };
                out.reading.get_or_insert(reason);
                true
            }
            Some(opener) => {
                out.reading = opener.reading().or(out.reading);
                opener.is_over()
            }
        };
        // Everything after is ciphered in both directions.
        if over && self.lanes.iter().all(|lane| lane.data) { Outcome::Finished } else { opaque }
    }

    /// Says once for each direction that it carries data.
    fn announce_data(&mut self, direction: Direction, out: &mut Events) {
        let lane = self.lane(direction);
        if !lane.data {
            lane.data = true;
            out.push(direction, TlsEvent::ApplicationData);
            self.say_encrypted(direction, out);
        }
    }

    /// Says once that both directions are ciphered. In TLS 1.3 only application data records are.
    fn say_encrypted(&mut self, direction: Direction, out: &mut Events) {
        let tls13 = self.handshake.is_tls13() == Some(true);
        let switched = self.lanes.iter().all(|lane| lane.data || lane.ciphered && !tls13);
        if switched && !self.encrypted {
            self.encrypted = true;
            out.push(direction, TlsEvent::Encrypted);
        }
    }
}

/// An alert in the clear: its two bytes could not be ciphered ones, which are longer.
fn alert(direction: Direction, body: &[u8], out: &mut Events) {
    match *body {
        [level @ (1 | 2), description] => {
            out.push_with(direction, TlsEvent::Alert { level, description }, body);
        }
        [level, ..] => {
            let kind = ErrorKind::Value(level.into());
            out.malformed(direction, DecodeError::new("tls", "alert level", HEADER, kind));
        }
        [] => {}
    }
}
