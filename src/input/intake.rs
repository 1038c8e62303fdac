//! A source with what the user wants of it: an end, and a copy of the packets taken.

use std::time::Instant;

use capture::source::{CaptureWriter, FileSource, Fill, Source, SourceError, StopCondition};
use capture::{Batch, CaptureInfo, Timestamp};

use super::keys::KeyFiles;
use super::wire::LiveSource;
use crate::cli::Packets;
use crate::signals::{Signal, Signals};

/// Frames of files or interfaces, up to the bounds that the user set.
pub(crate) struct Intake {
    inner: Inner,
    keys: KeyFiles,
    signals: Signals,
    stops: Vec<StopCondition>,
    writer: Option<CaptureWriter>,
    /// Why the copy could not be written to its end.
    write_error: Option<SourceError>,
    /// Packets that may still be handed over.
    left: u64,
    opened: Instant,
    /// First and last time of the frames handed over.
    span: Option<(Timestamp, Timestamp)>,
    /// Frames handed over, by capture.
    taken: Vec<u64>,
    ended: bool,
    stopped_by: Option<Signal>,
}

/// Where frames come from.
pub(super) enum Inner {
    Files(Box<FileSource>),
    Live(Box<LiveSource>),
}

impl Intake {
    pub(super) fn new(inner: Inner, packets: &Packets, keys: KeyFiles, signals: &Signals) -> Self {
        let limits = packets.autostop.iter().filter_map(|stop| match stop {
            StopCondition::Packets(packets) => Some(*packets),
            _ => None,
        });
        Self {
            inner,
            keys,
            signals: signals.clone(),
            stops: packets.autostop.clone(),
            writer: None,
            write_error: None,
            left: limits.chain(packets.count).min().unwrap_or(u64::MAX),
            opened: Instant::now(),
            span: None,
            taken: Vec::new(),
            ended: false,
            stopped_by: None,
        }
    }

    /// Copies what is handed over.
    pub(super) fn copy_to(&mut self, writer: Option<CaptureWriter>) {
        self.writer = writer;
    }

    /// Keys that open TLS.
    pub(crate) const fn keys(&self) -> &KeyFiles {
        &self.keys
    }

    /// Whether frames come from interfaces.
    pub(crate) const fn is_live(&self) -> bool {
        matches!(self.inner, Inner::Live(_))
    }

    /// First and last time of the frames handed over.
    pub(crate) const fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Frames handed over of a capture, by its number.
    pub(crate) fn taken(&self, capture: usize) -> u64 {
        self.taken.get(capture).copied().unwrap_or_default()
    }

    /// The signal that ended it before its end.
    pub(crate) const fn stopped_by(&self) -> Option<Signal> {
        self.stopped_by
    }

    /// Files in folders that are no captures.
    pub(crate) fn passed_over(&self) -> u64 {
        match &self.inner {
            Inner::Files(source) => source.passed_over(),
            Inner::Live(_) => 0,
        }
    }

    /// Learns what was lost in the end.
    pub(crate) fn refresh(&mut self) {
        if let Inner::Live(source) = &mut self.inner {
            source.refresh_drops();
        }
    }

    /// Ends the copy.
    ///
    /// # Errors
    ///
    /// Why the copy is not complete.
    pub(crate) fn close(&mut self) -> Result<(), SourceError> {
        let finished = self.writer.take().map_or(Ok(()), |writer| writer.finish().map(|_| ()));
        self.write_error.take().map_or(finished, Err)
    }

    /// Whether it is time to end, before anything more is read.
    fn is_over(&mut self) -> bool {
        self.stopped_by = self.stopped_by.or_else(|| self.signals.received());
        let mut progress = self.writer.as_ref().map(CaptureWriter::progress).unwrap_or_default();
        progress.packets = 0;
        // The time of files is that of their packets, and looked at packet by packet.
        progress.seconds = if self.is_live() { self.opened.elapsed().as_secs() } else { 0 };
        self.ended |= self.left == 0 || self.stops.iter().any(|stop| stop.is_met(&progress));
        self.ended || self.stopped_by.is_some()
    }

    /// Takes off what lies beyond the bounds, and counts what remains.
    fn take(&mut self, batch: &mut Batch) {
        batch.heads.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        if let (Inner::Files(_), Some(limit)) = (&self.inner, self.duration()) {
            let first = self.span.map(|(first, _)| first).or(batch.heads.first().map(|head| head.time));
            let too_late =
                |time: Timestamp| first.is_some_and(|first| time.nanos_since(first) / 1_000_000_000 >= limit);
            if let Some(place) = batch.heads.iter().position(|head| too_late(head.time)) {
                batch.heads.truncate(place);
                self.ended = true;
            }
        }
        self.left -= batch.heads.len() as u64;
        for head in &batch.heads {
            let (first, last) = self.span.unwrap_or((head.time, head.time));
            self.span = Some((first.min(head.time), last.max(head.time)));
            let capture = usize::from(head.id.capture.0);
            if capture >= self.taken.len() {
                self.taken.resize(capture + 1, 0);
            }
            if let Some(count) = self.taken.get_mut(capture) {
                *count += 1;
            }
        }
    }

    /// `-a duration:S` in seconds.
    fn duration(&self) -> Option<i64> {
        let seconds = self.stops.iter().filter_map(|stop| match stop {
            StopCondition::Duration(seconds) => i64::try_from(*seconds).ok(),
            _ => None,
        });
        seconds.min()
    }

    /// Copies a batch. Where that fails the reading ends, and what was read is still judged.
    fn copy(&mut self, batch: &Batch) {
        let captures = match &self.inner {
            Inner::Files(source) => source.captures(),
            Inner::Live(source) => source.captures(),
        };
        let Some(writer) = &mut self.writer else { return };
        if let Err(error) = writer.write(batch, captures) {
            self.write_error = Some(error);
            self.writer = None;
            self.ended = true;
        }
    }
}

impl Source for Intake {
    fn fill(&mut self, batch: &mut Batch) -> Result<Fill, SourceError> {
        if self.is_over() {
            batch.clear();
            return Ok(Fill::End);
        }
        let fill = match &mut self.inner {
            Inner::Files(source) => source.fill(batch)?,
            Inner::Live(source) => source.fill(batch)?,
        };
        // What a capture brings along is known before the frames that it opens.
        self.keys.refresh(match &self.inner {
            Inner::Files(source) => source.captures(),
            Inner::Live(source) => source.captures(),
        });
        if fill == Fill::Frames {
            self.take(batch);
            if batch.heads.is_empty() {
                return Ok(Fill::End);
            }
            self.copy(batch);
        }
        // A pipe that a signal has cut ends like any other.
        self.stopped_by = self.stopped_by.or_else(|| self.signals.received());
        Ok(fill)
    }

    fn captures(&self) -> &[CaptureInfo] {
        match &self.inner {
            Inner::Files(source) => source.captures(),
            Inner::Live(source) => source.captures(),
        }
    }

    fn progress(&self) -> Option<(u64, u64)> {
        match &self.inner {
            Inner::Files(source) => source.progress(),
            Inner::Live(source) => source.progress(),
        }
    }
}
