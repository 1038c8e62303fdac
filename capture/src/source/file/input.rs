//! One run of bytes from a file, a pipe or standard input, unpacked, with the count of stored bytes read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::gzip::GzipReader;
use super::sniff;
use super::zstd::ZstdReader;
use crate::source::{Compression, SourceError};

/// Bytes asked of a decompressor at once. What it unpacked before an error inside one call is lost, so calls
/// are small.
const UNPACK_BYTES: usize = 16 << 10;

/// Where the bytes of a capture come from.
pub(super) struct Input {
    reader: Box<dyn Read + Send>,
    /// First bytes, read to see what it is.
    pub(super) first: Vec<u8>,
    pub(super) compression: Compression,
    /// Size as stored; None for a pipe.
    pub(super) size: Option<u64>,
    stored: Arc<AtomicU64>,
}

impl Input {
    /// Opens a path, or standard input for `-`, and reads enough to recognise it. `window` is the largest zstd
    /// window in bytes.
    pub(super) fn open(path: &Path, window: u64) -> Result<Self, SourceError> {
        let name = path.display().to_string();
        if name == "-" {
            return Self::from_reader(&name, Box::new(io::stdin()), None, window);
        }
        let fail = |error: io::Error| refusal(&name, error);
        let metadata = fs::metadata(path).map_err(fail)?;
        let file = File::open(path).map_err(fail)?;
        let size = metadata.is_file().then_some(metadata.len());
        Self::from_reader(&name, Box::new(file), size, window)
    }

    /// From any reader; `path` is its name in errors.
    pub(super) fn from_reader(
        path: &str,
        reader: Box<dyn Read + Send>,
        size: Option<u64>,
        window: u64,
    ) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::Unreadable { path: path.to_owned(), error };
        let stored = Arc::new(AtomicU64::new(0));
        let mut plain = Counted { reader, count: Arc::clone(&stored) };
        let first = sniff::first_bytes(&mut plain).map_err(unreadable)?;
        if first.is_empty() {
            return Err(SourceError::EmptyFile { path: path.to_owned() });
        }
        let compression = sniff::compression(&first);
        let packed = io::Cursor::new(first.clone()).chain(plain);
        let (mut reader, format): (Box<dyn Read + Send>, _) = match compression {
            Compression::None => {
                // The cursor would cost a copy of every block: hand the bytes out once, and the file itself.
                let (_, plain) = packed.into_inner();
                return Ok(Self { reader: Box::new(plain), first, compression, size, stored });
            }
            Compression::Gzip => (Box::new(GzipReader::new(packed)), "gzip"),
            Compression::Zstd => (Box::new(ZstdReader::new(packed, window)), "zstd"),
        };
        let first = sniff::first_bytes(&mut reader).map_err(|error| SourceError::BadCompression {
            path: path.to_owned(),
            format,
            reason: error.to_string(),
        })?;
        if first.is_empty() {
            return Err(SourceError::EmptyFile { path: path.to_owned() });
        }
        Ok(Self { reader, first, compression, size, stored })
    }

    /// Reads once; retries where a signal interrupted.
    pub(super) fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let limit = if self.compression == Compression::None { out.len() } else { UNPACK_BYTES };
        let length = out.len().min(limit);
        let out = out.get_mut(..length).unwrap_or_default();
        loop {
            match self.reader.read(out) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    /// Stored bytes read so far.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// Whether waiting for a full block could wait for ever.
    pub(super) fn is_pipe(&self) -> bool {
        self.size.is_none()
    }
}

/// The error for a path that the system does not let us read.
pub(super) fn refusal(path: &str, error: io::Error) -> SourceError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::Missing { path },
        io::ErrorKind::PermissionDenied => SourceError::Denied { path },
        _ => SourceError::Unreadable { path, error },
    }
}

/// Counts what passes.
struct Counted {
    reader: Box<dyn Read + Send>,
    count: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
