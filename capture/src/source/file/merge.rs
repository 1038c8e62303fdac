//! Captures of one run, in order of time.
//!
//! Captures whose times do not overlap are read one after the other, in place. Where they do overlap, frames
//! are copied into the batch in order of time, and of capture where times are equal. The frames of one capture
//! are never reordered: where its clock goes back, its frames count as of the latest time it had reached.
//!
//! To know where a capture begins without holding it open, its first block is read when the source is opened.

mod open;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::PathBuf;

use super::FileOptions;
use super::reader::Reader;
use crate::batch::Batch;
use crate::frame::{CaptureId, Timestamp};
use crate::source::filter::FilterSet;
use crate::source::{CaptureInfo, Fill, Source, SourceError, SourceProblem};

/// Frames of capture files, merged in order of time.
pub struct FileSource {
    infos: Vec<CaptureInfo>,
    /// Captures not begun, in order of their first frame.
    waiting: VecDeque<Waiting>,
    active: Vec<Active>,
    /// The last [`crate::FrameId::order`] given.
    order: u64,
    filter: Option<FilterSet>,
    options: FileOptions,
    finished_bytes: u64,
    total_bytes: Option<u64>,
    passed_over: u64,
}

/// A capture not begun.
struct Waiting {
    path: PathBuf,
    capture: CaptureId,
    first: Timestamp,
    /// A pipe stays open, with what was read of it.
    open: Option<Box<(Reader, Batch)>>,
}

/// A capture being read.
struct Active {
    reader: Reader,
    capture: CaptureId,
    /// Frames read and not handed over, from `next` on.
    batch: Batch,
    next: usize,
    /// Latest time that its frames have reached.
    clock: Timestamp,
}

impl Active {
    fn new(reader: Reader, batch: Batch, capture: CaptureId) -> Self {
        Self { reader, capture, batch, next: 0, clock: Timestamp::from_nanos(i64::MIN) }
    }

    /// Place in the order of the next frame, which may need reading; None at the end.
    fn key(&mut self, block: usize) -> Option<(Timestamp, CaptureId)> {
        if self.next >= self.batch.heads.len() {
            self.next = 0;
            if !self.reader.fill(&mut self.batch, block) {
                return None;
            }
        }
        let time = self.batch.heads.get(self.next)?.time;
        Some((time.max(self.clock), self.capture))
    }

    /// Copies the next frame out.
    fn hand_over(&mut self, to: &mut Batch) {
        if let Some(head) = self.batch.heads.get(self.next) {
            self.clock = self.clock.max(head.time);
            to.push(&self.batch.frame(head));
            self.next += 1;
        }
    }
}

impl FileSource {
    /// Files in the folders given that are no captures.
    #[must_use]
    pub const fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// A capture has been read to its end.
    fn finish(&mut self, capture: CaptureId, reader: &Reader) {
        self.finished_bytes += reader.info.size.unwrap_or_else(|| reader.stored_bytes());
        if let Some(info) = self.infos.get_mut(usize::from(capture.0)) {
            info.follow(&reader.info);
        }
    }

    /// Begins the capture that is due first.
    fn begin(&mut self) {
        let Some(waiting) = self.waiting.pop_front() else { return };
        let opened = match waiting.open {
            Some(open) => Ok(*open),
            None => Reader::open(&waiting.path, waiting.capture, &self.options)
                .map(|reader| (reader, Batch::default())),
        };
        match opened {
            Ok((reader, batch)) => self.active.push(Active::new(reader, batch, waiting.capture)),
            Err(error) => {
                if let Some(info) = self.infos.get_mut(usize::from(waiting.capture.0)) {
                    info.problem = Some(SourceProblem::NotOpened { reason: error.to_string() });
                }
            }
        }
    }

    /// The capture that is due cannot be opened yet.
    fn mark_late(&mut self) {
        let capture = self.waiting.front().map(|waiting| usize::from(waiting.capture.0));
        if let Some(info) = capture.and_then(|index| self.infos.get_mut(index)) {
            info.late = true;
        }
    }

