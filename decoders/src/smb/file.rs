//! One open file or pipe, and what was written to it.

use capture::Direction;

use crate::events::Events;
use crate::smb::pipe::Pipe;
use crate::smb::settings::{is_settings_file, settings};
use crate::smb::{Delete, FileWritten, SmbEvent};

/// How a file is known. The order is that in which a full table gives them up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FileKey {
    /// By the message that asks to open it, until the answer gives its identifier.
    Asked(u64),
    /// By its identifier: FileId (SMB2, both halves) or FID (SMB1).
    Id(u128),
}

/// An open file.
#[derive(Default)]
pub(super) struct File {
    pub(super) smb: u8,
    pub(super) session: u64,
    pub(super) tree_path: Option<String>,
    pub(super) filename: String,
    /// Opened on a share of pipes.
    pub(super) is_pipe: bool,
    pub(super) delete_on_close: bool,
    pub(super) pipe: Pipe,
    /// End of the furthest write; nothing written where absent.
    pub(super) written: Option<u64>,
    /// Bytes from offset 0 on, of a settings file alone.
    pub(super) content: Option<Vec<u8>>,
}

impl File {
    /// Makes ready to keep the content, if it is a settings file.
    pub(super) fn opened(mut self) -> Self {
        self.content = (!self.is_pipe && is_settings_file(&self.filename)).then(Vec::new);
        self
    }

    /// Whether the bytes written are of interest, not just their number.
    pub(super) const fn wants_bytes(&self) -> bool {
        self.is_pipe || self.content.is_some()
    }

    /// Whether it may turn out to be a pipe: its share is not known, and nothing else was written.
    pub(super) const fn may_be_pipe(&self) -> bool {
        self.tree_path.is_none() && self.written.is_none()
    }

    /// Notes a write of `len` bytes at `offset`; `bytes` are those that are kept of it. True where a limit was hit.
    pub(super) fn write(&mut self, offset: u64, len: u64, bytes: &[u8], most: usize) -> bool {
        let end = offset.saturating_add(len);
        self.written = Some(self.written.map_or(end, |before| before.max(end)));
        let Some(content) = &mut self.content else { return false };
        let in_order = usize::try_from(offset).is_ok_and(|offset| offset == content.len());
        let whole = u64::try_from(bytes.len()).is_ok_and(|have| have == len);
        let fits = content.len().saturating_add(bytes.len()) <= most;
        if in_order && whole && fits {
            content.extend_from_slice(bytes);
        } else {
            self.content = None;
        }
        !fits
    }

    /// Something written may be missing.
    pub(super) fn gap(&mut self, direction: Direction) {
        self.pipe.gap(direction);
        if direction == Direction::ToServer {
            self.content = None;
        }
    }

    /// Says what was written, now that nothing follows.
    pub(super) fn closed(&mut self, direction: Direction, out: &mut Events) {
        let Some(len) = self.written.take().filter(|_| !self.is_pipe) else { return };
        let settings = self.content.take().map(|content| settings(&content, out)).unwrap_or_default();
        let written = FileWritten {
            smb: self.smb,
            session: self.session,
            tree_path: self.tree_path.clone(),
            filename: self.filename.clone(),
            len,
            settings,
        };
        out.push(direction, SmbEvent::FileWritten(Box::new(written)));
    }

    /// Says that the file is to go.
    pub(super) fn deleted(&self, direction: Direction, out: &mut Events) {
        let delete = Delete {
            smb: self.smb,
            session: self.session,
            tree_path: self.tree_path.clone(),
            filename: self.filename.clone(),
        };
        out.push(direction, SmbEvent::Delete(Box::new(delete)));
    }
}
