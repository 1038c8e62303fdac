use etherparse::PacketBuilder;

use super::scene::*;
use crate::frame::{Frame, LinkType};
use crate::limits::Limits;

impl Scene {
    fn frame(&mut self, link: LinkType, bytes: &[u8], wire_len: usize) -> &mut Self {
        self.frame += 1;
        let at = self.now();
        let frame = Frame {
            id: at.frame,
            time: at.time,
            link,
            interface: 0,
            bytes,
            wire_len: u32::try_from(wire_len).unwrap(),
        };
        self.tracker.push(&frame, &mut self.notes);
        self
    }
}

fn segment_bytes(payload: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).tcp(50_000, 80, 101, 8_192);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).unwrap();
    bytes
}

fn datagram_bytes(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(137, 137).write(&mut bytes, payload).unwrap();
    bytes
}

/// Cuts an IPv4 datagram without options in two at a byte of its payload.
fn fragments(datagram: &[u8], at: usize) -> [Vec<u8>; 2] {
    let (header, payload) = datagram.split_at(20);
    let fragment = |offset: usize, more: bool, part: &[u8]| {
        let mut bytes = header.to_vec();
        bytes[2..4].copy_from_slice(&u16::try_from(20 + part.len()).unwrap().to_be_bytes());
        let flags = u16::try_from(offset / 8).unwrap() | if more { 0x2000 } else { 0 };
        bytes[6..8].copy_from_slice(&flags.to_be_bytes());
        bytes.extend(part);
        bytes
    };
    [fragment(0, true, &payload[..at]), fragment(at, false, &payload[at..])]
}

/// The datagram with its payload deflated (RFC 3173), in one stored block of RFC 1951.
fn compressed(datagram: &[u8]) -> Vec<u8> {
    let (header, payload) = datagram.split_at(20);
    let len = u16::try_from(payload.len()).unwrap();
    let head = [&[header[9], 0, 0, 2, 1][..], &len.to_le_bytes(), &(!len).to_le_bytes()].concat();
    let mut bytes = [header, &head, payload].concat();
    let total = u16::try_from(bytes.len()).unwrap();
    bytes[2..4].copy_from_slice(&total.to_be_bytes());
    bytes[9] = 108;
    bytes
}

#[test]
fn frame_of_a_compressed_segment_reaches_the_reader() {
    let mut bytes = compressed(&segment_bytes(b"hello"));
    let mut scene = Scene::new();
    scene.frame(LinkType::RAW, &bytes, bytes.len());
    assert_eq!(scene.story(), ">hello");
    bytes.pop();
    let len = u16::try_from(bytes.len()).unwrap();
    bytes[2..4].copy_from_slice(&len.to_be_bytes());
    scene.frame(LinkType::RAW, &bytes, bytes.len());
    let counters = scene.tracker.counters();
    assert_eq!((counters.tcp_flows, counters.other_transport, counters.malformed), (1, 1, 0));
}

#[test]
fn compressed_bomb_is_counted() {
    let bytes = compressed(&segment_bytes(b"hello"));
    let mut scene = Scene::with(Limits { inflated_datagram: 8, ..Limits::default() });
    scene.frame(LinkType::RAW, &bytes, bytes.len());
    assert_eq!((scene.tracker.flows(), scene.tracker.counters().malformed), (0, 1));
}

#[test]
fn frame_of_a_segment_reaches_the_reader() {
    let bytes = segment_bytes(b"hello");
    let mut scene = Scene::new();
    scene.frame(LinkType::RAW, &bytes, bytes.len());
    assert_eq!(scene.story(), ">hello");
    let counters = scene.tracker.counters();
    assert_eq!((counters.frames, counters.bytes, counters.frames_cut), (1, 45, 0));
}

#[test]
fn cut_frame_is_counted_and_leaves_a_gap() {
    let bytes = segment_bytes(b"hello");
    let mut scene = Scene::new();
    scene.frame(LinkType::RAW, &bytes[..43], bytes.len());
    assert_eq!(scene.story(), ">hel >gap2");
    assert_eq!(scene.tracker.counters().frames_cut, 1);
}

#[test]
fn datagram_in_pieces_arrives_whole_with_the_last_piece() {
    let [first, last] = fragments(&datagram_bytes(b"a question in two"), 16);
    let mut scene = Scene::new();
    scene.frame(LinkType::RAW, &first, first.len());
    assert_eq!(scene.story(), "");
    scene.frame(LinkType::RAW, &last, last.len());
    assert_eq!(scene.story(), ">a question in two");
    scene.finish();
    assert_eq!(scene.traffic()[0].packets, 1);
    assert_eq!(scene.tracker.counters().fragments, 2);
}

#[test]
fn unfinished_datagram_is_abandoned_at_the_end() {
    let [first, _] = fragments(&datagram_bytes(b"a question in two"), 16);
    let mut scene = Scene::new();
    scene.frame(LinkType::RAW, &first, first.len()).finish();
    assert_eq!(scene.tracker.counters().fragments_abandoned, 1);
}

#[test]
fn frames_that_carry_no_segment_are_counted_by_what_they_are() {
    let mut arp = vec![0xff; 12];
    arp.extend([0x08, 0x06]);
    arp.extend([0; 28]);
    let mut other = segment_bytes(b"");
    other[9] = 89;
    let mut scene = Scene::new();
    scene.frame(LinkType::ETHERNET, &arp, arp.len());
    scene.frame(LinkType::RAW, &other, other.len());
    scene.frame(LinkType(147), b"?", 1);
    scene.frame(LinkType(147), b"?", 1);
    let counters = scene.tracker.counters();
    assert_eq!((counters.not_ip, counters.other_transport), (1, 1));
    assert_eq!(counters.unknown_link.get(&147), Some(&2));
    assert_eq!((counters.frames, scene.tracker.flows()), (4, 0));
}
