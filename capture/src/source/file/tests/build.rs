//! Bytes of captures.

use std::io::Write;

/// A packet to write.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    pub(super) seconds: u32,
    pub(super) nanos: u32,
    pub(super) bytes: Vec<u8>,
    /// Bytes on the wire beyond those captured.
    pub(super) cut: u32,
}

pub(super) fn packet(seconds: u32, bytes: &[u8]) -> Packet {
    Packet { seconds, nanos: 0, bytes: bytes.to_vec(), cut: 0 }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn word(self, value: u32) -> [u8; 4] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn half(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn words(self, values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| self.word(*value)).collect()
    }
}

pub(super) fn pcap_header(order: Order, magic: u32, link: u32) -> Vec<u8> {
    let mut out = order.word(magic).to_vec();
    out.extend(order.half(2));
    out.extend(order.half(4));
    out.extend(order.words(&[0, 0, 65_535, link]));
    out
}

pub(super) fn pcap_record(order: Order, nanos: bool, packet: &Packet) -> Vec<u8> {
    let length = u32::try_from(packet.bytes.len()).unwrap();
    let fraction = if nanos { packet.nanos } else { packet.nanos / 1_000 };
    let mut out = order.words(&[packet.seconds, fraction, length, length + packet.cut]);
    out.extend(&packet.bytes);
    out
}

pub(super) fn pcap(order: Order, nanos: bool, packets: &[Packet]) -> Vec<u8> {
    let mut out = pcap_header(order, if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }, 1);
    out.extend(packets.iter().flat_map(|packet| pcap_record(order, nanos, packet)));
    out
}

pub(super) fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(12 + padded).unwrap();
    let mut out = order.words(&[kind, length]);
    out.extend(body);
    out.resize(8 + padded, 0);
    out.extend(order.word(length));
    out
}

pub(super) fn section(order: Order) -> Vec<u8> {
    let mut body = order.word(0x1a2b_3c4d).to_vec();
    body.extend(order.half(1));
    body.extend(order.half(0));
    body.extend([0xff; 8]);
    body.extend(option(order, 4, b"a test"));
    block(order, 0x0a0d_0d0a, &body)
}

pub(super) fn option(order: Order, code: u16, value: &[u8]) -> Vec<u8> {
    let mut out = order.half(code).to_vec();
    out.extend(order.half(u16::try_from(value.len()).unwrap()));
    out.extend(value);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

pub(super) fn interface(order: Order, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
    let mut body = order.half(link).to_vec();
    body.extend(order.half(0));
    body.extend(order.word(snaplen));
    body.extend(options);
    block(order, 1, &body)
}

/// An enhanced packet block with a comment after its data.
pub(super) fn enhanced(order: Order, interface: u32, units: u64, packet: &Packet) -> Vec<u8> {
    let length = u32::try_from(packet.bytes.len()).unwrap();
    let (high, low) = (u32::try_from(units >> 32).unwrap(), u32::try_from(units & 0xffff_ffff).unwrap());
    let mut body = order.words(&[interface, high, low, length, length + packet.cut]);
    body.extend(&packet.bytes);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(option(order, 1, b"seen"));
    block(order, 6, &body)
}

/// A section with one Ethernet interface of nanosecond resolution.
pub(super) fn pcapng(order: Order, packets: &[Packet]) -> Vec<u8> {
    let mut out = section(order);
    out.extend(interface(order, 1, 0, &option(order, 9, &[9])));
    for packet in packets {
        let units = u64::from(packet.seconds) * 1_000_000_000 + u64::from(packet.nanos);
        out.extend(enhanced(order, 0, units, packet));
    }
    out
}

/// One gzip member.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One zstd frame.
pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A zstd skippable frame.
pub(super) fn skippable(bytes: &[u8]) -> Vec<u8> {
    let mut out = 0x184d_2a53_u32.to_le_bytes().to_vec();
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out.extend(bytes);
    out
}
