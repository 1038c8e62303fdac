//! One association, read PDU by PDU.

use capture::Direction;

use crate::events::Events;
use crate::limits::Limits;

/// What both ends of one connection or pipe have said so far.
#[derive(Debug, Default)]
pub struct Association {
}

impl Association {
    /// An association of which nothing is known yet.
    #[must_use]
    pub fn new(_: &Limits) -> Self {
        Self::default()
    }

    /// Takes the next bytes of one direction, cut anywhere; `pipe` is the name of the pipe that carries them.
    pub fn feed(&mut self, _: Direction, _: &[u8], _: Option<&str>, _: &mut Events) {
    }

    /// Bytes of one direction are missing: what was incomplete is dropped.
    pub fn gap(&mut self, _: Direction) {
    }
}
