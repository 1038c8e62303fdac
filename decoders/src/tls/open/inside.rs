//! What goes through an opened connection: a session of its own finds the protocol, as on any flow, TLS excepted.

use capture::{Chunk, Demand, Direction, EndReason};

use crate::events::Events;
use crate::session::Session;

/// Ports that carry over TLS what others carry in the clear: LDAP and global catalog, HTTP, WSUS, WinRM.
const TWINS: &[(u16, u16)] = &[(636, 389), (3269, 3268), (443, 80), (8531, 8530), (5986, 5985)];

/// A gap of unknown length: longer than any body that a decoder could count through.
const UNKNOWN: u64 = u64::MAX >> 1;

/// The session inside.
pub(super) struct Inside {
    session: Session,
    /// Bytes of each direction that the session has asked to skip.
    unwanted: [u64; 2],
    /// It wants nothing more.
    pub(super) done: bool,
}

impl Inside {
    /// A session for a connection between these ports, the server's first.
    pub(super) fn new(ports: [u16; 2]) -> Self {
        let twin = |port| TWINS.iter().find(|(sealed, _)| *sealed == port).map_or(port, |(_, clear)| *clear);
        Self { session: Session::inside(ports.map(twin)), unwanted: [0; 2], done: false }
    }

    /// Takes the next application data of a direction.
    pub(super) fn data(&mut self, direction: Direction, plain: &[u8], out: &mut Events) {
        let [to_server, to_client] = &mut self.unwanted;
        let unwanted = if direction == Direction::ToServer { to_server } else { to_client };
        let skipped = plain.len().min(usize::try_from(*unwanted).unwrap_or(usize::MAX));
        *unwanted -= skipped as u64;
        let wanted = plain.get(skipped..).unwrap_or_default();
        if !wanted.is_empty() && !self.done {
            let demand = out.within(|out| self.session.chunk(direction, Chunk::Data(wanted), out));
            self.heed(direction, demand);
        }
    }

    /// Some application data of a direction was lost, nobody knows how much.
    pub(super) fn gap(&mut self, direction: Direction, out: &mut Events) {
        self.heed(direction, Demand::AllAfter(0));
        if !self.done {
            let demand = out.within(|out| self.session.chunk(direction, Chunk::Gap(UNKNOWN), out));
            self.heed(direction, demand);
        }
    }

    /// A direction has ended.
    pub(super) fn end(&mut self, direction: Direction, reason: EndReason, out: &mut Events) {
        if !self.done {
            let demand = out.within(|out| self.session.chunk(direction, Chunk::End(reason), out));
            self.heed(direction, demand);
        }
    }

    fn heed(&mut self, direction: Direction, demand: Demand) {
        let [to_server, to_client] = &mut self.unwanted;
        let unwanted = if direction == Direction::ToServer { to_server } else { to_client };
        match demand {
            Demand::All => {}
            Demand::AllAfter(count) => *unwanted = count,
            Demand::Nothing => self.done = true,
        }
    }
}
