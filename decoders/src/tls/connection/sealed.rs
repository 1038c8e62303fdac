//! Ciphered records of a connection that may be opened: which they are, which wait for their key, and what is done with
//! the plaintext. Keys and ciphers are `open`'s.

use capture::Direction;

use super::{Connection, alert};
use crate::decoder::Outcome;
use crate::events::{Anomaly, Events};
use crate::tls::open::{Access, Opener, Unsealed};
use crate::tls::record::{ContentType, HEADER, Header};

impl Connection {
    /// Takes a ciphered record that can be opened, now or when its key comes. Nothing where it is as opaque as without
    /// keys.
    pub(super) fn sealed_record(
        &mut self,
        direction: Direction,
        header: Header,
        bytes: &[u8],
        out: &mut Events,
    ) -> Option<Outcome> {
        if self.opener.is_none() || !self.is_sealed(direction, header) {
            return None;
        }
        self.open_waiting(out);
        let Self { opener: Some(opener), handshake, .. } = self else { return None };
        let access = opener.access(direction, handshake, out);
        let waits = access == Access::Wait || opener.has_waiting();
        if access == Access::Sealed && !waits {
            return None;
        }
        let Some(record) = bytes.get(..header.total()) else {
            return Some(Outcome::NeedMore(header.total()));
        };
        self.begin(direction, out);
        if header.content == ContentType::APPLICATION_DATA {
            self.announce_data(direction, out);
        }
        if waits {
            if header.content == ContentType::HANDSHAKE {
                self.ciphered_handshake(direction, out);
            }
            self.with_opener(|opener| opener.wait(direction, record, out));
            return Some(self.end_of_record(record.len(), out));
        }
        match self.unseal(direction, record, out) {
            Unsealed::Astray => Some(Outcome::Lost),
            _ => Some(self.end_of_record(record.len(), out)),
        }
    }

    fn with_opener(&mut self, act: impl FnOnce(&mut Opener)) {
        if let Some(opener) = &mut self.opener {
            act(opener);
        }
    }

    pub(super) fn change_keys(&mut self, direction: Direction, out: &mut Events) {
        if let Self { opener: Some(opener), handshake, .. } = self {
            opener.change_cipher(direction, handshake, out);
        }
    }

    /// Says what became of the inside so far, and whether to go on.
    fn end_of_record(&mut self, length: usize, out: &mut Events) -> Outcome {
        let Some(opener) = &self.opener else { return Outcome::Consumed(length) };
        out.reading = opener.reading().or(out.reading);
        let data = self.lanes.iter().all(|lane| lane.data);
        if opener.is_over() && data { Outcome::Finished } else { Outcome::Consumed(length) }
    }

    /// Whether a record is ciphered, as far as its header and what went before tell.
    fn is_sealed(&mut self, direction: Direction, header: Header) -> bool {
        let data = header.content == ContentType::APPLICATION_DATA;
        match self.handshake.is_tls13() {
            Some(true) => data,
            None => data && self.handshake.parameters.early_data,
            // What is in the clear is shorter than any ciphered record.
            Some(false) => match header.content {
                ContentType::CHANGE_CIPHER_SPEC if header.length == 1 => false,
                ContentType::ALERT if header.length == 2 => false,
                _ => data || self.lane(direction).ciphered,
            },
        }
    }

    /// Opens the records whose keys have come since.
    pub(super) fn open_waiting(&mut self, out: &mut Events) {
        loop {
            let Self { opener: Some(opener), handshake, .. } = self else { return };
            if !opener.has_waiting() {
                return;
            }
            let Some((direction, record, access)) = opener.next_waiting(handshake, out) else { return };
            if access == Access::Open {
                self.unseal(direction, &record, out);
            }
            out.reading = self.opener.as_ref().and_then(|opener| opener.reading()).or(out.reading);
        }
    }

    /// Opens a record and takes what is inside.
    fn unseal(&mut self, direction: Direction, record: &[u8], out: &mut Events) -> Unsealed {
        let Self { opener: Some(opener), handshake, .. } = self else { return Unsealed::Passed };
        let Some((&header, body)) = record.split_first_chunk::<HEADER>() else { return Unsealed::Passed };
        let mut plain = std::mem::take(&mut out.plain);
        let unsealed = opener.open(direction, handshake, (header, body), &mut plain, out);
        if let Unsealed::Plain(content) = unsealed {
            out.within(|out| self.opened_record(direction, content, &plain, out));
        }
        out.plain = plain;
        unsealed
    }

    /// Takes the plaintext of a record.
    fn opened_record(&mut self, direction: Direction, content: ContentType, plain: &[u8], out: &mut Events) {
        match content {
            ContentType::HANDSHAKE => self.join(direction, plain, out),
            ContentType::ALERT => alert(direction, plain, out),
            ContentType::APPLICATION_DATA => self.with_opener(|opener| opener.data(direction, plain, out)),
            // A renegotiation: what follows is under the keys of the new handshake.
            ContentType::CHANGE_CIPHER_SPEC if self.handshake.is_tls13() == Some(false) => {
                self.change_keys(direction, out);
            }
            ContentType::HEARTBEAT => {}
            _ => {
                let what = "record of a type that has no place inside another";
                out.anomaly(direction, Anomaly::Unexpected { protocol: "tls", what });
            }
        }
    }
}
