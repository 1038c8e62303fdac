//! Why bytes could not be read as the protocol they claim to be.
//!
//! Three things never share an error: the capture cut the frame, the capture missed a segment, and the peer sent it
//! wrong. This type is for the third, and for the first where a decoder cannot know better.

use std::fmt;

/// A field that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{protocol}: {field} at byte {offset}: {kind}")]
pub struct DecodeError {
    /// The protocol, in lower case.
    pub protocol: &'static str,
    /// The field, in the words of the protocol's document.
    pub field: &'static str,
    /// Offset of the field in its message, in bytes.
    pub offset: usize,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

impl DecodeError {
    /// An error for one field.
    #[must_use]
    pub const fn new(protocol: &'static str, field: &'static str, offset: usize, kind: ErrorKind) -> Self {
        Self { protocol, field, offset, kind }
    }

    /// Whether more bytes could have helped.
    #[must_use]
    pub const fn is_short(&self) -> bool {
        matches!(self.kind, ErrorKind::Short { .. })
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Fewer bytes than the field needs.
    Short {
        /// Bytes needed.
        need: usize,
        /// Bytes there.
        have: usize,
    },
    /// A value that the field cannot have.
    Value(u64),
    /// Text, a tag or a structure that is not what stands in the document.
    Unexpected(&'static str),
    /// Bytes left over, where none may be.
    Trailing(usize),
    /// A limit of ours was reached.
    Limit(&'static str),
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { need, have } => write!(out, "need {need} bytes, have {have}"),
            Self::Value(value) => write!(out, "value {value:#x} is not allowed"),
            Self::Unexpected(what) => write!(out, "expected {what}"),
            Self::Trailing(count) => write!(out, "{count} bytes left over"),
            Self::Limit(limit) => write!(out, "limit reached: {limit}"),
        }
    }
}
