//! Looking flows up ahead of their turn: a table of many flows is spread over more memory than the caches hold.

use super::Tracker;
use crate::flow::entry::Tuple;
use crate::flow::{Consumer, Transport};
use crate::link::Dissected;
use crate::packet::{Body, Packet};

/// What [`Tracker::foresee`] found out.
#[derive(Clone, Copy, Debug)]
pub struct Foreseen(pub(super) Option<u32>);

impl<C: Consumer> Tracker<C> {
    /// Looks ahead for the flow of a frame that is soon to be taken in. Where this is done for several frames in a row,
    /// the processor waits for the flows of all of them at once instead of one by one. It changes nothing, and what is
    /// found is looked at again when the frame's turn comes.
    #[must_use]
    pub fn foresee(&self, dissected: &Dissected<'_>) -> Foreseen {
        let Dissected::Packet(packet) = dissected else { return Foreseen(None) };
        Foreseen(match packet.body {
            Body::Tcp(_) => self.table.find(&Tuple::of(packet, Transport::Tcp)),
            Body::Udp { .. } => self.table.find(&Tuple::of(packet, Transport::Udp)),
            Body::Unreachable { .. } => None,
        })
    }

    /// The flow of the packet at hand. Flows that came and went since it was foreseen may have left another in its place.
    pub(super) fn find(&mut self, packet: &Packet<'_>, transport: Transport) -> Option<u32> {
        let is_it = |slot: &u32| self.table.get(*slot).is_some_and(|entry| entry.holds(packet, transport));
        self.foreseen.take().filter(is_it).or_else(|| self.table.find(&Tuple::of(packet, transport)))
    }
}
