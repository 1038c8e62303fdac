//! Where a message's body ends (RFC 9112 6 and 7): what is payload, what is framing.
//!
//! It looks at no payload byte: those are for the caller to skip or to keep.

use memchr::memchr;

use crate::error::{DecodeError, ErrorKind};

/// The longest line that states a chunk's size, extensions included.
const SIZE_LINE: usize = 4 << 10;

/// Where in a body the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes are left of a body of stated length.
    Length(u64),
    /// At the line that states a chunk's size.
    Size,
    /// So many bytes are left of a chunk.
    Chunk(u64),
    /// At the line end behind a chunk's bytes.
    ChunkEnd,
    /// In the trailer section, of which so many bytes have been read.
    Trailers(usize),
    /// The body ends with the stream.
    UntilClose,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// So many bytes of the body, perhaps more than are there yet.
    Payload(u64),
    /// So many bytes of framing, and what they lead to; `None` is the body's end.
    Framing(usize, Option<Body>),
    /// Framing of which not enough is there.
    More,
    /// What stands there is no framing.
    Broken(DecodeError),
}

impl Body {
    /// What `data`, which is not empty, begins with. A trailer section may have `head` bytes.
    pub(super) fn next(self, data: &[u8], head: usize) -> Part {
        match self {
            Self::Length(left) | Self::Chunk(left) => Part::Payload(left),
            Self::UntilClose => Part::Payload(u64::MAX),
            Self::Size => size_line(data),
            Self::ChunkEnd => match data {
                [b'\n', ..] => Part::Framing(1, Some(Self::Size)),
                [b'\r', b'\n', ..] => Part::Framing(2, Some(Self::Size)),
                [b'\r'] | [] => Part::More,
                _ => broken("chunk end", ErrorKind::Unexpected("no line end behind the chunk")),
            },
            Self::Trailers(read) => trailer(data, read, head),
        }
    }

    /// After so many bytes of payload; `None` is the body's end.
    pub(super) const fn after(self, payload: u64) -> Option<Self> {
        match self {
            Self::Length(left) if left > payload => Some(Self::Length(left - payload)),
            Self::Length(_) => None,
            Self::Chunk(left) if left > payload => Some(Self::Chunk(left - payload)),
            Self::Chunk(_) => Some(Self::ChunkEnd),
            other => Some(other),
        }
    }

    /// After so many missing bytes, where those were payload alone: `Err` if the place is lost.
    pub(super) const fn after_gap(self, missing: u64) -> Result<Option<Self>, ()> {
        match self {
            Self::Length(left) | Self::Chunk(left) if missing <= left => Ok(self.after(missing)),
            Self::UntilClose => Ok(Some(self)),
            _ => Err(()),
        }
    }
}

fn broken(field: &'static str, kind: ErrorKind) -> Part {
    Part::Broken(DecodeError::new("http", field, 0, kind))
}

/// `chunk-size [ chunk-ext ] CRLF`; spaces behind the size are common.
fn size_line(data: &[u8]) -> Part {
    let window = data.get(..SIZE_LINE).unwrap_or(data);
    let Some(end) = memchr(b'\n', window) else {
        return match data.len() {
            SIZE_LINE.. => broken("chunk size", ErrorKind::Limit("line of 4096 bytes")),
            _ => Part::More,
        };
    };
    let line = window.get(..end).unwrap_or_default().trim_ascii();
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, extension) = line.split_at(digits);
    let size = str::from_utf8(size).ok().and_then(|size| u64::from_str_radix(size, 16).ok());
    match (size, extension.trim_ascii_start().first()) {
        (Some(0), None | Some(b';')) => Part::Framing(end + 1, Some(Body::Trailers(0))),
        (Some(size), None | Some(b';')) => Part::Framing(end + 1, Some(Body::Chunk(size))),
        _ => broken("chunk size", ErrorKind::Unexpected("not a hexadecimal number")),
    }
}

/// One line of the trailer section, which ends with an empty one.
fn trailer(data: &[u8], read: usize, head: usize) -> Part {
    let limit = head.saturating_sub(read);
    let window = data.get(..limit).unwrap_or(data);
    match memchr(b'\n', window) {
        Some(end) if window.get(..end).is_some_and(|line| matches!(line, [] | [b'\r'])) => {
            Part::Framing(end + 1, None)
        }
        Some(end) => Part::Framing(end + 1, Some(Body::Trailers(read + end + 1))),
        None if data.len() >= limit => broken("trailer section", ErrorKind::Limit("http_head")),
        None => Part::More,
    }
}
