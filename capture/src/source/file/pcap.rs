//! The libpcap file format (draft-ietf-opsawg-pcap): a file header, then records of one link type.
//!
//! Also the nanosecond variant, and the one of Alexey Kuznetzov's patches with 8 more bytes in each record
//! header. What the records hold is not looked at.

use pcap_parser::parse_pcap_header;

use super::reader::{Parsed, Sink};
use super::sniff::PCAP_HEADER;
use crate::batch::FrameHead;
use crate::frame::{FrameId, LinkType, Timestamp};
use crate::source::{Format, InterfaceInfo, SourceError, SourceProblem};

/// A record header: seconds, fraction, captured length, length on the wire.
const RECORD_HEADER: usize = 16;
/// The same in Kuznetzov's variant: then interface index, protocol, packet type and padding.
const RECORD_HEADER_LONG: usize = 24;

/// How the records of one file are read.
pub(super) struct Pcap {
    big_endian: bool,
    /// Bytes of a record header.
    header: usize,
    /// Nanoseconds in one unit of the fraction.
    unit: i64,
    link: LinkType,
    /// Files before version 2.3 store the two lengths the other way round; those of 2.3 may.
    lengths: Lengths,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    WireFirst,
    SmallerIsCaptured,
}

/// One record header, decoded.
struct Record {
    seconds: u32,
    fraction: u32,
    captured: u32,
    wire: u32,
}

impl Pcap {
    /// Reads the file header. It has been seen that `first` begins with one of the magic numbers.
    pub(super) fn open(path: &str, first: &[u8]) -> Result<(Self, InterfaceInfo), SourceError> {
        let path = path.to_owned();
        let Some(header) = first.first_chunk::<PCAP_HEADER>() else {
            return Err(SourceError::CutHeader {
                path,
                format: "pcap",
                need: PCAP_HEADER,
                have: first.len(),
            });
        };
        let mut header = *header;
        let long = matches!(header, [0x34, 0xcd, ..] | [_, _, 0xcd, 0x34, ..]);
        if header.starts_with(&[0xa1, 0xb2, 0xcd, 0x34]) {
            // pcap-parser knows Kuznetzov's magic in little-endian alone: the rest is as after the plain one.
            header[2..4].copy_from_slice(&[0xc3, 0xd4]);
        }
        let Ok((_, parsed)) = parse_pcap_header(&header) else {
            let reason = "magic number not known".to_owned();
            return Err(SourceError::BadHeader { path, format: "pcap", reason });
        };
        let (major, minor) = (parsed.version_major, parsed.version_minor);
        if major != 2 {
            return Err(SourceError::UnsupportedVersion { path, format: "pcap", major, minor });
        }
        // The upper half of the field holds flags and the length of the frame check sequence.
        let [low, high, ..] = parsed.network.0.to_le_bytes();
        let link = LinkType(u16::from_le_bytes([low, high]));
        let pcap = Self {
            big_endian: parsed.is_bigendian(),
            header: if long { RECORD_HEADER_LONG } else { RECORD_HEADER },
            unit: if parsed.is_nanosecond_precision() { 1 } else { 1_000 },
            link,
            lengths: match minor {
                0..=2 => Lengths::WireFirst,
                3 => Lengths::SmallerIsCaptured,
                _ => Lengths::CapturedFirst,
            },
        };
        let interface =
            InterfaceInfo { name: None, link, snaplen: parsed.snaplen, dropped: 0, dropped_by_interface: 0 };
        Ok((pcap, interface))
    }

    pub(super) const fn format() -> Format {
        Format::Pcap
    }

    /// Notes every whole record of `data` from `at` on.
    pub(super) fn parse(&mut self, data: &[u8], at: usize, sink: &mut Sink<'_>) -> Parsed {
        if self.big_endian {
            self.records(data, at, sink, u32::from_be_bytes)
        } else {
            self.records(data, at, sink, u32::from_le_bytes)
        }
    }

    fn records(
        &self,
        data: &[u8],
        mut at: usize,
        sink: &mut Sink<'_>,
        word: impl Fn([u8; 4]) -> u32,
    ) -> Parsed {
        let tail = data.get(at..).unwrap_or_default();
        let mut rest = tail;
        loop {
            let Some(record) = self.record(rest, &word) else {
                return Parsed::more(at, self.header);
            };
            let captured = record.captured as usize;
            if captured > sink.options.record_bytes {
                let limit = sink.options.record_bytes;
                let reason =
                    format!("pcap record claims {captured} captured bytes, at most {limit} are read");
                return Parsed::stop(at, SourceProblem::TrailingGarbage { offset: 0, bytes: 0, reason });
            }
            let need = self.header + captured;
            let Some(next) = rest.get(need..) else {
                return Parsed { implausible: self.doubt(&record), ..Parsed::more(at, need) };
            };
            let nanos = i64::from(record.seconds) * 1_000_000_000 + i64::from(record.fraction) * self.unit;
            sink.push(FrameHead {
                id: FrameId::default(),
                time: Timestamp::from_nanos(nanos),
                link: self.link,
                interface: 0,
                start: at + self.header,
                len: record.captured,
                wire_len: record.wire.max(record.captured),
            });
            at += need;
            rest = next;
        }
    }

    /// The record header at the start of `bytes`.
    #[inline]
    fn record(&self, bytes: &[u8], word: &impl Fn([u8; 4]) -> u32) -> Option<Record> {
        let [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, w0, w1, w2, w3] = *bytes.first_chunk::<16>()?;
        let (mut captured, mut wire) = (word([c0, c1, c2, c3]), word([w0, w1, w2, w3]));
        let swapped = match self.lengths {
            Lengths::CapturedFirst => false,
            Lengths::WireFirst => true,
            Lengths::SmallerIsCaptured => captured > wire,
        };
        if swapped {
            std::mem::swap(&mut captured, &mut wire);
        }
        Some(Record { seconds: word([s0, s1, s2, s3]), fraction: word([f0, f1, f2, f3]), captured, wire })
    }

    /// What makes a record that runs past the end of the file look like garbage rather than cut short.
    fn doubt(&self, record: &Record) -> Option<&'static str> {
        if i64::from(record.fraction) * self.unit >= 1_000_000_000 {
            Some("pcap record has a fraction of more than a second and runs past the end")
        } else if record.captured > record.wire {
            Some("pcap record captured more than was on the wire and runs past the end")
        } else {
            None
        }
    }
}