    /// The only capture being read gives its next batch in place, unless another begins before its end.
    fn alone(&mut self, batch: &mut Batch) {
        let Some(mut active) = self.active.pop() else { return };
        if active.next < active.batch.heads.len() {
            std::mem::swap(batch, &mut active.batch);
            batch.heads.drain(..active.next);
        } else if !active.reader.fill(batch, self.options.block_bytes) {
            return self.finish(active.capture, &active.reader);
        }
        active.batch.heads.clear();
        active.next = 0;
        let latest = batch.heads.iter().map(|head| head.time).max().unwrap_or_default().max(active.clock);
        if self.waiting.front().is_some_and(|next| (next.first, next.capture) < (latest, active.capture)) {
            std::mem::swap(batch, &mut active.batch);
            batch.heads.clear();
            self.begin();
        } else {
            active.clock = latest;
        }
        follow(&mut self.infos, &active);
        // Before those that begin later: the order among the active does not matter.
        self.active.push(active);
    }

    /// Several captures overlap: the earliest frame of all is copied out, again and again.
    fn merge(&mut self, batch: &mut Batch) {
        batch.clear();
        let block = self.options.merge_block_bytes;
        let mut heap = BinaryHeap::with_capacity(self.active.len());
        let mut ended = Vec::new();
        for (slot, active) in self.active.iter_mut().enumerate() {
            match active.key(block) {
                Some(key) => heap.push(Reverse((key, slot))),
                None => ended.push(slot),
            }
        }
        while ended.is_empty() && batch.data.len() < block && batch.len() < block / 16 {
            let Some(Reverse((key, slot))) = heap.pop() else { break };
            let due = self.waiting.front().is_some_and(|next| (next.first, next.capture) < key);
            if due && self.active.len() < self.options.open_captures.max(2) {
                self.begin();
                break;
            }
            if due {
                self.mark_late();
            }
            let Some(active) = self.active.get_mut(slot) else { break };
            active.hand_over(batch);
            match active.key(block) {
                Some(key) => heap.push(Reverse((key, slot))),
                None => ended.push(slot),
            }
        }
        for slot in ended.into_iter().rev() {
            let active = self.active.swap_remove(slot);
            self.finish(active.capture, &active.reader);
        }
        for active in &self.active {
            follow(&mut self.infos, active);
        }
    }

    /// Drops what the filter does not let pass, and numbers the rest.
    fn number(&mut self, batch: &mut Batch) {
        let (order, infos) = (&mut self.order, &mut self.infos);
        if let Some(filter) = &mut self.filter {
            let data = &batch.data;
            batch.heads.retain(|head| {
                let Some(info) = infos.get_mut(usize::from(head.id.capture.0)) else { return false };
                let bytes = data.get(head.start..).and_then(|tail| tail.get(..head.len as usize));
                let passes = filter.matches(head.link, bytes.unwrap_or_default(), &mut info.filter_refused);
                info.filtered += u64::from(!passes);
                passes
            });
        }
        for head in &mut batch.heads {
            *order += 1;
            head.id.order = *order;
        }
    }
}

/// Brings what is known of a capture up to date.
fn follow(infos: &mut [CaptureInfo], active: &Active) {
    if let Some(info) = infos.get_mut(usize::from(active.capture.0)) {
        info.follow(&active.reader.info);
    }
}

impl Source for FileSource {
    fn fill(&mut self, batch: &mut Batch) -> Result<Fill, SourceError> {
        // Not `clear`: that would forget a buffer's worth of zeroed bytes, see the reader.
        batch.heads.clear();
        loop {
            match self.active.len() {
                0 if self.waiting.is_empty() => return Ok(Fill::End),
                0 => self.begin(),
                1 => self.alone(batch),
                _ => self.merge(batch),
            }
            self.number(batch);
            if !batch.is_empty() {
                return Ok(Fill::Frames);
            }
        }
    }

    fn captures(&self) -> &[CaptureInfo] {
        &self.infos
    }

    fn progress(&self) -> Option<(u64, u64)> {
        let total = self.total_bytes?;
        let active: u64 = self.active.iter().map(|active| active.reader.stored_bytes()).sum();
        Some(((self.finished_bytes + active).min(total), total))
    }
}
