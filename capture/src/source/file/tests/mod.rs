//! Captures are built byte by byte here, and read back.

mod build;
mod damage;
mod errors;
mod formats;
mod several;

use std::io::{Cursor, Read};

use super::{FileOptions, FileSource};
use crate::batch::Batch;
use crate::frame::{FrameId, LinkType, Timestamp};
use crate::source::{CaptureInfo, Fill, Source};

/// A frame, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Got {
    pub(super) id: FrameId,
    pub(super) time: Timestamp,
    pub(super) link: LinkType,
    pub(super) interface: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) wire_len: u32,
}

/// Everything a source gives.
pub(super) fn drain(source: &mut dyn Source) -> Vec<Got> {
    let mut batch = Batch::default();
    let mut all = Vec::new();
    while source.fill(&mut batch).expect("a file source goes on") == Fill::Frames {
        assert!(!batch.is_empty());
        all.extend(batch.frames().map(|frame| Got {
            id: frame.id,
            time: frame.time,
            link: frame.link,
            interface: frame.interface,
            bytes: frame.bytes.to_vec(),
            wire_len: frame.wire_len,
        }));
    }
    assert_eq!(source.fill(&mut batch).expect("an end lasts"), Fill::End);
    all
}

/// Reads bytes as a pipe that gives one byte short of what is asked, so that reads end anywhere.
pub(super) fn read(bytes: &[u8], block: usize) -> (Vec<Got>, CaptureInfo) {
    let options = FileOptions { block_bytes: block, ..FileOptions::default() };
    read_with(bytes, options)
}

pub(super) fn read_with(bytes: &[u8], options: FileOptions) -> (Vec<Got>, CaptureInfo) {
    let reader = Box::new(Short(Cursor::new(bytes.to_vec())));
    let mut source = FileSource::from_reader("test", reader, options).expect("a capture");
    let frames = drain(&mut source);
    (frames, source.captures()[0].clone())
}

struct Short(Cursor<Vec<u8>>);

impl Read for Short {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let length = out.len().saturating_sub(1).max(out.len().min(1));
        self.0.read(&mut out[..length])
    }
}
