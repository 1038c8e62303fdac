//! A session that a decoder feeds with what its own protocol carries, as the capture feeds those of flows.

use capture::{Chunk, Demand, Direction, EndReason};

use crate::events::Events;
use crate::session::Session;

/// A gap of unknown length: longer than any body that a decoder could count through.
const UNKNOWN: u64 = u64::MAX >> 1;

/// A session and what it still wants.
pub(crate) struct Nested {
    session: Session,
    /// Bytes of each direction that the session has asked to skip.
    unwanted: [u64; 2],
    done: bool,
}

impl Nested {
    /// Feeds this session.
    pub(crate) const fn new(session: Session) -> Self {
        Self { session, unwanted: [0; 2], done: false }
    }

    /// Whether it wants nothing more.
    pub(crate) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes the next bytes of a direction.
    pub(crate) fn data(&mut self, direction: Direction, bytes: &[u8], out: &mut Events) {
        let unwanted = self.unwanted(direction);
        let skipped = bytes.len().min(usize::try_from(*unwanted).unwrap_or(usize::MAX));
        *unwanted -= skipped as u64;
        let wanted = bytes.get(skipped..).unwrap_or_default();
        if !wanted.is_empty() {
            self.chunk(direction, Chunk::Data(wanted), out);
        }
    }

    /// Some bytes of a direction were lost, nobody knows how many.
    pub(crate) fn gap(&mut self, direction: Direction, out: &mut Events) {
        *self.unwanted(direction) = 0;
        self.chunk(direction, Chunk::Gap(UNKNOWN), out);
    }

    /// A direction has ended.
    pub(crate) fn end(&mut self, direction: Direction, reason: EndReason, out: &mut Events) {
        self.chunk(direction, Chunk::End(reason), out);
    }

    fn chunk(&mut self, direction: Direction, chunk: Chunk<'_>, out: &mut Events) {
        if self.done {
            return;
        }
        match self.session.chunk(direction, chunk, out) {
            Demand::All | Demand::Little => {}
            Demand::AllAfter(count) => *self.unwanted(direction) = count,
            Demand::Nothing => self.done = true,
        }
    }

    fn unwanted(&mut self, direction: Direction) -> &mut u64 {
        let [to_server, to_client] = &mut self.unwanted;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }
}
