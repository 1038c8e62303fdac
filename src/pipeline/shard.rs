//! A shard: a flow table with its decoders. Its number never depends on the number of workers.

use std::sync::Arc;

use capture::link::{self, Dissected};
use capture::{Batch, Counters, Foreseen, FrameHead, Moment, Tracker};
use decoders::tls::{Keys, KnownCertificates};
use decoders::{Dispatch, Record};

use super::Limits;

/// Shards of a run. More than any sensible number of workers, few enough that the bounds can be shared out.
pub(super) const SHARDS: usize = 8;

/// Frames whose flows are looked up before the first of them is taken in.
const AHEAD: usize = 8;

/// Flows ended at once when the capture is over.
const ENDS: usize = 4_096;

/// Some of the shards of a run, by number.
pub(super) struct Shards {
    shards: [Option<Shard>; SHARDS],
    limits: capture::Limits,
}

/// A frame that was looked at before its turn.
struct Seen<'a> {
    head: &'a FrameHead,
    dissected: Dissected<'a>,
    number: usize,
    /// Nothing where its shard is not one of these.
    foreseen: Option<Foreseen>,
}

struct Shard {
    tracker: Tracker<Dispatch>,
    dispatch: Dispatch,
}

impl Shards {
    /// All of them.
    pub(super) fn all(limits: &Limits, keys: &Arc<Keys>) -> Self {
        Self::some(limits, keys, |_| true)
    }

    /// Those that the worker owns.
    pub(super) fn some(limits: &Limits, keys: &Arc<Keys>, owned: impl Fn(usize) -> bool) -> Self {
        let certificates = KnownCertificates::default();
        let make = |number| owned(number).then(|| Shard::new(limits, keys, certificates.clone()));
        Self { shards: std::array::from_fn(make), limits: limits.capture }
    }

    /// Lets the keys be used that were known at this horizon.
    pub(super) fn see_keys(&mut self, horizon: u64) {
        for shard in self.shards.iter_mut().flatten() {
            shard.dispatch.see_keys(horizon);
        }
    }

    /// Gives frames of a batch to their shards, as far as those are of these. What is said goes to `records`, frame by
    /// frame, so in frame order; `tell` is called behind every frame.
    pub(super) fn read<'a, E>(
        &mut self,
        batch: &'a Batch,
        mut heads: impl Iterator<Item = &'a FrameHead>,
        records: &mut Vec<Record>,
        mut tell: impl FnMut(&mut Vec<Record>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut ahead = Vec::with_capacity(AHEAD);
        loop {
            ahead.extend(heads.by_ref().take(AHEAD).map(|head| self.look_at(batch, head)));
            if ahead.is_empty() {
                return Ok(());
            }
            let near = ahead.iter().fold(0, |near, seen| near ^ self.approach(seen));
            std::hint::black_box(near);
            for seen in &ahead {
                self.push(batch, seen, records);
                tell(records)?;
            }
            ahead.clear();
        }
    }

    #[inline]
    fn look_at<'a>(&self, batch: &'a Batch, head: &'a FrameHead) -> Seen<'a> {
        let frame = batch.frame(head);
        let dissected = link::dissect(&frame, &self.limits);
        let number = number(link::shard_of(&frame, &dissected));
        let shard = self.shards.get(number).and_then(Option::as_ref);
        let foreseen = shard.map(|shard| shard.tracker.foresee(&dissected));
        Seen { head, dissected, number, foreseen }
    }

    fn approach(&self, seen: &Seen<'_>) -> u64 {
        let shard = self.shards.get(seen.number).and_then(Option::as_ref);
        shard.zip(seen.foreseen).map_or(0, |(shard, foreseen)| shard.tracker.approach(foreseen))
    }

    fn push(&mut self, batch: &Batch, seen: &Seen<'_>, records: &mut Vec<Record>) {
        let Seen { head, dissected, number, foreseen: Some(foreseen) } = seen else { return };
        if let Some(Some(Shard { tracker, dispatch })) = self.shards.get_mut(*number) {
            std::mem::swap(&mut dispatch.records, records);
            tracker.push_dissected(&batch.frame(head), dissected, *foreseen, dispatch);
            std::mem::swap(&mut dispatch.records, records);
        }
    }

    /// Ends some flows of one shard; what is said goes to `records`. Says whether there were any left. The ends of a
    /// flood's flows are never all held at once.
    pub(super) fn finish(&mut self, number: usize, at: Moment, records: &mut Vec<Record>) -> bool {
        let Some(Some(Shard { tracker, dispatch })) = self.shards.get_mut(number) else { return false };
        std::mem::swap(&mut dispatch.records, records);
        let left = tracker.finish_some(at, dispatch, ENDS);
        std::mem::swap(&mut dispatch.records, records);
        left
    }

    /// What these shards counted.
    pub(super) fn counters(&self) -> Counters {
        let mut sum = Counters::default();
        for shard in self.shards.iter().flatten() {
            sum.add(shard.tracker.counters());
        }
        sum
    }
}

impl Shard {
    fn new(limits: &Limits, keys: &Arc<Keys>, certificates: KnownCertificates) -> Self {
        let dispatch = Dispatch::new(limits.decoders).with_keys(Arc::clone(keys));
        let dispatch = dispatch.with_certificates(certificates);
        Self { tracker: Tracker::new(share(limits.capture)), dispatch }
    }
}

/// The shard of a frame, from the hash of its address pair.
pub(super) fn number(hash: u64) -> usize {
    usize::try_from(hash % SHARDS as u64).unwrap_or(0)
}

/// One shard's part of the bounds that are for the whole run.
fn share(limits: capture::Limits) -> capture::Limits {
    capture::Limits {
        flows: (limits.flows / SHARDS).max(1),
        reorder_bytes_total: limits.reorder_bytes_total / SHARDS,
        fragmented_datagrams: (limits.fragmented_datagrams / SHARDS).max(1),
        ..limits
    }
}
