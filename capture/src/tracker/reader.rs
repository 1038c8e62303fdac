//! Between one flow's TCP streams and the consumer: hands over what they deliver, and counts what they took in.

use crate::flow::{Chunk, Consumer, Demand, Direction, Flow, Moment};
use crate::packet::Segment;
use crate::tcp::account::Account;
use crate::tcp::assembler::Assembler;

/// Hands one flow's chunks to the consumer.
pub(super) struct Reader<'a, C: Consumer> {
    pub(super) consumer: &'a mut C,
    pub(super) flow: &'a mut Flow,
    pub(super) state: &'a mut Option<Box<C::State>>,
    pub(super) at: Moment,
}

impl<C: Consumer> Reader<'_, C> {
    pub(super) fn chunk(&mut self, direction: Direction, chunk: Chunk<'_>) -> Demand {
        let state = self.state.get_or_insert_with(|| Box::new(self.consumer.open(self.flow)));
        self.consumer.chunk(self.flow, state, self.at, direction, chunk)
    }

    /// Takes a segment in, and whatever has waited for what it brings.
    pub(super) fn segment(
        &mut self,
        both: &mut Assembler,
        direction: Direction,
        segment: &Segment<'_>,
        account: &mut Account<'_>,
    ) {
        if both.has_early() {
            both.witness(direction, segment, account);
            // What was waited for in vain was captured before this.
            self.take_early(both, account);
        }
        // Where the other direction is not captured, nothing of it will come.
        let captured = self.flow.traffic[direction.reverse().index()].packets > 0;
        if !captured || !both.waits(direction, segment, account, &mut |way, chunk| self.chunk(way, chunk)) {
            self.take(both, direction, segment, false, account);
        }
        if both.has_early() {
            self.take_early(both, account);
        }
    }

    /// Takes the segments in that have waited and need not any longer.
    pub(super) fn take_early(&mut self, both: &mut Assembler, account: &mut Account<'_>) {
        while let Some(early) = both.next_early(account) {
            self.take(both, early.direction(), &early.segment(), true, account);
        }
    }

    fn take(
        &mut self,
        both: &mut Assembler,
        direction: Direction,
        segment: &Segment<'_>,
        waited: bool,
        account: &mut Account<'_>,
    ) {
        let place = both.place(direction, segment);
        if let Some(place) = place {
            self.flow.traffic[direction.index()].bytes += place.new_bytes;
            self.flow.pulse.note(self.at.time, place.new_bytes);
            account.counters.retransmitted_segments += u64::from(place.retransmission);
        }
        both.take(direction, segment, place, waited, account, &mut |way, chunk| self.chunk(way, chunk));
    }
}
