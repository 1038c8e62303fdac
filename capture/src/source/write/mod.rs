//! Writing captured frames to a file, or to a ring of files named as dumpcap names them.
//!
//! One link type gives the format that was asked for; pcap has a single link type, so that frames of several
//! need pcapng. Nothing is compressed, and what was read from a file is not copied block by block: comments,
//! names and secrets of the original are left out.

mod encode;
mod stop;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub use stop::{Progress, RingOptions, StopCondition};

use super::{CaptureInfo, SourceError};
use crate::batch::Batch;
use crate::frame::{CaptureId, Frame, Timestamp};
use encode::Encoder;

/// Bytes held back until a batch ends.
const BUFFER_BYTES: usize = 1 << 20;

/// Which format to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WriteFormat {
    /// pcap with nanoseconds where the first batch shows a single link type, else pcapng.
    #[default]
    Auto,
    /// pcap with nanoseconds. A frame of a second link type is an error.
    Pcap,
    /// pcapng.
    PcapNg,
}

/// Writes frames to a file or a ring of files.
pub struct CaptureWriter {
    path: PathBuf,
    format: WriteFormat,
    ring: Option<RingOptions>,
    /// Files of the ring so far, oldest first.
    files: VecDeque<PathBuf>,
    /// Number of the last file of the ring.
    number: u32,
    current: Option<Current>,
    /// Frames and bytes written in all.
    progress: Progress,
}

/// The file being written.
struct Current {
    path: PathBuf,
    out: BufWriter<File>,
    encoder: Encoder,
    bytes: u64,
    /// Time of its first frame.
    began: Timestamp,
}

impl CaptureWriter {
    /// Prepares to write to `path`, or to files named after it. A single file is made at once, so that a path
    /// that cannot be written is known before anything is captured.
    ///
    /// # Errors
    ///
    /// [`SourceError::Write`].
    pub fn create(path: &Path, format: WriteFormat, ring: Option<RingOptions>) -> Result<Self, SourceError> {
        let writer = Self {
            path: path.to_owned(),
            format,
            ring,
            files: VecDeque::new(),
            number: 0,
            current: None,
            progress: Progress::default(),
        };
        if writer.ring.is_none() {
            File::create(path).map_err(|error| failed(path, error))?;
        } else {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            fs::read_dir(folder).map_err(|error| failed(folder, error))?;
        }
        Ok(writer)
    }

    /// Writes the frames of a batch and flushes. `captures` are those of the batch's source.
    ///
    /// # Errors
    ///
    /// [`SourceError::Write`], for instance where the disk is full.
    pub fn write(&mut self, batch: &Batch, captures: &[CaptureInfo]) -> Result<(), SourceError> {
        let several = batch.heads.windows(2).any(|pair| match pair {
            [one, other] => one.link != other.link,
            _ => false,
        });
        for frame in batch.frames() {
            if self.current.as_ref().is_some_and(|current| self.is_full(current, frame.time)) {
                self.close()?;
            }
            let limit = self.ring.and_then(|ring| ring.stop_after_files);
            if limit.is_some_and(|limit| self.progress.files >= limit) {
                return Ok(());
            }
            if self.current.is_none() {
                self.begin(&frame, several)?;
            }
            let Some(current) = &mut self.current else { continue };
            let name = interface_name(captures, &frame);
            let written = current.encoder.frame(&mut current.out, &frame, name);
            let written = written.map_err(|error| failed(&current.path, error))?;
            current.bytes += written;
            self.progress.packets += 1;
            self.progress.bytes += written;
        }
        if let Some(current) = &mut self.current {
            current.out.flush().map_err(|error| failed(&current.path, error))?;
        }
        Ok(())
    }

    /// Ends the writing. A capture without a frame still becomes a file that can be read.
    ///
    /// # Errors
    ///
    /// [`SourceError::Write`].
    pub fn finish(mut self) -> Result<Progress, SourceError> {
        if self.current.is_none() && self.ring.is_none() && self.progress.packets == 0 {
            let mut out = File::create(&self.path).map_err(|error| failed(&self.path, error))?;
            let link = crate::frame::LinkType::ETHERNET;
            let (_, header) = Encoder::new(self.format == WriteFormat::PcapNg, link);
            out.write_all(&header).map_err(|error| failed(&self.path, error))?;
        }
        self.close()?;
        Ok(self.progress)
    }

    /// What was written so far.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Whether the ring wants the frame of this time in a new file.
    fn is_full(&self, current: &Current, time: Timestamp) -> bool {
        let Some(ring) = &self.ring else { return false };
        ring.file_bytes.is_some_and(|limit| current.bytes >= limit)
            || ring.seconds.is_some_and(|limit| time.nanos_since(current.began) / 1_000_000_000 >= limit)
    }

    fn begin(&mut self, frame: &Frame<'_>, several: bool) -> Result<(), SourceError> {
        let path = self.next_path(frame.time);
        let file = File::create(&path).map_err(|error| failed(&path, error))?;
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
        let pcapng = match self.format {
            WriteFormat::PcapNg => true,
            WriteFormat::Pcap => false,
            WriteFormat::Auto => several || path.extension().is_some_and(|extension| extension == "pcapng"),
        };
        let (encoder, header) = Encoder::new(pcapng, frame.link);
        out.write_all(&header).map_err(|error| failed(&path, error))?;
        let bytes = header.len() as u64;
        self.progress.bytes += bytes;
        self.current = Some(Current { path, out, encoder, bytes, began: frame.time });
        Ok(())
    }

    /// The path of the next file: as given, or `name_00001_20260131235959.pcap` in a ring, in UTC. The oldest
    /// file of a full ring is removed.
    fn next_path(&mut self, time: Timestamp) -> PathBuf {
        let Some(ring) = &self.ring else { return self.path.clone() };
        self.number += 1;
        // RFC 3339 without its punctuation: 2026-01-31T23:59:59.
        let stamp: String = time.to_string().chars().take(19).filter(char::is_ascii_digit).collect();
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let mut name = format!("{stem}_{:05}_{stamp}", self.number);
        if let Some(extension) = self.path.extension() {
            name.push('.');
            name.push_str(&extension.to_string_lossy());
        }
        let path = self.path.with_file_name(name);
        self.files.push_back(path.clone());
        if ring.files.is_some_and(|limit| self.files.len() > limit as usize)
            && let Some(oldest) = self.files.pop_front()
        {
            // Removed by someone else already, or not ours to remove any more: the ring goes on.
            let _ = fs::remove_file(oldest);
        }
        path
    }

    fn close(&mut self) -> Result<(), SourceError> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        self.progress.files += 1;
        current.out.flush().map_err(|error| failed(&current.path, error))
    }
}

/// The name of a frame's interface, where its capture states one.
fn interface_name<'a>(captures: &'a [CaptureInfo], frame: &Frame<'_>) -> Option<&'a str> {
    let CaptureId(capture) = frame.id.capture;
    captures.get(usize::from(capture))?.interfaces.get(frame.interface as usize)?.name.as_deref()
}

fn failed(path: &Path, error: std::io::Error) -> SourceError {
    SourceError::Write { path: path.display().to_string(), error }
}
