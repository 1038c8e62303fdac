//! The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks, each section with its own byte order and
//! its own interfaces, each interface with its own link type and resolution of time.
//!
//! Packet blocks (enhanced, simple, and the obsolete packet block) become frames in place. Names, secrets and
//! drop counts are kept. Comments and other options are stepped over, as are blocks of any other type.

mod interface;
mod kept;

use pcap_parser::{DSB_MAGIC, EPB_MAGIC, IDB_MAGIC, ISB_MAGIC, NRB_MAGIC, SHB_MAGIC, SJE_MAGIC, SPB_MAGIC};

use super::reader::{Parsed, Sink};
use super::sniff::SECTION_HEADER;
use crate::batch::FrameHead;
use crate::frame::{FrameId, Timestamp};
use crate::source::{SourceError, SourceProblem};
use interface::Interface;

/// The obsolete packet block (appendix A).
const PACKET_BLOCK: u32 = 2;
/// sysdig events: no packets, but Wireshark numbers them among the packets.
const NUMBERED_OTHERS: [u32; 7] = [SJE_MAGIC, 0x204, 0x208, 0x216, 0x221, 0x222, 0x223];
/// Type, length and trailing length of a block.
const FRAMING: usize = 12;
/// The byte-order magic of a section header.
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// Where reading stands in a file.
pub(super) struct PcapNg {
    big_endian: bool,
    /// Interfaces of this section.
    interfaces: Vec<Interface>,
    /// Interfaces of the sections before it.
    base: usize,
    /// Bytes of secrets kept.
    secret_bytes: usize,
    /// Time of the last frame: a simple packet block states none.
    last_time: Timestamp,
}

/// The fields of a packet block that lie before its data.
struct Packet {
    interface: usize,
    time: Option<u64>,
    captured: usize,
    wire: u32,
    /// Where the data begins in the block's body.
    data: usize,
}

impl PcapNg {
    /// Checks the first section header. Its block is parsed again with the others.
    pub(super) fn open(path: &str, first: &[u8]) -> Result<Self, SourceError> {
        let path = path.to_owned();
        let Some(header) = first.first_chunk::<SECTION_HEADER>() else {
            let have = first.len();
            return Err(SourceError::CutHeader { path, format: "pcapng", need: SECTION_HEADER, have });
        };
        let Some(big_endian) = byte_order(header) else {
            let reason = "section header has no byte-order magic".to_owned();
            return Err(SourceError::BadHeader { path, format: "pcapng", reason });
        };
        let pcapng = Self {
            big_endian,
            interfaces: Vec::new(),
            base: 0,
            secret_bytes: 0,
            last_time: Timestamp::default(),
        };
        let (major, minor) = (pcapng.half(header, 12), pcapng.half(header, 14));
        if major != 1 {
            return Err(SourceError::UnsupportedVersion { path, format: "pcapng", major, minor });
        }
        Ok(pcapng)
    }

    /// Notes every packet of the whole blocks of `data` from `at` on.
    pub(super) fn parse(&mut self, data: &[u8], mut at: usize, sink: &mut Sink<'_>) -> Parsed {
        loop {
            let rest = data.get(at..).unwrap_or_default();
            if rest.len() < FRAMING {
                return Parsed::more(at, FRAMING);
            }
            let kind = self.word(rest, 0);
            if kind == SHB_MAGIC {
                match byte_order(rest) {
                    Some(big_endian) => self.big_endian = big_endian,
                    None => return damaged(at, "section header has no byte-order magic"),
                }
            }
            let stated = self.word(rest, 4);
            if (stated as usize) < FRAMING {
                return damaged(at, format!("block length {stated}, need at least {FRAMING}"));
            }
            // Some writers forget to count the padding; the block is padded all the same.
            let length = (stated as usize).next_multiple_of(4);
            if length > sink.options.record_bytes + 4_096 {
                if kind == SHB_MAGIC {
                    return damaged(
                        at,
                        format!("section header of {stated} bytes is longer than any record"),
                    );
                }
                // Of any type: nothing so long is held. A packet in it is counted and lost.
                too_long(kind, sink);
                if length > rest.len() {
                    return Parsed::more(at.saturating_add(length), 0);
                }
                at += length;
                continue;
            }
            let Some(block) = rest.get(..length) else {
                return Parsed::more(at, length);
            };
            if self.word(block, length - 4) != stated {
                let trailer = self.word(block, length - 4);
                return damaged(at, format!("block length {stated} at its start, {trailer} at its end"));
            }
            if let Err(reason) = self.block(kind, block, at, sink) {
                return damaged(at, reason);
            }
            at += length;
        }
    }

    /// One whole block, `at` in the buffer. The error is what makes the rest of the section unreadable.
    #[inline]
    fn block(&mut self, kind: u32, block: &[u8], at: usize, sink: &mut Sink<'_>) -> Result<(), String> {
        let body = block.get(8..block.len() - 4).unwrap_or_default();
        match kind {
            EPB_MAGIC => {
                let packet = self.enhanced(body);
                self.packet(packet, body, at, sink);
            }
            SPB_MAGIC => {
                let packet = self.simple(body);
                self.packet(packet, body, at, sink);
            }
            PACKET_BLOCK => {
                let packet = self.obsolete(body);
                self.packet(packet, body, at, sink);
            }
            SHB_MAGIC => return self.section(block, sink),
            IDB_MAGIC => return self.describe(block, sink),
            NRB_MAGIC => kept::names(self, body, sink),
            ISB_MAGIC => kept::statistics(self, body, sink),
            DSB_MAGIC => kept::secrets(self, body, sink),
            _ => unknown(kind, sink),
        }
        Ok(())
    }

