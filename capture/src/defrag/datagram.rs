//! One datagram in pieces: which bytes are there, and what a further fragment adds to them.

use etherparse::IpNumber;

use super::{DatagramKey, Fragment, Whole, WholeAddresses};
use crate::frame::Timestamp;
use crate::ip::Carrier;
use crate::wire::Wire;

/// A run of bytes between two offsets.
#[derive(Debug)]
struct Piece {
    /// Where it begins.
    start: usize,
    /// Where it ends on the wire.
    end: usize,
    /// What was captured of it, from `start` on.
    bytes: Vec<u8>,
}

impl Piece {
    /// The captured bytes between two offsets.
    fn between(&self, start: usize, end: usize) -> &[u8] {
        part(&self.bytes, self.start, start, end)
    }
}

/// The bytes between two offsets, as far as they are there, of a run that begins at `origin`.
fn part(bytes: &[u8], origin: usize, start: usize, end: usize) -> &[u8] {
    let end = end.saturating_sub(origin).min(bytes.len());
    bytes.get(start.saturating_sub(origin)..end).unwrap_or_default()
}

/// How far a datagram has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Fragments are missing.
    Unfinished,
    /// Given up; its remaining fragments are swallowed.
    Doomed,
    /// Delivered.
    Complete,
}

/// What became of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// All its bytes were there before, the same.
    Copy,
    /// It was used, or left out for a contradiction.
    New {
        /// Whether it differs from what was there before.
        conflict: bool,
    },
    /// It ended all hope for the datagram.
    Doomed {
        /// Whether it differs from what was there before.
        conflict: bool,
    },
    /// The datagram had been given up before.
    Ignored,
}

/// A datagram in pieces.
#[derive(Debug)]
pub(super) struct Datagram {
    /// Its number in order of arrival.
    pub(super) number: u64,
    /// When its first fragment came, or when it became complete.
    pub(super) since: Timestamp,
    state: State,
    carrier: Carrier,
    protocol: IpNumber,
    /// Its length, once the last fragment was seen.
    end: Option<usize>,
    /// Runs of bytes that do not overlap, in order.
    pieces: Vec<Piece>,
    /// Bytes captured in all pieces.
    held: usize,
}

impl Datagram {
    /// Of which nothing is there yet.
    pub(super) fn new(number: u64, since: Timestamp, fragment: &Fragment<'_>) -> Self {
        Self {
            number,
            since,
            state: State::Unfinished,
            carrier: fragment.carrier,
            protocol: fragment.protocol,
            end: None,
            pieces: Vec::new(),
            held: 0,
        }
    }

    /// Bytes of memory that its pieces take.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Whether it was delivered.
    pub(super) fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    /// Whether it is neither delivered nor given up.
    pub(super) fn is_hoped_for(&self) -> bool {
        self.state == State::Unfinished
    }

    /// Whether this was delivered, and the fragment is one it was made of.
    pub(super) fn is_copy_of_complete(&self, fragment: &Fragment<'_>) -> bool {
        if !self.is_complete() || self.contradicts_end(fragment) {
            return false;
        }
        let (fresh, conflict) = self.compare(fragment);
        fresh.is_empty() && !conflict
    }

    /// Takes a fragment.
    pub(super) fn take(&mut self, fragment: &Fragment<'_>, max_pieces: usize) -> Taken {
        if self.state == State::Doomed {
            return Taken::Ignored;
        }
        let (fresh, conflict) = self.compare(fragment);
        let exact = fresh.is_empty() && self.has_piece(fragment);
        let overlaps = fresh.iter().map(|run| run.1 - run.0).sum::<usize>() < fragment.wire.len;
        if fragment.key.source.is_ipv6() && overlaps && (conflict || !exact) {
            self.doom();
            return Taken::Doomed { conflict };
        }
        if self.contradicts_end(fragment) {
            return Taken::New { conflict: true };
        }
        if self.pieces.len() + fresh.len() > max_pieces {
            self.doom();
            return Taken::Doomed { conflict };
        }
        if fragment.offset == 0 && !self.pieces.iter().any(|piece| piece.start == 0) {
            self.protocol = fragment.protocol;
        }
        let end_is_news = !fragment.more && self.end.is_none();
        if end_is_news {
            self.end = Some(span(fragment).1);
        }
        if fresh.is_empty() && !conflict && !end_is_news {
            return Taken::Copy;
        }
        self.insert(fragment, &fresh);
        Taken::New { conflict }
    }

    /// The whole, if this fragment was the last to be missed.
    pub(super) fn finish(&mut self, key: DatagramKey, time: Timestamp) -> Option<Whole> {
        let len = self.end?;
        let covered: usize = self.pieces.iter().map(|piece| piece.end - piece.start).sum();
        if self.state != State::Unfinished || covered != len {
            return None;
        }
        (self.state, self.since) = (State::Complete, time);
        let mut bytes = Vec::with_capacity(self.held);
        for piece in &self.pieces {
            bytes.extend_from_slice(&piece.bytes);
            if piece.bytes.len() < piece.end - piece.start {
                break;
            }
        }
        Some(Whole {
            addresses: WholeAddresses::of(&key),
            protocol: self.protocol,
            bytes,
            len,
            carrier: self.carrier,
        })
    }

    /// The runs of a fragment that are not there yet, and whether any of the others differs.
    fn compare(&self, fragment: &Fragment<'_>) -> (Vec<(usize, usize)>, bool) {
        let (start, end) = span(fragment);
        let mut from = start;
        let mut fresh = Vec::new();
        let mut conflict = false;
        for piece in self.pieces.iter().filter(|piece| piece.end > start && piece.start < end) {
            if piece.start > from {
                fresh.push((from, piece.start));
            }
            let (from_both, to_both) = (piece.start.max(start), piece.end.min(end));
            let new = part(fragment.wire.captured, start, from_both, to_both);
            conflict |= piece.between(from_both, to_both).iter().zip(new).any(|(old, new)| old != new);
            from = piece.end;
        }
        if from < end {
            fresh.push((from, end));
        }
        (fresh, conflict)
    }

    /// Whether there is a piece just where the fragment lies.
    fn has_piece(&self, fragment: &Fragment<'_>) -> bool {
        self.pieces.iter().any(|piece| (piece.start, piece.end) == span(fragment))
    }

    /// Whether a fragment ends the datagram elsewhere than was said before, or lies beyond its end.
    fn contradicts_end(&self, fragment: &Fragment<'_>) -> bool {
        let (_, end) = span(fragment);
        match self.end {
            Some(known) if fragment.more => end > known,
            Some(known) => end != known,
            None => !fragment.more && self.pieces.last().is_some_and(|piece| piece.end > end),
        }
    }

    /// Copies runs of a fragment in.
    fn insert(&mut self, fragment: &Fragment<'_>, runs: &[(usize, usize)]) {
        let (origin, _) = span(fragment);
        for &(start, end) in runs {
            let Wire { captured, .. } = fragment.wire;
            let bytes = part(captured, origin, start, end).to_vec();
            self.held += bytes.len();
            let place = self.pieces.partition_point(|piece| piece.start < start);
            self.pieces.insert(place, Piece { start, end, bytes });
        }
    }

    /// Gives it up.
    fn doom(&mut self) {
        self.state = State::Doomed;
        self.pieces = Vec::new();
        self.held = 0;
    }
}

/// Where a fragment begins and ends in its datagram.
fn span(fragment: &Fragment<'_>) -> (usize, usize) {
    let start = usize::from(fragment.offset);
    (start, start + fragment.wire.len)
}
