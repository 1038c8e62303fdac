//! What a file is, by its first bytes and never by its name.
//!
//! Sources of the magic numbers: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, RFC 1761 (snoop), RFC 1952,
//! RFC 8878, and the readers of Wireshark's wiretap library for the rest.

use std::io::{self, Read};

use crate::source::{Compression, SourceError};

/// Bytes wanted to recognise a file: an event trace shows itself at offset 0x48.
const FIRST_BYTES: usize = 128;
/// File header of pcap.
pub(super) const PCAP_HEADER: usize = 24;
/// Fixed part of a pcapng section header block, with its trailing length.
pub(super) const SECTION_HEADER: usize = 28;

/// Which capture format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pcap,
    PcapNg,
}

/// What the first four bytes say.
pub(super) fn kind(first: &[u8]) -> Option<Kind> {
    match *first.first_chunk::<4>()? {
        [0xd4, 0xc3, 0xb2, 0xa1]
        | [0xa1, 0xb2, 0xc3, 0xd4]
        | [0x4d, 0x3c, 0xb2, 0xa1]
        | [0xa1, 0xb2, 0x3c, 0x4d]
        | [0x34, 0xcd, 0xb2, 0xa1]
        | [0xa1, 0xb2, 0xcd, 0x34] => Some(Kind::Pcap),
        [0x0a, 0x0d, 0x0d, 0x0a] => Some(Kind::PcapNg),
        _ => None,
    }
}

/// Which compression the first bytes show; a skippable frame (RFC 8878 3.1.2) may come first.
pub(super) fn compression(first: &[u8]) -> Compression {
    match *first {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Reads until the file can be recognised. A pipe may hold back what follows a file header, so no more is
/// asked for than that header.
pub(super) fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = vec![0; FIRST_BYTES];
    let mut have = 0;
    loop {
        let want = match kind(first.get(..have).unwrap_or_default()) {
            Some(Kind::Pcap) => PCAP_HEADER,
            Some(Kind::PcapNg) => SECTION_HEADER,
            None => FIRST_BYTES,
        };
        // A first read of four bytes costs a call, and keeps the rest for the reader's large block.
        let want = if have < 4 { 4 } else { want };
        let Some(room) = first.get_mut(have..want).filter(|room| !room.is_empty()) else { break };
        match reader.read(room) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What was read before says more than the error, for a compressed file cut in its first block.
            Err(error) if have == 0 => return Err(error),
            Err(_) => break,
        }
    }
    first.truncate(have);
    Ok(first)
}

/// The error for a file that is no capture.
pub(super) fn refusal(path: &str, first: &[u8]) -> SourceError {
    let path = path.to_owned();
    if is_etl(first, &path) {
        let out = converted(&path);
        return SourceError::Etl { path, out };
    }
    if let Some((_, format)) = OTHER_CAPTURES.iter().find(|(magic, _)| first.starts_with(magic)) {
        let out = converted(&path);
        return SourceError::OtherFormat { path, format, out };
    }
    if let Some((_, format)) = ARCHIVES.iter().find(|(magic, _)| first.starts_with(magic)) {
        return SourceError::Packed { path, format };
    }
    SourceError::NotACapture { path, looks_like: looks_like(first), first_bytes: shown(first) }
}

/// Captures in formats that Wireshark reads and we do not.
const OTHER_CAPTURES: &[(&[u8], &str)] = &[
    (b"snoop\0\0\0", "snoop"),
    (b"GMBU", "Microsoft Network Monitor 2"),
    (b"RTSS", "Microsoft Network Monitor 1"),
    (b"TRSNIFF data", "Sniffer"),
    (b"XCP\0", "NetXRay or Windows Sniffer"),
    (b"iptrace 1.0", "iptrace"),
    (b"iptrace 2.0", "iptrace"),
    (b"btsnoop\0", "btsnoop"),
    (b"\x7fver", "OmniPeek or EtherPeek"),
    (b"\x05VNF", "Visual Networks"),
    (b"\xa1\xb2\xc3\xcd", "modified libpcap"),
];

/// Packed files that hold a capture often enough to be named.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF", "cabinet"),
    (b"\x1f\x8b", "gzip inside a compressed file"),
    (b"\x28\xb5\x2f\xfd", "zstd inside a compressed file"),
];

/// What a file that is no capture looks like.
fn looks_like(first: &[u8]) -> &'static str {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
        (b"<!DOCTYPE", "a web page"),
        (b"<html", "a web page"),
        (b"<?xml", "an XML document"),
        (b"ElfFile\0", "a Windows event log"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a Windows program"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"{", "JSON"),
        (b"[", "JSON"),
    ];
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| first.starts_with(magic)) {
        return name;
    }
    let text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    if first.iter().all(|byte| *byte == 0) {
        "zeros"
    } else if first.iter().all(text) && std::str::from_utf8(first.get(..64).unwrap_or(first)).is_ok() {
        "a text file"
    } else {
        "binary data"
    }
}

/// The first bytes as a person reads them.
fn shown(first: &[u8]) -> String {
    let some = first.get(..16).unwrap_or(first);
    if some.iter().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return format!("\"{}\"", String::from_utf8_lossy(some));
    }
    let hex: Vec<String> = some.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.join(" ")
}

/// An event trace log begins with a WMI_BUFFER_HEADER of 0x48 bytes, which begins with the buffer's size; then
/// comes a system trace header whose marker has type SYSTEM32 or SYSTEM64 and the flags 0xc0 (evntrace.h,
/// wmistr.h). The name helps where a file is shorter than that.
fn is_etl(first: &[u8], path: &str) -> bool {
    let size = first.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let marker = first.get(0x4a..0x4c);
    let buffer = (1 << 10..=16 << 20).contains(&size) && size.trailing_zeros() >= 10;
    let named = path.len() > 4 && path.to_ascii_lowercase().ends_with(".etl");
    (buffer && matches!(marker, Some([1..=4, 0xc0]))) || named
}

/// A name for the converted file: same place, `.pcapng`.
fn converted(path: &str) -> String {
    std::path::Path::new(path).with_extension("pcapng").display().to_string()
}