    fn section(&mut self, block: &[u8], sink: &mut Sink<'_>) -> Result<(), String> {
        if block.len() < SECTION_HEADER {
            return Err(format!("section header of {} bytes, need {SECTION_HEADER}", block.len()));
        }
        let (major, minor) = (self.half(block, 12), self.half(block, 14));
        if major != 1 {
            return Err(format!("section of pcapng version {major}.{minor}, only 1 is supported"));
        }
        self.interfaces.clear();
        self.base = sink.info.interfaces.len();
        sink.info.sections += 1;
        Ok(())
    }

    fn describe(&mut self, block: &[u8], sink: &mut Sink<'_>) -> Result<(), String> {
        if sink.info.interfaces.len() >= sink.options.interfaces {
            return Err(format!("more than {} interfaces", sink.options.interfaces));
        }
        let (interface, info) = Interface::parse(block, self.big_endian)?;
        self.interfaces.push(interface);
        sink.info.interfaces.push(info);
        Ok(())
    }

    /// Interface, time in two halves, captured length, wire length, data.
    #[inline]
    fn enhanced(&self, body: &[u8]) -> Option<Packet> {
        let [i0, i1, i2, i3, h0, h1, h2, h3, l0, l1, l2, l3, c0, c1, c2, c3, w0, w1, w2, w3] =
            *body.first_chunk::<20>()?;
        let word =
            |bytes| if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        let time = u64::from(word([h0, h1, h2, h3])) << 32 | u64::from(word([l0, l1, l2, l3]));
        Some(Packet {
            interface: word([i0, i1, i2, i3]) as usize,
            time: Some(time),
            captured: word([c0, c1, c2, c3]) as usize,
            wire: word([w0, w1, w2, w3]),
            data: 20,
        })
    }

    /// Wire length, data: of the first interface, cut to its snapshot length, without a time.
    fn simple(&self, body: &[u8]) -> Option<Packet> {
        let room = body.len().checked_sub(4)?;
        let wire = self.word(body, 0);
        let snaplen = match self.interfaces.first()?.snaplen {
            0 => usize::MAX,
            some => some as usize,
        };
        let captured = (wire as usize).min(snaplen).min(room);
        Some(Packet { interface: 0, time: None, captured, wire, data: 4 })
    }

    /// As the enhanced one, but the interface shares its word with a count of drops.
    fn obsolete(&self, body: &[u8]) -> Option<Packet> {
        let interface = usize::from(self.half(body, 0));
        Some(Packet { interface, ..self.enhanced(body)? })
    }

    #[inline]
    fn packet(&mut self, packet: Option<Packet>, body: &[u8], at: usize, sink: &mut Sink<'_>) {
        let Some(packet) = packet else { return lost(sink) };
        let Some(interface) = self.interfaces.get(packet.interface) else { return lost(sink) };
        if body.len() - packet.data < packet.captured {
            return lost(sink);
        }
        let captured = u32::try_from(packet.captured).unwrap_or(u32::MAX);
        if let Some(units) = packet.time {
            self.last_time = interface.time(units);
        }
        sink.push(FrameHead {
            id: FrameId::default(),
            time: self.last_time,
            link: interface.link,
            interface: u32::try_from(self.base + packet.interface).unwrap_or(u32::MAX),
            start: at + 8 + packet.data,
            len: captured,
            wire_len: packet.wire.max(captured),
        });
    }

    /// The 32-bit word at `at`; 0 past the end.
    #[inline]
    fn word(&self, bytes: &[u8], at: usize) -> u32 {
        let some = bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
        if self.big_endian { u32::from_be_bytes(some) } else { u32::from_le_bytes(some) }
    }

    /// The 16-bit word at `at`; 0 past the end.
    #[inline]
    fn half(&self, bytes: &[u8], at: usize) -> u16 {
        let some = bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
        if self.big_endian { u16::from_be_bytes(some) } else { u16::from_le_bytes(some) }
    }
}

/// A block longer than the limit is stepped over.
fn too_long(kind: u32, sink: &mut Sink<'_>) {
    match kind {
        EPB_MAGIC | SPB_MAGIC | PACKET_BLOCK => lost(sink),
        NRB_MAGIC | DSB_MAGIC => sink.info.left_out += 1,
        _ => unknown(kind, sink),
    }
}

/// A packet record that cannot be handed over keeps its number.
fn lost(sink: &mut Sink<'_>) {
    sink.info.frames += 1;
    sink.info.damaged_records += 1;
}

/// A block of a type that is not read.
fn unknown(kind: u32, sink: &mut Sink<'_>) {
    sink.info.unknown_blocks += 1;
    if NUMBERED_OTHERS.contains(&kind) {
        sink.info.frames += 1;
    }
}

/// The byte order that a section header shows, if it shows one.
fn byte_order(section: &[u8]) -> Option<bool> {
    let magic = section.get(8..)?.first_chunk().copied()?;
    match (u32::from_le_bytes(magic), u32::from_be_bytes(magic)) {
        (BYTE_ORDER, _) => Some(false),
        (_, BYTE_ORDER) => Some(true),
        _ => None,
    }
}

fn damaged(at: usize, reason: impl Into<String>) -> Parsed {
    Parsed::stop(at, SourceProblem::Damaged { offset: 0, reason: reason.into() })
}
