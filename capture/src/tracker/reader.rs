//! Between one flow's TCP streams and the consumer: hands over what they deliver.

use crate::flow::{Chunk, Consumer, Demand, Direction, Flow, Moment};

/// Hands one flow's chunks to the consumer.
pub(super) struct Reader<'a, C: Consumer> {
    pub(super) consumer: &'a mut C,
    pub(super) flow: &'a Flow,
    pub(super) state: &'a mut Option<Box<C::State>>,
    pub(super) at: Moment,
}

impl<C: Consumer> Reader<'_, C> {
    pub(super) fn chunk(&mut self, direction: Direction, chunk: Chunk<'_>) -> Demand {
        let state = self.state.get_or_insert_with(|| Box::new(self.consumer.open(self.flow)));
        self.consumer.chunk(self.flow, state, self.at, direction, chunk)
    }
}
