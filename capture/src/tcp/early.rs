//! Segments that come before what they answer.
//!
//! A segment that acknowledges bytes was sent after those bytes had arrived, so they come first, whatever the order of
//! the frames: two taps, two receive queues or a port that mirrors each direction on its own do not keep it. A reader who is
//! shown an answer before its question cannot tell what was asked. Such a segment waits for the other direction until
//!
//! * the bytes have come, or were given up as a gap ([`super::hole`]), or that direction has ended;
//! * [`EVIDENCE`] segments have passed that the other side sent after them: the capture has lost them;
//! * it has waited for [`Limits::hole_patience`], or a limit on what may be held is hit;
//! * the flow leaves.
//!
//! Given up is only the order, not a byte; and what has been waited for in vain is not waited for again before new payload
//! comes that way.
//!
//! [`Limits::hole_patience`]: crate::limits::Limits::hole_patience

use std::collections::VecDeque;

use super::account::Account;
use super::pending::PIECE_COST;
use super::sequence::distance;
use crate::flow::Direction;
use crate::flow::clock::Instant;
use crate::packet::Segment;

/// Segments of the other side, sent after the bytes waited for, that must pass before these are taken for lost. One more than
/// its acknowledgements that commonly come close together.
const EVIDENCE: u8 = 3;

/// A segment that waits.
#[derive(Debug)]
pub(crate) struct Early {
    direction: Direction,
    /// Without its payload.
    head: Segment<'static>,
    payload: Box<[u8]>,
    since: Instant,
    evidence: u8,
}

impl Early {
    /// Which way it goes.
    pub(crate) const fn direction(&self) -> Direction {
        self.direction
    }

    /// The segment as it came.
    pub(crate) fn segment(&self) -> Segment<'_> {
        Segment { payload: &self.payload, ..self.head }
    }

    /// Bytes of memory held.
    fn cost(&self) -> usize {
        self.payload.len() + PIECE_COST
    }

    fn is_copy(&self, direction: Direction, segment: &Segment<'_>) -> bool {
        self.direction == direction
            && self.head.sequence == segment.sequence
            && self.head.wire_len == segment.wire_len
    }
}

/// What waits of both directions of a connection, in the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Nothing where none waits, as in nearly all connections.
    #[expect(clippy::box_collection, reason = "every connection has one of these, and nearly all are empty")]
    waiting: Option<Box<VecDeque<Early>>>,
    /// For each direction of segments whether they wait no more, because the other direction was waited for in vain.
    vain: [bool; 2],
}

impl Queue {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_none()
    }

    /// Whether a segment of a direction waits.
    pub(super) fn has(&self, direction: Direction) -> bool {
        self.waiting.iter().flat_map(|waiting| waiting.iter()).any(|early| early.direction == direction)
    }

    /// Whether segments of a direction wait no more.
    pub(super) const fn is_vain(&self, direction: Direction) -> bool {
        self.vain[direction.index()]
    }

    /// Notes that payload came which was not seen before: those of the other direction may wait again.
    pub(super) const fn hope(&mut self, direction: Direction) {
        self.vain[direction.reverse().index()] = false;
    }

    /// Lets everything go.
    pub(super) const fn give_up(&mut self) {
        self.vain = [true; 2];
    }

    /// Notes a segment just captured, for what it says of the bytes waited for.
    pub(super) fn witness(&mut self, direction: Direction, segment: &Segment<'_>, account: &Account<'_>) {
        let patience = account.limits.hole_patience.max(0).unsigned_abs();
        for early in self.waiting.iter_mut().flat_map(|waiting| waiting.iter_mut()) {
            let sent_after = early.direction != direction
                && distance(early.head.acknowledgement, segment.sequence).is_some_and(|by| by >= 0);
            early.evidence = early.evidence.saturating_add(u8::from(sent_after));
            if early.evidence >= EVIDENCE || account.now.saturating_sub(early.since) > patience {
                // Of both directions, or what is let go would overtake what still waits.
                self.vain = [true; 2];
            }
        }
    }

    /// Makes a segment wait; says whether it is the first copy of it.
    pub(super) fn hold(
        &mut self,
        direction: Direction,
        segment: &Segment<'_>,
        account: &mut Account<'_>,
    ) -> bool {
        let waiting = self.waiting.get_or_insert_default();
        let first = !waiting.iter().any(|early| early.is_copy(direction, segment));
        let early = Early {
            direction,
            head: Segment { payload: &[], ..*segment },
            payload: segment.payload.into(),
            since: account.now,
            evidence: 0,
        };
        *account.held += early.cost();
        waiting.push_back(early);
        let bytes: usize = waiting.iter().map(|early| early.payload.len()).sum();
        let within = waiting.len() <= account.limits.early_segments_per_flow
            && bytes <= account.limits.reorder_bytes_per_direction
            && *account.held <= account.limits.reorder_bytes_total;
        if !within {
            account.counters.early_limit_hits += 1;
            self.give_up();
        }
        first
    }

    /// Takes the first segment out that need not wait, as `ready` says of its direction and what it acknowledges.
    pub(super) fn next(
        &mut self,
        ready: impl Fn(Direction, u32) -> bool,
        account: &mut Account<'_>,
    ) -> Option<Early> {
        let vain = self.vain;
        let goes = |early: &Early| {
            vain[early.direction.index()] || ready(early.direction, early.head.acknowledgement)
        };
        let waiting = self.waiting.as_mut()?;
        let place = waiting.iter().position(goes)?;
        let early = waiting.remove(place)?;
        if waiting.is_empty() {
            self.waiting = None;
        }
        *account.held = account.held.saturating_sub(early.cost());
        Some(early)
    }
}
