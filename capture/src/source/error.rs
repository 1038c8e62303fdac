//! Why a source cannot be opened. Each kind has its own text, with the path and what to do about it.

use std::io;

/// A source that cannot be opened, or cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No path was given.
    #[error("no capture given")]
    NothingGiven,
    /// More captures than [`crate::CaptureId`] can number.
    #[error("too many captures: {found} found, at most {limit} can be read in one run")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many can be read.
        limit: usize,
    },
    /// There is nothing of this name.
    #[error("{path}: no such file or folder")]
    Missing {
        /// The path as given.
        path: String,
    },
    /// The file may not be read.
    #[error("{path}: permission denied")]
    Denied {
        /// The path as given.
        path: String,
    },
    /// The system failed to open or read it.
    #[error("{path}: cannot be read: {error}")]
    Unreadable {
        /// The path as given.
        path: String,
        /// What the system said; in the text, and so not the source too.
        error: io::Error,
    },
    /// A folder in which no file is a capture.
    #[error("{path}: a folder without captures (files looked at: {files})")]
    EmptyFolder {
        /// The folder as given.
        path: String,
        /// Files in it that are no captures.
        files: u64,
    },
    /// A file of 0 bytes.
    #[error("{path}: the file is empty (0 bytes)")]
    EmptyFile {
        /// The path as given.
        path: String,
    },
    /// A capture that ends inside its file header.
    #[error("{path}: {format} file header cut short: need {need} bytes, have {have}")]
    CutHeader {
        /// The path as given.
        path: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Bytes of the header.
        need: usize,
        /// Bytes there are.
        have: usize,
    },
    /// A file header that contradicts itself.
    #[error("{path}: damaged {format} file header: {reason}")]
    BadHeader {
        /// The path as given.
        path: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Which field.
        reason: String,
    },
    /// A version of a format that did not exist when this was written.
    #[error("{path}: {format} version {major}.{minor} is not supported")]
    UnsupportedVersion {
        /// The path as given.
        path: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Major version of the header.
        major: u16,
        /// Minor version of the header.
        minor: u16,
    },
    /// Not a capture at all.
    #[error("{path}: not a capture file; it looks like {looks_like} (first bytes: {first_bytes})")]
    NotACapture {
        /// The path as given.
        path: String,
        /// What its first bytes look like.
        looks_like: &'static str,
        /// Those bytes, in hexadecimal or as text.
        first_bytes: String,
    },
    /// An event trace of `pktmon` or `netsh trace`.
    #[error(
        "{path}: a Windows event trace (ETL), not a capture; convert it first, on Windows with \
         `pktmon etl2pcap {path} --out {out}` or with `etl2pcapng {path} {out}`"
    )]
    Etl {
        /// The path as given.
        path: String,
        /// A name for the converted file.
        out: String,
    },
    /// A capture in a format that others write and we do not read.
    #[error(
        "{path}: a {format} capture, which is not supported; convert it first with `editcap -F pcapng {path} {out}`"
    )]
    OtherFormat {
        /// The path as given.
        path: String,
        /// The name of the format.
        format: &'static str,
        /// A name for the converted file.
        out: String,
    },
    /// A file packed in a way that we do not unpack.
    #[error("{path}: packed with {format}; unpack it first")]
    Packed {
        /// The path as given.
        path: String,
        /// The name of the format.
        format: &'static str,
    },
    /// A compressed file whose stream is damaged before the capture begins.
    #[error("{path}: damaged {format} stream: {reason}")]
    BadCompression {
        /// The path as given.
        path: String,
        /// `gzip` or `zstd`.
        format: &'static str,
        /// What the decompressor said.
        reason: String,
    },
    /// A filter expression that libpcap refuses.
    #[error("filter \"{expression}\": {reason}; capture filters are those of tcpdump, see pcap-filter(7)")]
    Filter {
        /// The expression as given.
        expression: String,
        /// What libpcap said.
        reason: String,
    },
    /// A filter was given to a program built without libpcap.
    #[error(
        "filter \"{expression}\": this build has no libpcap (feature `live`), so it cannot filter packets"
    )]
    FilterUnavailable {
        /// The expression as given.
        expression: String,
    },
    /// The system does not let this program capture.
    #[error(
        "{interface}: no permission to capture; allow it with \
         `sudo setcap cap_net_raw,cap_net_admin=eip {program}`, or run it as root; interfaces: {interfaces}"
    )]
    Permission {
        /// The interface as given.
        interface: String,
        /// Path of the program.
        program: String,
        /// Those there are.
        interfaces: String,
    },
    /// There is no such interface.
    #[error("{interface}: no such interface{suggestion} (interfaces: {interfaces})")]
    UnknownInterface {
        /// The interface as given.
        interface: String,
        /// Empty, or a question with the nearest name.
        suggestion: String,
        /// The interfaces there are.
        interfaces: String,
    },
    /// libpcap failed to open an interface.
    #[error("{interface}: {reason}")]
    Interface {
        /// The interface as given.
        interface: String,
        /// What libpcap said.
        reason: String,
    },
    /// libpcap failed to list the interfaces.
    #[error("interfaces cannot be listed: {reason}")]
    Interfaces {
        /// What libpcap said.
        reason: String,
    },
    /// A capture file cannot be written.
    #[error("{path}: cannot be written: {error}")]
    Write {
        /// The path of the file.
        path: String,
        /// What the system said. The text has it already, so that it is not the source too: whoever prints the chain
        /// would say it twice.
        error: io::Error,
    },
    /// An option of writing or stopping that cannot be read.
    #[error("\"{given}\": {reason}")]
    Option {
        /// The option's value as given.
        given: String,
        /// What it should be.
        reason: String,
    },
}
