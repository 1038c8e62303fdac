//! Looking flows up ahead of their turn: a table of many flows is spread over more memory than the caches hold.

use super::Tracker;
use crate::flow::entry::Tuple;
use crate::flow::{Consumer, EndReason, Moment, Transport};
use crate::link::Dissected;
use crate::packet::{Body, Packet};

/// What [`Tracker::foresee`] found out.
#[derive(Clone, Copy, Debug)]
pub struct Foreseen(pub(super) Option<u32>);

impl<C: Consumer> Tracker<C> {
    /// Looks ahead for the flow of a frame that is soon to be taken in, without a look at the flow itself: that is for
    /// [`Self::approach`]. It changes nothing, and what is found is looked at again when the frame's turn comes.
    #[must_use]
    pub fn foresee(&self, dissected: &Dissected<'_>) -> Foreseen {
        let Dissected::Packet(packet) = dissected else { return Foreseen(None) };
        Foreseen(match packet.body {
            Body::Tcp(_) => self.table.guess(&Tuple::of(packet, Transport::Tcp)),
            Body::Udp { .. } => self.table.guess(&Tuple::of(packet, Transport::Udp)),
            Body::Unreachable { .. } => None,
        })
    }

    /// Looks at what the next packet of a flow that was foreseen will change. Where this is done for several frames in a
    /// row, the processor waits for the flows of all of them at once instead of one by one. What it gives has no meaning;
    /// that it is given keeps the look from being optimised away.
    #[must_use]
    pub fn approach(&self, Foreseen(slot): Foreseen) -> u64 {
        let Some(entry) = slot.and_then(|slot| self.table.get(slot)) else { return 0 };
        let state = entry.state.as_ref().map_or(0, |state| C::glance(state));
        let streams = entry.assembler.as_ref().map_or(0, |both| both.glance());
        entry.seen ^ entry.flow.traffic[0].bytes ^ entry.flow.pulse.beat ^ state ^ streams
    }

    /// The flow of the packet at hand. Flows that came and went since it was foreseen may have left another in its place.
    /// One that has been silent for too long ends here, if it has not yet.
    pub(super) fn find(
        &mut self,
        at: Moment,
        packet: &Packet<'_>,
        transport: Transport,
        consumer: &mut C,
    ) -> Option<u32> {
        let slot = self.look_up(packet, transport)?;
        if self.table.is_expired(slot, self.clock.now(), &self.limits) {
            self.leave(slot, at, EndReason::Idle, consumer);
            return None;
        }
        Some(slot)
    }

    fn look_up(&mut self, packet: &Packet<'_>, transport: Transport) -> Option<u32> {
        let tuple = Tuple::of(packet, transport);
        let is_it = |slot: &u32| self.table.get(*slot).is_some_and(|entry| entry.is_of(&tuple));
        self.foreseen.take().filter(is_it).or_else(|| self.table.find(&tuple))
    }
}
