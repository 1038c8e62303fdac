//! What a source tells of each capture: its format, its interfaces, what was counted, what went wrong.

use std::fmt;
use std::net::IpAddr;

use crate::frame::LinkType;

/// How a capture is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Not known: the file could not be opened.
    #[default]
    Unknown,
    /// The libpcap file format.
    Pcap,
    /// The pcapng format.
    PcapNg,
    /// No file: a live interface.
    Live,
}

/// How a capture file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not packed.
    #[default]
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// One interface of a capture. A pcap file has one; a pcapng file has one for each description block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// Name, where the capture states one.
    pub name: Option<String>,
    /// How frames of this interface begin.
    pub link: LinkType,
    /// Largest captured length in bytes; 0 where there is no limit.
    pub snaplen: u32,
    /// Packets that the capturing system lost, as far as it said so.
    pub dropped: u64,
    /// Packets that the interface itself lost, as far as the system said so.
    pub dropped_by_interface: u64,
}

/// One capture of a run.
#[derive(Clone, Debug, Default)]
pub struct CaptureInfo {
    /// Path as given, `-` for standard input, or the interfaces of a live capture.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// How it is packed.
    pub compression: Compression,
    /// Size in bytes as stored, where known.
    pub size: Option<u64>,
    /// Its interfaces; [`crate::Frame::interface`] is an index of this.
    pub interfaces: Vec<InterfaceInfo>,
    /// Packet records read. The last frame has this number.
    pub frames: u64,
    /// Frames that a filter held back.
    pub filtered: u64,
    /// What libpcap said where it refused the filter for one of the capture's link types; no frame of that
    /// link type passed.
    pub filter_refused: Option<String>,
    /// pcapng sections read; 1 for other formats.
    pub sections: u64,
    /// pcapng blocks of a type we do not read, skipped.
    pub unknown_blocks: u64,
    /// Packet records that could not be handed over: an interface that is not described, a length that does
    /// not fit the block.
    pub damaged_records: u64,
    /// Names of hosts that the capture brought along (pcapng name resolution blocks).
    pub host_names: Vec<NameRecord>,
    /// Keys that the capture brought along (pcapng decryption secrets blocks).
    pub secrets: Vec<SecretBlock>,
    /// Names and secrets left out because a limit was reached.
    pub left_out: u64,
    /// Whether its frames came later than their times, since too many captures were open to merge it in place.
    pub late: bool,
    /// What ended it before its end. With this set, the capture was read in part.
    pub problem: Option<SourceProblem>,
}

impl CaptureInfo {
    /// Takes over what a reader has found so far, without copying what has not grown.
    pub(super) fn follow(&mut self, reader: &Self) {
        self.frames = reader.frames;
        self.sections = reader.sections;
        self.unknown_blocks = reader.unknown_blocks;
        self.damaged_records = reader.damaged_records;
        self.left_out = reader.left_out;
        append(&mut self.interfaces, &reader.interfaces);
        append(&mut self.host_names, &reader.host_names);
        append(&mut self.secrets, &reader.secrets);
        for (mine, theirs) in self.interfaces.iter_mut().zip(&reader.interfaces) {
            (mine.dropped, mine.dropped_by_interface) = (theirs.dropped, theirs.dropped_by_interface);
        }
        if self.problem != reader.problem {
            self.problem.clone_from(&reader.problem);
        }
    }

    /// Whether everything in it was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.problem.is_none() && self.damaged_records == 0
    }
}

/// Appends what `to` has not yet of a list that only grows.
fn append<T: Clone>(to: &mut Vec<T>, from: &[T]) {
    to.extend_from_slice(from.get(to.len()..).unwrap_or_default());
}

/// Why a capture was read only in part. Offsets count unpacked bytes from the start of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceProblem {
    /// The file ends inside a record: the capture was copied while it was written, or the disk was full.
    #[error("last record cut short at byte {offset}: need {need} bytes, have {have}")]
    CutShort {
        /// Where the record begins.
        offset: u64,
        /// Bytes of it that are there.
        have: u64,
        /// Bytes it needs, as far as known.
        need: u64,
    },
    /// What follows the last record is no record.
    #[error("trailing garbage of {bytes} bytes at byte {offset}: {reason}")]
    TrailingGarbage {
        /// Where it begins.
        offset: u64,
        /// How long it is; at least, where the file is compressed or a pipe.
        bytes: u64,
        /// What shows that it is no record.
        reason: String,
    },
    /// A block contradicts itself, so that the next one cannot be found.
    #[error("damaged at byte {offset}: {reason}")]
    Damaged {
        /// Where the block begins.
        offset: u64,
        /// Which field, need and have.
        reason: String,
    },
    /// Reading failed: a bad disk, a damaged compressed stream.
    #[error("reading failed after {offset} bytes: {reason}")]
    ReadFailed {
        /// Bytes read before.
        offset: u64,
        /// What the system or the decompressor said.
        reason: String,
    },
    /// A live interface went down or away; the others go on.
    #[error("{interface} failed after {frames} frames: {reason}")]
    InterfaceFailed {
        /// Its name.
        interface: String,
        /// Frames captured before, on all interfaces.
        frames: u64,
        /// What libpcap said.
        reason: String,
    },
    /// The file could not be opened as a capture; the others were read.
    #[error("not read: {reason}")]
    NotOpened {
        /// The text of the [`super::SourceError`].
        reason: String,
    },
}

/// A host name from a pcapng name resolution block (4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRecord {
    /// The address.
    pub address: IpAddr,
    /// One of its names.
    pub name: String,
}

/// What a decryption secrets block holds, by its number (pcapng 4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretsType(pub u32);

impl SecretsType {
    /// A TLS key log, as `SSLKEYLOGFILE` writes it.
    pub const TLS_KEY_LOG: Self = Self(0x544c_534b);
}

/// Keys from a pcapng decryption secrets block. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBlock {
    /// What kind of keys.
    pub kind: SecretsType,
    /// The keys as stored.
    pub data: Vec<u8>,
}

impl fmt::Debug for SecretBlock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SecretBlock {{ kind: {:#x}, {} bytes redacted }}", self.kind.0, self.data.len())
    }
}
