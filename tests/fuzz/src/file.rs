//! Capture files: whatever the bytes, the frames keep their order and bounds, and depend neither on how the file is
//! read nor on how large the blocks are.

use std::io::Read;

use capture::{Batch, FileOptions, FileSource, Fill, Source, SourceProblem};

use crate::memory;

/// Gives the file in pieces of at most so many bytes.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    most: usize,
}

impl Read for Pieces {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let len = to.len().min(self.most).min(self.bytes.len() - self.at);
        to[..len].copy_from_slice(&self.bytes[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

/// A frame, owned, and the end of the capture as text.
type Got = (Vec<(u64, i64, u16, u32, Vec<u8>, u32)>, String);

fn read(input: &[u8], most: usize, block_bytes: usize) -> Option<Got> {
    let options = FileOptions {
        block_bytes,
        record_bytes: 64 << 10,
        interfaces: 16,
        host_names: 16,
        secret_bytes: 1_024,
        zstd_window_bytes: 1 << 20,
        ..FileOptions::default()
    };
    let most_in_record = options.record_bytes;
    let pieces = Pieces { bytes: input.to_vec(), at: 0, most };
    let mut source = FileSource::from_reader("fuzz", Box::new(pieces), options).ok()?;
    let (mut batch, mut frames) = (Batch::default(), Vec::new());
    loop {
        match source.fill(&mut batch) {
            Ok(Fill::Frames) => assert!(!batch.is_empty(), "frames announced, none there"),
            Ok(Fill::Idle) => unreachable!("a file is never idle"),
            Ok(Fill::End) => break,
            Err(error) => panic!("no filter, no live interface, and yet: {error}"),
        }
        for frame in batch.frames() {
            assert_eq!(frame.id.order, frames.len() as u64 + 1, "frames are numbered one by one");
            assert!(frame.bytes.len() <= most_in_record, "a frame beyond the limit");
            frames.push((
                frame.id.number,
                frame.time.as_nanos(),
                frame.link.0,
                frame.interface,
                frame.bytes.to_vec(),
                frame.wire_len,
            ));
        }
    }
    assert!(frames.is_sorted_by(|one, next| one.0 < next.0), "numbers of frames grow");
    let info = &source.captures()[0];
    assert!(info.host_names.len() <= 16 && info.interfaces.len() <= 16, "lists beyond their limits");
    assert!(
        info.secrets.iter().map(|block| block.data.len()).sum::<usize>() <= 1_024,
        "secrets beyond the limit"
    );
    assert!(info.frames >= frames.len() as u64, "frames beyond the count");
    let problem = info.problem.clone().map(place_free);
    let what = format!(
        "{} {} {} {} {problem:?}",
        info.frames, info.sections, info.unknown_blocks, info.damaged_records
    );
    Some((frames, what))
}

/// A problem without what depends on how much was read at once: of a pipe, how much garbage is there already; of a block
/// that is passed over, where in it the file ends.
fn place_free(problem: SourceProblem) -> SourceProblem {
    match problem {
        SourceProblem::TrailingGarbage { offset, reason, .. } => {
            SourceProblem::TrailingGarbage { offset, bytes: 0, reason }
        }
        SourceProblem::CutShort { offset, have, need } => {
            SourceProblem::CutShort { offset: 0, have: offset + have, need: offset.saturating_add(need) }
        }
        other => other,
    }
}

/// Asserts that two readings agree. Where unpacking fails, one may have got farther than the other.
fn agree(one: &Option<Got>, other: &Option<Got>, how: &str) {
    if let (Some((one, why)), Some((other, _))) = (one, other)
        && why.contains("ReadFailed")
    {
        let both = one.len().min(other.len());
        assert_eq!(one[..both], other[..both], "{how}");
    } else {
        assert_eq!(one, other, "{how}");
    }
}

pub(crate) fn run(input: &[u8]) {
    let before = memory::begin();
    let whole = read(input, usize::MAX, 1 << 20);
    memory::check(before, input.len());
    agree(&whole, &read(input, usize::MAX, 256), "small blocks");
    agree(&whole, &read(input, 7, 4_096), "small reads");
}
