//! Trees of a connection: which share a tree identifier stands for.

use crate::events::Events;
use crate::smb::connection::{Call, Connection, Pending, Tree};
use crate::smb::{SmbEvent, TreeConnect, TreeConnected};

/// ShareType of a share of pipes ([MS-SMB2] 2.2.10).
const SHARE_PIPE: u8 = 2;

impl Connection {
    /// A tree connect request.
    pub(in crate::smb) fn tree_connect(&mut self, call: &Call, path: &str, excerpt: &[u8], out: &mut Events) {
        let path = out.text(path);
        self.ask(call, Pending::Tree { session: call.session, path: path.clone() }, out);
        let event = TreeConnect { smb: call.smb, session: call.session, path };
        out.push_with(call.direction, SmbEvent::TreeConnect(Box::new(event)), excerpt);
    }

    /// A tree connect response.
    pub(in crate::smb) fn tree_connected(
        &mut self,
        call: &Call,
        share_type: u8,
        encrypt: bool,
        out: &mut Events,
    ) {
        let path = match self.answered(call) {
            Some(Pending::Tree { path, .. }) => Some(path),
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
    pub(in crate::smb) fn tree_gone(&mut self, call: &Call) {
        self.trees.remove(&call.tree_key());
    }

    /// The path of a message's tree, and whether it is a share of pipes. Where answers are not captured, the first
    /// use of a tree tells its identifier, if only one path can be meant: `disk` says that it is no share of pipes.
    pub(super) fn tree(&mut self, call: &Call, disk: bool) -> Option<(String, bool)> {
        let key = call.tree_key();
        if self.trees.get(&key).is_none()
            && self.lacks_answers()
            && let Some(path) = self.conclude_tree(call, disk)
        {
            let tree = Tree { is_pipe: is_pipe_share(&path), path };
            let _full = self.trees.insert(key, tree);
        }
        self.trees.get(&key).map(|tree| (tree.path.clone(), tree.is_pipe))
    }

    /// The one path that was asked for and not answered, if there is but one.
    fn conclude_tree(&mut self, call: &Call, disk: bool) -> Option<String> {
        let mut paths = self.pending.iter().filter_map(|(_, pending)| asked(pending, call, disk));
        let path = paths.next()?.to_owned();
        let ambiguous = paths.any(|other| other != path);
        drop(paths);
        if ambiguous {
            return None;
        }
        self.pending.retain(|pending| asked(pending, call, disk).is_none());
        Some(path)
    }

    /// The path of a message's tree, for what is done on disks alone.
    pub(in crate::smb) fn disk_path(&mut self, call: &Call) -> Option<String> {
        self.tree(call, true).map(|(path, _)| path)
    }
}

/// Whether a path ends in the share of pipes.
fn is_pipe_share(path: &str) -> bool {
    path.rsplit(['\\', '/']).next().is_some_and(|share| share.eq_ignore_ascii_case("IPC$"))
}

/// The path of a tree connect of the same session; with `disk`, not of a share of pipes.
fn asked<'a>(pending: &'a Pending, call: &Call, disk: bool) -> Option<&'a str> {
    match pending {
        Pending::Tree { session, path } if call.smb == 1 || *session == call.session => {
            Some(path.as_str()).filter(|path| !(disk && is_pipe_share(path)))
        }
        _ => None,
    }
}
