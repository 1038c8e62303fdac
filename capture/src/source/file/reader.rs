//! One capture file: large blocks are read straight into the batch, and frames are noted in place.
//!
//! Only the record that a block ends in is copied, to the start of the next batch. The batch's buffer is kept
//! at its full length between calls, since clearing it would mean zeroing a block for each one read.

use std::path::Path;

use super::FileOptions;
use super::input::Input;
use super::pcap::Pcap;
use super::pcapng::PcapNg;
use super::sniff::{self, Kind};
use crate::batch::{Batch, FrameHead};
use crate::frame::CaptureId;
use crate::source::{CaptureInfo, Compression, Format, SourceError, SourceProblem};

/// Bytes read at once where they are not wanted.
const SCRAP_BYTES: usize = 1 << 16;
/// Bytes of trailing garbage counted in a compressed file, which may unpack to any size.
const DRAIN_BYTES: u64 = 16 << 20;

/// What a format's parser found in a buffer.
pub(super) struct Parsed {
    /// Where the first record that was not handed over begins. Past the end of the data where bytes yet to
    /// come are to be skipped.
    pub(super) consumed: usize,
    /// Bytes that record needs, as far as known; more than there are.
    pub(super) need: usize,
    /// Why nothing more can be read.
    pub(super) problem: Option<SourceProblem>,
    /// Should the data end here: what suggests garbage, not a record cut short.
    pub(super) implausible: Option<&'static str>,
}

impl Parsed {
    /// Everything before `consumed` is done; the next record needs `need` bytes.
    pub(super) const fn more(consumed: usize, need: usize) -> Self {
        Self { consumed, need, problem: None, implausible: None }
    }

    /// Nothing more can be read. The reader fills in offset and length.
    pub(super) const fn stop(consumed: usize, problem: SourceProblem) -> Self {
        Self { consumed, need: 0, problem: Some(problem), implausible: None }
    }
}

/// Where a parser puts what it finds.
pub(super) struct Sink<'a> {
    pub(super) heads: &'a mut Vec<FrameHead>,
    pub(super) info: &'a mut CaptureInfo,
    pub(super) options: &'a FileOptions,
    pub(super) capture: CaptureId,
}

impl Sink<'_> {
    /// Numbers a frame and notes it.
    #[inline]
    pub(super) fn push(&mut self, mut head: FrameHead) {
        self.info.frames += 1;
        head.id.number = self.info.frames;
        head.id.capture = self.capture;
        self.heads.push(head);
    }
}

enum Framing {
    Pcap(Pcap),
    PcapNg(Box<PcapNg>),
}

/// A capture file that is open.
pub(super) struct Reader {
    input: Input,
    framing: Framing,
    /// The incomplete record that the last block ended in, and what was read to recognise the file.
    carry: Vec<u8>,
    /// Bytes that the record in `carry` needs.
    need: usize,
    /// Place of the first byte of `carry` in the unpacked file.
    offset: u64,
    options: FileOptions,
    capture: CaptureId,
    ended: bool,
    pub(super) info: CaptureInfo,
}

impl Reader {
    /// Opens a capture.
    pub(super) fn open(path: &Path, capture: CaptureId, options: &FileOptions) -> Result<Self, SourceError> {
        Self::from_input(
            &path.display().to_string(),
            Input::open(path, options.zstd_window_bytes)?,
            capture,
            options,
        )
    }

    /// Reads a capture from an input that is open.
    pub(super) fn from_input(
        path: &str,
        mut input: Input,
        capture: CaptureId,
        options: &FileOptions,
    ) -> Result<Self, SourceError> {
        let first = std::mem::take(&mut input.first);
        let mut info = CaptureInfo {
            name: path.to_owned(),
            compression: input.compression,
            size: input.size,
            ..CaptureInfo::default()
        };
        let (framing, start) = match sniff::kind(&first) {
            Some(Kind::Pcap) => {
                let (pcap, interface) = Pcap::open(path, &first)?;
                info.format = Pcap::format();
                info.sections = 1;
                info.interfaces.push(interface);
                (Framing::Pcap(pcap), sniff::PCAP_HEADER)
            }
            Some(Kind::PcapNg) => {
                let section = PcapNg::open(path, &first)?;
                info.format = Format::PcapNg;
                (Framing::PcapNg(Box::new(section)), 0)
            }
            None => return Err(sniff::refusal(path, &first)),
        };
        Ok(Self {
            input,
            framing,
            carry: first.get(start..).unwrap_or_default().to_vec(),
            need: 0,
            offset: start as u64,
            options: options.clone(),
            capture,
            ended: false,
            info,
        })
    }

    /// Whether it is a pipe, which cannot be opened twice.
    pub(super) fn is_pipe(&self) -> bool {
        self.input.is_pipe()
    }

