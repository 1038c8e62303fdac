//! Capture files: pcap and pcapng, plain or packed with gzip or zstd, one or many, from disk or standard input.
//!
//! ```text
//! walk      paths and folders -> the list of captures
//! sniff     first bytes -> which format, or what it is instead
//! input     disk, pipe, gzip, zstd -> one run of bytes
//! pcap,     bytes in a buffer -> where each frame lies in it
//!  pcapng
//! reader    reads large blocks into the batch, keeps the incomplete tail for the next
//! merge     several readers -> one run of frames in order of time
//! ```
//!
//! The records are framed by our own loops. The readers of `pcap-parser` hand out one block at a time,
//! borrowed from a buffer of their own, allocate for the options of each packet block and check nothing
//! against a limit; a [`crate::Batch`] wants the place of every frame in a buffer that the caller owns. What
//! occurs once a file (file header, section header, interface description) is parsed by `pcap-parser`.

mod gzip;
mod input;
mod merge;
mod pcap;
mod pcapng;
mod reader;
mod sniff;
#[cfg(test)]
mod tests;
mod walk;
mod zstd;

pub use merge::FileSource;

/// How files are read, and what a file can make us hold.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// A filter in the syntax of pcap-filter(7); frames that do not match are counted and dropped.
    pub filter: Option<String>,
    /// Bytes read at once, and so about the size of a batch.
    pub block_bytes: usize,
    /// Largest packet record in bytes. A pcap record that claims more is taken for garbage; a pcapng block is
    /// skipped.
    pub record_bytes: usize,
    /// Captures open at once while several that overlap in time are merged. Those beyond it wait, and are
    /// marked [`crate::CaptureInfo::late`].
    pub open_captures: usize,
    /// Bytes read at once while several captures are merged.
    pub merge_block_bytes: usize,
    /// Interfaces of one capture. A section that describes more ends the reading of its capture.
    pub interfaces: usize,
    /// Host names kept of one capture.
    pub host_names: usize,
    /// Bytes of secrets kept of one capture.
    pub secret_bytes: usize,
    /// Largest window of a zstd frame in bytes; a frame that asks for more cannot be read.
    pub zstd_window_bytes: u64,
    /// Folders inside folders; what lies deeper is not looked at.
    pub folder_depth: usize,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self {
            filter: None,
            block_bytes: 256 << 10,
            record_bytes: 4 << 20,
            open_captures: 128,
            merge_block_bytes: 128 << 10,
            interfaces: 4_096,
            host_names: 65_536,
            secret_bytes: 16 << 20,
            // What `zstd -d` accepts without `--long`.
            zstd_window_bytes: 128 << 20,
            folder_depth: 32,
        }
    }
}
