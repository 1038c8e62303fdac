//! When to stop, and when to begin another file, in the words of dumpcap's `-a` and `-b`.

use crate::source::SourceError;

/// What was written or read so far, to compare with a [`StopCondition`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Packets.
    pub packets: u64,
    /// Bytes of files, headers included.
    pub bytes: u64,
    /// Files finished.
    pub files: u64,
    /// Seconds since the capture began.
    pub seconds: u64,
}

/// One `-a` option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCondition {
    /// `duration:S`: after so many seconds.
    Duration(u64),
    /// `filesize:KB`: after so many bytes (stated in units of 1000 bytes).
    FileBytes(u64),
    /// `files:N`: after so many files.
    Files(u64),
    /// `packets:N`: after so many packets.
    Packets(u64),
}

impl StopCondition {
    /// Whether it is time to stop.
    #[must_use]
    pub const fn is_met(self, progress: &Progress) -> bool {
        match self {
            Self::Duration(seconds) => progress.seconds >= seconds,
            Self::FileBytes(bytes) => progress.bytes >= bytes,
            Self::Files(files) => progress.files >= files,
            Self::Packets(packets) => progress.packets >= packets,
        }
    }
}

impl std::str::FromStr for StopCondition {
    type Err = SourceError;

    fn from_str(given: &str) -> Result<Self, SourceError> {
        match option(given)? {
            ("duration", seconds) => Ok(Self::Duration(seconds)),
            ("filesize", kilobytes) => Ok(Self::FileBytes(kilobytes.saturating_mul(1_000))),
            ("files", files) => Ok(Self::Files(files)),
            ("packets", packets) => Ok(Self::Packets(packets)),
            _ => Err(refuse(given, "want duration:S, filesize:KB, files:N or packets:N")),
        }
    }
}

/// When a ring begins another file, and how many it keeps: the `-b` options together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RingOptions {
    /// Begin another file after so many bytes.
    pub file_bytes: Option<u64>,
    /// Begin another file after so many seconds of packet time.
    pub seconds: Option<i64>,
    /// Files kept; the oldest is removed.
    pub files: Option<u32>,
    /// Files after which nothing more is written: `-a files:N`. Set by the caller, who also stops then.
    pub stop_after_files: Option<u64>,
}

impl RingOptions {
    /// Reads the `-b` options; None where there are none.
    ///
    /// # Errors
    ///
    /// [`SourceError::Option`] for one that cannot be read, or where none says when a file is full.
    pub fn parse<'a>(options: impl IntoIterator<Item = &'a str>) -> Result<Option<Self>, SourceError> {
        let mut ring = Self::default();
        let mut last = None;
        for given in options {
            last = Some(given);
            match option(given)? {
                ("filesize", kilobytes) => ring.file_bytes = Some(kilobytes.saturating_mul(1_000)),
                ("duration", seconds) => ring.seconds = Some(i64::try_from(seconds).unwrap_or(i64::MAX)),
                ("files", files) => ring.files = Some(u32::try_from(files).unwrap_or(u32::MAX)),
                _ => return Err(refuse(given, "want filesize:KB, duration:S or files:N")),
            }
        }
        match last {
            Some(given) if ring.file_bytes.is_none() && ring.seconds.is_none() => {
                Err(refuse(given, "a ring needs filesize:KB or duration:S as well"))
            }
            Some(_) => Ok(Some(ring)),
            None => Ok(None),
        }
    }
}

/// Splits `name:value` with a value above zero.
fn option(given: &str) -> Result<(&str, u64), SourceError> {
    let (name, value) =
        given.split_once(':').ok_or_else(|| refuse(given, "want a name, a colon and a number"))?;
    match value.parse() {
        Ok(0) | Err(_) => Err(refuse(given, "want a whole number above zero after the colon")),
        Ok(number) => Ok((name, number)),
    }
}

fn refuse(given: &str, reason: &str) -> SourceError {
    SourceError::Option { given: given.to_owned(), reason: reason.to_owned() }
}
