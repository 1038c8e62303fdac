//! A pipe that a signal can end: its bytes come from a thread of their own, so that nothing waits on a writer that
//! has gone quiet.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::signals::Signals;

/// Bytes read at once.
const BLOCK_BYTES: usize = 256 << 10;
/// Blocks that may wait.
const BLOCKS: usize = 8;
/// How long a signal waits for its answer, at most.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whether a path is standard input or a named pipe.
pub(super) fn is_pipe(path: &Path) -> bool {
    path == Path::new("-") || is_fifo(path)
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_fifo(_: &Path) -> bool {
    false
}

/// Reads a pipe until its end, or until a signal comes.
pub(super) fn reader(path: &Path, signals: Signals) -> Box<dyn Read + Send> {
    let named = path != Path::new("-");
    let path = path.to_owned();
    let (sender, blocks) = sync_channel(BLOCKS);
    // Opening a named pipe waits for its writer, so this too is done over there.
    thread::spawn(move || {
        let opened: io::Result<Box<dyn Read>> =
            if named { File::open(&path).map(|file| Box::new(file) as _) } else { Ok(Box::new(io::stdin())) };
        let mut from = match opened {
            Ok(from) => from,
            Err(error) => return drop(sender.send(Err(error))),
        };
        loop {
            let mut block = vec![0; BLOCK_BYTES];
            let read = from.read(&mut block).map(|count| {
                block.truncate(count);
                block
            });
            let last = !read.as_ref().is_ok_and(|block| !block.is_empty());
            let interrupted = read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted);
            if !interrupted && (sender.send(read).is_err() || last) {
                return;
            }
        }
    });
    Box::new(Pipe { blocks, block: Vec::new(), at: 0, signals })
}

/// What has come of a pipe.
struct Pipe {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
    signals: Signals,
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.block.len() {
            if self.signals.received().is_some() {
                return Ok(0);
            }
            match self.blocks.recv_timeout(PATIENCE) {
                Ok(Ok(block)) if block.is_empty() => return Ok(0),
                Ok(block) => (self.block, self.at) = (block?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}
