//! What is remembered of a connection: dialects offered, sessions, trees, open files, and requests whose answers
//! matter. SMB1 and SMB2 share it, for a negotiation may begin in one and go on in the other.

mod opens;
mod trees;

pub(super) use opens::Write;

use capture::Direction;

use crate::events::{Anomaly, Events};
use crate::limits::Limits;
use crate::smb::blob::Joined;
use crate::smb::file::{File, FileKey};
use crate::smb::table::Table;
use crate::smb::{SmbEvent, protocol_name};

/// What a message's header says, for SMB1 and SMB2 alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) smb: u8,
    pub(super) direction: Direction,
    /// SessionId (SMB2) or UID (SMB1).
    pub(super) session: u64,
    /// TreeId or TID.
    pub(super) tree: u32,
    /// MessageId, or PID and MID.
    pub(super) message: u64,
    /// NTSTATUS; of no meaning in requests.
    pub(super) status: u32,
}

impl Call {
    /// An SMB2 tree belongs to its session; an SMB1 tree to the connection.
    const fn tree_key(&self) -> (u64, u32) {
        (if self.smb == 1 { 0 } else { self.session }, self.tree)
    }
}

/// A request whose answer matters.
pub(super) enum Pending {
    /// Tree connect, with its session and path.
    Tree {
        /// Session or user identifier.
        session: u64,
        /// Path as sent.
        path: String,
    },
    /// Create or open, with tree path and name.
    Create(Option<String>, String),
    /// Read of a pipe or of a file that is not known, or transaction on a pipe.
    Read(FileKey),
}

/// A connected tree.
struct Tree {
    path: String,
    is_pipe: bool,
}

/// What was said of a session, to each side.
#[derive(Default)]
struct Session {
    signed: [bool; 2],
    encrypted: [bool; 2],
}

/// The state of one connection.
pub(super) struct Connection {
    pub(super) limits: Limits,
    /// Dialects of the SMB1 negotiate request.
    pub(super) dialects: Vec<String>,
    blobs: [Joined; 2],
    pending: Table<u64, Pending>,
    trees: Table<(u64, u32), Tree>,
    files: Table<FileKey, File>,
    sessions: Table<u64, Session>,
    /// Whether anything was seen of each direction.
    seen: [bool; 2],
    /// Whether answers may be missing after a gap.
    answers_lost: bool,
    limits_hit: Vec<&'static str>,
    compression_said: bool,
}

const fn lane(direction: Direction) -> usize {
    match direction {
        Direction::ToServer => 0,
        Direction::ToClient => 1,
    }
}

impl Connection {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            limits: *limits,
            dialects: Vec::new(),
            blobs: Default::default(),
            pending: Table::new(limits.smb_pending),
            trees: Table::new(limits.smb_handles),
            files: Table::new(limits.smb_handles),
            sessions: Table::new(limits.smb_handles),
            seen: [false; 2],
            answers_lost: false,
            limits_hit: Vec::new(),
            compression_said: false,
        }
    }

    /// Says once that a limit was hit.
    pub(super) fn limit(&mut self, direction: Direction, limit: &'static str, out: &mut Events) {
        if !self.limits_hit.contains(&limit) {
            self.limits_hit.push(limit);
            out.anomaly(direction, Anomaly::LimitReached { protocol: "smb", limit });
        }
    }

    /// Says once that compressed messages are not read.
    pub(super) fn compressed(&mut self, direction: Direction, out: &mut Events) {
        if !std::mem::replace(&mut self.compression_said, true) {
            out.anomaly(
                direction,
                Anomaly::Unexpected { protocol: "smb2", what: "compressed message, not read" },
            );
        }
    }

    /// Notes that messages of a direction are captured.
    pub(super) fn saw(&mut self, direction: Direction) {
        if let Some(seen) = self.seen.get_mut(lane(direction)) {
            *seen = true;
        }
    }

    /// Whether no answer was ever seen: then identifiers that only answers give have to be concluded.
    const fn is_one_sided(&self) -> bool {
        let [_, answers] = self.seen;
        !answers
    }

    /// Whether answers are missing, all or some.
    const fn lacks_answers(&self) -> bool {
        self.is_one_sided() || self.answers_lost
    }

    /// Bytes are missing.
    pub(super) fn gap(&mut self, direction: Direction) {
        self.blob(direction).clear();
        self.answers_lost |= direction == Direction::ToClient;
        for file in self.files.values_mut() {
            file.gap(direction);
        }
    }

    /// Nothing follows in a direction.
    pub(super) fn end(&mut self, direction: Direction, out: &mut Events) {
        if direction == Direction::ToServer {
            for (_, mut file) in self.files.take() {
                file.closed(direction, out);
            }
        }
    }

    /// The token that a direction is in the middle of.
    pub(super) const fn blob(&mut self, direction: Direction) -> &mut Joined {
        let [to_server, to_client] = &mut self.blobs;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    /// Notes that a message of a session is signed.
    pub(super) fn signed(&mut self, call: &Call, out: &mut Events) {
        if self.first_time(call, out, |session| &mut session.signed) {
            out.push(call.direction, SmbEvent::Signed { smb: call.smb, session: call.session });
        }
    }

    /// Notes that a message of a session is encrypted.
    pub(super) fn encrypted(&mut self, call: &Call, out: &mut Events) {
        if self.first_time(call, out, |session| &mut session.encrypted) {
            out.push(call.direction, SmbEvent::Encrypted { session: call.session });
        }
    }

    fn first_time(
        &mut self,
        call: &Call,
        out: &mut Events,
        which: impl Fn(&mut Session) -> &mut [bool; 2],
    ) -> bool {
        if self.sessions.get(&call.session).is_none()
            && self.sessions.insert(call.session, Session::default())
        {
            self.limit(call.direction, "smb_handles", out);
        }
        let session = self.sessions.get_mut(&call.session);
        let said = session.and_then(|session| which(session).get_mut(lane(call.direction)));
        said.is_some_and(|said| !std::mem::replace(said, true))
    }

    /// The session is over.
    pub(super) fn logoff(&mut self, call: &Call, out: &mut Events) {
        self.sessions.remove(&call.session);
        out.push(call.direction, SmbEvent::Logoff { session: call.session });
    }

    /// Remembers a request until its answer comes.
    pub(super) fn ask(&mut self, call: &Call, pending: Pending, out: &mut Events) {
        if self.pending.insert(call.message, pending) {
            self.limit(call.direction, "smb_pending", out);
        }
    }

    /// The request that a message answers.
    pub(super) fn answered(&mut self, call: &Call) -> Option<Pending> {
        self.pending.remove(&call.message)
    }

    /// Whether the answer to this message is awaited for a pipe.
    pub(super) fn awaits_read(&self, message: u64) -> bool {
        matches!(self.pending.get(&message), Some(Pending::Read(_)))
    }

    /// Says that a message contradicts its format.
    pub(super) fn unexpected(smb: u8, direction: Direction, what: &'static str, out: &mut Events) {
        out.anomaly(direction, Anomaly::Unexpected { protocol: protocol_name(smb), what });
    }
}
