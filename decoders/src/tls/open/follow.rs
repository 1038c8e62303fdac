//! What handshake messages mean for keys: when a direction changes them, and where a secret comes from that no key log
//! has (RFC 8446 2, RFC 5246 7.3).

use capture::Direction;

use super::keylog::Label;
use super::lane::{self, Phase};
use super::{Opener, suite};
use crate::events::Events;
use crate::tls::handshake::{Handshake, Parameters, kind};
use crate::tls::hello::extension;
use crate::tls::record::Message;

/// Handshakes of one connection in which a server's key is tried.
const EXCHANGES: u32 = 8;

impl Opener {
    /// Takes note of what a handshake message, clear or opened, means for keys.
    pub(in crate::tls) fn message(
        &mut self,
        direction: Direction,
        message: Message<'_>,
        handshake: &Handshake,
        out: &mut Events,
    ) {
        let client = if handshake.is_from_client(direction) { direction } else { direction.reverse() };
        match message.kind {
            kind::CLIENT_HELLO if out.opened => self.master = None,
            kind::CLIENT_HELLO => {
                let early_data = handshake.parameters.early_data;
                self.lane(client).turn(if early_data { Phase::Early } else { Phase::Clear });
                self.early = Vec::new();
            }
            _ if handshake.is_tls13() == Some(true) => {
                self.message_of_tls13(direction, client, message, &handshake.parameters, out);
            }
            _ => self.older_message(message, handshake, out),
        }
    }

    fn message_of_tls13(
        &mut self,
        direction: Direction,
        client: Direction,
        message: Message<'_>,
        parameters: &Parameters,
        out: &mut Events,
    ) {
        let early_data = parameters.early_data;
        match message.kind {
            // A HelloRetryRequest settles no keys; it leaves no random of the server.
            kind::SERVER_HELLO if parameters.server_random.is_some() => {
                self.lane(client.reverse()).turn(Phase::Handshake);
                if !early_data {
                    self.lane(client).turn(Phase::Handshake);
                } else if !has_early_secret(parameters, out) {
                    // Early data that cannot be read goes by until the first record of the handshake.
                    self.lane(client).seek(Phase::Handshake);
                }
            }
            kind::ENCRYPTED_EXTENSIONS if early_data && accepts_early_data(message.body()) => {
                self.accept_early(client, out);
            }
            kind::ENCRYPTED_EXTENSIONS if early_data => {
                self.early = Vec::new();
                self.lane(client).seek(Phase::Handshake);
            }
            kind::END_OF_EARLY_DATA => {
                self.accept_early(direction, out);
                self.lane(direction).turn(Phase::Handshake);
            }
            // One that answers a later request for a certificate changes nothing (RFC 8446 4.6.2).
            kind::FINISHED if self.lane(direction).phase == Phase::Handshake => {
                self.lane(direction).turn(Phase::Traffic);
            }
            kind::KEY_UPDATE => self.lane(direction).update(),
            _ => {}
        }
    }

    fn older_message(&mut self, message: Message<'_>, handshake: &Handshake, out: &mut Events) {
        let parameters = &handshake.parameters;
        match message.kind {
            // A ticket may be accepted without a session id that would show it (RFC 5077 3.4).
            kind::SERVER_HELLO => {
                let by_id =
                    || parameters.resumed.then(|| out.sessions.find(&parameters.session_id)).flatten();
                self.master = out.sessions.find(&parameters.ticket).or_else(by_id);
            }
            // A lifetime of four bytes, a length of two (RFC 5077 3.3).
            kind::NEW_SESSION_TICKET => {
                self.remember(message.body().get(6..).unwrap_or_default(), handshake, out);
            }
            // Keys are agreed on anew: nothing is resumed.
            kind::CLIENT_KEY_EXCHANGE => {
                self.master = None;
                self.key_exchange(message.body(), handshake, out);
            }
            _ => {}
        }
    }

    /// Up to TLS 1.2, a direction changes to the keys of the handshake under way.
    pub(in crate::tls) fn change_cipher(
        &mut self,
        direction: Direction,
        handshake: &Handshake,
        out: &mut Events,
    ) {
        self.lane(direction).turn(Phase::Traffic);
        if !handshake.is_from_client(direction) {
            self.remember(&handshake.parameters.session_id, handshake, out);
        }
    }

    /// Remembers the master secret of the handshake under way for who resumes the session.
    fn remember(&self, name: &[u8], handshake: &Handshake, out: &mut Events) {
        let random = handshake.parameters.client_random;
        let logged = || out.keys.as_ref()?.secret(Label::Master, random.as_ref()?);
        if let Some(master) = self.master.clone().or_else(logged) {
            out.sessions.remember(name, &master, out.limits.tls_sessions);
        }
    }

    fn accept_early(&mut self, client: Direction, out: &mut Events) {
        self.early_accepted = true;
        let early = std::mem::take(&mut self.early);
        if !early.is_empty() {
            self.data(client, &early, out);
        }
    }

    /// Learns the master secret of an RSA key exchange.
    fn key_exchange(&mut self, body: &[u8], handshake: &Handshake, out: &Events) {
        let (Some(ring), parameters) = (&out.keys, &handshake.parameters) else { return };
        if suite::is_rsa_exchange(parameters.suite) && self.exchanges < EXCHANGES {
            self.exchanges += 1;
            self.master = lane::master_of_rsa(parameters, body, handshake.transcript(), ring);
        }
    }
}

/// Whether early data can be opened.
fn has_early_secret(parameters: &Parameters, out: &Events) -> bool {
    let secret = |random| out.keys.as_ref()?.secret(Label::ClientEarly, random);
    parameters.client_random.as_ref().is_some_and(|random| secret(random).is_some())
}

/// Whether EncryptedExtensions hold early_data (RFC 8446 4.2.10).
fn accepts_early_data(body: &[u8]) -> bool {
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some((&[high, low, longer, shorter], after)) = rest.split_first_chunk() {
        if u16::from_be_bytes([high, low]) == extension::EARLY_DATA {
            return true;
        }
        rest = after.get(usize::from(u16::from_be_bytes([longer, shorter]))..).unwrap_or_default();
    }
    false
}
