//! Frames handed over many at a time, in one buffer that is used again.
//!
//! A file reader reads a large block straight into [`Batch::data`] and notes where each frame lies; a
//! live source and a merge of several files copy their frames in. Nobody above needs to know which.

use crate::frame::{Frame, FrameId, LinkType, Timestamp};

/// Where a frame lies in a [`Batch`], with all that its record header said.
#[derive(Clone, Copy, Debug)]
pub struct FrameHead {
    /// Which frame this is.
    pub id: FrameId,
    /// When it was captured.
    pub time: Timestamp,
    /// How to read its first bytes.
    pub link: LinkType,
    /// Interface index inside its capture.
    pub interface: u32,
    /// Offset of the first byte in [`Batch::data`].
    pub start: usize,
    /// Captured length in bytes.
    pub len: u32,
    /// Length on the wire in bytes.
    pub wire_len: u32,
}

/// A run of frames in ascending [`FrameId`] order, over one buffer.
#[derive(Debug, Default)]
pub struct Batch {
    /// The bytes that the heads point into. May hold more than the frames.
    pub data: Vec<u8>,
    /// The frames, in order.
    pub heads: Vec<FrameHead>,
}

impl Batch {
    /// Forgets the frames and keeps the memory.
    pub fn clear(&mut self) {
        self.data.clear();
        self.heads.clear();
    }

    /// How many frames it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether it holds no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Copies a frame in at the end.
    pub fn push(&mut self, frame: &Frame<'_>) {
        let start = self.data.len();
        self.data.extend_from_slice(frame.bytes);
        self.heads.push(FrameHead {
            id: frame.id,
            time: frame.time,
            link: frame.link,
            interface: frame.interface,
            start,
            len: u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX),
            wire_len: frame.wire_len,
        });
    }

    /// The frames in order, borrowed from the buffer.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        self.heads.iter().map(|head| self.frame(head))
    }

    /// The frame of one head of this batch.
    #[must_use]
    pub fn frame(&self, head: &FrameHead) -> Frame<'_> {
        let bytes =
            self.data.get(head.start..).and_then(|tail| tail.get(..head.len as usize)).unwrap_or_default();
        Frame {
            id: head.id,
            time: head.time,
            link: head.link,
            interface: head.interface,
            bytes,
            wire_len: head.wire_len,
        }
    }
}
