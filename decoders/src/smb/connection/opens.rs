//! Open files of a connection: which name a file identifier stands for, and what is done with it.

use capture::Direction;

use crate::events::Events;
use crate::smb::connection::{Call, Connection, Pending};
use crate::smb::file::{File, FileKey};
use crate::smb::pipe::{is_rpc, pipe_name};
use crate::smb::{Create, Created, QueryDirectory, SmbEvent};

/// FILE_DELETE_ON_CLOSE of CreateOptions ([MS-SMB2] 2.2.13).
const DELETE_ON_CLOSE: u32 = 0x1000;

/// FILE_DIRECTORY_FILE of CreateOptions.
const DIRECTORY_FILE: u32 = 1;

/// FILE_OPEN of CreateDisposition: what is higher makes or empties a file.
const FILE_OPEN: u32 = 1;

/// What a write request carries.
#[derive(Clone, Copy)]
pub(in crate::smb) struct Write<'a> {
    /// Where in the file, in bytes.
    pub(in crate::smb) offset: u64,
    /// How many bytes the request says it writes.
    pub(in crate::smb) len: u64,
    /// Those of them that are kept.
    pub(in crate::smb) bytes: &'a [u8],
}

impl Connection {
    /// A create or open request: `create` with all but session and tree path.
    pub(in crate::smb) fn create(
        &mut self,
        call: &Call,
        mut create: Create,
        excerpt: &[u8],
        out: &mut Events,
    ) {
        // Pipes are there to be opened: neither made nor directories.
        let disk = create.disposition > FILE_OPEN || create.options & DIRECTORY_FILE != 0;
        let tree = self.tree(call, disk);
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
    pub(in crate::smb) fn created(&mut self, call: &Call, id: Option<u128>, out: &mut Events) {
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
        say_created(call, tree_path, Some(filename), out);
    }

    fn created_unasked(&mut self, call: &Call, out: &mut Events) {
        let tree_path = self.tree(call, false).map(|(path, _)| path);
        say_created(call, tree_path, None, out);
    }

    /// The file that a request means. Where no answer is captured, the first use of an identifier is taken for the
    /// file last asked for in the same session; where some are missing, for the only one that was not answered.
    pub(in crate::smb) fn file_key(&mut self, call: &Call, key: FileKey) -> FileKey {
        let known = call.direction == Direction::ToClient || self.files.get(&key).is_some();
        if !known
            && self.lacks_answers()
            && let Some(asked) = self.conclude_file(call)
            && let Some(file) = self.files.remove(&asked)
        {
            let _full = self.files.insert(key, file);
        }
        key
    }

    fn conclude_file(&self, call: &Call) -> Option<FileKey> {
        let asked = self.files.iter().rev().filter(|(key, file)| {
            matches!(key, FileKey::Asked(_)) && (file.session == call.session || call.smb == 1)
        });
        let mut asked = asked.map(|(key, _)| *key);
        let last = asked.next();
        if self.is_one_sided() || asked.next().is_none() { last } else { None }
    }

    pub(in crate::smb) fn file(&self, key: &FileKey) -> Option<&File> {
        self.files.get(key)
    }

    /// Bytes written to a file or pipe, or sent in a transaction on a pipe.
    pub(in crate::smb) fn write(&mut self, call: &Call, key: FileKey, write: Write<'_>, out: &mut Events) {
        let most = self.limits.smb_file;
        self.adopt(call, key, write.bytes, out);
        let Some(file) = self.files.get_mut(&key) else { return };
        if file.is_pipe {
            let name = pipe_name(&file.filename);
            file.pipe.feed(call.direction, write.bytes, Some(name).filter(|name| !name.is_empty()), out);
        } else if file.write(write.offset, write.len, write.bytes, most) {
            self.limit(call.direction, "smb_file", out);
        }
    }

    /// Bytes read from a pipe.
    pub(in crate::smb) fn read(&mut self, call: &Call, key: FileKey, bytes: &[u8], out: &mut Events) {
        self.adopt(call, key, bytes, out);
        let Some(file) = self.files.get_mut(&key).filter(|file| file.is_pipe) else { return };
        let name = pipe_name(&file.filename);
        file.pipe.feed(call.direction, bytes, Some(name).filter(|name| !name.is_empty()), out);
    }

    /// Takes a file whose opening was not captured for a pipe, where what goes through it is RPC.
    fn adopt(&mut self, call: &Call, key: FileKey, bytes: &[u8], out: &mut Events) {
        if !is_rpc(bytes) {
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
    pub(in crate::smb) fn query(&mut self, call: &Call, pattern: &str, excerpt: &[u8], out: &mut Events) {
        let query = QueryDirectory {
            smb: call.smb,
            session: call.session,
            tree_path: self.disk_path(call),
            pattern: out.text(pattern),
        };
        out.push_with(call.direction, SmbEvent::QueryDirectory(Box::new(query)), excerpt);
    }

    /// Whether the bytes of a write are of interest; `rpc` tells whether they look like RPC.
    pub(in crate::smb) fn wants_write(&self, key: FileKey, rpc: bool) -> bool {
        match self.files.get(&key) {
            Some(file) => file.wants_bytes() || (rpc && file.may_be_pipe()),
            None => rpc || self.may_be_settings(),
        }
    }

    /// Whether a write to a file that is not known may be to a settings file: its opening was seen, not the answer.
    fn may_be_settings(&self) -> bool {
        self.lacks_answers()
            && self.files.iter().any(|(key, file)| matches!(key, FileKey::Asked(_)) && file.wants_bytes())
    }

    /// A file is marked for deletion.
    pub(in crate::smb) fn delete(&mut self, call: &Call, key: FileKey, out: &mut Events) {
        let key = self.file_key(call, key);
        if let Some(file) = self.files.get(&key) {
            file.deleted(call.direction, out);
        } else {
            let unknown = File {
                smb: call.smb,
                session: call.session,
                tree_path: self.disk_path(call),
                ..File::default()
            };
            unknown.deleted(call.direction, out);
        }
    }

    /// A file is closed.
    pub(in crate::smb) fn close(&mut self, call: &Call, key: FileKey, out: &mut Events) {
        let key = self.file_key(call, key);
        let goes = self.files.get(&key).is_some_and(|file| file.delete_on_close);
        if goes && matches!(key, FileKey::Asked(_)) && !self.is_one_sided() {
            // Opened and closed in one compound: the answer to the open tells whether it goes.
            return;
        }
        let Some(mut file) = self.files.remove(&key) else { return };
        if file.delete_on_close && self.lacks_answers() {
            file.deleted(call.direction, out);
        }
        file.closed(call.direction, out);
    }
}

fn say_created(call: &Call, tree_path: Option<String>, filename: Option<String>, out: &mut Events) {
    let created = Created { smb: call.smb, session: call.session, status: call.status, tree_path, filename };
    out.push(call.direction, SmbEvent::Created(Box::new(created)));
}
