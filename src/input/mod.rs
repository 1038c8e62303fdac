//! From the command line to a source of frames, with the bounds that the user set.

mod intake;
mod keys;
mod pipe;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use capture::source::{CaptureWriter, FileOptions, FileSource, RingOptions, SourceError, StopCondition};
use capture::source::{Source, WriteFormat};

use crate::cli::{Keys, Live, Packets};
use crate::signals::Signals;

use intake::Inner;
pub(crate) use intake::Intake;
use keys::KeyFiles;
pub(crate) use wire::Listed;

/// What is wrong with flags that only make sense together.
pub(crate) fn mistake(packets: &Packets) -> Option<String> {
    let written =
        |stop: &StopCondition| matches!(stop, StopCondition::FileBytes(_) | StopCondition::Files(_));
    match ring(packets) {
        Err(error) => Some(format!("-b {error}")),
        Ok(None) if packets.autostop.iter().any(|stop| matches!(stop, StopCondition::Files(_))) => {
            Some("-a files:N counts the files of a ring, so it needs -b and -w".to_owned())
        }
        Ok(_) if packets.write.is_none() && packets.autostop.iter().any(written) => {
            Some("-a filesize:KB looks at the file written, so it needs -w".to_owned())
        }
        Ok(_) => None,
    }
}

fn ring(packets: &Packets) -> Result<Option<RingOptions>, SourceError> {
    RingOptions::parse(packets.ring_buffer.iter().map(String::as_str))
}

/// Opens capture files.
pub(crate) fn files(paths: &[PathBuf], packets: &Packets, keys: &Keys, signals: &Signals) -> Result<Intake> {
    let keys = KeyFiles::open(keys, false)?;
    let options = FileOptions { filter: packets.filter.clone(), ..FileOptions::default() };
    let source = match paths {
        [path] if pipe::is_pipe(path) => {
            let name = path.display().to_string();
            FileSource::from_reader(&name, pipe::reader(path, signals.clone()), options)?
        }
        _ => FileSource::open(paths, options)?,
    };
    opened(Inner::Files(Box::new(source)), packets, keys, signals)
}

/// Opens live interfaces.
pub(crate) fn live(live: &Live, packets: &Packets, keys: &Keys, signals: &Signals) -> Result<Intake> {
    let keys = KeyFiles::open(keys, true)?;
    opened(Inner::Live(Box::new(wire::open(live, packets)?)), packets, keys, signals)
}

/// The interfaces of this machine.
pub(crate) fn interfaces() -> Result<Vec<Listed>> {
    Ok(wire::interfaces()?)
}

/// Opens the copy last, so that nothing is written where nothing can be read.
fn opened(inner: Inner, packets: &Packets, keys: KeyFiles, signals: &Signals) -> Result<Intake> {
    let mut intake = Intake::new(inner, packets, keys, signals);
    intake.copy_to(writer(packets, &intake)?);
    Ok(intake)
}

/// Prepares to write the packets taken, never onto a capture that is being read.
fn writer(packets: &Packets, intake: &Intake) -> Result<Option<CaptureWriter>> {
    let files_limit = packets.autostop.iter().find_map(|stop| match stop {
        StopCondition::Files(files) => Some(*files),
        _ => None,
    });
    let ring = ring(packets)?.map(|ring| RingOptions { stop_after_files: files_limit, ..ring });
    let Some(path) = &packets.write else { return Ok(None) };
    for capture in intake.captures() {
        refuse(path, Path::new(&capture.name), ring.is_some())?;
    }
    Ok(Some(CaptureWriter::create(path, WriteFormat::Auto, ring)?))
}

/// Refuses to write a report onto a capture that is being read.
pub(crate) fn refuse_inputs(output: Option<&Path>, intake: &Intake) -> Result<()> {
    let captures = intake.captures().iter().filter(|_| !intake.is_live());
    output.map_or(Ok(()), |output| {
        captures.map(|capture| Path::new(&capture.name)).try_for_each(|name| refuse(output, name, false))
    })
}

/// Refuses to write a file that is read, or that a ring of this name could reach.
fn refuse(output: &Path, input: &Path, ring: bool) -> Result<()> {
    let reached = if ring { in_ring(output, input) } else { is_same(output, input) };
    if reached {
        let error = std::io::Error::other("it is being read; write to another file");
        return Err(SourceError::Write { path: input.display().to_string(), error }.into());
    }
    Ok(())
}

/// Whether two paths are one file, through links too.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let identity = |path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
        let same = identity(one).is_some() && identity(one) == identity(other);
        // Only a file can be destroyed by being written.
        same && fs::metadata(one).is_ok_and(|metadata| metadata.is_file())
    }
    #[cfg(not(unix))]
    {
        matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
    }
}

/// Whether a file is named as the files of a ring are: `name_00001_20260131235959.pcap` for `name.pcap`.
fn in_ring(ring: &Path, file: &Path) -> bool {
    let folder = |path: &Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()
    };
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = stem(file).strip_prefix(&stem(ring)).is_some_and(|rest| {
        rest.starts_with('_') && rest.chars().all(|letter| letter == '_' || letter.is_ascii_digit())
    });
    numbered && file.extension() == ring.extension() && folder(ring) == folder(file)
}
