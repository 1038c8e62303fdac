//! Bytes of pcap and pcapng records, little-endian, with nanoseconds.

use std::io::{self, Write};

use crate::frame::{CaptureId, Frame, LinkType};

/// Snapshot length stated in headers: what dumpcap states.
const SNAPLEN: u32 = 262_144;
/// Longest interface name written, in bytes.
const NAME_BYTES: usize = 255;

/// The state of one file.
pub(super) enum Encoder {
    Pcap {
        link: LinkType,
    },
    /// Interfaces described so far, in the order of their numbers.
    PcapNg {
        interfaces: Vec<(CaptureId, u32, LinkType)>,
    },
}

impl Encoder {
    /// A file's encoder, and the header to write first.
    pub(super) fn new(pcapng: bool, link: LinkType) -> (Self, Vec<u8>) {
        let mut header = Vec::new();
        if pcapng {
            for word in [0x0a0d_0d0a, 28, 0x1a2b_3c4d_u32, 1, u32::MAX, u32::MAX, 28] {
                header.extend_from_slice(&word.to_le_bytes());
            }
            return (Self::PcapNg { interfaces: Vec::new() }, header);
        }
        for word in [0xa1b2_3c4d_u32, 2 | 4 << 16, 0, 0, SNAPLEN, u32::from(link.0)] {
            header.extend_from_slice(&word.to_le_bytes());
        }
        (Self::Pcap { link }, header)
    }

    /// Writes a frame; returns how many bytes that took.
    pub(super) fn frame(
        &mut self,
        out: &mut impl Write,
        frame: &Frame<'_>,
        name: Option<&str>,
    ) -> io::Result<u64> {
        match self {
            Self::Pcap { link } if *link != frame.link => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "link types {} and {} do not fit into one pcap file; use pcapng",
                    link.0, frame.link.0
                ),
            )),
            Self::Pcap { .. } => pcap_record(out, frame),
            Self::PcapNg { interfaces } => {
                let key = (frame.id.capture, frame.interface, frame.link);
                let mut written = 0;
                let index = if let Some(index) = interfaces.iter().position(|known| *known == key) {
                    index
                } else {
                    written += describe(out, frame.link, name)?;
                    interfaces.push(key);
                    interfaces.len() - 1
                };
                Ok(written + enhanced_packet(out, frame, index)?)
            }
        }
    }
}

/// A pcap record. Its seconds are unsigned and 32 bits wide: times outside become the nearest that fits.
fn pcap_record(out: &mut impl Write, frame: &Frame<'_>) -> io::Result<u64> {
    let nanos = frame.time.as_nanos().clamp(0, i64::from(u32::MAX) * 1_000_000_000 + 999_999_999);
    let word = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    let captured = length(frame);
    for value in [word(nanos / 1_000_000_000), word(nanos % 1_000_000_000), captured, frame.wire_len] {
        out.write_all(&value.to_le_bytes())?;
    }
    out.write_all(frame.bytes)?;
    Ok(16 + u64::from(captured))
}

/// An interface description block with its name and a resolution of nanoseconds.
fn describe(out: &mut impl Write, link: LinkType, name: Option<&str>) -> io::Result<u64> {
    let mut body = Vec::new();
    body.extend_from_slice(&u32::from(link.0).to_le_bytes());
    body.extend_from_slice(&SNAPLEN.to_le_bytes());
    let name = name.map(str::as_bytes).filter(|name| name.len() <= NAME_BYTES).unwrap_or_default();
    if let (Ok(length), false) = (u16::try_from(name.len()), name.is_empty()) {
        body.extend_from_slice(&2_u16.to_le_bytes());
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(name);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    body.extend_from_slice(&[9, 0, 1, 0, 9, 0, 0, 0]);
    body.extend_from_slice(&[0; 4]);
    block(out, 1, &[&body])
}

/// An enhanced packet block. Times before 1970 become 1970.
fn enhanced_packet(out: &mut impl Write, frame: &Frame<'_>, interface: usize) -> io::Result<u64> {
    let nanos = u64::try_from(frame.time.as_nanos()).unwrap_or(0);
    let half = |value: u64| u32::try_from(value & 0xffff_ffff).unwrap_or(0);
    let (high, low) = (half(nanos >> 32), half(nanos));
    let captured = length(frame);
    let interface = u32::try_from(interface).unwrap_or(u32::MAX);
    let mut head = [0; 20];
    for (place, word) in head.chunks_exact_mut(4).zip([interface, high, low, captured, frame.wire_len]) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    let padding = [0; 3];
    let pad = frame.bytes.len().next_multiple_of(4) - frame.bytes.len();
    block(out, 6, &[&head, frame.bytes, padding.get(..pad).unwrap_or_default()])
}

/// A block of parts whose lengths add up to a multiple of four.
fn block(out: &mut impl Write, kind: u32, parts: &[&[u8]]) -> io::Result<u64> {
    let length = 12 + parts.iter().map(|part| part.len()).sum::<usize>();
    let stated = u32::try_from(length)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "frame too long for a pcapng block"))?;
    out.write_all(&kind.to_le_bytes())?;
    out.write_all(&stated.to_le_bytes())?;
    for part in parts {
        out.write_all(part)?;
    }
    out.write_all(&stated.to_le_bytes())?;
    Ok(u64::from(stated))
}

fn length(frame: &Frame<'_>) -> u32 {
    u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX)
}
