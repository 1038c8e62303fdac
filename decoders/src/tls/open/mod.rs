//! Opening of ciphered records where keys are given: a key log, a capture's own secrets, or the server's RSA key. What
//! an AEAD's tag does not confirm gives an anomaly, never a plaintext.
//!
//! ```text
//! keys: secrets by client random -> schedule: record keys -> record_key: plaintext -> handshake reader
//!                                                                                \-> inside: a session of its own
//! ```
//!
//! This module knows which key a direction uses and when it changes (RFC 8446 7, RFC 5246 6.3). It does not read
//! records from the stream, and not what handshake messages say: `connection` does the one, `handshake` the other.

mod block_key;
mod follow;
mod inside;
mod keylog;
mod keys;
mod lane;
#[cfg(test)]
mod peers;
mod record_key;
mod schedule;
mod secret;
mod server_key;
mod sessions;
mod suite;
#[cfg(test)]
mod tests;
mod waiting;

pub(crate) use keys::Ring;
pub use keys::{Keys, LogRead};
pub use server_key::ServerKeyError;
pub(crate) use sessions::Sessions;
pub use suite::suite_name;

use capture::{Direction, EndReason};

use self::inside::Inside;
use self::lane::{Lane, Opened, Phase};
use self::secret::Secret;
use self::waiting::Waiting;
use super::handshake::Handshake;
use super::record::{ContentType, HEADER};
use crate::events::{Anomaly, Events};

/// What became of the inside of a TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// It was read.
    Opened,
    /// No keys were given at all.
    NoKeys,
    /// None of the keys given is for it.
    NoKey,
    /// Its cipher suite, by number, is not one that can be opened.
    Suite(u16),
    /// Its hellos were not captured, so that nobody can say which key it has.
    Unfollowed,
    /// A record did not open: it was changed, or the key is wrong.
    Failed,
    /// Too much was lost of it, or too much waited for its key.
    Lost,
}

/// Whether a record's key is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It is.
    Open,
    /// Not yet.
    Wait,
    /// It is not, and will not be.
    Sealed,
}

/// What came of opening a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsealed {
    /// Its plaintext is there, of this type.
    Plain(ContentType),
    /// It is passed over.
    Passed,
    /// It is no record of this place: the stream must be searched for one.
    Astray,
}

/// Opens the records of one connection.
#[derive(Default)]
pub(super) struct Opener {
    lanes: [Lane; 2],
    inside: Option<Inside>,
    waiting: Waiting,
    /// Early data that the server has not accepted yet.
    early: Vec<u8>,
    /// Whether it has.
    early_accepted: bool,
    /// How many RSA key exchanges were tried: each costs much more than the bytes that ask for it.
    exchanges: u32,
    /// The master secret of the handshake under way, where it comes from the server's key or an earlier session.
    master: Option<Secret>,
    /// Why something could not be read.
    trouble: Option<Reading>,
    /// Something was read.
    opened: bool,
}

