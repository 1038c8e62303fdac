//! The end of flows: by themselves, to make room, and with the capture.

use super::Tracker;
use super::reader::Reader;
use crate::flow::entry::Entry;
use crate::flow::{Consumer, EndReason, Moment};
use crate::tcp::account::Account;

impl<C: Consumer> Tracker<C> {
    /// Closes all flows, in the order in which they began; `at` is the last frame of the capture.
    pub fn finish(&mut self, at: Moment, consumer: &mut C) {
        while self.finish_some(at, consumer, usize::MAX) {}
    }

    /// Closes at most so many flows, in the order in which they began; says whether there were any. The ends of a
    /// flood's flows are many, and need not all be held at once. No frame may follow.
    pub fn finish_some(&mut self, at: Moment, consumer: &mut C, most: usize) -> bool {
        let mut closing = self.closing.take().unwrap_or_else(|| {
            self.defragmenter.finish(&mut self.counters);
            self.table.by_id().into_iter()
        });
        let left = self.table.len();
        for slot in closing.by_ref().take(most) {
            self.leave(slot, at, EndReason::EndOfCapture, consumer);
        }
        self.closing = Some(closing);
        left > 0
    }

    /// Ends the streams of a flow, delivering what is held.
    fn cut_off(&mut self, slot: u32, at: Moment, reason: EndReason, consumer: &mut C) {
        let Some(Entry { flow, state, assembler, .. }) = self.table.get_mut(slot) else { return };
        let Some(both) = assembler else { return };
        let account = &mut Account {
            limits: &self.limits,
            counters: &mut self.counters,
            held: &mut self.held,
            now: self.clock.now(),
        };
        let mut reader = Reader { consumer, flow, state, at };
        both.give_up_order();
        reader.take_early(both, account);
        both.cut_off(reason, account, &mut |way, chunk| reader.chunk(way, chunk));
    }

    /// Takes a flow out of the table and closes it.
    pub(super) fn leave(&mut self, slot: u32, at: Moment, reason: EndReason, consumer: &mut C) {
        let reason = self.table.get(slot).and_then(|entry| entry.ended).unwrap_or(reason);
        self.cut_off(slot, at, reason, consumer);
        let Some(entry) = self.table.remove(slot) else { return };
        let flow = &entry.flow;
        let only_one_side = flow.traffic.iter().any(|traffic| traffic.packets == 0);
        self.counters.one_sided_flows += u64::from(entry.past_syn && only_one_side);
        let state = entry.state.map_or_else(|| consumer.open(flow), |state| *state);
        consumer.close(flow, state, at, reason);
    }
}
