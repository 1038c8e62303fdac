//! Packets from the world into [`Batch`]es: capture files, folders of them, and live interfaces.
//!
//! A [`Source`] numbers frames and puts those of several captures in order of time. It is *not* a dissector:
//! it looks at no byte of a frame, except to ask a BPF filter. What it cannot read it names in
//! [`SourceError`]; what breaks in the middle of a capture becomes a [`SourceProblem`] of that capture, and
//! the frames before it are kept.

mod error;
pub mod file;
mod filter;
mod info;
#[cfg(feature = "live")]
pub mod live;
pub mod write;

pub use error::SourceError;
pub use file::{FileOptions, FileSource};
pub use filter::Filter;
pub use info::{
    CaptureInfo, Compression, Format, InterfaceInfo, NameRecord, SecretBlock, SecretsType, SourceProblem,
};

#[cfg(feature = "live")]
pub use live::{Interface, LiveOptions, LiveSource, interfaces};
pub use write::{CaptureWriter, RingOptions, StopCondition, WriteFormat};

use crate::batch::Batch;

/// What [`Source::fill`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// The batch holds at least one frame.
    Frames,
    /// No frame came within a short wait; ask again. Only live sources say this.
    Idle,
    /// No frame will come any more.
    End,
}

/// Where frames come from.
pub trait Source {
    /// Clears `batch` and fills it with the next run of frames.
    ///
    /// # Errors
    ///
    /// Only for what makes going on pointless: a live interface that fails, or a filter that libpcap refuses
    /// for a link type of the capture. Damage in a file is a [`SourceProblem`] and no error.
    fn fill(&mut self, batch: &mut Batch) -> Result<Fill, SourceError>;

    /// The captures, in the order in which they were given; [`crate::CaptureId`] is an index of this.
    /// Counts and problems are those known so far.
    fn captures(&self) -> &[CaptureInfo];

    /// Bytes read and bytes there are in all, as stored (compressed). None where the end is not known.
    fn progress(&self) -> Option<(u64, u64)>;
}
