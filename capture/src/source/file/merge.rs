//! Captures of one run, in order of time.
//!
//! Captures whose times do not overlap are read one after the other, in place. Where they do overlap, frames
//! are copied into the batch in order of time, and of capture where times are equal. The frames of one capture
//! are never reordered: where its clock goes back, its frames count as of the latest time it had reached.
//!
//! To know where a capture begins without holding it open, its first block is read when the source is opened.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::path::PathBuf;

use super::FileOptions;
use super::reader::Reader;
use super::walk::{self, Found};
use crate::batch::Batch;
use crate::frame::{CaptureId, Timestamp};
use crate::source::filter::FilterSet;
use crate::source::{CaptureInfo, Fill, Source, SourceError, SourceProblem};

/// Bytes read of a capture to learn its first time.
const PEEK_BYTES: usize = 4 << 10;
/// Most captures that [`CaptureId`] can number.
const CAPTURES: usize = 1 << 16;

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
    /// Opens captures and folders of captures; `-` is standard input.
    ///
    /// # Errors
    ///
    /// Where none of them can be read, the first error; a filter that libpcap refuses. Where some can be read,
    /// the others are in [`Source::captures`] with [`SourceProblem::NotOpened`].
    pub fn open(paths: &[PathBuf], options: FileOptions) -> Result<Self, SourceError> {
        let filter = options.filter.as_deref().map(FilterSet::new).transpose()?;
        let found = walk::files(paths, options.folder_depth);
        let mut source = Self {
            infos: Vec::new(),
            waiting: VecDeque::new(),
            active: Vec::new(),
            order: 0,
            filter,
            options,
            finished_bytes: 0,
            total_bytes: Some(0),
            passed_over: 0,
        };
        let alone = found.len() == 1;
        let mut first_error = None;
        let mut folders = vec![(0_u64, false); paths.len()];
        for found in found {
            source.add(found, alone, &mut folders, &mut first_error)?;
        }
        for (path, (files, captures)) in paths.iter().zip(folders) {
            if path.is_dir() && !captures {
                let path = path.display().to_string();
                source.not_opened(
                    SourceError::EmptyFolder { path: path.clone(), files },
                    path,
                    &mut first_error,
                );
            }
        }
        if source.infos.iter().all(|info| matches!(info.problem, Some(SourceProblem::NotOpened { .. }))) {
            return Err(first_error.unwrap_or(SourceError::NothingGiven));
        }
        source.waiting.make_contiguous().sort_by_key(|waiting| (waiting.first, waiting.capture));
        Ok(source)
    }

    /// Reads a capture from any reader; `name` stands for its path.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn from_reader(
        name: &str,
        reader: Box<dyn std::io::Read + Send>,
        options: FileOptions,
    ) -> Result<Self, SourceError> {
        let filter = options.filter.as_deref().map(FilterSet::new).transpose()?;
        let input = super::input::Input::from_reader(name, reader, None)?;
        let reader = Reader::from_input(name, input, CaptureId(0), &options)?;
        let active = Active {
            capture: CaptureId(0),
            batch: Batch::default(),
            next: 0,
            clock: Timestamp::from_nanos(i64::MIN),
            reader,
        };
        Ok(Self {
            infos: vec![active.reader.info.clone()],
            waiting: VecDeque::new(),
            active: vec![active],
            order: 0,
            filter,
            options,
            finished_bytes: 0,
            total_bytes: None,
            passed_over: 0,
        })
    }

    /// Files in the folders given that are no captures.
    #[must_use]
    pub const fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// Takes a file in: opens it, and reads its first time where there are others to merge it with.
    fn add(
        &mut self,
        found: Found,
        alone: bool,
        folders: &mut [(u64, bool)],
        first_error: &mut Option<SourceError>,
    ) -> Result<(), SourceError> {
        let Ok(number) = u16::try_from(self.infos.len()) else {
            return Err(SourceError::TooMany { found: self.infos.len() + 1, limit: CAPTURES });
        };
        let capture = CaptureId(number);
        let folder = found.folder.and_then(|index| folders.get_mut(index));
        let mut reader = match Reader::open(&found.path, capture, &self.options) {
            Ok(reader) => reader,
            Err(error) => {
                if let Some((files, captures)) = folder {
                    if is_no_capture(&error) {
                        *files += 1;
                        self.passed_over += 1;
                        return Ok(());
                    }
                    *captures = true;
                }
                self.not_opened(error, found.path.display().to_string(), first_error);
                return Ok(());
            }
        };
        if let Some((_, captures)) = folder {
            *captures = true;
        }
        self.total_bytes = self.total_bytes.zip(reader.info.size).map(|(sum, size)| sum + size);
        self.infos.push(reader.info.clone());
        let mut waiting =
            Waiting { path: found.path, capture, first: Timestamp::from_nanos(i64::MIN), open: None };
        let mut batch = Batch::default();
        if alone {
            waiting.open = Some(Box::new((reader, batch)));
        } else {
            if !reader.fill(&mut batch, PEEK_BYTES) {
                self.finish(capture, reader);
                return Ok(());
            }
            waiting.first = batch.heads.first().map_or(waiting.first, |head| head.time);
            waiting.open = reader.is_pipe().then(|| Box::new((reader, batch)));
        }
        self.waiting.push_back(waiting);
        Ok(())
    }

    fn not_opened(&mut self, error: SourceError, name: String, first_error: &mut Option<SourceError>) {
        let problem = Some(SourceProblem::NotOpened { reason: error.to_string() });
        self.infos.push(CaptureInfo { name, problem, ..CaptureInfo::default() });
        first_error.get_or_insert(error);
    }

    /// A capture has been read to its end.
    fn finish(&mut self, capture: CaptureId, reader: Reader) {
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
            Ok((reader, batch)) => self.active.push(Active {
                reader,
                capture: waiting.capture,
                batch,
                next: 0,
                clock: Timestamp::from_nanos(i64::MIN),
            }),
            Err(error) => {
                if let Some(info) = self.infos.get_mut(usize::from(waiting.capture.0)) {
                    info.problem = Some(SourceProblem::NotOpened { reason: error.to_string() });
                }
            }
        }
    }

    /// The only capture being read gives its next batch in place, unless another begins before its end.
    fn alone(&mut self, batch: &mut Batch) {
        let Some(mut active) = self.active.pop() else { return };
        if active.next < active.batch.heads.len() {
            std::mem::swap(batch, &mut active.batch);
            batch.heads.drain(..active.next);
        } else if !active.reader.fill(batch, self.options.block_bytes) {
            return self.finish(active.capture, active.reader);
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
        self.follow(&active);
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
            let Some(active) = self.active.get_mut(slot) else { break };
            active.hand_over(batch);
            match active.key(block) {
                Some(key) => heap.push(Reverse((key, slot))),
                None => ended.push(slot),
            }
        }
        for slot in ended.into_iter().rev() {
            let active = self.active.swap_remove(slot);
            self.finish(active.capture, active.reader);
        }
        for index in 0..self.active.len() {
            if let (Some(active), infos) = (self.active.get(index), &mut self.infos) {
                if let Some(info) = infos.get_mut(usize::from(active.capture.0)) {
                    info.follow(&active.reader.info);
                }
            }
        }
    }

    fn follow(&mut self, active: &Active) {
        if let Some(info) = self.infos.get_mut(usize::from(active.capture.0)) {
            info.follow(&active.reader.info);
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

/// Whether a file in a folder is passed over because of this error: it is something else than a capture.
fn is_no_capture(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::NotACapture { .. }
            | SourceError::Packed { .. }
            | SourceError::EmptyFile { .. }
            | SourceError::BadCompression { .. }
    )
}
