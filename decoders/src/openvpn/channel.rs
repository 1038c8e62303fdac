//! One key's control channel: the TLS stream of each side put in order by packet IDs, and the reader of that stream.
//!
//! Packets are repeated until they are acknowledged, and over UDP they come in any order. One that the other side
//! acknowledged and that never came was lost to the capture; the stream has a gap there.

use std::collections::BTreeMap;

use capture::{Direction, EndReason};

use super::wire::{Control, Opcode, SessionId};
use crate::Protocol;
use crate::events::{Anomaly, Events};
use crate::session::{Nested, Session};

/// The channel of one key.
pub(super) struct Channel {
    key_id: u8,
    /// The sides' session IDs, as far as they were seen.
    sessions: [Option<SessionId>; 2],
    lanes: [Lane; 2],
    tls: Nested,
    /// That packets came too far ahead was said.
    overrun: bool,
}

impl Channel {
    /// The channel that a hard reset opens.
    pub(super) fn new(out: &mut Events) -> Self {
        Self::with(0, [None; 2], out)
    }

    /// The channel of the next key between the same sides, whose TLS handshake begins anew.
    pub(super) fn next(&self, key_id: u8, out: &mut Events) -> Self {
        Self::with(key_id, self.sessions, out)
    }

    fn with(key_id: u8, sessions: [Option<SessionId>; 2], out: &mut Events) -> Self {
        let ports = out.ports;
        let tls = Nested::new(Session::carried(Protocol::Tls, ports, out));
        Self { key_id, sessions, lanes: [Lane::default(), Lane::default()], tls, overrun: false }
    }

    /// Whether a packet of that direction is one of this exchange. The first one of a side says who it is.
    pub(super) fn knows(&mut self, direction: Direction, session: SessionId) -> bool {
        *of(&mut self.sessions, direction).get_or_insert(session) == session
    }

    /// Whether a packet is about this channel's key.
    pub(super) const fn has_key(&self, key_id: u8) -> bool {
        self.key_id == key_id
    }

    /// Whether nothing that it carries is of interest any more.
    pub(super) const fn is_done(&self) -> bool {
        self.tls.is_done()
    }

    /// Takes a packet; `cut` where its payload is not all there.
    pub(super) fn packet(
        &mut self,
        direction: Direction,
        control: &Control<'_>,
        cut: bool,
        out: &mut Events,
    ) {
        for id in control.acks() {
            of(&mut self.lanes, direction.reverse()).acknowledged(id, out.limits.openvpn_ahead);
        }
        if let (Opcode::CONTROL_V1, Some(id)) = (control.opcode, control.packet_id) {
            let payload = if cut { Piece::Lost } else { Piece::Here(control.payload.to_vec()) };
            let fits = of(&mut self.lanes, direction).arrived(id, payload, out.limits.openvpn_ahead);
            if !fits && !std::mem::replace(&mut self.overrun, true) {
                out.anomaly(direction, Anomaly::LimitReached { protocol: "openvpn", limit: "openvpn_ahead" });
            }
        }
        for direction in [direction.reverse(), direction] {
            self.read(direction, out);
        }
    }

    /// Nothing follows in a direction.
    pub(super) fn end(&mut self, direction: Direction, reason: EndReason, out: &mut Events) {
        self.tls.end(direction, reason, out);
    }

    /// Has all read that is in order.
    fn read(&mut self, direction: Direction, out: &mut Events) {
        while let Some(piece) = of(&mut self.lanes, direction).next() {
            match piece {
                Piece::Here(payload) => self.tls.data(direction, &payload, out),
                Piece::Lost => self.tls.gap(direction, out),
            }
        }
    }
}

fn of<T>([to_server, to_client]: &mut [T; 2], direction: Direction) -> &mut T {
    match direction {
        Direction::ToServer => to_server,
        Direction::ToClient => to_client,
    }
}

/// What became of a packet.
#[derive(Debug)]
enum Piece {
    /// Its payload.
    Here(Vec<u8>),
    /// It reached the other side, but not the capture.
    Lost,
}

/// The packets of one side that were not read yet.
#[derive(Debug)]
struct Lane {
    /// The packet to read next.
    next: u32,
    /// It and those after it, as far as they are known.
    ahead: BTreeMap<u32, Piece>,
}

impl Default for Lane {
    /// The packet that resets is number 0 and carries nothing.
    fn default() -> Self {
        Self { next: 1, ahead: BTreeMap::new() }
    }
}

/// Where a packet stands to those that were read.
enum Place {
    /// Among them.
    Behind,
    /// After them.
    Ahead,
    /// Further after them than a sender may go.
    TooFar,
}

impl Lane {
    fn place(&self, id: u32, room: usize) -> Place {
        match id.checked_sub(self.next).map(usize::try_from) {
            None => Place::Behind,
            Some(Ok(ahead)) if ahead < room => Place::Ahead,
            Some(_) => Place::TooFar,
        }
    }

    /// Takes a packet's payload. `false` where there is no room for it.
    fn arrived(&mut self, id: u32, piece: Piece, room: usize) -> bool {
        let place = self.place(id, room);
        if matches!(place, Place::Ahead) {
            let known = self.ahead.entry(id).or_insert(Piece::Lost);
            // What comes again says nothing new.
            if matches!(known, Piece::Lost) {
                *known = piece;
            }
        }
        !matches!(place, Place::TooFar)
    }

    /// The other side has a packet.
    fn acknowledged(&mut self, id: u32, room: usize) {
        if matches!(self.place(id, room), Place::Ahead) {
            self.ahead.entry(id).or_insert(Piece::Lost);
        }
    }

    /// The next packet in order. One that is lost is given up when a later one is there: until then it may have been
    /// captured a little too late.
    fn next(&mut self) -> Option<Piece> {
        let is_here = |piece: &Piece| matches!(piece, Piece::Here(_));
        let first = self.ahead.get(&self.next)?;
        if !is_here(first) && !self.ahead.values().any(is_here) {
            return None;
        }
        let piece = self.ahead.remove(&self.next)?;
        self.next = self.next.saturating_add(1);
        Some(piece)
    }
}
