//! When a hole in a stream is given up: when it becomes [`Chunk::Gap`] and what is held behind it is delivered.
//!
//! * The other side has acknowledged bytes behind it, so nobody will send it again, *and* [`HOLE_EVIDENCE`] more segments
//!   with new payload have passed in either direction (frames of several queues or taps are not in strict order,
//!   the missing segment may just be late), or the sender has closed and that too is acknowledged;
//! * the other side is not captured at all and the hole is older than [`Limits::hole_patience`];
//! * segments that waited for the other direction waited in vain ([`super::early`]), and it is acknowledged;
//! * a limit on what may be held is hit;
//! * the stream ends.
//!
//! [`Chunk::Gap`]: crate::flow::Chunk::Gap
//! [`Limits::hole_patience`]: crate::limits::Limits::hole_patience

use super::account::Account;
use super::stream::{Sink, Stream};

/// Segments with new payload, in either direction, that must pass after a hole was acknowledged before it is given up.
const HOLE_EVIDENCE: u8 = 2;

/// An acknowledged hole under watch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    /// What had been acknowledged when the watch began; holes up to here were lost by the capture.
    acknowledged: u64,
    /// Segments with new payload seen since.
    evidence: u8,
}

impl Stream {
    /// Decides about the hole before what is held, if there is one; `fresh` says whether the segment that is
    /// being taken in carried payload not seen before.
    #[inline]
    pub(crate) fn weigh(&mut self, fresh: bool, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        match self.hole_end() {
            Some(end) => self.weigh_hole(end, fresh, account, sink),
            None => self.watch = None,
        }
    }

    /// Decides about the hole that ends at an offset.
    #[inline(never)]
    fn weigh_hole(&mut self, end: u64, fresh: bool, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        let Some(acknowledged) = self.acknowledged else {
            if account.now.saturating_sub(self.hole_since)
                > account.limits.hole_patience.max(0).unsigned_abs()
            {
                self.give_up_until(end, account, sink);
            }
            return;
        };
        if self.fin.is_some_and(|fin| acknowledged > fin) {
            self.give_up_until(acknowledged, account, sink);
            return;
        }
        match &mut self.watch {
            None if acknowledged >= end => self.watch = Some(Box::new(Watch { acknowledged, evidence: 0 })),
            Some(watch) if fresh => {
                watch.evidence += 1;
                if watch.evidence >= HOLE_EVIDENCE {
                    let until = watch.acknowledged;
                    self.watch = None;
                    self.give_up_until(until, account, sink);
                }
            }
            _ => {}
        }
    }

    /// Gives holes up until what is held is within the limits.
    pub(super) fn keep_limits(&mut self, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        while let Some(end) = self.pending.first() {
            let within = self.pending.held() <= account.limits.reorder_bytes_per_direction
                && self.pending.len() <= account.limits.reorder_segments_per_direction
                && *account.held <= account.limits.reorder_bytes_total;
            if within {
                break;
            }
            account.counters.reorder_limit_hits += 1;
            self.give_up_until(end, account, sink);
        }
    }

    /// Where the first hole ends: at what is held behind it, or at the sender's FIN.
    #[inline]
    fn hole_end(&self) -> Option<u64> {
        self.pending.first().or(self.fin.filter(|fin| *fin > self.next))
    }

    /// Gives up all holes that the other side has acknowledged.
    pub(super) fn give_up_acknowledged(&mut self, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        if let Some(acknowledged) = self.acknowledged {
            self.give_up_until(acknowledged, account, sink);
        }
    }

    /// Gives up all holes that end at or before `offset`.
    pub(super) fn give_up_until(&mut self, offset: u64, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        let held = self.pending.cost();
        while let Some(end) = self.hole_end().filter(|end| *end <= offset && !self.ended) {
            self.miss(end.saturating_sub(self.next), account, sink);
            self.drain(account, sink);
        }
        self.recount(held, account);
        self.check_end(account, sink);
    }
}
