//! One direction of a TCP connection: segments in any order become bytes in order, once each.
//!
//! Data in its turn goes straight through, uncopied; data ahead of its turn is held ([`super::pending`]) until what is
//! missing before it comes or is given up ([`super::hole`]).
//!
//! A stream whose SYN was not captured starts at the first payload seen. What lies before that is not
//! delivered even if it comes right after: it would have to wait for something that may never come.

use super::account::Account;
use super::hole::Watch;
use super::pending::{Pending, Piece, Span, differing};
use super::sequence::distance;
use crate::flow::clock::Instant;
use crate::flow::{Chunk, Demand, EndReason};

/// Takes what a stream delivers, and says what it wants next.
pub(crate) type Sink<'a> = dyn FnMut(Chunk<'_>) -> Demand + 'a;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// Sequence number of offset 0.
    start: Option<u32>,
    /// Everything before this offset is settled: delivered, skipped, or given up.
    pub(super) next: u64,
    /// Nothing before this offset is delivered.
    skip_until: u64,
    /// Nothing is ever delivered again.
    silent: bool,
    pub(super) ended: bool,
    /// Where the sender closed.
    pub(super) fin: Option<u64>,
    /// How far the other side has acknowledged.
    pub(super) acknowledged: Option<u64>,
    pub(super) pending: Pending,
    /// Since when the present hole has been waited for.
    pub(super) hole_since: Instant,
    pub(super) watch: Option<Box<Watch>>,
}

impl Stream {
    /// A stream whose first byte has this sequence number, where that is known.
    pub(crate) fn new(start: Option<u32>) -> Self {
        Self { start, ..Self::default() }
    }

    /// Sets the first byte's sequence number unless it is known.
    pub(crate) fn begin(&mut self, start: u32) {
        self.start.get_or_insert(start);
    }

    /// Sets it anew, if nothing has come yet.
    pub(crate) fn begin_anew(&mut self, start: u32) -> bool {
        let untouched = self.next == 0 && self.pending.is_empty() && self.fin.is_none() && !self.ended;
        if untouched {
            self.start = Some(start);
            self.acknowledged = None;
        }
        untouched
    }

    /// Whether its start is known.
    pub(crate) const fn begun(&self) -> bool {
        self.start.is_some()
    }

    /// Whether all up to the sender's FIN has been settled, or the stream was cut off.
    pub(crate) const fn ended(&self) -> bool {
        self.ended
    }

    /// Whether its reader wants nothing more of the whole flow.
    pub(crate) const fn silent(&self) -> bool {
        self.silent
    }

    /// Sequence number of its first byte, as far as that is known.
    pub(crate) const fn first_sequence(&self) -> Option<u32> {
        self.start
    }

    /// Sequence number of the next byte in turn.
    pub(crate) fn next_sequence(&self) -> Option<u32> {
        self.start.map(|start| start.wrapping_add(low_bits(self.next)))
    }

    /// Offset of a sequence number, negative before the stream's first byte; nothing where it is out of any window.
    pub(crate) fn locate(&self, sequence: u32) -> Option<i64> {
        let distance = distance(self.next_sequence()?, sequence)?;
        i64::try_from(self.next).ok()?.checked_add(distance)
    }

    /// Whether bytes that the other side acknowledges so have still to come.
    pub(crate) fn lacks(&self, acknowledgement: u32) -> bool {
        // Past a FIN nothing is lacking: the stream has ended.
        let settled = i64::try_from(self.next).unwrap_or(i64::MAX);
        !self.ended && !self.silent && self.locate(acknowledgement).is_some_and(|to| to > settled)
    }

    /// How many bytes of a segment are seen for the first time.
    pub(crate) fn new_bytes(&self, at: i64, wire_len: u32) -> u64 {
        let span = self.unsettled(at, &[], wire_len);
        if self.pending.is_empty() { span.len } else { self.pending.missing_of(span) }
    }

    /// Takes a segment's payload that lies at offset `at`.
    pub(crate) fn data(
        &mut self,
        at: i64,
        payload: &[u8],
        wire_len: u32,
        account: &mut Account<'_>,
        sink: &mut Sink<'_>,
    ) {
        let span = self.unsettled(at, payload, wire_len);
        if span.len == 0 {
            return;
        }
        if span.start <= self.next && self.pending.is_empty() {
            // In its turn, and nothing is held: so nothing is to be counted anew either.
            self.emit(span.bytes, span.len, account, sink);
        } else {
            self.hold_or_interleave(span, account, sink);
        }
        self.check_end(account, sink);
    }

    /// Takes a span that comes before its turn, or in its turn where others are held.
    fn hold_or_interleave(&mut self, span: Span<'_>, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        let held = self.pending.cost();
        if span.start > self.next {
            account.counters.conflicting_overlaps += self.pending.conflicts_with(span);
            self.hold(span, account);
        } else {
            self.interleave(span, account, sink);
        }
        self.recount(held, account);
        self.keep_limits(account, sink);
    }

    /// Notes where the sender closes.
    pub(crate) fn close_at(&mut self, at: i64, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        let Ok(at) = u64::try_from(at) else { return };
        if self.fin.is_some() || at < self.next {
            return;
        }
        self.fin = Some(at);
        if self.pending.is_empty() {
            self.hole_since = account.now;
        }
        self.check_end(account, sink);
    }

