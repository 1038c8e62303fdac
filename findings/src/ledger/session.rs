//! TLS sessions: what their first handshake showed, by what a client resumes them with. So a handshake that resumes one
//! loses nothing, whichever port it goes to and whatever address its client has by then.
//!
//! Up to TLS 1.2 that is a session id or a ticket, both in the clear. In TLS 1.3 the ticket is given inside the
//! encryption: only its use shows, so that the two are tied where the records were opened, and else not.

use std::net::IpAddr;
use std::sync::Arc;

use capture::FlowId;
use decoders::tls::Certificate;

use super::{Hashed, Recent};
use crate::limits::Limits;

/// What a session is resumed with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum SessionName {
    /// A session id.
    Id(Vec<u8>),
    /// The hash of a ticket.
    Ticket([u8; 32]),
}

/// What the first handshake of a session showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Session {
    /// The server's certificate.
    pub(crate) leaf: Option<Arc<Certificate>>,
    /// The server asked for a client certificate.
    pub(crate) asked: bool,
    /// The client had none.
    pub(crate) withheld: bool,
    /// The client proved its certificate.
    pub(crate) proved: bool,
}

/// A handshake that goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshake {
    /// What the client would resume.
    pub(crate) offered: Vec<SessionName>,
    /// What the server gave the client to resume this session with.
    pub(crate) given: Vec<SessionName>,
    /// What has been shown so far.
    pub(crate) session: Session,
    /// It is over as far as it can be seen.
    pub(crate) over: bool,
    /// It is one of TLS 1.3, whose tickets come later, if they are read at all.
    pub(crate) hidden: bool,
}

/// What is remembered of sessions.
#[derive(Debug)]
pub(crate) struct SessionLedger {
    /// Sessions that may be resumed, by server.
    pub(crate) sessions: Recent<(IpAddr, SessionName), Arc<Session>>,
    /// Handshakes, by flow, while it lasts.
    pub(crate) handshakes: Hashed<FlowId, Handshake>,
}

impl SessionLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { sessions: Recent::new(limits.peers), handshakes: Hashed::new(limits.table) }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.handshakes.refused()
    }
}
