//! What goes through named pipes: DCE/RPC, which has a reader of its own, or something else, which is left alone.

use capture::Direction;

use crate::dcerpc::Association;
use crate::events::Events;

/// One open pipe.
#[derive(Default)]
pub(super) enum Pipe {
    /// Nothing came yet.
    #[default]
    Fresh,
    /// DCE/RPC.
    Rpc(Box<Association>),
    /// Anything else.
    Other,
}

impl Pipe {
    /// Takes bytes that were written to the pipe, or read from it.
    pub(super) fn feed(&mut self, direction: Direction, bytes: &[u8], name: Option<&str>, out: &mut Events) {
        if bytes.is_empty() {
            return;
        }
        if matches!(self, Self::Fresh) {
            *self =
                if is_rpc(bytes) { Self::Rpc(Box::new(Association::new(&out.limits))) } else { Self::Other };
        }
        if let Self::Rpc(association) = self {
            association.feed(direction, bytes, name, out);
        }
    }

    /// Bytes are missing in one direction.
    pub(super) fn gap(&mut self, direction: Direction) {
        if let Self::Rpc(association) = self {
            association.gap(direction);
        }
    }
}

/// Whether bytes begin with a connection-oriented PDU: version 5.0 or 5.1 and a type in use ([MS-RPCE] 2.2.2.1).
pub(super) fn is_rpc(bytes: &[u8]) -> bool {
    matches!(bytes, [5, 0 | 1, 0..=20, ..])
}

/// The name of a pipe as the RPC reader wants it: without directories.
pub(super) fn pipe_name(filename: &str) -> &str {
    filename.rsplit(['\\', '/']).next().unwrap_or(filename)
}
