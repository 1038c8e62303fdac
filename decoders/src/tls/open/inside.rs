//! What goes through an opened connection: a session of its own finds the protocol, as on any flow, TLS excepted.

use capture::{Direction, EndReason};

use crate::events::Events;
use crate::session::{Nested, Session};

/// Ports that carry over TLS what others carry in the clear: LDAP and global catalog, HTTP, WSUS, WinRM.
const TWINS: &[(u16, u16)] = &[(636, 389), (3269, 3268), (443, 80), (8531, 8530), (5986, 5985)];

/// The session inside.
pub(super) struct Inside(Nested);

impl Inside {
    /// A session for a connection between these ports, the server's first.
    pub(super) fn new(ports: [u16; 2]) -> Self {
        let twin = |port| TWINS.iter().find(|(sealed, _)| *sealed == port).map_or(port, |(_, clear)| *clear);
        Self(Nested::new(Session::inside(ports.map(twin))))
    }

    /// Whether it wants nothing more.
    pub(super) const fn is_done(&self) -> bool {
        self.0.is_done()
    }

    /// Takes the next application data of a direction.
    pub(super) fn data(&mut self, direction: Direction, plain: &[u8], out: &mut Events) {
        out.within(|out| self.0.data(direction, plain, out));
    }

    /// Some application data of a direction was lost, nobody knows how much.
    pub(super) fn gap(&mut self, direction: Direction, out: &mut Events) {
        out.within(|out| self.0.gap(direction, out));
    }

    /// A direction has ended.
    pub(super) fn end(&mut self, direction: Direction, reason: EndReason, out: &mut Events) {
        out.within(|out| self.0.end(direction, reason, out));
    }
}