    /// Notes what the other side has acknowledged.
    pub(crate) fn acknowledge(&mut self, acknowledgement: u32) {
        if let Some(Ok(to)) = self.locate(acknowledgement).map(u64::try_from) {
            self.acknowledged = Some(self.acknowledged.map_or(to, |known| known.max(to)));
        }
    }

    /// Ends the stream here: what is held is delivered with its gaps, then the end.
    pub(crate) fn cut_off(&mut self, reason: EndReason, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        self.give_up_until(u64::MAX, account, sink);
        self.end(reason, account, sink);
    }

    /// Delivers nothing from now on.
    pub(crate) fn silence(&mut self, account: &mut Account<'_>) {
        if !self.silent {
            let held = self.pending.cost();
            self.silent = true;
            self.skip_until = u64::MAX;
            self.pending.release_until(u64::MAX);
            self.recount(held, account);
        }
    }

    /// The part of a segment that lies between what is settled and the sender's FIN.
    fn unsettled<'s>(&self, at: i64, payload: &'s [u8], wire_len: u32) -> Span<'s> {
        let len = u64::from(wire_len).max(payload.len() as u64);
        // Bytes before offset 0 are older than the stream.
        let before = at.min(0).unsigned_abs().min(len);
        let bytes = usize::try_from(before).ok().and_then(|before| payload.get(before..)).unwrap_or_default();
        let start = u64::try_from(at).unwrap_or(0);
        let span = Span { start, len: len - before, bytes }.from(self.next);
        if self.ended {
            return Span { len: 0, ..span };
        }
        self.fin.map_or(span, |fin| span.until(fin))
    }

    /// Delivers a span in its turn together with what is held among and right behind it.
    fn interleave(&mut self, mut span: Span<'_>, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        while span.len > 0 && !self.ended {
            let stop = self.pending.first().map_or(span.end(), |first| first.min(span.end()));
            let part = span.until(stop);
            self.emit(part.bytes, part.len, account, sink);
            if stop < span.end() {
                self.emit_held(Some(span), account, sink);
            }
            span = span.from(self.next);
        }
        self.drain(account, sink);
    }

    /// Delivers what is held and in its turn.
    pub(super) fn drain(&mut self, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        while self.pending.first().is_some_and(|first| first <= self.next) {
            self.emit_held(None, account, sink);
        }
        self.hole_since = account.now;
        if self.pending.is_empty() {
            self.watch = None;
        }
    }

    /// Delivers the first piece held, which is in its turn; `over` is what came for the same place later.
    fn emit_held(&mut self, over: Option<Span<'_>>, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        if let Some((start, Piece { len, bytes })) = self.pending.pop() {
            if let Some(over) = over {
                account.counters.conflicting_overlaps += differing(start, &bytes, over);
            }
            self.emit(&bytes, len, account, sink);
        }
    }

    fn hold(&mut self, span: Span<'_>, account: &Account<'_>) {
        if self.pending.is_empty() {
            self.hole_since = account.now;
        }
        self.pending.insert(span, !self.silent && span.end() > self.skip_until);
    }

    /// Settles the next `len` bytes, of which `bytes` were captured.
    fn emit(&mut self, bytes: &[u8], len: u64, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        let span = Span { start: self.next, len, bytes };
        let wanted = span.from(self.skip_until);
        self.next = wanted.start;
        if !wanted.bytes.is_empty() {
            self.next += wanted.bytes.len() as u64;
            let demand = sink(Chunk::Data(wanted.bytes));
            self.heed(demand);
        }
        let cut = wanted.len.saturating_sub(wanted.bytes.len() as u64);
        if cut > 0 {
            self.miss(cut, account, sink);
        }
    }

    /// Settles the next `len` bytes as missing.
    pub(super) fn miss(&mut self, len: u64, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        if len == 0 {
            return;
        }
        account.counters.gaps += 1;
        account.counters.gap_bytes += len;
        let skipped = self.skip_until.saturating_sub(self.next).min(len);
        self.next += len;
        if skipped < len {
            let demand = sink(Chunk::Gap(len - skipped));
            self.heed(demand);
        }
    }

    fn heed(&mut self, demand: Demand) {
        match demand {
            Demand::All | Demand::Little => return,
            Demand::AllAfter(len) => self.skip_until = self.next.saturating_add(len),
            Demand::Nothing => {
                self.silent = true;
                self.skip_until = u64::MAX;
            }
        }
        self.pending.release_until(self.skip_until);
    }

    /// Ends the stream when all before the sender's FIN is settled.
    pub(super) fn check_end(&mut self, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        if self.fin.is_some_and(|fin| self.next >= fin) {
            self.end(EndReason::Fin, account, sink);
        }
    }

    fn end(&mut self, reason: EndReason, account: &mut Account<'_>, sink: &mut Sink<'_>) {
        if self.ended {
            return;
        }
        self.ended = true;
        let held = self.pending.cost();
        self.pending.clear();
        self.recount(held, account);
        if !self.silent {
            let demand = sink(Chunk::End(reason));
            self.heed(demand);
        }
    }

    /// Carries a change of what this stream holds over to the tracker's sum.
    pub(super) fn recount(&self, before: usize, account: &mut Account<'_>) {
        *account.held = account.held.saturating_sub(before).saturating_add(self.pending.cost());
    }
}

/// The part of a stream offset that shows in a sequence number.
#[expect(clippy::cast_possible_truncation, reason = "sequence numbers are offsets modulo 2^32")]
const fn low_bits(offset: u64) -> u32 {
    offset as u32
}
