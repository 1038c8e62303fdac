//! Header blocks, put together from the frames that carry them (RFC 9113 4.3).

use super::frame::{FrameHeader, PUSH_PROMISE};
use crate::error::DecodeError;

/// A header block of which the end has not come yet.
#[derive(Debug)]
pub(super) struct Block {
    /// The frame that it began with.
    first: FrameHeader,
    bytes: Vec<u8>,
}

impl Block {
    pub(super) const fn new(first: FrameHeader) -> Self {
        Self { first, bytes: Vec::new() }
    }

    pub(super) const fn stream(&self) -> u32 {
        self.first.stream
    }

    /// The stream ends with it, in its direction.
    pub(super) const fn ends_stream(&self) -> bool {
        self.first.ends_stream()
    }

    /// It is the request that a server makes for its client.
    pub(super) const fn is_promise(&self) -> bool {
        self.first.kind == PUSH_PROMISE
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the fragment in a frame's payload, which may lack its end.
    pub(super) fn append(&mut self, frame: FrameHeader, payload: &[u8]) -> Result<(), DecodeError> {
        self.bytes.extend_from_slice(frame.fragment(payload)?);
        Ok(())
    }
}
