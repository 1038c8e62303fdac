//! Frames: their header, and what pads a payload (RFC 9113 4.1, 6).

use capture::Direction;

use crate::error::{DecodeError, ErrorKind};
use crate::reader::Reader;

/// Octets of a frame's header.
pub(super) const HEADER: usize = 9;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

/// Of DATA and HEADERS.
const END_STREAM: u8 = 0x01;
/// Of SETTINGS and PING.
const ACK: u8 = 0x01;
/// Of HEADERS, PUSH_PROMISE and CONTINUATION.
const END_HEADERS: u8 = 0x04;
/// Of DATA, HEADERS and PUSH_PROMISE.
const PADDED: u8 = 0x08;
/// Of HEADERS.
const HAS_PRIORITY: u8 = 0x20;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    /// Octets of its payload.
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    /// 0 is the connection itself.
    pub(super) stream: u32,
}

impl FrameHeader {
    /// `None` where it is not complete.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let &[high, mid, low, kind, flags, a, b, c, d] = data.first_chunk::<HEADER>()?;
        let length = u32::from_be_bytes([0, high, mid, low]) as usize;
        let stream = u32::from_be_bytes([a & 0x7F, b, c, d]);
        Some(Self { length, kind, flags, stream })
    }

    const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Nothing follows from this side on the stream.
    pub(super) const fn ends_stream(self) -> bool {
        matches!(self.kind, DATA | HEADERS) && self.has(END_STREAM)
    }

    /// The header block ends with this frame.
    pub(super) const fn ends_headers(self) -> bool {
        self.has(END_HEADERS)
    }

    /// It states settings.
    pub(super) const fn is_settings(self) -> bool {
        self.kind == SETTINGS && !self.has(ACK)
    }

    /// It only says that one of the other side was received.
    pub(super) const fn is_ack(self) -> bool {
        matches!(self.kind, SETTINGS | PING) && self.has(ACK)
    }

    /// Its payload begins with a count of the octets that pad its end.
    pub(super) const fn is_padded(self) -> bool {
        matches!(self.kind, DATA | HEADERS | PUSH_PROMISE) && self.has(PADDED)
    }

    /// What makes it a connection error: a receiver would close here, and an observer has lost its place.
    pub(super) fn fault(self) -> Option<DecodeError> {
        let length = match self.kind {
            PRIORITY => self.length == 5,
            RST_STREAM | WINDOW_UPDATE => self.length == 4,
            SETTINGS => self.length.is_multiple_of(6) && (self.length == 0 || !self.is_ack()),
            PING => self.length == 8,
            GOAWAY => self.length >= 8,
            _ => true,
        };
        let stream = match self.kind {
            DATA..=RST_STREAM | PUSH_PROMISE | CONTINUATION => self.stream != 0,
            SETTINGS | PING | GOAWAY => self.stream == 0,
            _ => true,
        };
        let error =
            |field, offset, value| Some(DecodeError::new("http2", field, offset, ErrorKind::Value(value)));
        match (length, stream) {
            (false, _) => error("length", 0, self.length as u64),
            (true, false) => error("stream identifier", 5, u64::from(self.stream)),
            (true, true) => None,
        }
    }

    /// Whether bytes that read like this are likely to be a frame's header: of a known type, with no flag that the type
    /// does not have, no longer than anybody must allow, and of a stream that this side may speak on.
    pub(super) fn is_plausible(self, direction: Direction) -> bool {
        let flags = match self.kind {
            DATA => END_STREAM | PADDED,
            HEADERS => END_STREAM | END_HEADERS | PADDED | HAS_PRIORITY,
            PUSH_PROMISE => END_HEADERS | PADDED,
            CONTINUATION => END_HEADERS,
            SETTINGS | PING => ACK,
            PRIORITY | RST_STREAM | GOAWAY | WINDOW_UPDATE => 0,
            _ => return false,
        };
        let clients = !self.stream.is_multiple_of(2);
        let side = match (self.kind, direction) {
            (HEADERS | DATA, Direction::ToServer) => clients,
            (PUSH_PROMISE, Direction::ToServer) => false,
            _ => true,
        };
        self.flags & !flags == 0 && side && self.length <= SMALLEST_LARGEST && self.fault().is_none()
    }

    /// The header block in its payload, which may lack its end; of a PUSH_PROMISE without the promised stream.
    pub(super) fn fragment(self, payload: &[u8]) -> Result<&[u8], DecodeError> {
        let mut reader = Reader::new("http2", payload);
        let padding = if self.is_padded() { usize::from(reader.u8("pad length")?) } else { 0 };
        match self.kind {
            HEADERS if self.has(HAS_PRIORITY) => reader.skip("priority", 5)?,
            PUSH_PROMISE => reader.skip("promised stream", 4)?,
            _ => {}
        }
        let before = reader.position();
        let Some(octets) = self.length.checked_sub(before + padding) else {
            return Err(reader.error("pad length", ErrorKind::Value(padding as u64)));
        };
        let fragment = reader.rest();
        Ok(fragment.get(..octets).unwrap_or(fragment))
    }
}

/// The largest payload that every receiver takes, in octets (RFC 9113 4.2).
pub(super) const SMALLEST_LARGEST: usize = 16_384;