    /// Stored bytes read so far.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.input.stored_bytes()
    }

    /// Fills a batch with the next frames, reading about `block` bytes; false at the end.
    pub(super) fn fill(&mut self, batch: &mut Batch, block: usize) -> bool {
        batch.heads.clear();
        let mut have = self.carry.len();
        if !self.ended {
            resize(&mut batch.data, block.max(self.need).max(have));
            if let Some(room) = batch.data.get_mut(..have) {
                room.copy_from_slice(&self.carry);
            }
        }
        while !self.ended {
            let want = block.max(self.need).max(have);
            resize(&mut batch.data, want);
            let (filled, at_end) = self.read(&mut batch.data, have, want);
            have = filled;
            let data = batch.data.get(..have).unwrap_or_default();
            let mut sink = Sink {
                heads: &mut batch.heads,
                info: &mut self.info,
                options: &self.options,
                capture: self.capture,
            };
            let parsed = match &mut self.framing {
                Framing::Pcap(pcap) => pcap.parse(data, 0, &mut sink),
                Framing::PcapNg(pcapng) => pcapng.parse(data, 0, &mut sink),
            };
            have = self.settle(&mut batch.data, have, at_end, parsed, batch.heads.is_empty());
            if !batch.heads.is_empty() {
                break;
            }
        }
        !batch.heads.is_empty()
    }

    /// Deals with what a parser left: an end, a problem, bytes to skip, a record to go on with. Returns how many
    /// bytes at the start of `data` are to be parsed again.
    fn settle(&mut self, data: &mut [u8], have: usize, at_end: bool, parsed: Parsed, again: bool) -> usize {
        let consumed = parsed.consumed.min(have);
        let left = have - consumed;
        self.offset += consumed as u64;
        self.need = parsed.need;
        if let Some(problem) = parsed.problem {
            self.stop(left, problem);
            return 0;
        }
        let skip = parsed.consumed - consumed;
        if skip > 0 {
            self.skip(skip);
            self.carry.clear();
            return 0;
        }
        if at_end {
            self.end(left, &parsed);
            return 0;
        }
        if again {
            data.copy_within(consumed..have, 0);
            return left;
        }
        self.carry.clear();
        self.carry.extend_from_slice(data.get(consumed..have).unwrap_or_default());
        left
    }

    /// Reads until `want` bytes are there, or what there is on a pipe; true at the end of the input.
    fn read(&mut self, data: &mut [u8], mut have: usize, want: usize) -> (usize, bool) {
        while let Some(room) = data.get_mut(have..want).filter(|room| !room.is_empty()) {
            match self.input.read(room) {
                Ok(0) => return (have, true),
                Ok(count) => have += count,
                Err(error) => {
                    let offset = self.offset + have as u64;
                    let reason = error.to_string();
                    self.info.problem = Some(SourceProblem::ReadFailed { offset, reason });
                    return (have, true);
                }
            }
            if self.input.is_pipe() && have >= self.need {
                break;
            }
        }
        (have, false)
    }

    /// The input ended; `left` bytes of an incomplete record are left.
    fn end(&mut self, left: usize, parsed: &Parsed) {
        self.ended = true;
        self.carry.clear();
        if left == 0 || self.info.problem.is_some() {
            return;
        }
        let (offset, have) = (self.offset, left as u64);
        self.info.problem = Some(match parsed.implausible {
            Some(reason) => SourceProblem::TrailingGarbage { offset, bytes: have, reason: reason.to_owned() },
            None => SourceProblem::CutShort { offset, have, need: parsed.need as u64 },
        });
    }

    /// A parser cannot go on; what is left is counted where that is cheap.
    fn stop(&mut self, left: usize, problem: SourceProblem) {
        self.ended = true;
        self.carry.clear();
        let known = match (self.input.compression, self.input.size) {
            (Compression::None, Some(size)) => size.checked_sub(self.offset),
            _ => None,
        };
        let left = known.unwrap_or(0).max(left as u64);
        let rest = if known.is_none() && !self.input.is_pipe() { self.drain() } else { 0 };
        let offset = self.offset;
        self.info.problem.get_or_insert(match problem {
            SourceProblem::TrailingGarbage { reason, .. } => {
                SourceProblem::TrailingGarbage { offset, bytes: left + rest, reason }
            }
            SourceProblem::Damaged { reason, .. } => SourceProblem::Damaged { offset, reason },
            other => other,
        });
    }

    /// Counts what is left of a compressed file, up to a limit.
    fn drain(&mut self) -> u64 {
        let mut scrap = vec![0; SCRAP_BYTES];
        let limit = DRAIN_BYTES;
        let mut count = 0;
        while count < limit {
            match self.input.read(&mut scrap) {
                Ok(0) | Err(_) => break,
                Ok(more) => count += more as u64,
            }
        }
        count
    }

    /// Passes over bytes of a block that is not wanted.
    fn skip(&mut self, bytes: usize) {
        // Not into the batch: its frames may lie there already.
        let mut scrap = vec![0; SCRAP_BYTES.min(bytes)];
        let mut left = bytes;
        while left > 0 {
            let room = scrap.len().min(left);
            let (count, at_end) = self.read(&mut scrap, 0, room);
            left = left.saturating_sub(count);
            self.offset += count as u64;
            if at_end && left > 0 {
                let (need, have) = (bytes as u64, (bytes - left) as u64);
                let offset = self.offset - have;
                self.info.problem.get_or_insert(SourceProblem::CutShort { offset, have, need });
                self.ended = true;
                return;
            }
        }
        self.need = 0;
    }
}

/// Makes a buffer at least `length` long, zeroing only what is new.
fn resize(data: &mut Vec<u8>, length: usize) {
    if data.len() < length {
        data.resize(length, 0);
    }
}