impl Opener {
    fn lane(&mut self, direction: Direction) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        if direction == Direction::ToServer { to_server } else { to_client }
    }

    /// What became of it so far.
    pub(super) fn reading(&self) -> Option<Reading> {
        let waits = (!self.waiting.is_empty()).then_some(Reading::NoKey);
        self.trouble.or(waits).or(self.opened.then_some(Reading::Opened))
    }

    /// Whether nothing of the connection can be opened any more, or nobody wants it.
    pub(super) fn is_over(&self) -> bool {
        let sealed = self.waiting.is_empty() && self.lanes.iter().all(|lane| lane.closed);
        sealed || self.inside.as_ref().is_some_and(Inside::is_done)
    }

    /// Whether the next record of a direction can be opened.
    pub(super) fn access(&mut self, direction: Direction, handshake: &Handshake, out: &Events) -> Access {
        let Self { lanes: [to_server, to_client], master, .. } = self;
        let lane = if direction == Direction::ToServer { to_server } else { to_client };
        let Some(ring) = out.keys.as_ref().filter(|_| !lane.closed) else { return Access::Sealed };
        let client = handshake.is_from_client(direction);
        match lane.provide(&handshake.parameters, client, ring, master.as_ref()) {
            Ok(()) => Access::Open,
            Err(Reading::NoKey) if ring.grows() => Access::Wait,
            // What follows early data may have its key all the same.
            Err(_) if lane.phase == Phase::Early => Access::Sealed,
            Err(reading) => {
                lane.closed = true;
                self.trouble.get_or_insert(reading);
                Access::Sealed
            }
        }
    }

    /// Keeps a record until its key comes; gives the connection up where there is no room.
    pub(super) fn wait(&mut self, direction: Direction, record: &[u8], out: &mut Events) {
        let Some(total) = out.keys.as_ref().map(Ring::waiting) else { return };
        if !self.waiting.push(direction, record, total, &out.limits) {
            self.waiting = Waiting::default();
            self.lanes.iter_mut().for_each(|lane| lane.closed = true);
            self.trouble.get_or_insert(Reading::Lost);
            out.anomaly(direction, Anomaly::LimitReached { protocol: "tls", limit: "tls_waiting" });
        }
    }

    /// Whether records wait: what comes next must wait behind them.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The record that waits longest, if its key is there now or never will be.
    pub(super) fn next_waiting(
        &mut self,
        handshake: &Handshake,
        out: &Events,
    ) -> Option<(Direction, Box<[u8]>, Access)> {
        let (direction, record) = loop {
            let (direction, record) = self.waiting.pop()?;
            if !record.is_empty() {
                break (direction, record);
            }
            self.lane(direction).missed = true;
        };
        match self.access(direction, handshake, out) {
            Access::Wait => {
                self.waiting.unpop(direction, record);
                None
            }
            access => Some((direction, record, access)),
        }
    }

    /// Opens a record into `plain`.
    pub(super) fn open(
        &mut self,
        direction: Direction,
        handshake: &Handshake,
        record: ([u8; HEADER], &[u8]),
        plain: &mut Vec<u8>,
        out: &mut Events,
    ) -> Unsealed {
        let Some(ring) = &out.keys else { return Unsealed::Passed };
        let (parameters, client) = (&handshake.parameters, handshake.is_from_client(direction));
        let limit = out.limits.tls_resync;
        match self.lane(direction).open(parameters, client, ring, record, plain, limit) {
            Opened::Plain { content, after_gap } => {
                self.opened = true;
                if after_gap && let Some(inside) = &mut self.inside {
                    out.within(|out| inside.gap(direction, out));
                }
                Unsealed::Plain(content)
            }
            Opened::NotYet => Unsealed::Passed,
            Opened::Astray => Unsealed::Astray,
            Opened::Failed => {
                self.trouble = Some(Reading::Failed);
                let what = "record that does not open: it was changed, or the key is wrong";
                out.anomaly(direction, Anomaly::Unexpected { protocol: "tls", what });
                if let Some(inside) = &mut self.inside {
                    out.within(|out| inside.gap(direction, out));
                }
                Unsealed::Passed
            }
            Opened::Lost => {
                self.trouble = Some(Reading::Lost);
                Unsealed::Passed
            }
        }
    }

    /// Application data of a direction.
    pub(super) fn data(&mut self, direction: Direction, plain: &[u8], out: &mut Events) {
        if self.lane(direction).phase == Phase::Early && !self.early_accepted {
            if self.early.len() + plain.len() > out.limits.tls_waiting {
                out.anomaly(direction, Anomaly::LimitReached { protocol: "tls", limit: "tls_waiting" });
                self.early = Vec::new();
            } else {
                self.early.extend_from_slice(plain);
            }
            return;
        }
        let ports = out.ports;
        #[cfg(test)]
        peers::note(ports, direction, plain);
        self.inside.get_or_insert_with(|| Inside::new(ports)).data(direction, plain, out);
    }

    /// Some of a direction is missing.
    pub(super) fn gap(&mut self, direction: Direction, out: &mut Events) {
        if self.has_waiting() {
            // A record of no length stands for it in the row.
            self.wait(direction, &[], out);
        } else {
            self.lane(direction).missed = true;
        }
    }

    /// A direction has ended.
    pub(super) fn end(&mut self, direction: Direction, reason: EndReason, out: &mut Events) {
        if let Some(inside) = &mut self.inside {
            inside.end(direction, reason, out);
        }
    }
}
