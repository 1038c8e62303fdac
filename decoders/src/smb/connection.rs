//! What is remembered of a connection: dialects offered, sessions, trees, open files, and requests whose answers
//! matter. SMB1 and SMB2 share it, for a negotiation may begin in one and go on in the other.

use capture::Direction;

use crate::events::{Anomaly, Events};
use crate::limits::Limits;
use crate::smb::blob::Joined;
use crate::smb::file::{File, FileKey};
use crate::smb::table::Table;
use crate::smb::{Create, Created, QueryDirectory, SmbEvent, TreeConnect, TreeConnected, protocol_name};

/// FILE_DELETE_ON_CLOSE of CreateOptions ([MS-SMB2] 2.2.13).
const DELETE_ON_CLOSE: u32 = 0x1000;

/// ShareType of a share of pipes ([MS-SMB2] 2.2.10).
const SHARE_PIPE: u8 = 2;

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
    /// Tree connect, with its path.
    Tree(String),
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
    /// DialectRevision of the SMB2 negotiate response.
    pub(super) revision: Option<u16>,
    blobs: [Joined; 2],
    pending: Table<u64, Pending>,
    trees: Table<(u64, u32), Tree>,
    /// Tree connects of a connection whose answers are not captured: session and path, until a tree is used.
    unanswered: Vec<(u64, String)>,
    files: Table<FileKey, File>,
    sessions: Table<u64, Session>,
    /// Whether anything was seen of each direction.
    seen: [bool; 2],
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
            revision: None,
            blobs: Default::default(),
            pending: Table::new(limits.smb_pending),
            trees: Table::new(limits.smb_handles),
            unanswered: Vec::new(),
            files: Table::new(limits.smb_handles),
            sessions: Table::new(limits.smb_handles),
            seen: [false; 2],
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

    /// Bytes are missing.
    pub(super) fn gap(&mut self, direction: Direction) {
        self.blob(direction).clear();
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

    /// A tree connect request.
    pub(super) fn tree_connect(&mut self, call: &Call, path: &str, excerpt: &[u8], out: &mut Events) {
        let path = out.text(path);
        if self.is_one_sided() && self.unanswered.len() < self.limits.smb_handles {
            self.unanswered.push((call.session, path.clone()));
        }
        self.ask(call, Pending::Tree(path.clone()), out);
        let event = TreeConnect { smb: call.smb, session: call.session, path };
        out.push_with(call.direction, SmbEvent::TreeConnect(Box::new(event)), excerpt);
    }

    /// A tree connect response.
    pub(super) fn tree_connected(&mut self, call: &Call, share_type: u8, encrypt: bool, out: &mut Events) {
        let path = match self.answered(call) {
            Some(Pending::Tree(path)) => Some(path),
            _ => None,
        };
        if let Some(path) = path.clone().filter(|_| call.status == 0) {
            let tree = Tree { is_pipe: share_type == SHARE_PIPE || is_pipe_share(&path), path };
            if self.trees.insert(call.tree_key(), tree) {
                self.limit(call.direction, "smb_handles", out);
            }
        }
        let tree = TreeConnected {
            smb: call.smb,
            session: call.session,
            status: call.status,
            tree: call.tree,
            path,
            share_type,
            encrypt,
        };
        out.push(call.direction, SmbEvent::TreeConnected(Box::new(tree)));
    }

    /// A tree disconnect.
    pub(super) fn tree_gone(&mut self, call: &Call) {
        self.trees.remove(&call.tree_key());
    }

    /// The path of a message's tree, and whether it is a share of pipes. Where answers are not captured, the first
    /// use of a tree tells its identifier, if only one path can be meant.
    fn tree(&mut self, call: &Call) -> Option<(String, bool)> {
        let key = call.tree_key();
        if self.trees.get(&key).is_none() && self.is_one_sided() {
            let of_session = |asked: &(u64, String)| call.smb == 1 || asked.0 == call.session;
            let mut paths = self.unanswered.iter().filter(|asked| of_session(asked)).map(|asked| &asked.1);
            if let Some(path) = paths.next().cloned()
                && paths.all(|other| *other == path)
            {
                self.unanswered.retain(|asked| !of_session(asked));
                let tree = Tree { is_pipe: is_pipe_share(&path), path };
                let _full = self.trees.insert(key, tree);
            }
        }
        self.trees.get(&key).map(|tree| (tree.path.clone(), tree.is_pipe))
    }

    /// The path of a message's tree.
    pub(super) fn tree_path(&mut self, call: &Call) -> Option<String> {
        self.tree(call).map(|(path, _)| path)
    }

    /// A create or open request: `create` with all but session and tree path.
    pub(super) fn create(&mut self, call: &Call, mut create: Create, excerpt: &[u8], out: &mut Events) {
        let tree = self.tree(call);
        let is_pipe = tree.as_ref().is_some_and(|(_, is_pipe)| *is_pipe);
        create.filename = out.text(&create.filename);
        (create.smb, create.session, create.tree_path) = (call.smb, call.session, tree.map(|(path, _)| path));
        let file = File {
            smb: call.smb,
            session: call.session,
            tree_path: create.tree_path.clone(),
            filename: create.filename.clone(),
            is_pipe,
            delete_on_close: create.options & DELETE_ON_CLOSE != 0,
            ..File::default()
        };
        self.ask(call, Pending::Create(create.tree_path.clone(), create.filename.clone()), out);
        if self.files.insert(FileKey::Asked(call.message), file.opened()) {
            self.limit(call.direction, "smb_handles", out);
        }
        out.push_with(call.direction, SmbEvent::Create(Box::new(create)), excerpt);
    }

    /// A create or open response; `id` where it succeeded.
    pub(super) fn created(&mut self, call: &Call, id: Option<u128>, out: &mut Events) {
        let Some(Pending::Create(tree_path, filename)) = self.answered(call) else {
            return self.created_unasked(call, out);
        };
        let file = self.files.remove(&FileKey::Asked(call.message));
        if let (Some(id), Some(file)) = (id, file) {
            if file.delete_on_close {
                file.deleted(call.direction, out);
            }
            let file = File { delete_on_close: false, ..file };
            if self.files.insert(FileKey::Id(id), file) {
                self.limit(call.direction, "smb_handles", out);
            }
        }
        self.say_created(call, tree_path, Some(filename), out);
    }

    fn created_unasked(&mut self, call: &Call, out: &mut Events) {
        let tree_path = self.tree_path(call);
        self.say_created(call, tree_path, None, out);
    }

    fn say_created(
        &self,
        call: &Call,
        tree_path: Option<String>,
        filename: Option<String>,
        out: &mut Events,
    ) {
        let created =
            Created { smb: call.smb, session: call.session, status: call.status, tree_path, filename };
        out.push(call.direction, SmbEvent::Created(Box::new(created)));
    }

    /// The file that a request means. Where answers are not captured, the first use of an identifier is taken for
    /// the file last asked for in the same session.
    pub(super) fn file_key(&mut self, call: &Call, key: FileKey) -> FileKey {
        if call.direction == Direction::ToServer && self.is_one_sided() && self.files.get(&key).is_none() {
            let asked = self.files.iter().filter(|(key, file)| {
                matches!(key, FileKey::Asked(_)) && (file.session == call.session || call.smb == 1)
            });
            let asked = asked.map(|(key, _)| *key).next_back();
            if let Some(asked) = asked
                && let Some(file) = self.files.remove(&asked)
            {
                let _full = self.files.insert(key, file);
            }
        }
        key
    }

    pub(super) fn file(&self, key: &FileKey) -> Option<&File> {
        self.files.get(key)
    }

    /// Bytes written to a file or pipe, or sent in a transaction on a pipe.
    pub(super) fn write(&mut self, call: &Call, key: FileKey, write: Write<'_>, out: &mut Events) {
        let most = self.limits.smb_file;
        self.adopt(call, key, write.bytes, out);
        let Some(file) = self.files.get_mut(&key) else { return };
        if file.is_pipe {
            let name = super::pipe::pipe_name(&file.filename);
            file.pipe.feed(call.direction, write.bytes, Some(name).filter(|name| !name.is_empty()), out);
        } else if file.write(write.offset, write.len, write.bytes, most) {
            self.limit(call.direction, "smb_file", out);
        }
    }

    /// Bytes read from a pipe.
    pub(super) fn read(&mut self, call: &Call, key: FileKey, bytes: &[u8], out: &mut Events) {
        self.adopt(call, key, bytes, out);
        let Some(file) = self.files.get_mut(&key).filter(|file| file.is_pipe) else { return };
        let name = super::pipe::pipe_name(&file.filename);
        file.pipe.feed(call.direction, bytes, Some(name).filter(|name| !name.is_empty()), out);
    }

    /// Takes a file whose opening was not captured for a pipe, where what goes through it is RPC.
    fn adopt(&mut self, call: &Call, key: FileKey, bytes: &[u8], out: &mut Events) {
        if !super::pipe::is_rpc(bytes) {
            return;
        }
        if let Some(file) = self.files.get_mut(&key) {
            file.is_pipe |= file.may_be_pipe();
            return;
        }
        let file = File { smb: call.smb, session: call.session, is_pipe: true, ..File::default() };
        if self.files.insert(key, file) {
            self.limit(call.direction, "smb_handles", out);
        }
    }

    /// A directory search.
    pub(super) fn query(&mut self, call: &Call, pattern: &str, excerpt: &[u8], out: &mut Events) {
        let query = QueryDirectory {
            smb: call.smb,
            session: call.session,
            tree_path: self.tree_path(call),
            pattern: out.text(pattern),
        };
        out.push_with(call.direction, SmbEvent::QueryDirectory(Box::new(query)), excerpt);
    }

    /// Whether the bytes of a write are of interest; `rpc` tells whether they look like RPC.
    pub(super) fn wants_write(&self, key: FileKey, rpc: bool) -> bool {
        match self.files.get(&key) {
            Some(file) => file.wants_bytes() || (rpc && file.may_be_pipe()),
            None => rpc || self.may_be_settings(),
        }
    }

    /// Whether a write to a file that is not known may be to a settings file: its opening was seen, not the answer.
    fn may_be_settings(&self) -> bool {
        self.is_one_sided()
            && self.files.iter().any(|(key, file)| matches!(key, FileKey::Asked(_)) && file.wants_bytes())
    }

    /// A file is marked for deletion.
    pub(super) fn delete(&mut self, call: &Call, key: FileKey, out: &mut Events) {
        let key = self.file_key(call, key);
        if let Some(file) = self.files.get(&key) {
            file.deleted(call.direction, out);
        } else {
            let unknown = File {
                smb: call.smb,
                session: call.session,
                tree_path: self.tree_path(call),
                ..File::default()
            };
            unknown.deleted(call.direction, out);
        }
    }

    /// A file is closed.
    pub(super) fn close(&mut self, call: &Call, key: FileKey, out: &mut Events) {
        let key = self.file_key(call, key);
        let goes = self.files.get(&key).is_some_and(|file| file.delete_on_close);
        if goes && matches!(key, FileKey::Asked(_)) && !self.is_one_sided() {
            // Opened and closed in one compound: the answer to the open tells whether it goes.
            return;
        }
        let Some(mut file) = self.files.remove(&key) else { return };
        if file.delete_on_close && self.is_one_sided() {
            file.deleted(call.direction, out);
        }
        file.closed(call.direction, out);
    }

    /// Says that a message contradicts its format.
    pub(super) fn unexpected(smb: u8, direction: Direction, what: &'static str, out: &mut Events) {
        out.anomaly(direction, Anomaly::Unexpected { protocol: protocol_name(smb), what });
    }
}

/// What a write request carries.
#[derive(Clone, Copy)]
pub(super) struct Write<'a> {
    /// Where in the file, in bytes.
    pub(super) offset: u64,
    /// How many bytes the request says it writes.
    pub(super) len: u64,
    /// Those of them that are kept.
    pub(super) bytes: &'a [u8],
}

/// Whether a path ends in the share of pipes.
fn is_pipe_share(path: &str) -> bool {
    path.rsplit(['\\', '/']).next().is_some_and(|share| share.eq_ignore_ascii_case("IPC$"))
}
